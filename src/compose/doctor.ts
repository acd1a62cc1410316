import { setTimeout as delay } from 'node:timers/promises'
import { askingClient } from '../adapters/slack/asking-client.ts'
import { checkApprovers } from '../adapters/slack/check-approvers.ts'
import { checkContacts } from '../adapters/slack/check-contacts.ts'
import { checkSlack } from '../adapters/slack/check.ts'
import { checkLedger } from './doctor-ledger.ts'
import { SCOPES } from '../chat/scopes.ts'
import { alertChecks } from './doctor-alerts.ts'
import { channelsOf } from './doctor-channels.ts'
import { checkBackups } from './doctor-backups.ts'
import { seeConfigMaps } from './doctor-config-maps.ts'
import { checkEnvironments } from './doctor-environments.ts'
import { contactChecks, exampleChecks } from './doctor-people.ts'
import { checkFlagStores } from './doctor-flag-stores.ts'
import { checkProbes } from './doctor-probes.ts'
import { checkPaging } from './doctor-paging.ts'
import { checkRegistries } from './doctor-registries.ts'
import { checkSigning } from './doctor-signing.ts'
import { checkVerification } from './doctor-verification.ts'
import { checkWindows } from './doctor-windows.ts'
import { journalPlace } from '../config/journal-place.ts'
import type { Config } from '../config/load-config.ts'
import { careful, ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import type { World } from '../ports/world.ts'
import { keyIdOf } from './checkpoint-key.ts'
import { checkIncidents } from './doctor-incidents.ts'
import { checkJournalPlace } from './open-journal.ts'
import { hasMailServer, openMailer } from './letters.ts'
import { openStatusPages } from './status-page.ts'
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
        channels: channelsOf(settings),
      }),
    ),
    within('slack', 'approvers', checkWhoSigns(config)),
    within('kubernetes', 'permissions', checkKubernetes(config, world)),
    unprotected(config),
    within('probes', 'every question of an assessment', checkProbes(config, world)),
    within('prometheus', 'windows of the queries', checkWindows(config, world)),
    within('prometheus', 'whose series are counted', checkEnvironments(config, world)),
    within('slack', 'contacts', checkContactAccounts(config)),
    within('status page', 'page and credentials', checkStatusPage(config)),
    within('mail', 'mail server', checkMail(config)),
    within('paging', 'credentials', checkPaging(config, AbortSignal.timeout(DEADLINE_MS - 1_000))),
    within('verification', 'the list after a rollback', checkVerification(config, world)),
    within(
      'backups',
      'the catalogue',
      checkBackups(config, world, AbortSignal.timeout(DEADLINE_MS - 1_000)),
    ),
    within(
      'flag stores',
      'where the flag is kept',
      checkFlagStores(config, AbortSignal.timeout(DEADLINE_MS - 1_000)),
    ),
    within(
      'registry',
      'registries',
      checkRegistries(config, world, AbortSignal.timeout(DEADLINE_MS - 1_000)),
    ),
    within('signing', 'without Slack', checkSigning(config, Date.now())),
    within('release ledger', 'the history of releases', checkReleaseLedger(config)),
  ])
  return [
    ...checks.flat(),
    // A file is read to its end before anything else goes on.
    ...(await within('journal', 'write and verify the journal', checkJournalPlace(config))),
    ...(await within('journal', 'read the incidents', checkIncidents(config))),
    checkpointCheck(config),
    ...contactChecks(settings.contacts),
    ...alertChecks(config),
    ...exampleChecks(config),
    ...notConfigured(config),
  ]
}

/** Without a key a checkpoint is as good as the message in Slack that tells it. */
function checkpointCheck({ checkpointKey }: Config): Check {
  const tried = 'checkpoints'
  if (checkpointKey !== null)
    return ok('journal', tried, `signed with key ${keyIdOf(checkpointKey)}`)
  return ok(
    'journal',
    tried,
    'told to the threads, and not signed: BACKOUT_CHECKPOINT_KEY_FILE is not set',
  )
}

