import { z } from 'zod'
import { AlertSettings } from '../domain/alert/settings.ts'
import { ApprovalSettings } from '../domain/plan/gate.ts'
import { PagingSettings } from '../domain/incident/paging-settings.ts'
import { IsolationSettings } from '../domain/assessment/isolation.ts'
import { MatrixSettings, MetricsSettings, ServiceSettings } from '../domain/assessment/settings.ts'
import { areMatchers } from '../promql/narrow.ts'
import { ReportSettings } from '../domain/incident/report-state.ts'
import { RehearsalSettings } from '../domain/rehearsal/settings.ts'
import { ReadinessSettings } from '../domain/readiness/settings.ts'
import { ReleaseWatchSettings, WatchSettings } from '../domain/watch/settings.ts'
import { VerificationSettings } from '../domain/verification/settings.ts'
import { EvidenceSettings } from '../runbook/evidence/settings.ts'
import { CacheSettings, MaintenanceSettings } from '../runbook/parts/settings.ts'
import { Communication } from './communication.ts'
import { PurgeSettings } from './purge-settings.ts'
import { Procedures } from './procedures.ts'
import { RequestHeaders } from './request-headers.ts'

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

/** Where Backout listens. The first one carries the headlines. */
const Channels = z.array(ChannelId).min(1, 'needs at least one channel id')

const Slack = z.strictObject({
  /** `socket` needs no open port; `http` listens and checks signatures. */
  mode: z.enum(['socket', 'http']).default('socket'),
  channels: Channels,
})

/** Shown on every card, so that nobody takes staging for production. */
const EnvironmentName = z
  .string()
  .min(1, 'needs a name')
  .max(40, 'has a name longer than 40 letters')

/** Who works with Backout, whatever it is that is rolled back. */
const team = {
  slack: Slack,
  /** Where people rehearse on a simulated production; left out, nowhere. */
  drills: z.strictObject({ channel: ChannelId }).optional(),
  contacts: Contacts.prefault({}),
}

/** What is looked at and rolled back, and who signs for it. */
const environment = {
  services: z.array(ServiceSettings).min(1, 'needs at least one service'),
  deadlineSeconds: z.number().min(0.1).max(30).default(3),
  /** How it is asked is nothing that an assessment has to know. */
  prometheus: MetricsSettings.extend({
    headers: RequestHeaders.default({}),
    match: MetricsSettings.shape.match.refine(
      (match) => match === null || areMatchers(match),
      'must be what stands between the braces of a query, like env="production"',
    ),
  }).prefault({}),
  redis: z
    .strictObject({
      activeUsersKey: z.string().min(1).default('active_users_count'),
      cache: CacheSettings.prefault({}),
    })
    .prefault({}),
  maintenance: MaintenanceSettings.prefault({}),
  approval: ApprovalSettings.prefault({}),
  paging: PagingSettings.prefault({}),
  alerts: AlertSettings.prefault({}),
  evidence: EvidenceSettings.prefault({}),
  watch: WatchSettings.prefault({}),
  /** Left out: no release is watched. */
  releaseWatch: ReleaseWatchSettings.optional(),
  readiness: ReadinessSettings.prefault({}),
  /** Left out: nobody is reminded to take the way back for practice. */
  rehearsal: RehearsalSettings.optional(),
  verification: VerificationSettings.prefault({}),
  isolation: IsolationSettings.default([]),
  purge: PurgeSettings.default([]),
  report: ReportSettings.prefault({}),
  matrix: MatrixSettings.prefault({}),
  procedures: Procedures.prefault({}),
  communication: Communication.prefault({}),
}

/** `backout.yaml` with its one environment at the top. Strict: an unknown key is an error. */
export const Settings = z.strictObject({ environment: EnvironmentName, ...team, ...environment })
export type Settings = z.infer<typeof Settings>

/**
 * `backout.yaml` with its environments by name. The same keys, one level deeper, and channels for each: a single one
 * may have those of `slack`.
 */
export const NamedEnvironments = z.strictObject({
  ...team,
  slack: Slack.partial({ channels: true }).prefault({}),
  environments: z.record(
    EnvironmentName,
    z.strictObject({ channels: Channels.optional(), ...environment }),
    { error: 'must hold the name of an environment, and its settings below the name' },
  ),
})

/** The keys that stand at the top of the one form, and below an environment's name in the other. */
export const ENVIRONMENT_KEYS: readonly string[] = Object.keys(environment)
