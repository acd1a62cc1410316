import type { CodeVerdict } from '../domain/second-factor/code.ts'
import type { Enrolment } from '../domain/second-factor/enrolment.ts'

/** What is shown once, to the person who enrols. Never logged, never kept as it is. */
export type NewSecret = {
  readonly user: string
  readonly handle: string
  /** In Base32, as authenticators take it. */
  readonly secret: string
  /** The same as an `otpauth://` address. */
  readonly uri: string
}

/**
 * Who may prove by a code that it is they, and which codes have counted. Durable when it resolves, and for every
 * process that has the same store. Throws a `Fault`.
 */
export type SecondFactor = {
  /** A link for this person, in the place of any before it; `null`: they have an enrolment that is proved. */
  invite(user: string): Promise<{ readonly token: string; readonly untilMs: number } | null>
  /** Whose link it is, while it is good. Uses it up no more than reading does. */
  invited(token: string): Promise<string | null>
  /** Uses the link up, and makes the secret. `null`: it is not good, or was used. */
  redeem(token: string): Promise<NewSecret | null>
  /** The first code. `counts` makes it an enrolment that can be confirmed. */
  prove(user: string, code: string): Promise<CodeVerdict>
  /** `false`: that very enrolment is not there, not proved, or confirmed already. */
  confirm(user: string, id: string, by: string): Promise<boolean>
  /** Forgets the secret. `false`: there was none. */
  revoke(user: string): Promise<boolean>
  enrolmentOf(user: string): Promise<Enrolment | null>
  /** Of whoever signs in with this name. */
  named(handle: string): Promise<Enrolment | null>
  all(): Promise<readonly Enrolment[]>
  /**
   * Judges a code, and writes down that it has counted before that is said: of any number who show the same
   * code at once one hears `counts`.
   */
  use(user: string, code: string): Promise<CodeVerdict>
}

/** What somebody answered, kept for when they do not. Sealed: what was changed meanwhile is not given back. */
export type KeptAnswers = {
  keep(key: string, answer: unknown): Promise<void>
  kept(key: string): Promise<{ readonly answer: unknown; readonly atMs: number } | null>
}
