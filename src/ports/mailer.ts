import type { Check } from '../domain/base/doctor-check.ts'

/** One letter in plain text. Those who get it do not see one another. */
export type Mail = {
  /** What tells it from every other one: the same one again can be recognised by it. */
  readonly key: string
  readonly subject: string
  readonly text: string
  readonly bcc: readonly string[]
}

/** What the mail server took, by how many addresses. */
export type MailTaken = {
  readonly id: string
  readonly accepted: number
  readonly rejected: number
}

/** A mail server. It cannot be asked whether it has a letter already. Throws a `Fault`. */
export type Mailer = {
  send(mail: Mail, signal: AbortSignal): Promise<MailTaken>
  /** Whether sending would work, as far as can be seen without sending anything. */
  check(signal: AbortSignal): Promise<readonly Check[]>
}
