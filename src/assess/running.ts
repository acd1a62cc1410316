import type { RolloutSeen } from '../domain/assessment/rollout-seen.ts'
import type { Observed, Seen } from './observed.ts'

/** What runs the services says that they do not run as they were asked to. */
export function rolloutUnfinished({ measurements }: Observed): Seen {
  const plain = { measured: null, unit: null, threshold: null }
  const asked = measurements.filter(({ probe }) => probe === 'workloads-ready')
  const rollouts = asked.flatMap((one) => one.rollouts ?? [])
  const [first] = rollouts
  if (first) {
    const counted = { measured: first.done, unit: `${first.unit}s`, threshold: first.of }
    return { ...counted, matched: true, because: rollouts.map(inWords).join('; ') }
  }
  if (asked.length === 0) {
    return { ...plain, matched: false, because: 'nothing is configured that runs the services' }
  }
  const blind = asked.find((one) => one.class !== 'value')
  return blind
    ? { ...plain, matched: 'unknown', because: `not known: ${blind.summary}` }
    : { ...plain, matched: false, because: 'everything runs as it was asked to' }
}

/** "backend: the rollout of v2.0.0 has not finished: 1 of 3 (CrashLoopBackOff: …)" */
function inWords({ service, version, state, done, of, unit, because }: RolloutSeen): string {
  const what = version ?? 'what is asked for'
  const why = because === null ? '' : ` (${because})`
  switch (state) {
    case 'unfinished':
      return `${service}: the rollout of ${what} has not finished: ${done} of ${of}${why}`
    case 'not-ready':
      return `${service}: only ${done} of ${of} ${unit}s of ${what} are ready${why}`
    case 'in-trouble':
      return `${service}: ${what} came less than 30 minutes ago and is in trouble${why}`
    default:
      return state satisfies never
  }
}

/** So many of the scrape targets are down that it is no single instance any more. */
export function targetsDown({ measurements, settings }: Observed): Seen {
  const threshold = settings.targetsDownPercent
  const targets = measurements.find(({ probe }) => probe === 'targets-up')
  if (targets?.class !== 'value' || !targets.targets) {
    const because = `not known: ${targets?.summary ?? 'not configured'}`
    return { matched: 'unknown', measured: null, unit: '%', threshold, because }
  }
  const { services = [], ...whole } = targets.targets
  const worst = services.toSorted((a, b) => percentDown(b) - percentDown(a))[0]
  // One service may have few of all the targets.
  const one =
    percentDown(whole) < threshold && worst && percentDown(worst) >= threshold ? worst : null
  const { up, of } = one ?? whole
  const percent = percentDown(one ?? whole)
  const who = one ? `${one.service}: ` : ''
  const because = `${who}${of - up} of ${of} scrape targets down, rule from ${threshold} %`
  return { matched: percent >= threshold, measured: percent, unit: '%', threshold, because }
}

function percentDown({ up, of }: { readonly up: number; readonly of: number }): number {
  return of > 0 ? (100 * (of - up)) / of : 0
}
