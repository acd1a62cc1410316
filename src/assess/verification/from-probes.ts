import type { CheckOf } from '../../domain/verification/settings.ts'
import type { Probe } from '../probe.ts'
import { cacheAnswering } from '../probes/cache-answering.ts'
import { databaseAnswering } from '../probes/database-answering.ts'
import { healthPassing } from '../probes/health-passing.ts'
import { metricsFresh } from '../probes/metrics-fresh.ts'
import { targetsUp } from '../probes/targets-up.ts'
import { tenantsApart } from '../probes/tenants-apart.ts'
import { workloadsReady } from '../probes/workloads-ready.ts'
import { round } from '../ratio.ts'
import type { CheckContext } from './check-context.ts'
import { all, failed, notMeasured, outcomeOf, passed, type Named, type Outcome } from './outcome.ts'

/** What the probes of an assessment find, of each of their targets. */
async function parts(probe: Probe, context: CheckContext): Promise<readonly Named[]> {
  const { world, settings } = context
  const questions = probe.questions(settings, world)
  const answers = questions.map(async (question) => ({
    name: probe.asks === null ? question.target : null,
    outcome: outcomeOf(await question.ask(context)),
  }))
  return Promise.all(answers)
}

export async function workloads(_: unknown, context: CheckContext): Promise<Outcome> {
  return all(await parts(workloadsReady, context), 'what runs the services is not configured')
}

export async function health(_: unknown, context: CheckContext): Promise<Outcome> {
  return all(await parts(healthPassing, context), 'no service is configured')
}

export async function isolation(_: unknown, context: CheckContext): Promise<Outcome> {
  return all(await parts(tenantsApart, context), 'the settings name nothing under isolation')
}

/** It is active where it is fresh, and where every service is scraped. */
export async function monitoring(_: unknown, context: CheckContext): Promise<Outcome> {
  const [fresh, up] = await Promise.all([parts(metricsFresh, context), parts(targetsUp, context)])
  const isFresh = all(fresh, 'Prometheus is not configured')
  // How many are up was true when it was scraped.
  return isFresh.verdict === 'passed' ? all([...up, ...fresh], 'nothing is scraped') : isFresh
}

export async function cache({ key }: CheckOf<'cache'>, context: CheckContext): Promise<Outcome> {
  const answering = await parts(cacheAnswering, context)
  const port = context.world.cache
  if (!port || key === undefined) return all(answering, 'Redis is not configured')
  const stored = await port.readText(key, context.signal)
  const outcome =
    stored === null ? failed(`key ${key} is not there`, 'it to be') : passed(`key ${key} is there`)
  return all([...answering, { name: null, outcome }], 'Redis is not configured')
}

export async function database(
  { maxConnectionsPercent, maxPingMs }: CheckOf<'database'>,
  context: CheckContext,
): Promise<Outcome> {
  const port = context.world.database
  if (!port) return notMeasured('MongoDB is not configured')
  const [answering, pingMs, status] = await Promise.all([
    parts(databaseAnswering, context),
    port.ping(context.signal),
    port.status(context.signal),
  ])
  const found = all(answering, 'MongoDB is not configured')
  if (found.verdict !== 'passed' || !status.connections) return found
  const ping = `a ping takes ${round(pingMs, 1)} ms`
  if (pingMs > maxPingMs) return failed(ping, `at most ${maxPingMs} ms`)
  const { current, available } = status.connections
  const percent = round((100 * current) / Math.max(1, current + available), 1)
  const used = `${current} of ${current + available} connections in use, ${percent} %`
  if (percent > maxConnectionsPercent) return failed(used, `at most ${maxConnectionsPercent} %`)
  return passed(`${ping}, ${used}`)
}
