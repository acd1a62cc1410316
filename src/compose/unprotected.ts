import type { Config } from '../config/load-config.ts'
import { careful, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import { goesInTheClear, isThisMachine } from '../domain/base/in-the-clear.ts'

const TRIED = 'protection of the connection'
const NOBODY_CHECKS = 'nobody checks that it is the right server: whoever is on the way can be it'
const MONGODB = ['MONGODB_URI', 'MONGODB_RESTORE_URI', 'MONGODB_APPLICATION_URI'] as const
const IN_THE_CLEAR = 'the credentials are sent in the clear'

/**
 * What is configured so that somebody on the way can read or change what is said. It is obeyed, and
 * never without a word: the doctor says it, and so does the log at every start.
 */
export async function unprotected(config: Config): Promise<readonly Check[]> {
  const { environment: env, settings } = config
  const found: Check[] = []
  const say = (dependency: string, what: string, todo: string) =>
    found.push(careful(dependency, TRIED, what, todo))

  if (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    say('TLS', `of every server ${NOBODY_CHECKS}`, 'unset NODE_TLS_REJECT_UNAUTHORIZED')
  }
  if (settings.procedures.kubernetes && (await isUnchecked(env.KUBECONFIG))) {
    const todo = 'set certificate-authority in its place'
    say('kubernetes', `insecure-skip-tls-verify is set: ${NOBODY_CHECKS}`, todo)
  }
  if (env.SLACK_API_URL && env.SLACK_BOT_TOKEN && goesInTheClear(env.SLACK_API_URL)) {
    say('slack', IN_THE_CLEAR, 'unset SLACK_API_URL, or use https')
  }
  const ofPrometheus =
    env.PROMETHEUS_BEARER_TOKEN ??
    env.PROMETHEUS_PASSWORD ??
    // The name of a tenant is no secret; what else is sent may be one.
    Object.keys(settings.prometheus.headers).find((name) => !/^x-scope-orgid$/i.test(name))
  if (env.PROMETHEUS_URL && sends(env.PROMETHEUS_URL, ofPrometheus)) {
    say('prometheus', IN_THE_CLEAR, 'use https in PROMETHEUS_URL')
  }
  const ofServices = env.SERVICES_BEARER_TOKEN ?? env.SERVICES_PASSWORD
  for (const { name, url } of settings.services) {
    if (sends(url, ofServices)) say(name, IN_THE_CLEAR, 'use https in its url in backout.yaml')
  }
  if (env.REDIS_URL && sends(env.REDIS_URL, undefined)) {
    say('redis', IN_THE_CLEAR, 'use rediss:// in REDIS_URL')
  }
  if (env.UNLEASH_URL && sends(env.UNLEASH_URL, env.UNLEASH_TOKEN)) {
    say('unleash', IN_THE_CLEAR, 'use https in UNLEASH_URL')
  }
  for (const todo of statusPageInTheClear(config)) say('status page', IN_THE_CLEAR, todo)
  for (const { pager, url, todo } of pagerAddresses(config)) {
    if (goesInTheClear(url)) say(pager, IN_THE_CLEAR, todo)
  }
  const { allowUnencrypted } = settings.communication.mail ?? {}
  if (allowUnencrypted && goesInTheClear(env.BACKOUT_SMTP_URL ?? '')) {
    const what = 'letters to key customers can be read and changed on the way'
    say('mail', what, 'remove communication.mail.allowUnencrypted, and use STARTTLS')
  }
  for (const name of MONGODB) {
    const { unchecked, inTheClear } = mongodb(env[name] ?? '')
    const todo = 'set MONGODB_CA_FILE in its place'
    if (unchecked) say('mongodb', `${unchecked} is set: ${NOBODY_CHECKS}`, todo)
    if (inTheClear) say('mongodb', IN_THE_CLEAR, `add tls=true to ${name}`)
  }
  return found
}

/** What to do about it, where its key or token is sent so that others can read it. */
function statusPageInTheClear({ environment: env, settings }: Config): readonly string[] {
  const { provider, apiUrl = '' } = settings.communication.statusPage ?? {}
  if (provider === 'statuspage') {
    const key = env.BACKOUT_STATUSPAGE_API_KEY
    return sends(apiUrl, key) ? [useHttpsIn('communication.statusPage.apiUrl')] : []
  }
  if (provider !== 'webhook') return []
  const token = env.BACKOUT_STATUS_WEBHOOK_TOKEN
  return (['BACKOUT_STATUS_WEBHOOK_URL', 'BACKOUT_STATUS_WEBHOOK_FIND_URL'] as const)
    .filter((name) => sends(env[name] ?? '', token))
    .map(useHttpsIn)
}

/** Whatever calls people is sent a secret, in the address or beside it. */
function pagerAddresses({ settings, environment: env }: Config) {
  const { pagerduty, jiraServiceManagement: jira, webhook } = settings.paging
  const { BACKOUT_PAGERDUTY_API_TOKEN: token, BACKOUT_PAGING_WEBHOOK_URL: hook } = env
  return [
    {
      pager: 'pagerduty',
      url: pagerduty?.eventsUrl,
      todo: useHttpsIn('paging.pagerduty.eventsUrl'),
    },
    {
      pager: 'pagerduty',
      url: token === undefined ? undefined : pagerduty?.apiUrl,
      todo: useHttpsIn('paging.pagerduty.apiUrl'),
    },
    {
      pager: 'jira-service-management',
      url: jira?.url,
      todo: useHttpsIn('paging.jiraServiceManagement.url'),
    },
    { pager: 'webhook', url: webhook && hook, todo: useHttpsIn('BACKOUT_PAGING_WEBHOOK_URL') },
  ].flatMap(({ url, ...one }) => (url === undefined ? [] : [{ ...one, url }]))
}

function useHttpsIn(key: string): string {
  return `use https in ${key}`
}

/** Credentials stand in the address, or beside it. */
function sends(address: string, beside: string | undefined): boolean {
  const hasLogin = beside !== undefined || Boolean(URL.parse(address)?.password)
  return hasLogin && goesInTheClear(address)
}

/** That it cannot be read, or makes no sense, is said where it is used. */
async function isUnchecked(kubeconfig: string | undefined): Promise<boolean> {
  if (!kubeconfig) return false
  const { readKubeconfig } = await import('../adapters/kubernetes/client/kubeconfig.ts')
  try {
    return (await readKubeconfig(kubeconfig)).tls.rejectUnauthorized === false
  } catch (error) {
    if (error instanceof Fault) return false
    throw error
  }
}

/** https://www.mongodb.com/docs/manual/reference/connection-string-options/#tls-options */
function mongodb(uri: string) {
  const [, srv, login, hosts = '', options = ''] =
    /^mongodb(\+srv)?:\/\/(?:([^@/]*)@)?([^/?]*)\/?[^?]*(?:\?(.*))?$/.exec(uri) ?? []
  const set = new Map(
    [...new URLSearchParams(options)].map(([name, value]) => [name.toLowerCase(), value]),
  )
  const tls = set.get('tls') ?? set.get('ssl') ?? (srv ? 'true' : 'false')
  const isRemote = hosts.split(',').some((host) => !isThisMachine(host.replace(/:\d+$/, '')))
  return {
    unchecked: ['tlsInsecure', 'tlsAllowInvalidCertificates', 'tlsAllowInvalidHostnames'].find(
      (name) => set.get(name.toLowerCase()) === 'true',
    ),
    inTheClear: login !== undefined && tls !== 'true' && isRemote,
  }
}
