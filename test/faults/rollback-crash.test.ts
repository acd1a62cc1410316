import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import { atRest, surroundings } from '../support/engine-story.ts'
import { deathsBetween, type Death } from '../support/mortal.ts'
import { ASKED, incidentOf, ROLLBACK, tell } from '../support/rollback-story.ts'
import { both, isWrite, outward } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'

const signal = new AbortController().signal

/** How far the first process is told the story, each time on from there. */
const PARTS = [ASKED.slice(0, -1), ROLLBACK.slice(0, -1), ROLLBACK]

/** One process with this death, and a second one that lives and is told the rest: what is left. */
async function whatIsLeft(death: Death, kept: boolean) {
  const around = surroundings({ kept })
  const seen = recorder(around)
  let lastWrite = 0
  const watching = outward(async (call, make) => {
    if (call.port === 'cluster' && isWrite(call)) lastWrite = first.life.calls
    return make()
  })
  const first: ReturnType<typeof around.startProcess> = around.startProcess(
    death,
    both(watching, seen.ways),
  )
  let reached = 0
  const told: number[] = []
  for (const part of PARTS) {
    if (first.life.dead) break
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as it is told
    reached = await tell(around, first, reached, part)
    told.push(first.life.calls)
  }
  const [asked = 0, signed = 0] = told
  const second = around.startProcess(null, seen.ways)
  await second.engine.resume()
  await atRest(second.engine, second.life)
  await tell(around, second, reached)
  await second.engine.idle()
  const id = await incidentOf(around)
  const incident = await second.engine.load(id)
  const events = (await around.journal.read(id)).map(({ event }) => event)
  const { deployments, cache } = around.sandbox.world
  const rollouts = await deployments?.rollouts(['backend', 'frontend'], signal)
  const keys = around.slack.messages.map(({ key }) => key)
  const left = {
    calls: { effects: first.life.effects, asked, signed, lastWrite },
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

type Left = Awaited<ReturnType<typeof whatIsLeft>>

/** A test between any two calls that change something, of those that are `tried`. */
function killed(of: string, kept: boolean, tried: (at: number, calls: Left['calls']) => boolean) {
  const suspended = kept ? ['Application argocd/shop to null'] : []
  describe(`${of}, killed between any two things it changes`, async () => {
    const unharmed = await whatIsLeft(null, kept)
    const deaths = deathsBetween(unharmed.calls.effects.filter((at) => tried(at, unharmed.calls)))

    test('without a death: both services rolled back with one write each, verified, watched', () => {
      console.log(`crash points of ${of}: ${deaths.length}`)
      expect(deaths.length).toBeGreaterThan(10)
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

// What comes before the plan is asked for is killed everywhere in a test of its own.
killed('a rollback that suspends Argo CD first', true, (at, { asked }) => at > asked)

// Here the first write is the rollback itself. What comes before and after it is the same in both.
killed('a rollback', false, (at, { signed, lastWrite }) => at > signed && at <= lastWrite)
