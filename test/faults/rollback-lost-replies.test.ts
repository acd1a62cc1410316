import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import { surroundings } from '../support/engine-story.ts'
import {
  ASKED,
  incidentOf,
  insist,
  running,
  SIGNED,
  tell,
  tellMore,
} from '../support/rollback-story.ts'
import { both, distinct, isWrite, outward, type Made } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'

const HOWS = ['never-sent', 'done-and-lost', 'not-done-and-lost'] as const
type How = (typeof HOWS)[number]

/** A rollback whose `nth` call outward, counted from the wish for a plan, goes wrong like this. */
async function rollbackWith(nth: number, how: How) {
  const around = surroundings()
  const seen = recorder(around)
  let counting = false
  const made: (Made & { readonly changes: boolean })[] = []
  const process: ReturnType<typeof around.startProcess> = around.startProcess(
    null,
    both(
      outward(async (call, make) => {
        if (!counting) return make()
        const changes = isWrite(call) || (call.port === 'slack' && call.name !== 'find')
        const changed = process.life.effects.length
        made.push({ nth: made.length + 1, name: `${call.port}.${call.name}`, changed, changes })
        if (made.length !== nth) return make()
        if (how === 'done-and-lost') await make()
        const kind = how === 'never-sent' ? 'retryable' : 'unknown-outcome'
        throw new Fault({ kind, dependency: call.port, detail: 'the reply was lost' })
      }),
      seen.ways,
    ),
  )
  await tell(around, process, 0, ASKED.slice(0, -1))
  counting = true
  await tellMore(around, process, [...ASKED.slice(-1), ...SIGNED])
  await insist(around, process)
  await process.engine.idle()
  const incident = await process.engine.load(await incidentOf(around))
  const keys = around.slack.messages.map(({ key }) => key)
  const journaled = await around.journal.read(await incidentOf(around))
  const events = journaled.map(({ event }) => event.type)
  const left = {
    made,
    written: seen.written.toSorted(),
    cleared: seen.cleared.length,
    wrong: wrongIn(seen),
    outcome: incident?.plans.at(-1)?.run?.ended?.outcome,
    runs: events.filter((type) => type === 'run-started').length,
    running: await running(around),
    twice: keys.filter((key, index) => keys.indexOf(key) !== index),
  }
  around.end()
  return left
}

describe('a reply that is lost at any call of a rollback', async () => {
  const unharmed = await rollbackWith(0, 'never-sent')
  const changing = new Set(unharmed.made.flatMap(({ nth, changes }) => (changes ? [nth] : [])))
  const cases = distinct(unharmed.made).flatMap((call) =>
    // Whether a question was heard cannot differ when its answer is lost.
    HOWS.filter((how) => changing.has(call.nth) || how !== 'done-and-lost').map((how) => ({
      ...call,
      how,
    })),
  )

  test('without a loss: one write each, one clearing', () => {
    console.log(`lost replies of a rollback: ${cases.length}`)
    expect(cases.length).toBeGreaterThan(100)
    expect(unharmed).toMatchObject({
      written: ['backend to v1.9.0', 'frontend to v1.9.0'],
      cleared: 1,
      outcome: 'succeeded',
    })
  })

  test.each(cases)(
    'call $nth ($name) $how: looked up, each effect once, and the run succeeds (J4)',
    async ({ nth, how }) => {
      const left = await rollbackWith(nth, how)
      expect(left).toMatchObject({
        written: unharmed.written,
        cleared: 1,
        wrong: [],
        outcome: 'succeeded',
        runs: 1,
        running: 'v1.9.0,v1.9.0',
        twice: [],
      })
    },
  )
})
