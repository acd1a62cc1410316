import { z } from 'zod'

const OfRelease = {
  /** Back to this version, or to the last one that ran long enough to be trusted. */
  toVersion: z.string().nullable(),
  /** Only this service. Left out, like `all`: those that the newest release has changed. */
  service: z.string().optional(),
  /** Every service that has a way back. */
  all: z.literal(true).optional(),
}

/** As long as a card can show it whole before it is signed. */
export const MAINTENANCE_MESSAGE_MAX = 300

/** What people see while maintenance is on; left out: what the settings say. */
const MaintenanceMessage = z.string().min(1).max(MAINTENANCE_MESSAGE_MAX)

/** What a person wants a plan for. Journaled: a kind is never renamed. */
export const PlanRequest = z.discriminatedUnion('kind', [
  /** The flag that brought the trouble back to its safe value. */
  z.object({ kind: z.literal('feature-flag'), flag: z.string().nullable() }),
  z.object({ kind: z.literal('kubernetes'), ...OfRelease }),
  z.object({ kind: z.literal('docker'), ...OfRelease }),
  /** Back to this backup, or to the newest one that may be used. */
  z.object({ kind: z.literal('database'), backup: z.string().nullable() }),
  z.object({
    kind: z.literal('full'),
    toVersion: z.string().nullable(),
    backup: z.string().nullable(),
    message: MaintenanceMessage.optional(),
  }),
  /** The backup copied and verified beside the live data, which stays as it is. */
  z.object({ kind: z.literal('restore-beside'), backup: z.string().nullable() }),
  /** What exists only in the data that a switch has replaced is copied back. */
  z.object({ kind: z.literal('salvage') }),
  z.object({ kind: z.literal('backup') }),
  z.object({ kind: z.literal('scale-down'), service: z.string() }),
  z.object({ kind: z.literal('restart'), service: z.string() }),
  z.object({ kind: z.literal('clear-cache') }),
  z.object({
    kind: z.literal('maintenance'),
    on: z.boolean(),
    message: MaintenanceMessage.optional(),
  }),
  /** What this incident's plans have suspended works by itself again. */
  z.object({ kind: z.literal('resume') }),
  /** What rollbacks have kept for their way back is removed. */
  z.object({ kind: z.literal('tidy-up') }),
  /** The way back from an earlier plan of the same incident. */
  z.object({ kind: z.literal('undo'), plan: z.int() }),
])
export type PlanRequest = z.infer<typeof PlanRequest>
export type RequestKind = PlanRequest['kind']
export type RequestOf<Kind extends RequestKind> = Extract<PlanRequest, { kind: Kind }>
