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
import { both, outward, type Call } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'

const HOWS = ['never-sent', 'done-and-lost', 'not-done-and-lost'] as const
type How = (typeof HOWS)[number]

/** A rollback whose `nth` call outward, counted from the wish for a plan, goes wrong like this. */
async function rollbackWith(nth: number, how: How) {
  const around = surroundings()
  const seen = recorder(around)
  let counted: Call[] | null = null
  const process = around.startProcess(
    null,
    both(
      outward(async (call, make) => {
        counted?.push(call)
        if (counted?.length !== nth) return make()
        if (how === 'done-and-lost') await make()
        const kind = how === 'never-sent' ? 'retryable' : 'unknown-outcome'
        throw new Fault({ kind, dependency: call.port, detail: 'the reply was lost' })
      }),
      seen.ways,
    ),
  )
  await tell(around, process, 0, ASKED.slice(0, -1))
  const calls: Call[] = []
  counted = calls
  await tellMore(around, process, [...ASKED.slice(-1), ...SIGNED])
  await insist(around, process)
  await process.engine.idle()
  const incident = await process.engine.load(await incidentOf(around))
  const keys = around.slack.messages.map(({ key }) => key)
  const journaled = await around.journal.read(await incidentOf(around))
  const events = journaled.map(({ event }) => event.type)
  const left = {
    calls: calls.map(({ port, name }) => `${port}.${name}`),
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
  const cases = unharmed.calls.flatMap((name, index) =>
    HOWS.map((how) => ({ nth: index + 1, name, how })),
  )

  test('without a loss: one write each, one clearing', () => {
    console.log(`lost replies of a rollback: ${cases.length}`)
    expect(cases.length).toBeGreaterThan(150)
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
