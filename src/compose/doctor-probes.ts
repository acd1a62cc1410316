import { probes } from '../assess/probes/index.ts'
import { takeMeasurements } from '../assess/take-measurements.ts'
import { probeName } from '../chat/text/words.ts'
import type { Config } from '../config/load-config.ts'
import { careful, ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import type { Measurement } from '../domain/assessment/measurement.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { World } from '../ports/world.ts'

/** The probes themselves are the best test: reachable, authenticated, and scraping what is configured. */
export async function checkProbes(
  config: Pick<Config, 'assess'>,
  world: World,
): Promise<readonly Check[]> {
  const notes = new Map<string, string>()
  const metrics = world.metrics && listening(world.metrics, notes)
  const measurements = await takeMeasurements(probes, { ...world, metrics }, config.assess)
  return [
    ...measurements.map((measurement) => toCheck(measurement, measurements)),
    ...[...notes].map(([note, query]) => {
      const todo = 'check this query in backout.yaml against your metrics'
      return { ...careful('prometheus', 'what it remarks', note, todo), query }
    }),
  ]
}

/** Keeps what Prometheus remarks about a query: on every card it would be noise, and here it is a hint. */
function listening(metrics: Metrics, notes: Map<string, string>): Metrics {
  return {
    ...metrics,
    async instant(query, options) {
      const answer = await metrics.instant(query, options)
      if (answer.kind === 'value') answer.notes?.forEach((note) => notes.set(note, query))
      return answer
    },
  }
}

const WHAT_TO_DO: Record<string, string> = {
  'health-passing': 'check the service’s url and health path in backout.yaml',
  'version-known': 'set version to the right path, or to null',
  'active-users-near-baseline': 'check redis.activeUsersKey and prometheus.activeUsersBaseline',
  'workloads-ready': 'check procedures in backout.yaml: what runs each service',
  'database-answering': 'check MONGODB_URI',
  'cache-answering': 'check REDIS_URL',
  'targets-up': 'check prometheus.jobs, and that Prometheus scrapes every service',
  'metrics-fresh': 'check Prometheus’s scraping, and the clocks',
}

/** Where to look when it could not even be asked, by whom the answer names. */
const WAY_THERE: Record<string, string> = {
  Prometheus: 'check PROMETHEUS_URL, its credentials, and the way there from here',
  Redis: 'check REDIS_URL, and the way there from here',
  MongoDB: 'check MONGODB_URI, and the way there from here',
  Kubernetes: 'check KUBECONFIG or the service account',
  Docker: 'check procedures.docker.hosts, and who may open the socket',
}

const NOT_WELL: Record<string, string> = {
  'health-passing':
    'production is not well; where it is, check the service’s url and health path in backout.yaml',
}

function toCheck(measurement: Measurement, all: readonly Measurement[]): Check {
  const { probe, class: kind, verdict, query } = measurement
  const summary = summaryOf(measurement, all)
  const dependency = askedBy(probe)?.toLowerCase() ?? 'services'
  const tried = nameOf(measurement)
  const todo = WHAT_TO_DO[probe] ?? 'check this query in backout.yaml against your metrics'
  switch (verdict) {
    case 'healthy':
      return { ...ok(dependency, tried, summary), query }
    case 'degraded':
      // It was asked and it answered: that production is not well is no fault of the installation.
      return {
        ...careful(dependency, tried, summary, NOT_WELL[probe] ?? 'production is not well'),
        query,
      }
    case 'inconclusive':
      // It answered, and not as what it should be: that is no quiet hour, it is a wrong address or query.
      return kind === 'error'
        ? { ...wrong(dependency, tried, summary, todo), query }
        : { ...careful(dependency, tried, summary, todo), query }
    case 'unreachable':
      return { ...wrong(dependency, tried, summary, wayThere(summary)), query }
    default:
      return verdict satisfies never
  }
}

/** Without the target where the name says it already. */
function nameOf({ probe, target, unit }: Measurement): string {
  const name = probeName({ probe, unit })
  const isSaid = ['all services', name, askedBy(probe)].some(
    (said) => said?.toLowerCase() === target.toLowerCase(),
  )
  return isSaid ? name : `${name}, ${target}`
}

function askedBy(probe: string): string | null {
  return probes.find(({ id }) => id === probe)?.asks ?? null
}

function wayThere(summary: string): string {
  const name = Object.keys(WAY_THERE).find((one) => summary.includes(one))
  return (name && WAY_THERE[name]) ?? 'check the service’s url in backout.yaml'
}

/** Of two that were asked together and were too slow, the one that answers nobody else either. */
function summaryOf({ probe, summary }: Measurement, all: readonly Measurement[]): string {
  const both = askedBy(probe)
  if (both === null || !both.includes(' or ')) return summary
  const alone = both.split(' or ').map((name) => summary.replace(both, name))
  return alone.find((one) => all.some((other) => other.summary === one)) ?? summary
}
