import { z } from 'zod'
import { Fault, type FaultKind } from '../../domain/base/fault.ts'
import { networkTrouble } from '../../domain/base/network-trouble.ts'

/** How far it had come. */
export type Progress = {
  /** `host:port`. */
  readonly where: string
  /** The end of the letter has been handed over: from here on it may have been taken. */
  readonly ended: boolean
  readonly aborted: boolean
  /** What is never told. */
  readonly secrets: readonly string[]
}

const LONGEST = 200

/** Of nodemailer: what is wrong on our side, and is so again the next time. */
const OURS = new Set(['EENVELOPE', 'EMESSAGE', 'EAUTH', 'ENOAUTH', 'ECONFIG'])

/** What its words mean: https://www.rfc-editor.org/rfc/rfc5321#section-4.2 */
export function mailFault(error: unknown, progress: Progress): Fault {
  if (error instanceof Fault) return error
  const { where, aborted, secrets } = progress
  const { code, reply, lost } = partsOf(error)
  const of = { dependency: 'mail', code: reply?.status ?? code }
  // An answer to the letter, or to what came before it: it was certainly not taken.
  if (reply && !aborted && !(lost && progress.ended)) {
    const kind = reply.status.startsWith('4') ? 'retryable' : 'terminal'
    const says = redacted(reply.text, secrets)
    const detail = `the mail server ${kind === 'terminal' ? 'refuses' : 'asks to wait'}: ${says}`
    return new Fault({ ...of, kind, detail })
  }
  const trouble = aborted ? networkTrouble('ETIMEDOUT') : troubleOf(code)
  const kind = kindOf({ code, terminal: trouble?.kind === 'terminal', ...progress })
  const words = trouble?.words ?? (code === 'ETLS' ? NO_STARTTLS : CLOSED)
  const at = `${words} at ${where}`
  const detail = kind === 'unknown-outcome' ? `the answer to the letter was lost: ${at}` : at
  return new Fault({ ...of, kind, detail })
}

const NO_STARTTLS = 'no TLS connection could be made by STARTTLS'
const CLOSED = 'the connection was closed'

function kindOf(
  of: Progress & { readonly code: string | null; readonly terminal: boolean },
): FaultKind {
  if (of.ended) return 'unknown-outcome'
  if (of.aborted) return 'retryable'
  return of.terminal || (of.code !== null && OURS.has(of.code)) ? 'terminal' : 'retryable'
}

function troubleOf(code: string | null) {
  if (code === null) return null
  if (code === 'EDNS') return networkTrouble('ENOTFOUND')
  if (code === 'EAUTH' || code === 'ENOAUTH') {
    return { kind: 'terminal' as const, words: 'the mail server offers no way to log in' }
  }
  if (code === 'EENVELOPE') {
    return {
      kind: 'terminal' as const,
      words: 'the mail server cannot be given one of the addresses',
    }
  }
  if (code === 'EMESSAGE') {
    return { kind: 'terminal' as const, words: 'the letter is larger than the mail server takes' }
  }
  if (code === 'EPROTOCOL') {
    return { kind: 'retryable' as const, words: 'what answers is no mail server' }
  }
  return networkTrouble(code)
}

const Told = z.object({
  code: z.string().optional().catch(undefined),
  originalCode: z.string().optional().catch(undefined),
  response: z.string().optional().catch(undefined),
  responseCode: z.number().optional().catch(undefined),
})

/** nodemailer names the system's own code beside its own. */
function partsOf(error: unknown) {
  const { code: own, originalCode, response, responseCode } = Told.safeParse(error).data ?? {}
  const reply =
    responseCode !== undefined && response !== undefined
      ? { status: String(responseCode), text: response }
      : null
  const lost = own === 'ECONNECTION' || own === 'ESOCKET'
  return { code: originalCode ?? own ?? null, reply, lost }
}

/** Its words on one line; a server that says back what it was told tells no password, and nobody's address. */
function redacted(text: string, secrets: readonly string[]): string {
  let line = text.slice(0, 1000).replace(/[\s\p{Cc}]+/gu, ' ')
  for (const secret of secrets) line = line.replaceAll(secret, '…')
  line = line.replace(/[^\s<>()]+@[^\s<>()]+/g, '(an address)')
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line.trim()
}
