import type { ProcedureName } from '../domain/procedure.ts'
import type { Symptom } from '../domain/symptom.ts'

/** What a typed line asks for. */
export type Command =
  | { readonly kind: 'assess'; readonly symptoms: readonly Symptom[] }
  | {
      readonly kind: 'start'
      readonly procedure: ProcedureName | null
      readonly toVersion: string | null
    }
  | { readonly kind: 'status'; readonly incident: string | null }
  | { readonly kind: 'history' }
  | { readonly kind: 'deployments' }
  | { readonly kind: 'logs'; readonly service: string; readonly tail: number }
  | { readonly kind: 'ping' }
  | { readonly kind: 'targets' }
  | { readonly kind: 'metrics' }
  | { readonly kind: 'contacts' }
  | { readonly kind: 'help' }
