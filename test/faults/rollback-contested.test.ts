import { expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import { surroundings, type Surroundings } from '../support/engine-story.ts'
import { incidentOf, running, saidOn, tell } from '../support/rollback-story.ts'
import { both, outward, type Call } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'

/** A rollback in which somebody does this once, right before the first call that is asked for. */
async function contested(
  before: (call: Call, written: readonly string[]) => boolean,
  happens: (around: Surroundings) => void,
) {
  const around = surroundings()
  const seen = recorder(around)
  let happened = false
  const ways = outward(async (call, make) => {
    if (!happened && before(call, seen.written)) {
      happened = true
      happens(around)
    }
    return make()
  })
  const process = around.startProcess(null, both(ways, seen.ways))
  await tell(around, process)
  const run = (await process.engine.load(await incidentOf(around)))?.plans[0]?.run
  const left = {
    happened,
    written: seen.written,
    cleared: seen.cleared.length,
    wrong: wrongIn(seen),
    run,
    said: saidOn('run-1', around),
    running: await running(around),
  }
  around.end()
  return left
}

const waiting = (call: Call, written: readonly string[]) =>
  written.length === 2 && call.name === 'sightings'
const writing = ({ name, args }: Call) =>
  name === 'write' && JSON.stringify(args[1]).includes('"dryRun":false')

test.each([
  ['one service', ['backend']],
  ['both services', ['backend', 'frontend']],
])(
  'somebody deploys the version of before again, of %s, in the rollout: we do not fight over it',
  async (_, services) => {
    const { happened, written, said, run } = await contested(waiting, ({ sandbox }) => {
      for (const service of services) sandbox.others.deploy(service, 'v2.0.0')
    })
    expect(happened).toBe(true)
    expect(written).toEqual(['backend to v1.9.0', 'frontend to v1.9.0'])
    expect(run?.ended?.outcome).toBe('failed')
    expect(said).toMatch(/v2\.0\.0 was put back after this plan had written v1\.9\.0/)
  },
)

test('what somebody rolled back by hand in the last moment is not claimed as written by us', async () => {
  const { happened, written, run } = await contested(writing, ({ sandbox }) => {
    for (const service of ['backend', 'frontend']) sandbox.others.deploy(service, 'v1.9.0')
  })
  expect(happened).toBe(true)
  expect(written).toEqual([])
  expect(run?.steps[0]).not.toMatchObject({ kind: 'succeeded', applied: true })
})

test('one service that somebody rolled back by hand in the last moment is left alone', async () => {
  const {
    written,
    wrong,
    running: now,
  } = await contested(writing, ({ sandbox }) => sandbox.others.deploy('backend', 'v1.9.0'))
  expect(written).toEqual(['frontend to v1.9.0'])
  expect(wrong).toEqual([])
  expect(now).toBe('v1.9.0,v1.9.0')
})

test('an approver who leaves while the cluster refuses the write is asked about before it is tried again', async () => {
  const around = surroundings()
  const seen = recorder(around)
  let refused = 0
  const ways = outward(async (call, make) => {
    if (!writing(call) || refused >= 2) return make()
    refused += 1
    around.people.approvers = ['U0ANA', 'U0CY']
    throw new Fault({ kind: 'retryable', dependency: 'kubernetes', detail: 'connection refused' })
  })
  const process = around.startProcess(null, both(ways, seen.ways))
  await tell(around, process)
  const said = saidOn('run-1', around)
  around.end()
  expect(refused).toBe(2)
  expect(seen.written).toEqual([])
  expect(said).toMatch(/U0BO>? signed, and may not sign any more/)
})

test('a service that somebody scales to 0 in the rollout is not called verified', async () => {
  const { happened, run, said } = await contested(waiting, ({ sandbox }) =>
    sandbox.others.scale('backend', 0),
  )
  expect(happened).toBe(true)
  expect(run?.ended?.outcome).toBe('failed')
  expect(said).toMatch(/backend: it is scaled to 0/)
})

test('a write that the target refuses ends the run at once, with its words and what the other one did', async () => {
  const around = surroundings()
  const seen = recorder(around)
  const ways = outward(async (call, make) => {
    const refused = writing(call) && JSON.stringify(call.args[0]).includes('"name":"frontend"')
    return refused ? { kind: 'refused', because: 'exceeded quota: pods' } : make()
  })
  const process = around.startProcess(null, both(ways, seen.ways))
  await tell(around, process)
  const run = (await process.engine.load(await incidentOf(around)))?.plans[0]?.run
  const said = saidOn('run-1', around)
  around.end()
  expect(seen.written).toEqual(['backend to v1.9.0'])
  expect(run?.steps[0]).toMatchObject({ kind: 'failed', applied: 'yes' })
  expect(said).toMatch(/frontend: exceeded quota: pods; backend was written/)
})
