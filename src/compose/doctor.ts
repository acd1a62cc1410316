import { setTimeout as delay } from 'node:timers/promises'
import { askingClient } from '../adapters/slack/asking-client.ts'
import { checkApprovers } from '../adapters/slack/check-approvers.ts'
import { checkSlack } from '../adapters/slack/check.ts'
import { checkJournal } from '../adapters/sqlite/check.ts'
import { probes } from '../assess/probes/index.ts'
import { takeMeasurements } from '../assess/take-measurements.ts'
import { SCOPES } from '../chat/scopes.ts'
import { probeName } from '../chat/text/words.ts'
import type { Config } from '../config/load-config.ts'
import { careful, ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import type { Measurement } from '../domain/assessment/measurement.ts'
import type { World } from '../ports/world.ts'
import { unprotected } from './unprotected.ts'

/** Longer than any single question: nothing the doctor asks may hang it. */
const DEADLINE_MS = 10_000

/** Looks at everything the bot will need, all at once. Changes nothing but an empty journal. */
export async function examine(config: Config, world: World): Promise<readonly Check[]> {
  const { environment: env, settings } = config
  const checks = await Promise.all([
    within(
      'slack',
      'tokens, scopes, channels',
      checkSlack({
        botToken: env.SLACK_BOT_TOKEN,
        appToken: env.SLACK_APP_TOKEN,
        apiUrl: env.SLACK_API_URL,
        mode: settings.slack.mode,
        scopes: Object.keys(SCOPES),
        channels: settings.slack.channels,
      }),
    ),
    within('slack', 'approvers', checkWhoSigns(config)),
    within('kubernetes', 'permissions', checkKubernetes(config)),
    unprotected(config),
    within('probes', 'every question of an assessment', checkProbes(config, world)),
  ])
  return [...checks.flat(), ...checkJournal(env.BACKOUT_DATA), ...notConfigured(config)]
}

async function within(
  dependency: string,
  tried: string,
  checks: Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  const late = delay(DEADLINE_MS, undefined, { ref: false }).then(() => [
    wrong(dependency, tried, `no answer within ${DEADLINE_MS / 1000} s`, 'check the way there'),
  ])
  return Promise.race([checks, late])
}

async function checkWhoSigns({ settings, environment: env }: Config): Promise<readonly Check[]> {
  const { users, groups } = settings.approval
  if (users.length + groups.length === 0) {
    const todo = 'name people or user groups under approval in backout.yaml'
    return [careful('slack', 'approvers', 'none is configured: nothing can be approved', todo)]
  }
  // That it is missing is said with the other tokens.
  if (!env.SLACK_BOT_TOKEN) return []
  const client = askingClient(env.SLACK_BOT_TOKEN, {
    apiUrl: env.SLACK_API_URL,
    timeoutMs: DEADLINE_MS,
  })
  // Before the doctor's own deadline, so that it is said which question has no answer.
  return checkApprovers(client, { users, groups }, AbortSignal.timeout(DEADLINE_MS - 1_000))
}

async function checkKubernetes({ settings, environment }: Config): Promise<readonly Check[]> {
  const { kubernetes } = settings.procedures
  if (!kubernetes) return []
  const { kubernetesClient } = await import('../adapters/kubernetes/client/client.ts')
  const { checkAccess } = await import('../adapters/kubernetes/client/access.ts')
  const { checkOwners } = await import('../adapters/kubernetes/owners/check-owners.ts')
  const { kubernetesOwners } = await import('../adapters/kubernetes/owners/owners.ts')
  const { KUBECONFIG } = environment
  const client = kubernetesClient(KUBECONFIG ? { kubeconfig: KUBECONFIG } : { inCluster: {} })
  const tried = `permissions in ${kubernetes.namespace}`
  const { namespace, suspend } = kubernetes
  const deployments = Object.values(kubernetes.deployments)
  const signal = AbortSignal.timeout(DEADLINE_MS)
  try {
    const asked = { namespace, deployments, suspend }
    const { missing, excess } = await checkAccess(client, asked, signal)
    const role = `compare its Role with manifests/kubernetes/role.yaml${suspend.length > 0 ? ' and suspend/role.yaml' : ''}`
    return [
      missing.length > 0
        ? wrong('kubernetes', tried, `missing: ${missing.join('; ')}`, role)
        : ok('kubernetes', tried, 'everything needed'),
      ...(excess.length > 0
        ? [careful('kubernetes', tried, `more than needed: ${excess.join('; ')}`, role)]
        : []),
      // What it may not look at is told above.
      ...(missing.length > 0
        ? []
        : await checkOwners(
            kubernetesOwners({ client, ours: { namespace, deployments } }),
            suspend,
            signal,
          )),
    ]
  } catch (error) {
    const found = error instanceof Fault ? error.detail : String(error)
    return [wrong('kubernetes', tried, found, 'check KUBECONFIG or the service account')]
  } finally {
    await client.close()
  }
}

/** The probes themselves are the best test: reachable, authenticated, and scraping what is configured. */
async function checkProbes(config: Config, world: World): Promise<readonly Check[]> {
  const measurements = await takeMeasurements(probes, world, config.assess)
  return measurements.map(toCheck)
}

const WHAT_TO_DO: Record<string, string> = {
  'health-passing': 'check the service’s url and health path in backout.yaml',
  'version-known': 'set version to the right path, or to null',
  'active-users-near-baseline': 'check redis.activeUsersKey and prometheus.activeUsersBaseline',
  'workloads-ready': 'check procedures.kubernetes in backout.yaml',
  'database-answering': 'check MONGODB_URI',
  'cache-answering': 'check REDIS_URL',
  'targets-up': 'check prometheus.jobs, and that Prometheus scrapes every service',
  'metrics-fresh': 'check Prometheus’s scraping, and the clocks',
}

/** Where to look when it could not even be asked. */
const WAY_THERE: Record<string, string> = {
  'health-passing': 'check the service’s url in backout.yaml',
  'version-known': 'check the service’s url in backout.yaml',
  'active-users-near-baseline': 'check REDIS_URL and PROMETHEUS_URL',
  'workloads-ready': 'check KUBECONFIG or the service account',
  'database-answering': 'check MONGODB_URI',
  'cache-answering': 'check REDIS_URL',
}

function toCheck({ probe, target, class: kind, verdict, summary, query }: Measurement): Check {
  const dependency = `${probeName(probe)}${target === 'all services' ? '' : `, ${target}`}`
  const todo = WHAT_TO_DO[probe] ?? 'check this query in backout.yaml against your metrics'
  switch (verdict) {
    case 'healthy':
      return ok(dependency, query, summary)
    case 'degraded':
      // It was asked and it answered: that production is not well is no fault of the installation.
      return careful(dependency, query, summary, 'the probe works; production is not well')
    case 'inconclusive':
      // It answered, and not as what it should be: that is no quiet hour, it is a wrong address or query.
      return kind === 'error'
        ? wrong(dependency, query, summary, todo)
        : careful(dependency, query, summary, todo)
    case 'unreachable':
      return wrong(
        dependency,
        query,
        summary,
        WAY_THERE[probe] ?? 'check PROMETHEUS_URL and its credentials',
      )
    default:
      return verdict satisfies never
  }
}

function notConfigured({ environment: env, settings }: Config): readonly Check[] {
  const parts = [
    ['prometheus', env.PROMETHEUS_URL, 'errors, logins and latency', 'set PROMETHEUS_URL'],
    ['redis', env.REDIS_URL, 'active users and the cache', 'set REDIS_URL'],
    ['mongodb', env.MONGODB_URI, 'the database', 'set MONGODB_URI'],
    ['kubernetes', settings.procedures.kubernetes, 'the way back', 'set procedures.kubernetes'],
  ] as const
  return parts
    .filter(([, configured]) => !configured)
    .map(([name, , blind, todo]) =>
      careful(name, 'configuration', `not configured: assessments are blind to ${blind}`, todo),
    )
}
