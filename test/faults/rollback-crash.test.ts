import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import type { Death } from '../support/mortal.ts'
import { rolledBackDespite } from '../support/rollback-story.ts'

const signal = new AbortController().signal

/** What is left of a rollback in which the first process died so. */
async function whatIsLeft(death: Death) {
  const { around, engine, id, seen, first } = await rolledBackDespite(death)
  const incident = engine.load(id)
  const events = around.journal.read(id).map(({ event }) => event)
  const rollouts = await around.sandbox.world.workloads?.rollouts(['backend', 'frontend'], signal)
  const releases = await around.sandbox.world.workloads?.releases(['backend', 'frontend'], signal)
  const left = {
    calls: first.calls,
    died: first.dead,
    written: seen.written.toSorted(),
    cacheKeys: await around.sandbox.world.cache?.count(
      { prefixes: ['cache:'], protectedPrefixes: [] },
      signal,
    ),
    runs: releases?.map(({ current }) => current?.images.join()),
    complete: rollouts?.every(({ complete }) => complete),
    outcome: incident?.plans.map(({ run }) => run?.ended?.outcome),
    steps: incident?.plans.flatMap(({ run }) => run?.steps.map(({ kind }) => kind)),
    watching: incident?.watch?.ended === null,
    surfaces: around.slack.messages
      .map(({ key }) => key.split(':')[0] ?? '')
      .filter((surface) => !surface.startsWith('note-'))
      .toSorted(),
    twice: around.slack.messages.length - new Set(around.slack.messages.map(({ key }) => key)).size,
    count: (type: string) => events.filter((event) => event.type === type).length,
    proof: verifyJournal(around.file).kind,
  }
  around.end()
  return left
}

describe('a rollback whose process is killed at any call outward', async () => {
  const unharmed = await whatIsLeft(null)
  const deaths = Array.from({ length: unharmed.calls }, (_, index) => index + 1).flatMap((at) => [
    { at, when: 'before' as const },
    { at, when: 'after' as const },
  ])

  test('without a death: both services rolled back with one write each, verified, watched', () => {
    console.log(`crash points of a rollback: ${deaths.length}`)
    expect(deaths.length).toBeGreaterThan(300)
    expect(unharmed).toMatchObject({
      died: false,
      written: ['backend template', 'frontend template'],
      runs: ['pipeshub/backend:v1.9.0', 'pipeshub/frontend:v1.9.0'],
      complete: true,
      cacheKeys: { keys: 0 },
      outcome: ['succeeded'],
      steps: ['succeeded', 'succeeded', 'succeeded'],
      watching: true,
      twice: 0,
      proof: 'intact',
    })
  })

  test.each(deaths)(
    'call $at, $when its effect: the same end, and each write at most once (J1, J4, J5)',
    async (death) => {
      const left = await whatIsLeft(death)
      expect(left.died).toBe(true)
      expect(left).toMatchObject({
        written: unharmed.written,
        runs: unharmed.runs,
        complete: true,
        cacheKeys: { keys: 0 },
        outcome: ['succeeded'],
        steps: unharmed.steps,
        watching: true,
        surfaces: unharmed.surfaces,
        twice: 0,
        proof: 'intact',
      })
      for (const type of ['run-started', 'run-ended', 'plan-proposed', 'incident-declared']) {
        expect(left.count(type), type).toBe(1)
      }
      expect(left.count('plan-approved')).toBe(2)
    },
  )
})