/** Only what keeps no history of its own needs ours. */
async function checkReleaseLedger(config: Config): Promise<readonly Check[]> {
  return config.settings.procedures.docker ? [await checkLedger(journalPlace(config))] : []
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

async function checkWhoSigns({ settings, environment }: Config): Promise<readonly Check[]> {
  const { users, groups, requesterMayApprove } = settings.approval
  if (users.length + groups.length === 0) {
    const todo =
      'name three people or a user group under approval in backout.yaml: two sign, and who asks does not count'
    return [careful('slack', 'approvers', 'none is configured: nothing can be approved', todo)]
  }
  const client = clientOf(environment)
  if (!client) return []
  const asked = { users, groups, requesterMayApprove }
  // Before the doctor's own deadline, so that it is said which question has no answer.
  return checkApprovers(client, asked, AbortSignal.timeout(DEADLINE_MS - 1_000))
}

async function checkContactAccounts({ settings, environment }: Config): Promise<readonly Check[]> {
  const ids = settings.contacts.onCall.flatMap(({ slack }) => slack ?? [])
  const client = clientOf(environment)
  if (!client || ids.length === 0) return []
  return checkContacts(client, ids, AbortSignal.timeout(DEADLINE_MS - 1_000))
}

/** Without one, people copy the drafts: that is a choice, and no gap. */
async function checkStatusPage({ settings, environment }: Config): Promise<readonly Check[]> {
  const { statusPage } = settings.communication
  if (!statusPage) return []
  const pages = await openStatusPages(statusPage, environment, { now: Date.now })
  return pages.check(AbortSignal.timeout(DEADLINE_MS - 1_000))
}

/** Without one, people send the letters: that is a choice too. */
async function checkMail(config: Config): Promise<readonly Check[]> {
  if (!hasMailServer(config)) return []
  const mailer = await openMailer(config)
  return mailer.check(AbortSignal.timeout(DEADLINE_MS - 1_000))
}

/** `null` without a token: that it is missing is said with the other tokens. */
function clientOf({ SLACK_BOT_TOKEN, SLACK_API_URL }: Config['environment']) {
  if (!SLACK_BOT_TOKEN) return null
  return askingClient(SLACK_BOT_TOKEN, { apiUrl: SLACK_API_URL, timeoutMs: DEADLINE_MS })
}

async function checkKubernetes(
  { settings, environment }: Config,
  world: World,
): Promise<readonly Check[]> {
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
    const flag = settings.procedures.featureFlag ?? null
    const readsBack = flag?.readBack?.port !== undefined
    const flags = await seeConfigMaps(flag, world, signal)
    const configMaps = flags.names
    const jobsIn = settings.procedures.database?.migration?.kubernetes?.namespace
    const asked = { namespace, deployments, suspend, readsBack, configMaps, jobsIn }
    const { missing, excess } = await checkAccess(client, asked, signal)
    const roles = [
      'role.yaml',
      ...(suspend.length > 0 ? ['suspend/role.yaml'] : []),
      ...(readsBack ? ['read-back/role.yaml'] : []),
      ...(configMaps.length > 0 ? ['config-map/role.yaml'] : []),
      ...(jobsIn === undefined ? [] : ['migration/role.yaml']),
    ]
    const role = `compare its Role with manifests/kubernetes/${roles.join(' and ')}`
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
        : [
            ...flags.checks,
            ...(await checkOwners(
              kubernetesOwners({ client, ours: { namespace, deployments } }),
              suspend,
              signal,
            )),
          ]),
    ]
  } catch (error) {
    const found = `Kubernetes: ${error instanceof Fault ? error.detail : String(error)}`
    return [wrong('kubernetes', tried, found, 'check KUBECONFIG or the service account')]
  } finally {
    await client.close()
  }
}

function notConfigured({ environment: env, settings }: Config): readonly Check[] {
  const parts = [
    ['prometheus', env.PROMETHEUS_URL, 'errors, logins and latency', 'set PROMETHEUS_URL'],
    ['redis', env.REDIS_URL, 'active users and the cache', 'set REDIS_URL'],
    ['mongodb', env.MONGODB_URI, 'the database', 'set MONGODB_URI'],
    [
      'kubernetes',
      settings.procedures.kubernetes ?? settings.procedures.docker,
      'the way back',
      'set procedures.kubernetes or procedures.docker',
    ],
  ] as const
  return parts
    .filter(([, configured]) => !configured)
    .map(([name, , blind, todo]) =>
      careful(name, name, `not configured: assessments are blind to ${blind}`, todo),
    )
}
