import { afterEach, expect, test } from 'vitest'
import { surroundings, type Surroundings } from '../support/engine-story.ts'
import { rollbackOnHosts, tell, tellMore } from '../support/rollback-story.ts'
import { leftOn, seenOn } from './hosts-story.ts'
import { both, isWrite, outward } from './outward.ts'
import { recorder } from './recorder.ts'

let story: Surroundings | null = null
afterEach(() => {
  story?.end()
  story = null
})

/** The frontend has ended, its successor has not begun, and the host is away until the time of the step is over. */
async function cutOff() {
  const around = surroundings({ platform: 'docker' })
  story = around
  const seen = recorder(around)
  let isAway = false
  const ways = outward(async (call, make) => {
    if (!isAway && isWrite(call) && JSON.stringify(call.args[0]).includes('"kind":"start"')) {
      isAway = true
      around.sandbox.change({ hosts: { 'shop-1': 'refusing' } })
    }
    return make()
  })
  const process = around.startProcess(null, both(ways, seen.ways))
  await tell(around, process, 0, rollbackOnHosts('frontend'))
  around.sandbox.change({ hosts: {} })
  return { around, process, seen }
}

test('a host that is away for longer than a step may take: it is said that it is not known what it took', async () => {
  const { around, seen } = await cutOff()
  const left = await leftOn(around, seen)
  expect(left).toMatchObject({ outcomes: ['failed'], wrong: [], proof: 'intact' })
  expect(left.step).toMatchObject({
    applied: 'unknown',
    says: expect.stringMatching(/^not finished in time: .*docker: connection refused/),
  })
  expect(left.stands.frontend).toMatch(/^v2\.0\.0 exited and pipeshub-frontend-1-next-\S+ created$/)
})

test('the next plan goes on from there, and gives the new one the restart policy of the old one', async () => {
  const { around, process, seen } = await cutOff()
  const before = (await seenOn(around)).find(({ role, service }) => {
    return role === 'kept' && service === 'frontend'
  })
  await tellMore(around, process, rollbackOnHosts('frontend').slice(-3))
  const left = await leftOn(around, seen)
  expect(left).toMatchObject({
    outcomes: ['failed', 'succeeded'],
    wrong: [],
    stands: { backend: 'v2.0.0 serves', frontend: 'v1.9.0 serves' },
    proof: 'intact',
  })
  const now = (await seenOn(around)).find(({ role, service }) => {
    return role === 'serving' && service === 'frontend'
  })
  expect(now?.restartPolicy).toBe(before?.restartPolicy)
  expect(now?.restartPolicy).not.toBe('no')
  expect(left.kept).toHaveLength(1)
})
