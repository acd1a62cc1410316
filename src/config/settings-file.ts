import { z } from 'zod'
import { ApprovalSettings } from '../domain/plan/gate.ts'
import { OwnerName, ownerTarget } from '../domain/plan/owner.ts'
import {
  CacheSettings,
  EvidenceSettings,
  MaintenanceSettings,
  MatrixSettings,
  MetricsSettings,
  ServiceSettings,
} from '../domain/assessment/settings.ts'

const ChannelId = z.string().regex(/^[CG][A-Z0-9]{2,}$/, 'must be a channel id like C0123456789')

const Contact = z.strictObject({
  role: z.string().min(1),
  name: z.string().min(1),
  phone: z.string().optional(),
  email: z.string().optional(),
  /** A Slack user id: shown as a mention. */
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]+$/, 'must be a Slack user id like U0123456789')
    .optional(),
})

const Reference = z.strictObject({ name: z.string().min(1), address: z.string().min(1) })

const Contacts = z.strictObject({
  onCall: z.array(Contact).default([]),
  support: z.array(Reference).default([]),
  channels: z.array(Reference).default([]),
})

const Slack = z.strictObject({
  /** `socket` needs no open port; `http` listens and checks signatures. */
  mode: z.enum(['socket', 'http']).default('socket'),
  /** Where Backout listens. The first one carries the headlines. */
  channels: z.array(ChannelId).min(1, 'needs at least one channel id'),
})

const Kubernetes = z.strictObject({
  namespace: z.string().min(1),
  /** Which Deployment runs which service. */
  deployments: z
    .record(z.string(), z.string().min(1))
    .refine((entries) => Object.keys(entries).length > 0, 'needs at least one deployment'),
  /** What would write the bad version back, and may be suspended first. */
  suspend: z
    .array(OwnerName)
    .refine((owners) => new Set(owners.map(ownerTarget)).size === owners.length, 'names one twice')
    .default([]),
})

/** `backout.yaml`. Strict: an unknown key is an error. */
export const SettingsFile = z.strictObject({
  /** Shown on every card, so that nobody takes staging for production. */
  environment: z.string().min(1).max(40),
  slack: Slack,
  services: z.array(ServiceSettings).min(1, 'needs at least one service'),
  deadlineSeconds: z.number().min(0.1).max(30).default(3),
  prometheus: MetricsSettings.prefault({}),
  redis: z
    .strictObject({
      activeUsersKey: z.string().min(1).default('active_users_count'),
      cache: CacheSettings.prefault({}),
    })
    .prefault({}),
  maintenance: MaintenanceSettings.prefault({}),
  approval: ApprovalSettings.prefault({}),
  evidence: EvidenceSettings.prefault({}),
  matrix: MatrixSettings.prefault({}),
  procedures: z.strictObject({ kubernetes: Kubernetes.optional() }).prefault({}),
  contacts: Contacts.prefault({}),
})
export type SettingsFile = z.infer<typeof SettingsFile>
