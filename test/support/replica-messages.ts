import { resolve } from 'node:path'
import { loadConfig, type Config } from '../../src/config/load-config.ts'
import type { Fault } from '../../src/domain/base/fault.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import type { ReceivedIntent } from '../../src/domain/incident/intent.ts'
import type { Receipt } from '../../src/engine/record-intent.ts'

/** What a process of `replica-process.ts` is told, beside the answers of its production. */
export type ToReplica =
  | { readonly slackAnswer: number; readonly value: unknown }
  /** What Slack refused, and why. */
  | { readonly slackAnswer: number; readonly fault: Pick<Fault, 'kind' | 'detail' | 'code'> }
  | {
      readonly told: number
      readonly incident: string | null
      readonly received: ReceivedIntent
    }

/** What it says, beside what it asks of its production. */
export type FromReplica =
  | { readonly ready: string }
  | { readonly slack: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly told: number; readonly receipt: Receipt | { readonly kind: 'failed' } }

/** The program takes a turn a second, and its lease is 15 s. */
export const TURNS_IN_A_LEASE = 15

/** Nothing that makes a trial long: no time to read, no watch afterwards. */
export function replicaConfig(data: string): Config {
  const config = loadConfig({
    file: resolve(import.meta.dirname, '../../backout.yaml'),
    needs: [],
    variables: {
      BACKEND_URL: 'http://backend.invalid',
      FRONTEND_URL: 'http://frontend.invalid',
      PROMETHEUS_URL: 'http://prometheus.invalid',
      BACKOUT_DATA: data,
    },
  })
  const approval = ApprovalSettings.parse({
    users: ['U0ANA', 'U0BO', 'U0CY'],
    readSeconds: 0,
    escalation: [],
  })
  return { ...config, settings: { ...config.settings, approval, watch: { hours: 0 } } }
}
