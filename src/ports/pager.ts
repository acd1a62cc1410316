import type { Severity } from '../domain/assessment/rule.ts'
import type { PagerName } from '../domain/text/product-names.ts'

/** Somebody is to be called. All of it is plain text on one line, but `detail`, and holds no secret. */
export type Call = {
  /** One for each incident and occasion: by it the pager knows the call again. */
  readonly key: string
  readonly summary: string
  readonly detail: string
  readonly severity: Severity
  readonly environment: string
  readonly incident: string
  /** When that was which people are called for. An ISO time. */
  readonly since: string
  /** Where people talk about it; `null`: not known yet. */
  readonly link: string | null
}

/** It was taken. Whether anybody was woken only the pager knows. */
export type Taken = { readonly id: string | null; readonly link: string | null }

export type Answered = { readonly by: string | null; readonly atMs: number }

/**
 * What calls people: a paging service, or whatever listens at an address. Every call of it ends with the
 * signal. Throws a `Fault`, in which no credential stands.
 */
export type Pager = {
  readonly name: PagerName
  /** Whether the same call, as long as it is open, may be made again without anybody being called again. */
  readonly repeat: 'harmless' | 'may-ring'
  trigger(call: Call, signal: AbortSignal): Promise<Taken>
  /** Somebody has it; left out where there is no such word. Said twice, it means the same. */
  acknowledge?(key: string, by: string, signal: AbortSignal): Promise<Taken>
  /** It is over. Said twice, or of a call that never came, it wakes nobody. */
  resolve(key: string, signal: AbortSignal): Promise<Taken>
  /** Whether the call is there, open or not; left out where that cannot be asked. */
  find?(key: string, signal: AbortSignal): Promise<Taken | null>
  /** Who has acknowledged the call; `null`: nobody yet. Left out where that cannot be asked. */
  answeredBy?(key: string, signal: AbortSignal): Promise<Answered | null>
}
