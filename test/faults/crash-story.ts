import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import { atRest, surroundings } from '../support/engine-story.ts'
import type { Death } from '../support/mortal.ts'
import { ASKED, incidentOf, tell } from '../support/rollback-story.ts'
import { recorder, wrongIn } from './recorder.ts'

const signal = new AbortController().signal

/** One process with this death, and a second one that lives and is told the rest: what is left. */
async function whatIsLeft(death: Death, kept: boolean) {
  const around = surroundings({ kept })
  const seen = recorder(around)
  const first = around.startProcess(death, seen.ways)
  const before = await tell(around, first, 0, ASKED.slice(0, -1))
  const skipped = first.life.calls
  const reached = await tell(around, first, before)
  const second = around.startProcess(null, seen.ways)
  second.engine.resume()
  await atRest(second.engine, second.life)
  await tell(around, second, reached)
  await second.engine.idle()
  const id = await incidentOf(around)
  const incident = await second.engine.load(id)
  const events = around.journal.read(id).map(({ event }) => event)
  const { workloads, cache } = around.sandbox.world
  const rollouts = await workloads?.rollouts(['backend', 'frontend'], signal)
  const keys = around.slack.messages.map(({ key }) => key)
  const left = {
    skipped,
    calls: first.life.calls,
    died: first.life.dead,
    written: seen.written.toSorted(),
    wrong: wrongIn(seen),
    suspended: seen.suspended,
    cacheKeys: await cache?.count({ prefixes: ['cache:'], protectedPrefixes: [] }, signal),
    complete: rollouts?.every(({ complete }) => complete),
    outcome: incident?.plans.map(({ run }) => run?.ended?.outcome),
    steps: incident?.plans.flatMap(({ run }) => run?.steps.map(({ kind }) => kind)),
    watching: incident?.watch?.ended === null,
    surfaces: keys
      .map((key) => key.split(':')[0] ?? '')
      .filter((surface) => !surface.startsWith('note-'))
      .toSorted(),
    twice: keys.length - new Set(keys).size,
    count: (type: string) => events.filter((event) => event.type === type).length,
    proof: verifyJournal(around.file).kind,
  }
  around.end()
  return left
}

/** One test for each call outward of a rollback. In two files, so that two workers share them. */
export function killedEverywhere(when: 'before' | 'after', { kept = false } = {}): void {
  const of = kept ? 'a rollback that suspends Argo CD first and' : 'a rollback'
  const suspended = kept ? ['Application argocd/shop to null'] : []
  describe(`${of} whose process is killed at any call outward, ${when} its effect`, async () => {
    const unharmed = await whatIsLeft(null, kept)
    // What comes before the plan is asked for is killed everywhere in a test of its own.
    const { skipped, calls } = unharmed
    const deaths = Array.from({ length: calls - skipped }, (_, index) => {
      return { at: skipped + index + 1, when }
    })

    test('without a death: both services rolled back with one write each, verified, watched', () => {
      console.log(`crash points of ${of}, ${when}: ${deaths.length}`)
      expect(deaths.length).toBeGreaterThan(150)
      expect(unharmed).toMatchObject({
        died: false,
        written: ['backend to v1.9.0', 'frontend to v1.9.0'],
        wrong: [],
        complete: true,
        cacheKeys: { keys: 0 },
        outcome: ['succeeded'],
        suspended,
        steps: Array(kept ? 4 : 3).fill('succeeded'),
        watching: true,
        twice: 0,
        proof: 'intact',
      })
    })

    test.each(deaths)(
      'call $at, $when: the same end, and each write at most once (J1, J4, J5)',
      async (death) => {
        const left = await whatIsLeft(death, kept)
        expect(left.died).toBe(true)
        expect(left).toMatchObject({
          written: unharmed.written,
          wrong: [],
          complete: true,
          cacheKeys: { keys: 0 },
          outcome: ['succeeded'],
          suspended,
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
}
