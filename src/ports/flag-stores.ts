import type { FlagValue } from '../domain/plan/flag-value.ts'

/** A flag where it is kept outside of what runs the services: in a flag service, or by a process manager. */
export type StoredFlag = {
  /** Another one of the same name has another identity. */
  readonly identity: string
  /** Where its holders disagree: what one of them has that has not what is wanted. */
  readonly value: FlagValue
  /** Whoever has it from there, each with the value it really has; none where the store does not know. */
  readonly holders: readonly FlagHolder[]
  /** Why it cannot be switched there, in a clause; `null`: nothing is known that stands in the way. */
  readonly obstacle: string | null
  /**
   * When it was last switched there, or changed otherwise, or whatever goes by it was started anew, and by whom. Left
   * out: not told.
   */
  readonly lastChange?: {
    readonly what: 'switched' | 'changed' | 'started-anew'
    readonly at: string
    readonly by: string | null
  }
  /** What people have to know before they sign, each in a sentence. */
  readonly cautions: readonly string[]
}

export type FlagHolder = {
  readonly name: string
  readonly value: FlagValue
  /** Why it serves nobody now, in a few words; `givenUp`: nothing starts it again by itself. Left out: it runs, as far as is known. */
  readonly down?: { readonly says: string; readonly givenUp: boolean }
}

/**
 * A write is refused by the store unless what was seen still stands there (J5). Holders that have `to` already are
 * left alone, so that one that was cut off can be sent again.
 */
export type FlagWrite = {
  readonly identity: string
  readonly from: FlagValue
  readonly to: FlagValue
}

export type FlagWritten =
  | { readonly kind: 'written' }
  /** What was seen does not stand there any more: nothing was written. */
  | { readonly kind: 'changed-meanwhile' }
  /** In the store's own words, without anybody's secret. */
  | { readonly kind: 'refused'; readonly because: string }

/** One flag in one store. Throws a `Fault` when it could not be asked. */
export type FlagStore = {
  /** `wanted`: what it is to say everywhere. Nothing is told as that which one holder has not yet. */
  look(wanted: FlagValue, signal: AbortSignal): Promise<StoredFlag>
  /**
   * Writes once, and never sends it again by itself. A `Fault` of kind `unknown-outcome`: it was sent and no answer
   * came, look before writing again (J4).
   */
  write(write: FlagWrite, options: FlagWriteOptions): Promise<FlagWritten>
}

export type FlagWriteOptions = {
  /** Who asked and who signed, for the store's own history. */
  readonly cause: string
  readonly signal: AbortSignal
}

/** All that are configured, each by its name. Another name is a `Fault`. */
export type FlagStores = {
  look(store: string, wanted: FlagValue, signal: AbortSignal): Promise<StoredFlag>
  write(store: string, write: FlagWrite, options: FlagWriteOptions): Promise<FlagWritten>
}
