import { z } from 'zod'
import { nearest } from '../domain/text/nearest.ts'
import { plain } from './describe-issue.ts'
import type { Problem } from './problem.ts'
import { databaseAddressProblem } from './database-address.ts'
import { smtpProblem } from './smtp-address.ts'
import { readable, type Readable } from './readable.ts'

const Secret = z.string().min(1)
const HttpAddress = z.url({ protocol: /^https?$/, error: 'must be an http or https address' })
/** No path, so that a cookie of it is sent to nobody else. */
const PublicAddress = z
  .url({ protocol: /^https$/, error: 'must be an https address' })
  .refine((url) => /^https:\/\/[^/?#@]+\/?$/.test(url), 'must be an https address without a path')
const SmtpAddress = z.string().superRefine((address, context) => {
  const message = smtpProblem(address)
  if (message !== null) context.addIssue({ code: 'custom', message })
})
const DatabaseAddress = z.string().superRefine((address, context) => {
  const message = databaseAddressProblem(address)
  if (message !== null) context.addIssue({ code: 'custom', message })
})
const MongodbAddress = z
  .string()
  .regex(/^mongodb(\+srv)?:\/\//, 'must be a mongodb:// or mongodb+srv:// address')
const Port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .refine((port) => port <= 65_535, 'must be a port number')

/** Secrets and addresses. `.env.example` says what each one means; a test holds the two equal. */
export const Environment = z.object({
  SLACK_BOT_TOKEN: Secret.startsWith(
    'xoxb-',
    'must be a bot token (it starts with xoxb-)',
  ).optional(),
  SLACK_APP_TOKEN: Secret.startsWith(
    'xapp-',
    'must be an app token (it starts with xapp-)',
  ).optional(),
  SLACK_SIGNING_SECRET: Secret.optional(),
  SLACK_API_URL: HttpAddress.optional(),
  SLACK_HTTP_PORT: Port.default(3000),
  BACKOUT_DATA: z.string().min(1).default('./data'),
  BACKOUT_DATA_ANYWAY: z.literal('1', 'must be 1, or empty').optional(),
  BACKOUT_DATABASE_URL: DatabaseAddress.optional(),
  BACKOUT_DATABASE_CA_FILE: z.string().optional(),
  BACKOUT_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  BACKOUT_HTTP_PORT: Port.default(8080),
  BACKOUT_CHECKPOINT_KEY_FILE: z.string().optional(),
  BACKOUT_LOCKS_TOKEN: Secret.min(20, 'must be at least 20 characters long').optional(),
  BACKOUT_SIGNING_KEY: Secret.min(32, 'must be at least 32 characters long').optional(),
  BACKOUT_SIGNING_URL: PublicAddress.optional(),
  BACKOUT_SIGNING_HOST: z.string().min(1).default('127.0.0.1'),
  BACKOUT_SIGNING_PORT: Port.default(8443),
  BACKOUT_SIGNING_CERT_FILE: z.string().optional(),
  BACKOUT_SIGNING_CERT_KEY_FILE: z.string().optional(),
  BACKOUT_SIGNING_PROXIES: z.string().optional(),
  BACKOUT_PAGERDUTY_ROUTING_KEY: Secret.length(
    32,
    'must be the integration key of a service, which has 32 characters',
  ).optional(),
  BACKOUT_PAGERDUTY_API_TOKEN: Secret.optional(),
  BACKOUT_JSM_API_KEY: Secret.optional(),
  BACKOUT_PAGING_WEBHOOK_URL: HttpAddress.optional(),
  BACKOUT_PAGING_WEBHOOK_TOKEN: Secret.optional(),
  BACKOUT_ALERTMANAGER_TOKEN: Secret.min(20, 'must be at least 20 characters long').optional(),
  BACKOUT_STATUSPAGE_API_KEY: Secret.optional(),
  BACKOUT_STATUS_WEBHOOK_URL: HttpAddress.optional(),
  BACKOUT_STATUS_WEBHOOK_TOKEN: Secret.optional(),
  BACKOUT_STATUS_WEBHOOK_FIND_URL: HttpAddress.optional(),
  BACKOUT_SMTP_URL: SmtpAddress.optional(),
  BACKOUT_SMTP_CA_FILE: z.string().optional(),
  BACKOUT_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  BACKOUT_NAMESPACE: z.string().optional(),
  SERVICES_BEARER_TOKEN: Secret.optional(),
  SERVICES_USERNAME: z.string().optional(),
  SERVICES_PASSWORD: Secret.optional(),
  SERVICES_CA_FILE: z.string().optional(),
  PROMETHEUS_URL: HttpAddress.optional(),
  PROMETHEUS_BEARER_TOKEN: Secret.optional(),
  PROMETHEUS_USERNAME: z.string().optional(),
  PROMETHEUS_PASSWORD: Secret.optional(),
  PROMETHEUS_CA_FILE: z.string().optional(),
  ALERTMANAGER_URL: HttpAddress.optional(),
  ALERTMANAGER_BEARER_TOKEN: Secret.optional(),
  ALERTMANAGER_USERNAME: z.string().optional(),
  ALERTMANAGER_PASSWORD: Secret.optional(),
  ALERTMANAGER_CA_FILE: z.string().optional(),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// address' })
    .optional(),
  REDIS_CA_FILE: z.string().optional(),
  MONGODB_URI: MongodbAddress.optional(),
  MONGODB_RESTORE_URI: MongodbAddress.optional(),
  MONGODB_APPLICATION_URI: MongodbAddress.optional(),
  MONGODB_CA_FILE: z.string().optional(),
  BACKOUT_MONGO_TOOLS: z.string().optional(),
  UNLEASH_URL: HttpAddress.optional(),
  UNLEASH_TOKEN: Secret.optional(),
  UNLEASH_CLIENT_TOKEN: Secret.optional(),
  UNLEASH_CA_FILE: z.string().optional(),
  BACKOUT_PM2: z.string().optional(),
  PM2_HOME: z.string().optional(),
  KUBECONFIG: z.string().optional(),
  BACKOUT_REGISTRY_CONFIG_FILE: z.string().optional(),
})
export type Environment = z.infer<typeof Environment>

/** An unset and an empty variable are the same. Values never appear in a problem: they may be secrets. */
export function parseEnvironment(variables: NodeJS.ProcessEnv): (
  | { readonly environment: Environment }
  | { readonly problems: readonly Problem[] }
) & {
  /** What is right, however much else is wrong. */
  readonly read: Readable<Environment>
} {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(set)
  const read = readable(Environment, set)
  const problems: Problem[] = unknownNames(Object.keys(set))
  if (parsed.success) {
    return problems.length > 0 ? { problems, read } : { environment: parsed.data, read }
  }
  for (const issue of parsed.error.issues) {
    problems.push({ where: 'environment', what: `${issue.path.join('.')} ${plain(issue.message)}` })
  }
  return { problems, read }
}

/** Our own prefix leaves no room for a name we do not know. */
function unknownNames(names: readonly string[]): Problem[] {
  const known = Object.keys(Environment.shape)
  return names
    .filter((name) => name.startsWith('BACKOUT_') && !known.includes(name))
    .map((name) => {
      const meant = nearest(name, known)
      return {
        where: 'environment',
        what: `${name} is not a setting${meant ? `; did you mean ${meant}?` : ''}`,
      }
    })
}
