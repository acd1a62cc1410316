import { expect, test } from 'vitest'
import { toFault } from '../../src/adapters/kubernetes/client/faults.ts'
import { surroundings } from '../support/engine-story.ts'
import { incidentOf, tell } from '../support/rollback-story.ts'
import { both, outward } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'

test('credentials that expire once in the rollout do not end the run (F36)', async () => {
  const around = surroundings()
  const seen = recorder(around)
  let told = 0
  const ways = outward(async (call, make) => {
    if (call.port !== 'cluster' || seen.written.length < 2 || told > 0) return make()
    told += 1
    // As the adapter tells it, which has forgotten the old ones by then.
    const answer = { kind: 'answer', status: 401, body: '', retryAfter: null } as const
    throw toFault(answer, 'https://cluster.invalid')
  })
  const process = around.startProcess(null, both(ways, seen.ways))
  await tell(around, process)
  const run = (await process.engine.load(await incidentOf(around)))?.plans[0]?.run
  around.end()
  expect(told).toBe(1)
  expect(wrongIn(seen)).toEqual([])
  expect(seen.written).toHaveLength(2)
  expect(run?.ended?.outcome).toBe('succeeded')
})
