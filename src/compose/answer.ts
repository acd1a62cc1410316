import { probes } from '../assess/probes/index.ts'
import { takeMeasurements } from '../assess/take-measurements.ts'
import type { Query } from '../chat/reading/command.ts'
import { backupsView } from '../chat/answers/backups.ts'
import { contactsView } from '../chat/answers/contacts.ts'
import { deploymentsView } from '../chat/answers/deployments.ts'
import { failedView, notConfiguredView, type Read } from '../chat/answers/failed.ts'
import { helpView } from '../chat/answers/help.ts'
import { historyView } from '../chat/answers/history.ts'
import { logsView } from '../chat/answers/logs.ts'
import { metricsView } from '../chat/answers/metrics.ts'
import { pingView, type Answer } from '../chat/answers/ping.ts'
import { readinessView } from '../chat/answers/readiness.ts'
import { refusalView } from '../chat/answers/refusal.ts'
import { statusView } from '../chat/answers/status.ts'
import { targetsView } from '../chat/answers/targets.ts'
import { verifyView } from '../chat/answers/verify.ts'
import type { Contacts } from '../chat/text/contacts.ts'
import { Fault } from '../domain/base/fault.ts'
import type { Incident } from '../domain/incident/incident.ts'
import { rollbackTimes } from '../domain/incident/rollback-times.ts'
import { refused } from '../domain/base/refusal.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import type { VerificationPlan } from '../domain/verification/settings.ts'
import type { View } from '../domain/base/view.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Readiness } from './readiness/keep-readiness.ts'
import { threadLinks } from './thread-links.ts'
import { verifyNow } from './verify-now.ts'
import type { World } from '../ports/world.ts'
import type { LateReleaseWatch } from './release-watch/late-release-watch.ts'

export type Answering = {
  readonly world: () => Promise<World>
  readonly settings: AssessSettings
  /** What the runbook verifies after a rollback; left out: nothing. */
  readonly verification?: VerificationPlan
  readonly environment: string
  readonly contacts: Contacts
  readonly incident: (id: string) => Promise<Incident | null>
  /** The newest declared ones. */
  readonly declared: (count: number) => Promise<readonly Incident[]>
  readonly open: () => readonly Incident[]
  /** Those whose events cannot be read here. */
  readonly unreadable: () => readonly string[]
  readonly linkTo: Conversations['linkTo']
  /** Whether the ways back would work; left out: nobody looks. */
  readonly readiness?: Pick<Readiness, 'fresh' | 'shown'>
  /** Left out: nobody watches releases. */
  readonly releases?: Pick<LateReleaseWatch, 'shown'>
}

/** Whoever asks is answered with what was known before, if it takes longer. */
const READINESS_MS = 25_000

/** Answers the questions that change nothing: asks the world, and shows what came back. Never throws. */
export async function answer(command: Query, deps: Answering): Promise<View> {
  try {
    return await answerTo(command, deps)
  } catch (error) {
    return failedView(READ_BY[command.kind], reasonOf(error))
  }
}

/** More than are shown: how many there were is said, too. */
const IN_HISTORY = 200

/** Some of them were none, or needed no rollback. */
const FOR_ROLLBACK_TIMES = 30

const READ_BY: Record<Query['kind'], Read> = {
  help: 'incidents',
  contacts: 'incidents',
  history: 'incidents',
  status: 'incidents',
  deployments: 'deployments',
  logs: 'logs',
  targets: 'targets',
  ping: 'metrics',
  backups: 'backups',
  readiness: 'readiness',
  metrics: 'metrics',
  verify: 'metrics',
}

async function answerTo(command: Query, deps: Answering): Promise<View> {
  const { settings, environment, world } = deps
  const deadline = () => AbortSignal.timeout(settings.deadlineMs)
  const serviceNames = settings.deployed?.services ?? []

  switch (command.kind) {
    case 'help':
      return helpView(environment)
    case 'contacts':
      return contactsView(deps.contacts)
    case 'history':
      return historyView(await deps.declared(IN_HISTORY))
    case 'status':
      return status(command.incident, deps)
    case 'deployments':
      return asked(
        'deployments',
        'Kubernetes or Docker',
        (await world()).workloads,
        async (workloads) =>
          deploymentsView(await workloads.list(serviceNames, deadline()), environment, {
            at: new Date((await world()).clock.now()).toISOString(),
            services: settings.services,
          }),
      )
    case 'logs': {
      const { service, tail } = command
      return asked('logs', 'Kubernetes or Docker', (await world()).workloads, async (workloads) =>
        logsView(service, await workloads.logs(service, { tail, signal: deadline() })),
      )
    }
    case 'targets':
      return asked('targets', 'Prometheus', (await world()).metrics, async (metrics) =>
        targetsView(await metrics.targets(deadline())),
      )
    case 'backups':
      return asked('backups', 'a database', (await world()).backups, async (backups) =>
        backupsView(await backups.list(deadline()), (await world()).clock.now()),
      )
    case 'readiness':
      return readiness(deps)
    case 'ping':
      return pings(world, deadline)
    case 'metrics':
      return metricsView(await takeMeasurements(probes, await world(), settings), environment)
    case 'verify': {
      const { verification: plan = { items: [], deadlineMs: settings.deadlineMs } } = deps
      const over = await world()
      const [measurements, list] = await Promise.all([
        takeMeasurements(probes, over, settings),
        command.inThread ? null : verifyNow({ assess: settings, verification: plan }, over),
      ])
      return verifyView(measurements, environment, list)
    }
    default:
      return command satisfies never
  }
}

async function readiness(deps: Answering): Promise<View> {
  const { readiness: kept, environment, world } = deps
  const reading = (await kept?.fresh(READINESS_MS)) ?? null
  const watched = deps.releases?.shown() ?? null
  const rollbacks = rollbackTimes(await deps.declared(FOR_ROLLBACK_TIMES))
  const nowMs = (await world()).clock.now()
  return readinessView(reading, environment, nowMs, { watched, rollbacks })
}

async function pings(world: Answering['world'], deadline: () => AbortSignal): Promise<View> {
  const [database, cache] = await Promise.all([
    ping(async () => (await world()).database, deadline()),
    ping(async () => (await world()).cache, deadline()),
  ])
  return pingView({ database, cache })
}

async function status(wanted: string | null, deps: Answering): Promise<View> {
  const found = wanted === null ? null : await deps.incident(wanted.toLowerCase())
  const unreadable = deps.unreadable()
  const missing = unreadable.filter((id) => id === wanted?.toLowerCase())
  if (missing.length > 0) return statusView([], deps.environment, new Map(), missing)
  if (wanted !== null && !found?.declared) return refusalView(refused('incident-unknown', wanted))
  const shown = found ? [found] : deps.open()
  const links = await threadLinks(shown, deps.linkTo)
  return statusView(shown, deps.environment, links, found ? [] : unreadable)
}

function reasonOf(error: unknown): string {
  return error instanceof Fault ? error.detail : 'Backout itself failed'
}

async function asked<Port>(
  what: Read,
  source: string,
  port: Port | null,
  ask: (port: Port) => Promise<View>,
): Promise<View> {
  if (!port) return notConfiguredView(what, source)
  try {
    return await ask(port)
  } catch (error) {
    return failedView(what, reasonOf(error))
  }
}

async function ping(
  find: () => Promise<{ ping(signal: AbortSignal): Promise<number> } | null>,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const port = await find()
    if (!port) return { kind: 'not-configured' }
    return { kind: 'answered', ms: await port.ping(signal) }
  } catch (error) {
    return { kind: 'failed', because: error instanceof Fault ? error.detail : String(error) }
  }
}
