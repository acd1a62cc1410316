import type { PlanRequest } from '../../domain/plan/plan-request.ts'
import type { ProcedureName } from '../../domain/plan/requests.ts'
import type { Symptom } from '../../domain/assessment/symptom.ts'

/** A question: it changes nothing. */
export type Query =
  | { readonly kind: 'status'; readonly incident: string | null }
  | { readonly kind: 'history' }
  /** `inThread`: the list itself is verified in the thread of an incident, and not here. */
  | { readonly kind: 'verify'; readonly inThread?: true }
  | { readonly kind: 'deployments' }
  | { readonly kind: 'logs'; readonly service: string; readonly tail: number }
  | { readonly kind: 'backups' }
  | { readonly kind: 'readiness' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'targets' }
  | { readonly kind: 'metrics' }
  | { readonly kind: 'contacts' }
  | { readonly kind: 'help' }

/** Something to be done. Which incident it means depends on where it was typed. */
export type Wish =
  | { readonly kind: 'assess'; readonly symptoms: readonly Symptom[] }
  | { readonly kind: 'plan'; readonly request: PlanRequest }
  /** `procedure`: `null` for the one that fits that incident. */
  | {
      readonly kind: 'roll-back'
      readonly procedure: ProcedureName | null
      readonly toVersion: string | null
      readonly backup: string | null
      readonly service?: string
      readonly all?: true
      /** What people see while maintenance is on. */
      readonly message?: string
    }
  /** What that incident's plans have suspended is given back. */
  | { readonly kind: 'resume' }
  /** The way back from whatever that incident's newest run did. */
  | { readonly kind: 'undo' }
  | { readonly kind: 'abort'; readonly plan: number | null }
  | { readonly kind: 'watch'; readonly on: true }
  | { readonly kind: 'take-lead' }
  /** `incident`: `null` for the one that is meant where it was typed. */
  | { readonly kind: 'write-report'; readonly incident: string | null }

/** Of drills on a production that is only simulated. */
export type DrillWish =
  | { readonly what: 'list' | 'stop' | 'scores' }
  /** As it was typed. `null`: nothing goes wrong besides. */
  | { readonly what: 'start'; readonly scenario: string; readonly fault: string | null }

/** What a typed line asks for. */
export type Command =
  | Query
  | Wish
  /** Opens a form. */
  | {
      readonly kind: 'start'
      readonly procedure: ProcedureName | null
      readonly toVersion: string | null
    }
  /** A second factor for when Slack is down, for whoever types it; `revoke`: none any more. */
  | { readonly kind: 'enrol'; readonly wants: 'enrol' | 'revoke' }
  /** Opens a form, as it says neither on nor off. */
  | { readonly kind: 'maintenance-form' }
  | { readonly kind: 'drill'; readonly wish: DrillWish }

export type CommandName =
  | Query['kind']
  | 'assess'
  | 'start'
  | 'plan'
  | 'scale-down'
  | 'restart'
  | 'clear-cache'
  | 'tidy-up'
  | 'backup'
  | 'salvage'
  | 'maintenance'
  | 'abort'
  | 'undo'
  | 'resume'
  | 'monitor'
  | 'lead'
  | 'report'
  | 'enrol'
  | 'drill'
