import { z } from 'zod'
import { Impact } from '../domain/outbox/status-post.ts'
import { SlackGroup, SlackUser } from '../domain/plan/gate.ts'
import { nearest } from '../domain/text/nearest.ts'
import type { Read } from './cross-checks.ts'
import type { Path } from './path.ts'
import type { Problem } from './problem.ts'

const HttpAddress = z.url({ protocol: /^https?$/, error: 'must be an http or https address' })

/** Where the public is told how things are. What is secret about it is in the environment. */
const StatusPage = z.strictObject({
  provider: z.enum(['statuspage', 'webhook', 'markdown']),
  /** Of `statuspage`: the id of the page. */
  page: z
    .string()
    .regex(/^[a-z0-9]{6,40}$/i, 'must be the id of a page, as its address in the manager shows it')
    .optional(),
  /** Of `statuspage`: whether subscribers are told of each message. */
  notifySubscribers: z.boolean().default(true),
  /** Of `statuspage`: another address of its API. */
  apiUrl: HttpAddress.default('https://api.statuspage.io'),
  /** Of `markdown`: where the files go. */
  folder: z.string().min(1).optional(),
  /** Of `markdown`: where people read them; `{incident}` is put in. */
  link: HttpAddress.optional(),
  /** What the page calls each service. */
  components: z.record(z.string(), z.string().min(1).max(100)).default({}),
  /** What the page calls each severity. */
  impact: z
    .strictObject({
      critical: Impact.default('critical'),
      high: Impact.default('major'),
      medium: Impact.default('minor'),
      low: Impact.default('minor'),
    })
    .prefault({}),
})

const Address = z.email('must be an e-mail address')

/** By whom letters come. Where the mail server is, and its password, is in the environment. */
const Mail = z.strictObject({
  from: Address,
  replyTo: Address.optional(),
  /** Of a server inside that knows neither STARTTLS nor passwords. */
  allowUnencrypted: z.boolean().default(false),
})

/** Whom Backout tells beside the team, and who may have it told. */
export const Communication = z.strictObject({
  /** Who may publish on the status page, beside the approvers. */
  publishers: z
    .strictObject({
      users: z.array(SlackUser).default([]),
      groups: z.array(SlackGroup).default([]),
    })
    .prefault({}),
  /** For so long the status page may be older than the state before people are reminded. */
  remindAfterMinutes: z.number().min(1).max(1440).default(15),
  statusPage: StatusPage.optional(),
  /** Left out, people send the letters themselves. */
  mail: Mail.optional(),
  /** Key customers: of a critical incident there is a letter to them, which a person has sent. */
  customers: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(80),
        to: z.array(Address).min(1).max(50),
      }),
    )
    .max(20)
    .default([]),
})

const AT: Path = ['communication', 'statusPage']

/** What each provider needs, and the services that it names. */
export function statusPageChecks(
  { settings, environment, at }: Read,
  services: readonly string[],
): readonly Problem[] {
  const page = settings?.communication?.statusPage
  if (!page) return []
  const missing = (what: string): Problem => ({
    where: at([...AT, 'provider']),
    what: `communication.statusPage: provider ${page.provider} needs ${what}`,
  })
  const needs = {
    statuspage: [
      page.page ? [] : [missing('the id of the page, under page')],
      environment?.BACKOUT_STATUSPAGE_API_KEY ? [] : [missing('BACKOUT_STATUSPAGE_API_KEY')],
    ],
    webhook: [
      environment?.BACKOUT_STATUS_WEBHOOK_URL ? [] : [missing('BACKOUT_STATUS_WEBHOOK_URL')],
    ],
    markdown: [page.folder ? [] : [missing('a folder, under folder')]],
  }
  return [...(page.provider ? needs[page.provider].flat() : []), ...strangers(page, services, at)]
}

/** A letter is sent over a connection that nobody can read, or by the word of the settings. */
export function mailChecks({ settings, environment, at }: Read): readonly Problem[] {
  const { mail, customers = [] } = settings?.communication ?? {}
  const where = at(['communication', 'mail'])
  const names = customers.map((list) => list?.name ?? '')
  const twice = names.filter((name, index) => name !== '' && names.indexOf(name) !== index)
  const url = environment?.BACKOUT_SMTP_URL
  const hasPassword = url !== undefined && Boolean(URL.parse(url)?.password)
  const isPlain = url !== undefined && URL.parse(url)?.protocol === 'smtp:'
  return [
    ...[...new Set(twice)].map((name) => ({
      where: at(['communication', 'customers', names.lastIndexOf(name), 'name']),
      what: `communication.customers: "${name}" is listed twice`,
    })),
    ...(mail && url === undefined
      ? [{ where, what: 'communication.mail: needs the mail server in BACKOUT_SMTP_URL' }]
      : []),
    ...(mail?.allowUnencrypted && isPlain && hasPassword
      ? [
          {
            where,
            what: 'communication.mail: allowUnencrypted would send the password of BACKOUT_SMTP_URL in the clear; remove one of them',
          },
        ]
      : []),
  ]
}

function strangers(
  { components = {} }: { readonly components?: Readonly<Record<string, unknown>> | undefined },
  services: readonly string[],
  at: Read['at'],
): readonly Problem[] {
  // With a name that cannot be read, it may be that one that is meant.
  if (services.length === 0 || services.includes('')) return []
  return Object.keys(components)
    .filter((name) => !services.includes(name))
    .map((name) => {
      const meant = nearest(name, services)
      return {
        where: at([...AT, 'components', name]),
        what: `communication.statusPage.components: "${name}" is not a service${meant ? `; did you mean "${meant}"?` : ''}`,
      }
    })
}
