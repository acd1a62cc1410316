import type { Rollout } from '../../ports/deployment-state.ts'
import type { StepContext, Verification } from '../../engine/run/step.ts'
import { deploymentsOf } from '../parts/require-port.ts'
import { namesUpTo } from '../../domain/text/names-up-to.ts'

export type Expected = {
  readonly service: string
  readonly uid: string
  /** `null`: whichever it has. */
  readonly templateHash: string | null
  /** `null`: as many as are asked for, and at least one. */
  readonly replicas?: number
  /** It was scaled to 0 on purpose; pods that are there all the same are told. */
  readonly mayBeEmpty?: boolean
}

const STARTED_BY_OTHERS = ', which somebody else has started meanwhile'

/** So many pods are called by their names. */
const MOST_NAMED = 3

/** Whether the rollouts have come to their end: pods of that very template, all of them, ready. */
export async function rolledOut(
  { world, signal, key }: StepContext,
  expected: readonly Expected[],
): Promise<Verification> {
  const services = expected.map(({ service }) => service)
  const rollouts = await deploymentsOf(world).rollouts(services, signal)
  const judged = expected.map((one) => judge(one, rollouts, key))
  const says = (kind: Verification['kind']) =>
    judged.flatMap((one) => (one.kind === kind ? [one.says] : [])).join('; ')
  if (judged.some(({ kind }) => kind === 'failed')) return { kind: 'failed', says: says('failed') }
  if (judged.some(({ kind }) => kind === 'not-yet'))
    return { kind: 'not-yet', says: says('not-yet') }
  return { kind: 'verified', says: says('verified') }
}

function judge(
  { service, uid, templateHash, replicas, mayBeEmpty = replicas === 0 }: Expected,
  rollouts: readonly Rollout[],
  key: string,
): Verification {
  const found = rollouts.find((one) => one.service === service)
  if (!found) return { kind: 'failed', says: `${service}: there is no such deployment any more` }
  if (found.uid !== uid) return { kind: 'failed', says: `${service}: it was deleted and made anew` }
  const other = found.templateHash !== null && found.templateHash !== templateHash
  // What admission has made of our own write has another hash, and is no change of somebody else.
  const asAdmitted = found.lastWrite === key && found.templateIsOurs
  if (templateHash !== null && other && !asAdmitted) {
    return { kind: 'failed', says: `${service}: somebody deployed something else meanwhile` }
  }
  if (replicas !== undefined && found.desired !== replicas) {
    const wanted = `${found.desired} instead of ${replicas} pods are asked for`
    return { kind: 'failed', says: `${service}: ${wanted}; somebody scaled it meanwhile` }
  }
  if (found.failed !== null) return { kind: 'failed', says: `${service}: ${found.failed}` }
  const { desired, ready, others, complete } = found
  if (complete && ready === desired && others === 0 && (desired > 0 || mayBeEmpty)) {
    return serving(found, replicas === undefined && mayBeEmpty ? STARTED_BY_OTHERS : '')
  }
  if (complete && desired === 0) {
    return { kind: 'failed', says: `${service}: it is scaled to 0, so that nothing runs` }
  }
  if (desired === 0) return { kind: 'not-yet', says: `${service}: ${emptying(found)}` }
  const beside = others > 0 ? `, ${others} other ${others === 1 ? 'pod' : 'pods'} still there` : ''
  const [trouble] = found.troubles
  return {
    kind: 'not-yet',
    says: `${service}: ${ready} of ${desired} pods ready${beside}${trouble ? ` (${trouble})` : ''}`,
  }
}

/** Nothing new is started, and not all of what ran has ended: it may be answering still. */
function emptying({ ending }: Rollout): string {
  return ending.length === 0
    ? 'it is scaled to 0, and its pods have not ended yet'
    : `it is scaled to 0; still ending: ${namesUpTo(MOST_NAMED, ending)}`
}

/** All pods are there: done is when requests go to them, and to no other. A pod that ends holds nothing up. */
function serving(
  { service, desired, ready, ending, requests }: Rollout,
  byWhom: string,
): Verification {
  if (desired === 0) {
    return { kind: 'verified', says: `${service}: no pod runs, as it is scaled to 0` }
  }
  const all = `${service}: ${ready} of ${desired} pods ready${byWhom}`
  if (requests && requests.toOthers.length > 0) {
    const old = namesUpTo(MOST_NAMED, requests.toOthers)
    return { kind: 'not-yet', says: `${all}, but requests still go to ${old} of another version` }
  }
  if (requests && requests.without.length > 0) {
    return {
      kind: 'not-yet',
      says: `${all}, but no request goes to ${namesUpTo(MOST_NAMED, requests.without)}`,
    }
  }
  const left = ending.length > 0 ? `; still ending: ${namesUpTo(MOST_NAMED, ending)}` : ''
  return { kind: 'verified', says: `${all}${left}` }
}
