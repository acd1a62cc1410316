import type { Refusal } from '../../domain/base/refusal.ts'
import type { Command } from './command.ts'
import type { Arguments } from './read-arguments.ts'

/** What the team has, for a command to name. */
export type Known = { readonly services: readonly string[] }

export type CommandEntry = {
  /** Without `/rollback`, which is `@Backout` in a thread. */
  readonly usage: string
  /** One sentence, for the help. */
  readonly does: string
  readonly example: string
  readonly flags: readonly string[]
  /** Those of them that take no value. */
  readonly switches?: readonly string[]
  read(given: Arguments, known: Known): Command | Refusal
}
