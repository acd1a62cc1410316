import { expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import { surroundings, wish, type Surroundings } from '../support/engine-story.ts'
import { incidentOf, running, saidOn, tell } from '../support/rollback-story.ts'
import { both, outward, type Call } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'

const MINUTE_MS = 60_000

/** From `since` on and as long as it lasts, these calls go wrong like this. */
type Outage = {
  readonly of: (call: Call) => boolean
  /** What has to have happened at the targets before it begins. */
  readonly since?: (seen: { written: number; cleared: number }) => boolean
  readonly lastsMs: number
  readonly how: (around: Surroundings, call: Call) => Fault
}

const refusing = (_: Surroundings, { port: dependency }: Call) =>
  new Fault({ kind: 'retryable', dependency, code: 'ECONNREFUSED', detail: 'connection refused' })

/** It takes the question and never answers: the call ends with its deadline. */
const silent = (around: Surroundings, { port: dependency }: Call) => {
  around.pass(5_000)
  return new Fault({ kind: 'retryable', dependency, code: 'ETIMEDOUT', detail: 'did not answer' })
}

const busyFor = (retryAfterMs: number, { port: dependency }: Call) =>
  new Fault({ kind: 'retryable', dependency, code: '429', detail: 'slow down', retryAfterMs })

const busy = (_: Surroundings, call: Call) => busyFor(7_000, call)

const cluster = ({ port }: Call) => port === 'cluster'
const cache = ({ port }: Call) => port === 'cache'
const slack = ({ port }: Call) => port === 'slack' || port === 'people'

/** A rollback that is signed, and then meets this. */
async function signedInto(outage: Outage) {
  const around = surroundings()
  const seen = recorder(around)
  let beganAt: number | null = null
  const met = { calls: 0 }
  const journaled = async () => {
    return (await around.journal.read(await incidentOf(around))).map(({ event }) => event)
  }
  const hasBegun = async () => (await journaled()).some(({ type }) => type === 'run-started')
  const ways = outward(async (call, make) => {
    const targets = { written: seen.written.length, cleared: seen.cleared.length }
    const begins = outage.since?.(targets) ?? true
    if (beganAt === null && begins && (await hasBegun())) beganAt ??= around.clock.now()
    const on = beganAt !== null && around.clock.now() < beganAt + outage.lastsMs
    if (!on || !outage.of(call)) return make()
    met.calls += 1
    throw outage.how(around, call)
  })
  const process = around.startProcess(null, both(ways, seen.ways))
  await tell(around, process)
  const { engine } = process
  for (let ticks = 0; ticks < 20; ticks += 1) {
    around.pass(10_000)
    engine.tick()
    await engine.idle()
  }
  const incident = await engine.load(await incidentOf(around))
  const plan = incident?.plans[0]
  const keys = around.slack.messages.map(({ key }) => key)
  const left = {
    met: met.calls,
    written: seen.written,
    cleared: seen.cleared.length,
    wrong: wrongIn(seen),
    outcome: plan?.run?.ended?.outcome,
    steps: plan?.run?.steps.map(({ kind }) => kind),
    watching: incident?.watch?.plan === 1,
    waited: (await journaled()).flatMap((event) => {
      return event.type === 'step-waiting' ? [event.because] : []
    }),
    card: saidOn('run-1', around),
    twice: keys.filter((key, index) => keys.indexOf(key) !== index),
    running: await running(around),
  }
  around.end()
  return left
}

const whole = { written: ['backend to v1.9.0', 'frontend to v1.9.0'], wrong: [], twice: [] }
const started = ({ written }: { written: number }) => written === 2

test.each([
  ['refuses before the first write', refusing, undefined],
  ['is silent before the first write', silent, undefined],
  ['is too busy before the first write', busy, undefined],
  ['refuses in the rollout', refusing, started],
  ['is silent in the rollout', silent, started],
  ['is too busy in the rollout', busy, started],
])(
  'the API server %s and comes back: the run says so, waits, and succeeds',
  async (_, how, since) => {
    const left = await signedInto({
      of: cluster,
      how,
      lastsMs: 3 * MINUTE_MS,
      ...(since && { since }),
    })
    expect(left.met).toBeGreaterThan(2)
    expect(left).toMatchObject({ ...whole, outcome: 'succeeded', cleared: 1 })
    expect(left.waited.join()).toContain('cluster: ')
  },
)

/** It wants to be left alone for an hour. */
const longBusy = (_: Surroundings, call: Call) => busyFor(60 * MINUTE_MS, call)

test('an API server that asks for an hour is asked again long before, and the run succeeds', async () => {
  const left = await signedInto({ of: cluster, how: longBusy, lastsMs: MINUTE_MS / 2 })
  // Every ten seconds of the half minute.
  expect(left.met).toBeGreaterThan(2)
  expect(left).toMatchObject({ ...whole, outcome: 'succeeded' })
})

test('a stop is heard at once, however long a dependency asks to be left alone', async () => {
  const story = surroundings()
  let asked = 0
  const ways = outward(async (call, make) => {
    const events = await story.journal.read(await incidentOf(story))
    if (!cluster(call) || !events.some(({ event }) => event.type === 'run-started')) return make()
    asked += 1
    if (asked === 3) {
      const id = await incidentOf(story)
      await process.engine.receive(id, wish('stop', { kind: 'abort', plan: 1 }))
      process.engine.wake(id)
      const heard = async () => (await process.engine.load(id))?.plans[0]?.run?.abort
      while (!(await heard())) await new Promise((turn) => setImmediate(turn))
      for (let turns = 0; turns < 50; turns += 1) await new Promise((turn) => setImmediate(turn))
    }
    throw longBusy(story, call)
  })
  const process = story.startProcess(null, ways)
  await tell(story, process)
  const events = await story.journal.read(await incidentOf(story))
  const atOf = (type: string) =>
    Date.parse(events.find(({ event }) => event.type === type)?.at ?? '')
  expect(events.findLast(({ event }) => event.type === 'run-ended')?.event).toMatchObject({
    outcome: 'aborted',
  })
  expect(atOf('run-ended') - atOf('abort-requested')).toBeLessThan(1_000)
  story.end()
})

test('an API server that never comes back before the first write: nothing is written, in words', async () => {
  const left = await signedInto({ of: cluster, how: refusing, lastsMs: 60 * MINUTE_MS })
  expect(left).toMatchObject({ written: [], cleared: 0, outcome: 'failed' })
  expect(left.card).toMatch(/not finished in time: cluster: connection refused/)
  expect(left.card).toMatch(/Nothing was written/)
})

test('an API server that is gone from the first write on: what was written is said, and nothing more', async () => {
  const left = await signedInto({
    of: cluster,
    how: refusing,
    lastsMs: 60 * MINUTE_MS,
    since: started,
  })
  // What was written serves people, whatever became of the run.
  expect(left).toMatchObject({ ...whole, cleared: 0, outcome: 'failed', watching: true })
  expect(left.card).toMatch(/not finished in time/)
  expect(left.card).not.toMatch(/Nothing was written/)
})

test('Redis is gone at its step and comes back: cleared once, and the run succeeds', async () => {
  const left = await signedInto({
    of: cache,
    how: refusing,
    lastsMs: 4 * MINUTE_MS,
    since: started,
  })
  expect(left).toMatchObject({ ...whole, cleared: 1, outcome: 'succeeded' })
  expect(left.waited.join()).toContain('cache: connection refused')
})

test('Redis never comes back: its step fails in words, and the rollback is proved all the same', async () => {
  const left = await signedInto({
    of: cache,
    how: refusing,
    lastsMs: 60 * MINUTE_MS,
    since: started,
  })
  expect(left).toMatchObject({
    ...whole,
    cleared: 0,
    outcome: 'incomplete',
    running: 'v1.9.0,v1.9.0',
    watching: true,
  })
  expect(left.steps).toEqual(['succeeded', 'failed', 'succeeded'])
  expect(left.card).toMatch(/not finished in time: cache: connection refused/)
  expect(left.card).toMatch(/What the plan was for is done and verified/)
  expect(left.card).not.toMatch(/Every step was carried out/)
})

test('Slack is gone from the first write on: the run goes on, and is told afterwards', async () => {
  const left = await signedInto({
    of: slack,
    how: refusing,
    lastsMs: 30 * MINUTE_MS,
    since: started,
  })
  expect(left.met).toBeGreaterThan(5)
  expect(left).toMatchObject({ ...whole, cleared: 1, outcome: 'succeeded' })
  expect(left.card).toMatch(/was carried out/)
})

test('Slack is gone before the first write: who signed cannot be asked, so nothing is ever written', async () => {
  const left = await signedInto({ of: slack, how: refusing, lastsMs: 90 * MINUTE_MS })
  expect(left).toMatchObject({ written: [], cleared: 0, wrong: [], twice: [] })
  expect(['failed', 'gate-closed']).toContain(left.outcome)
  expect(left.waited.join()).toMatch(/slack: it did not say whether everybody who signed may still/)
  expect(left.card).toMatch(/Nothing was written|It wrote nothing/)
})

test('Slack comes back before the signatures expire: the run goes on', async () => {
  const left = await signedInto({ of: slack, how: refusing, lastsMs: 5 * MINUTE_MS })
  expect(left).toMatchObject({ ...whole, cleared: 1, outcome: 'succeeded' })
})

test('Slack says slow down for minutes: the run does not, and every message is right in the end', async () => {
  const left = await signedInto({
    of: ({ port }) => port === 'slack',
    how: busy,
    lastsMs: 10 * MINUTE_MS,
  })
  expect(left.met).toBeGreaterThan(5)
  expect(left).toMatchObject({ ...whole, cleared: 1, outcome: 'succeeded' })
  expect(left.card).toMatch(/was carried out/)
})
