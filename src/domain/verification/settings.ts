import { z } from 'zod'
import type { VerificationItem } from './item.ts'
import { ChainCheck, HttpCheck, mayWrite } from './request-settings.ts'

const Query = z.string().min(1).max(10_000)

const QueryCheck = z
  .strictObject({
    kind: z.literal('query'),
    query: Query,
    max: z.number().optional(),
    min: z.number().optional(),
    unit: z.string().max(20).default(''),
  })
  .refine(({ max, min }) => max !== undefined || min !== undefined, 'needs max or min')

/** Each of them must hold; as they are sent to the alerts: `category="security"`. */
const Matchers = z.array(z.string().min(3).max(500)).min(1).max(20)

/** How one item is found out. Only `person` is for people from the start. */
export const VerificationCheck = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person') }),
  HttpCheck,
  ChainCheck,
  QueryCheck,
  /** The pods that should run do, and are ready. */
  z.strictObject({ kind: z.literal('workloads') }),
  /** The health page of every service. */
  z.strictObject({ kind: z.literal('health') }),
  /** What one organisation must not see of another, as `isolation` says it. */
  z.strictObject({ kind: z.literal('isolation') }),
  /** No more failed requests than that within the last five minutes, of real traffic. */
  z.strictObject({
    kind: z.literal('server-errors'),
    maxPerSecond: z.number().min(0).default(0),
  }),
  z.strictObject({
    kind: z.literal('cache'),
    /** A key that is there whenever all is well. */
    key: z.string().min(1).max(1_000).optional(),
  }),
  z.strictObject({
    kind: z.literal('database'),
    maxConnectionsPercent: z.number().min(1).max(100).default(80),
    maxPingMs: z.number().positive().default(500),
  }),
  z.strictObject({ kind: z.literal('monitoring') }),
  z.strictObject({
    kind: z.literal('logs'),
    newerThanSeconds: z.int().min(10).max(86_400).default(120),
  }),
  z.strictObject({
    kind: z.literal('alerts'),
    matchers: Matchers.default(['category="security"']),
    /** An alert that always fires: without it, silence is not believed. */
    heartbeat: Matchers.optional(),
  }),
  z.strictObject({
    kind: z.literal('error-lines'),
    words: z.array(z.string().min(1).max(100)).min(1).max(20).default(['ERROR', 'FATAL']),
    overSeconds: z.int().min(30).max(3_600).default(120),
    /** What is usual, of all services together. */
    usuallyPerMinute: z.number().min(0),
    /** So many times as many are still well. */
    factor: z.number().min(1).default(2),
  }),
])
export type VerificationCheck = z.infer<typeof VerificationCheck>
export type CheckOf<Kind extends VerificationCheck['kind']> = Extract<
  VerificationCheck,
  { kind: Kind }
>

/** The runbook's twelve, in its order and words, and how each is found out unless the settings say otherwise. */
const TWELVE = {
  servicesRunning: ['All services are running', { kind: 'workloads' }],
  healthPassing: ['Health checks passing', { kind: 'health' }],
  noServerErrors: ['No 5xx errors in last 5 minutes', { kind: 'server-errors' }],
  usersLogIn: ['Users can log in', { kind: 'person' }],
  dataAccessible: ['Data is accessible', { kind: 'person' }],
  searchWorks: ['Search functionality works', { kind: 'person' }],
  uploadsWork: ['File uploads work', { kind: 'person' }],
  cacheFunctioning: ['Cache is functioning', { kind: 'cache' }],
  databaseNormal: ['Database queries are normal', { kind: 'database' }],
  noSecurityAlerts: ['No security alerts', { kind: 'alerts' }],
  monitoringActive: ['Monitoring is active', { kind: 'monitoring' }],
  logsCollected: ['Logs are being collected', { kind: 'logs' }],
} as const

type Name = keyof typeof TWELVE

function itemSchema(name: Name) {
  // `null`: this team has no such thing, and the item is left out.
  return VerificationCheck.nullable().prefault({ ...TWELVE[name][1] })
}

const Items = z.strictObject({
  servicesRunning: itemSchema('servicesRunning'),
  healthPassing: itemSchema('healthPassing'),
  noServerErrors: itemSchema('noServerErrors'),
  usersLogIn: itemSchema('usersLogIn'),
  dataAccessible: itemSchema('dataAccessible'),
  searchWorks: itemSchema('searchWorks'),
  uploadsWork: itemSchema('uploadsWork'),
  cacheFunctioning: itemSchema('cacheFunctioning'),
  databaseNormal: itemSchema('databaseNormal'),
  noSecurityAlerts: itemSchema('noSecurityAlerts'),
  monitoringActive: itemSchema('monitoringActive'),
  logsCollected: itemSchema('logsCollected'),
})

const MORE_AT_MOST = 12

/** `verification` in backout.yaml. */
export const VerificationSettings = z
  .strictObject({
    /** Each item gets this long. */
    deadlineSeconds: z.number().min(1).max(60).default(10),
    items: Items.prefault({}),
    more: z
      .array(
        z.strictObject({
          id: z
            .string()
            .regex(/^[a-z][a-z0-9-]{1,39}$/, 'must be a lower-case name like invoices-sent'),
          title: z.string().min(1).max(80),
          check: VerificationCheck,
        }),
      )
      .max(MORE_AT_MOST)
      .default([]),
  })
  .refine(({ items, more }) => {
    const ids = [...Object.keys(items).map(itemIdOf), ...more.map(({ id }) => id)]
    return new Set(ids).size === ids.length
  }, 'more: an id stands there twice, or is one of the twelve')
export type VerificationSettings = z.infer<typeof VerificationSettings>

/** An item with the way to find it out. */
export type ConfiguredItem = VerificationItem & { readonly check: VerificationCheck }

export type VerificationPlan = {
  readonly items: readonly ConfiguredItem[]
  /** Each item gets this long. */
  readonly deadlineMs: number
}

export function configuredItems({ items, more }: VerificationSettings): readonly ConfiguredItem[] {
  const twelve = Object.entries(TWELVE).flatMap(([name, [title]]) => {
    const check = isName(name) ? items[name] : null
    return check ? [{ id: itemIdOf(name), title, check }] : []
  })
  return [...twelve, ...more].map(({ id, title, check }) => {
    return { id, title, check, by: isForPeople(check) ? 'person' : 'backout' }
  })
}

function isName(name: string): name is Name {
  return Object.hasOwn(TWELVE, name)
}

function isForPeople({ kind }: VerificationCheck): boolean {
  return kind === 'person'
}

/** `searchWorks` is journaled as `search-works`; one of a team’s own as it is. */
export function itemIdOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** Whether finding it out may leave something in production. */
export function leavesTraces(check: VerificationCheck): boolean {
  if (check.kind === 'http') return mayWrite(check)
  return check.kind === 'chain' && check.steps.some(mayWrite)
}
