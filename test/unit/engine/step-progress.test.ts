import { expect, test } from 'vitest'
import type { Event } from '../../../src/domain/incident/event.ts'
import type { IncidentLog } from '../../../src/engine/journal/incident-log.ts'
import { stepRecord } from '../../../src/engine/run/step-record.ts'
import {
  declared,
  incidentAfter,
  opened,
  proposed,
  requested,
  runStarted,
  signed,
  taken,
} from '../../support/builders.ts'

const RUNNING: readonly Event[] = [
  opened,
  requested,
  taken,
  declared,
  ...proposed(),
  signed('U0BO'),
  signed('U0CY'),
  runStarted,
  { type: 'step-started', plan: 1, step: 0 },
]

/** What is written down of these, told one after the other. */
async function written(...told: readonly (readonly [says: string, done: number | null])[]) {
  const events = [...RUNNING]
  const log: Pick<IncidentLog, 'append'> = {
    async append(_, make) {
      events.push(...(make(incidentAfter(...events)) ?? []))
      return { kind: 'appended' }
    },
  }
  const record = stepRecord(log as IncidentLog, 'i-1', 1, 0)
  for (const [says, done] of told) {
    await record.progress(says, done === null ? null : { done, total: 900, unit: 'documents' })
  }
  return events.slice(RUNNING.length).map((event) => {
    return event.type === 'step-progressed' ? (event.progress?.done ?? event.says) : event.type
  })
}

test('how far a step is, is written down in the same words, too', async () => {
  expect(await written(['projects: compares', 100], ['projects: compares', 500])).toEqual([
    100, 500,
  ])
})

test('what is no news is not written down', async () => {
  expect(await written(['compares', 100], ['compares', 100], ['compares', null])).toEqual([100])
  expect(await written(['2 of 3 ready', null], ['2 of 3 ready', null])).toEqual(['2 of 3 ready'])
})
