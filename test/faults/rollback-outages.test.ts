import { expect, test } from 'vitest'
import { Fault } from '../../src/domain/fault.ts'
import { surroundings, type Surroundings } from '../support/engine-story.ts'
import { ASKED, incidentOf, running, saidOn, SIGNED, tell, tellMore } from '../support/rollback-story.ts'
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

const busy = (_: Surroundings, { port: dependency }: Call) =>
  new Fault({ kind: 'retryable', dependency, code: '429', detail: 'slow down', retryAfterMs: 7_000 })

const cluster = ({ port }: Call) => port === 'cluster'
const cache = ({ port }: Call) => port === 'cache'
const slack = ({ port }: Call) => port === 'slack' || port === 'people'

/** A rollback that is signed, and then meets this. */
async function signedInto(outage: Outage) {
  const around = surroundings()
  const seen = recorder(around)
  let signed = false
  let beganAt: number | null = null
  const met = { calls: 0, others: 0 }
  const ways = outward(async (call, make) => {
    const targets = { written: seen.written.length, cleared: seen.cleared.length }
    const begins = signed && (outage.since?.(targets) ?? true)
    if (begins) beganAt ??= around.clock.now()
    const on = beganAt !== null && around.clock.now() < beganAt + outage.lastsMs
    if (!on || !outage.of(call)) return make()
    met.calls += 1
    throw outage.how(around, call)
  })
  const process = around.startProcess(null, both(ways, seen.ways))
  await tell(around, process, 0, [...ASKED, ...SIGNED.slice(0, 1)])
  // The second signature is on its way in; what it sets off meets the outage.
  const { engine } = process
  const events = () => around.journal.read(incidentOf(around)).map(({ event }) => event.type)
  const watch = setInterval(() => (signed ||= events().includes('run-started')), 0)
  await tellMore(around, process, SIGNED.slice(1))
  clearInterval(watch)
  await engine.settled()
  const plan = engine.load(incidentOf(around))?.plans[0]
  const keys = around.slack.messages.map(({ key }) => key)
  const left = {
    met: met.calls,
    written: seen.written,
    cleared: seen.cleared.length,
    wrong: wrongIn(seen),
    outcome: plan?.run?.ended?.outcome,
    steps: plan?.run?.steps.map(({ kind }) => kind),
    waited: around.journal.read(incidentOf(around)).flatMap(({ event }) => {
      return event.type === 'step-waiting' ? [event.because] : []
    }),
    card: saidOn('run-1', around),
    twice: keys.filter((key, index) => keys.indexOf(key) !== index),
    running: await running(around),
  }
  around.end()
  return left
}
