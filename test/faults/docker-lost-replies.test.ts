import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import { surroundings } from '../support/engine-story.ts'
import { askedOnHosts, insist, SIGNED, tell, tellMore } from '../support/rollback-story.ts'
import { leftOn, SWAPPED } from './hosts-story.ts'
import { both, distinct, isWrite, outward, type Made } from './outward.ts'
import { recorder } from './recorder.ts'

const HOWS = ['never-sent', 'done-and-lost', 'not-done-and-lost'] as const
type How = (typeof HOWS)[number]

const ASKED = askedOnHosts()

/** A rollback whose `nth` call to the hosts or the ledger, counted from the wish for a plan, goes wrong like this. */
async function rollbackWith(nth: number, how: How) {
  const around = surroundings({ platform: 'docker' })
  const seen = recorder(around)
  let counting = false
  const made: (Made & { readonly changes: boolean })[] = []
  const process: ReturnType<typeof around.startProcess> = around.startProcess(
    null,
    both(
      outward(async (call, make) => {
        if (!counting || (call.port !== 'hosts' && call.port !== 'ledger')) return make()
        const changed = seen.written.length
        const name = `${call.port}.${call.name}`
        made.push({ nth: made.length + 1, name, changed, changes: isWrite(call) })
        if (made.length !== nth) return make()
        if (how === 'done-and-lost') await make()
        const kind = how === 'never-sent' ? 'retryable' : 'unknown-outcome'
        throw new Fault({ kind, dependency: 'docker', detail: 'the reply was lost' })
      }),
      seen.ways,
    ),
  )
  await tell(around, process, 0, ASKED.slice(0, -1))
  counting = true
  await tellMore(around, process, [...ASKED.slice(-1), ...SIGNED])
  await insist(around, process, ASKED)
  await process.engine.idle()
  const left = { ...(await leftOn(around, seen)), made, cleared: seen.cleared.length }
  around.end()
  return left
}

describe('a reply of a host that is lost at any call of a rollback', async () => {
  const unharmed = await rollbackWith(0, 'never-sent')
  const cases = distinct(unharmed.made).flatMap((call) => {
    const changes = unharmed.made[call.nth - 1]?.changes
    // Whether a question was heard cannot differ when its answer is lost, nor how it was lost.
    return HOWS.filter((how) => changes || how === 'never-sent').map((how) => ({ ...call, how }))
  })
  const ends = {
    written: SWAPPED,
    cleared: 1,
    wrong: [],
    stands: { backend: 'v1.9.0 serves', frontend: 'v1.9.0 serves' },
    strangers: 1,
    twice: [],
    proof: 'intact',
  }

  test('without a loss: every call once, one clearing', () => {
    console.log(`lost replies of hosts: ${cases.length}`)
    expect(cases.length).toBeGreaterThan(50)
    expect(unharmed).toMatchObject({ ...ends, outcomes: ['succeeded'] })
  })

  test.each(cases)(
    'call $nth ($name) $how: looked up, each call once, and the run succeeds (J4)',
    async ({ nth, how }) => {
      const left = await rollbackWith(nth, how)
      expect(left).toMatchObject(ends)
      expect(left.outcomes.at(-1)).toBe('succeeded')
      expect(left.count('run-started')).toBe(1)
    },
  )
})
