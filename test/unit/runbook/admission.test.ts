import { expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { rollback } from '../../support/plan-story.ts'
import { ALL_DONE, incidentWith, inSandbox, KEY } from './in-sandbox.ts'

const undo: PlanRequest = { kind: 'undo', plan: 1 }

/** A cluster in which admission adds a sidecar to whatever is written, and a rollback there. */
async function rolledBack() {
  const sandbox = inSandbox()
  sandbox.others.addSidecars()
  const draft = await sandbox.drafted(rollback)
  return { ...sandbox, draft, incident: incidentWith(draft, ALL_DONE) }
}

test('what admission adds is told before anybody signs', async () => {
  const { runbook, draft, context } = await rolledBack()
  const { ok, says } = await runbook.rehearse(draft.steps, context().signal)
  expect({ ok, says }).toEqual({
    ok: true,
    says: 'the cluster accepts the change (dry run), and adds to it: backend: container proxy is there again, v3; frontend: container proxy is there again, v3; Redis lets us clear the cache',
  })
})

test('what admission has made of our own write is no change of somebody else', async () => {
  const { draft, carryOut, releaseOf } = await rolledBack()
  const [restore] = draft.steps
  expect(await carryOut(restore!, KEY)).toMatchObject({ proof: { kind: 'verified' } })
  // Looked at again, as after a crash: it is done, and ours.
  expect(await carryOut(restore!, KEY)).toMatchObject({ found: 'done' })
  expect(JSON.stringify((await releaseOf('backend')).current?.template)).toContain('proxy:v3')
})

test('and planned again, the incident goes no further back', async () => {
  const { draft, carryOut, incident, problem } = await rolledBack()
  for (const step of draft.steps) await carryOut(step, KEY)
  expect(await problem(rollback, incident)).toBe(
    'backend: this incident brought it back to v1.9.0 already; frontend: this incident brought it back to v1.9.0 already',
  )
})

test('its undo begins where it stands, and leads to what ran before', async () => {
  const { draft, carryOut, incident, drafted, releaseOf } = await rolledBack()
  for (const step of draft.steps) await carryOut(step, KEY)
  const back = await drafted(undo, incident)
  for (const step of back.steps) {
    expect(await carryOut(step, 'i-1/plan-2')).toMatchObject({ proof: { kind: 'verified' } })
  }
  expect((await releaseOf('backend')).current?.images[0]).toBe('pipeshub/backend:v2.0.0')
})

test('what somebody deploys afterwards is still somebody else’s', async () => {
  const { draft, carryOut, others, incident, problem } = await rolledBack()
  for (const step of draft.steps) await carryOut(step, KEY)
  others.deploy('backend', 'v2.0.1')
  expect(await problem(undo, incident)).toBe('backend: somebody deployed v2.0.1 meanwhile')
})
