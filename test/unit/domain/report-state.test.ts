import { describe, expect, test } from 'vitest'
import type { Event } from '../../../src/domain/incident/event.ts'
import { foldIncident } from '../../../src/domain/incident/fold.ts'
import { nextAction } from '../../../src/domain/incident/next-action.ts'
import { isReportMissed, reportPromisedAt } from '../../../src/domain/incident/report-state.ts'
import { atMs, closed, declared, journaled, opened } from '../../support/builders.ts'
import { planRequested, rules } from '../../support/plan-story.ts'

const HOUR_MS = 60 * 60_000
const told = (decision: 'published' | 'skipped'): Event => {
  return { type: 'status-decided', stage: 'resolved', by: 'U0ANA', decision }
}
const promised: readonly Event[] = [
  opened,
  declared,
  planRequested(),
  { type: 'watch-started', watch: 1, plan: 1 },
  { type: 'watch-turned', watch: 1, to: 'stable' },
]
const missed: Event = { type: 'report-missed' }
const published: Event = { type: 'report-published', by: 'U0ANA' }
const reopened: Event = { type: 'incident-reopened', by: 'U0ANA' }

/** Each event a second after the one before. */
function after(...events: readonly Event[]) {
  const at = (sequence: number) => new Date(atMs + sequence * 1000).toISOString()
  return foldIncident(
    'i-1',
    journaled(events).map((one) => ({ ...one, at: at(one.sequence) })),
  )
}

describe('the report that the world waits for', () => {
  test.each<[string, readonly Event[], boolean]>([
    ['it is promised and the incident closed', [...promised, told('published'), closed], true],
    [
      'it is promised after the incident was closed',
      [...promised, closed, told('published')],
      true,
    ],
    ['the incident is open', [...promised, told('published')], false],
    ['the message was skipped', [...promised, told('skipped'), closed], false],
    ['nobody has answered', [...promised, closed], false],
    ['it is published', [...promised, told('published'), closed, published], false],
    ['people were told', [...promised, told('published'), closed, missed], false],
    ['it is open again', [...promised, told('published'), closed, missed, reopened], false],
    [
      'it was closed once more',
      [...promised, told('published'), closed, missed, reopened, closed],
      true,
    ],
  ])('%s', (_, events, waits) => {
    const incident = after(...events)
    expect(reportPromisedAt(incident) !== null).toBe(waits)
    const late = atMs + 25 * HOUR_MS
    expect(isReportMissed(incident, late, 24)).toBe(waits)
    expect(isReportMissed(incident, late, 0)).toBe(false)
    expect(isReportMissed(incident, atMs + 23 * HOUR_MS, 24)).toBe(false)
    const action = nextAction(incident, late, { ...rules, reportHours: 24 })
    const recorded = action.kind === 'record' ? action.events.map(({ type }) => type) : []
    expect(recorded.includes('report-missed')).toBe(waits)
  })

  test('is written before anything else is waited for, and after a start too', () => {
    const wanted: Event = { type: 'report-requested', by: 'U0ANA' }
    const action = nextAction(after(opened, declared, closed, wanted), atMs, rules)
    expect(action).toEqual({ kind: 'work', works: [{ kind: 'write-report' }] })
  })
})
