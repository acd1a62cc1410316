import { z } from 'zod'

/**
 * A production that lives in one process and is asked from another one, over the channel between a
 * process and its child: so the bot can be killed, and production stands.
 */
export const PORTS = [
  'endpoints',
  'metrics',
  'cache',
  'database',
  'collections',
  'backups',
  'workloads',
  'deployments',
  'configMaps',
  'containers',
  'ledger',
  'owners',
  'alerts',
  'instances',
  'flagStores',
] as const
export type Port = (typeof PORTS)[number]

export const Question = z.union([
  z.object({
    ask: z.number(),
    port: z.enum(PORTS),
    method: z.string(),
    args: z.array(z.unknown()),
  }),
  z.object({ abort: z.number() }),
])

/** How far it is, told while it goes on. */
export const Told = z.object({ told: z.number(), value: z.unknown() })
export type Told = z.infer<typeof Told>

export const Answer = z.object({
  answer: z.number(),
  value: z.unknown().optional(),
  fault: z
    .object({
      kind: z.enum(['retryable', 'terminal', 'unknown-outcome']),
      dependency: z.string(),
      detail: z.string(),
      code: z.string().nullable(),
      retryAfterMs: z.number().nullable(),
    })
    .optional(),
  error: z.string().optional(),
})
export type Answer = z.infer<typeof Answer>
export type Question = z.infer<typeof Question>

export const Collected = z.array(
  z.union([
    z.object({ name: z.string(), text: z.array(z.string()) }),
    z.object({ name: z.string(), skipped: z.string() }),
  ]),
)
export type Collected = z.infer<typeof Collected>
