import { afterEach, expect, test } from 'vitest'
import { headline } from '../../src/chat/cards/headline.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import { stillSuspended } from '../../src/domain/plan/suspension.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import { surroundings, type Surroundings } from '../support/engine-story.ts'
import { folded, ROLLBACK, tell } from '../support/rollback-story.ts'

const ARGO = { kind: 'Application', namespace: 'argocd', name: 'shop', version: 'v1.9.0' } as const
const CHECK = { by: 'U0BO', intent: () => ({ kind: 'check-again' as const }) }

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

/** Rolled back, with Argo CD suspended; then this happens, and somebody presses Check again. */
async function checkedAfter(happens: (story: Surroundings) => void): Promise<Incident> {
  const story = surroundings({ kept: true })
  around = story
  const process = story.startProcess()
  await tell(story, process)
  const before = await folded(story)
  expect(before && stillSuspended(before)).toMatchObject([{ owner: { name: 'shop' } }])
  story.pass(60_000)
  happens(story)
  await tell(story, process, ROLLBACK.length, [...ROLLBACK, CHECK])
  const after = await folded(story)
  if (!after) throw new Error('there is no incident')
  return after
}

const says = (incident: Incident): string =>
  JSON.stringify(headline(incident, 'production', ApprovalSettings.parse({ users: ['U0BO'] })))

test('what somebody resumed by hand is not called suspended once it was looked at', async () => {
  const after = await checkedAfter(({ sandbox }) => sandbox.others.keep(ARGO))
  expect(stillSuspended(after)).toEqual([])
  expect(says(after)).not.toContain('Suspended by plan')
  const told = after.timeline.filter(({ event }) => event.type === 'resumed-elsewhere')
  expect(told).toHaveLength(1)
})

test('what is suspended still goes on being called so', async () => {
  const after = await checkedAfter(() => {})
  expect(stillSuspended(after)).toHaveLength(1)
  expect(says(after)).toContain('Suspended by plan')
})
