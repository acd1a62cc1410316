import type { Measurement } from '../domain/assessment/measurement.ts'
import { isExpected } from './in-maintenance.ts'
import type { Observed, Seen } from './observed.ts'
import { REFUSED } from './probes/health-passing.ts'

type Health = {
  readonly all: readonly Measurement[]
  readonly passing: readonly Measurement[]
  /** Maintenance is on, and it answers so. */
  readonly expected: readonly Measurement[]
  /** Seen to be bad: an answer said so. */
  readonly failing: readonly Measurement[]
  /** Nothing listens where we asked, or nothing could be reached from here. */
  readonly unanswered: readonly Measurement[]
  /** It answered, and that says nothing of its health: wrong credentials, a wrong path. */
  readonly notJudged: readonly Measurement[]
}

function isRefused({ verdict, value }: Measurement): boolean {
  return verdict === 'degraded' && value === REFUSED
}

export function healthOf(measurements: readonly Measurement[]): Health {
  const all = measurements.filter(({ probe }) => probe === 'health-passing')
  const answeredBadly = all.filter((one) => one.verdict === 'degraded' && !isRefused(one))
  const isForMaintenance = (one: Measurement) => isExpected(one, measurements)
  return {
    all,
    passing: all.filter(({ verdict }) => verdict === 'healthy'),
    expected: answeredBadly.filter(isForMaintenance),
    failing: answeredBadly.filter((one) => !isForMaintenance(one)),
    unanswered: all.filter((one) => one.verdict === 'unreachable' || isRefused(one)),
    notJudged: all.filter(({ verdict }) => verdict === 'inconclusive'),
  }
}

/**
 * Every health probe fails. Where none of them was seen to, the fault may lie between us and them, or with what
 * we ask: then it takes Prometheus, which stands elsewhere, to say that every target is down.
 */
export function completeOutage({ measurements }: Observed): Seen {
  const { all, passing, expected, failing, unanswered, notJudged } = healthOf(measurements)
  const bad = [...failing, ...unanswered]
  const counted = { measured: bad.length, unit: 'failing', threshold: all.length }
  if (all.length === 0)
    return { ...counted, matched: 'unknown', because: 'not known: no health probe' }
  if (passing.length > 0) {
    const words = `${passing.length} of ${all.length} health probes pass`
    return { ...counted, matched: false, because: words }
  }
  if (expected.length > 0) return { ...counted, matched: false, because: asExpected(expected) }
  if (failing.length > 0 && notJudged.length === 0) {
    return { ...counted, matched: true, because: `all health probes fail: ${describe(bad)}` }
  }
  const said = describe([...bad, ...notJudged])
  if (everyTargetIsDown(measurements)) {
    const words = `no service answers us, and Prometheus sees every target down: ${said}`
    return { ...counted, matched: true, because: words }
  }
  const because =
    notJudged.length > 0
      ? `not known: ${cannotJudge(notJudged)}`
      : `not known: no service could be reached from here, and nothing else confirms an outage: ${said}`
  return { ...counted, matched: 'unknown', because }
}

function everyTargetIsDown(measurements: readonly Measurement[]): boolean {
  const targets = measurements.find(({ probe }) => probe === 'targets-up')
  return targets?.class === 'value' && targets.value === 0
}

/** Some, not all. One that cannot be judged is not well, and somebody looks. */
export function partialOutage({ measurements }: Observed): Seen {
  const { all, passing, expected, failing, unanswered, notJudged } = healthOf(measurements)
  const bad = [...failing, ...unanswered]
  const counted = { measured: bad.length, unit: 'failing', threshold: 1 }
  if (all.length === 0)
    return { ...counted, matched: 'unknown', because: 'not known: no health probe' }
  if (passing.length === all.length) {
    return { ...counted, matched: false, because: `all ${all.length} health probes pass` }
  }
  const well = passing.length + expected.length
  if (well === all.length) return { ...counted, matched: false, because: asExpected(expected) }
  const isPart = well > 0 || (failing.length > 0 && notJudged.length > 0)
  if (!isPart) return { ...counted, matched: false, because: 'none passes' }
  const words = [
    ...(bad.length > 0 ? [`health probes fail: ${describe(bad)}`] : []),
    ...(notJudged.length > 0 ? [cannotJudge(notJudged)] : []),
  ]
  return { ...counted, matched: true, because: words.join('; ') }
}

function asExpected(expected: readonly Measurement[]): string {
  return `maintenance is on, so it is expected: ${describe(expected)}`
}

function cannotJudge(notJudged: readonly Measurement[]): string {
  const whys = notJudged.map(({ target, summary }) => `${target} answers ${summary}`)
  return `cannot judge health, because ${whys.join(', ')}`
}

function describe(failing: readonly Measurement[]): string {
  return failing.map(({ target, summary }) => `${target} ${summary}`).join(', ')
}
