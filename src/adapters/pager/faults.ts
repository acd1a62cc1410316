import { Fault, type FaultKind } from '../../domain/base/fault.ts'
import { codeBehind, networkTrouble, neverSent } from '../../domain/base/network-trouble.ts'
import { PAGER_NAMES, type PagerName } from '../../domain/text/product-names.ts'
import { lineWithin } from './limits.ts'

/** A gateway's answer: what stands behind it may have done it. */
const FROM_A_GATEWAY = new Set([502, 504])

const NOT_ACCEPTED = new Set([401, 403])

/**
 * No answer came. Without the error itself: it may repeat the address, which may be a secret. A question
 * changes nothing, so that none of its outcomes is unknown.
 */
export function noAnswer(
  error: unknown,
  { pager, where, aborted, writes }: About & { readonly aborted: boolean },
): Fault {
  const code = aborted ? 'ETIMEDOUT' : codeBehind(error)
  const trouble = code === null ? null : networkTrouble(code)
  const words = code?.startsWith('HPE_')
    ? 'the answer was not HTTP'
    : (trouble?.words ?? 'the request failed')
  const never = trouble?.kind === 'terminal' || neverSent(code)
  const kind: FaultKind = never || !writes ? (trouble?.kind ?? 'retryable') : 'unknown-outcome'
  return new Fault({
    kind,
    dependency: pager,
    code,
    detail: `${PAGER_NAMES[pager]}${at(where)}: ${words}`,
  })
}

type About = {
  readonly pager: PagerName
  /** Host and port, or nothing where even these are a secret. */
  readonly where: string
  readonly writes: boolean
}

/** It answered, and not with what was asked for. `says`: its reason, where it gave one. */
export function refusal(
  answer: { readonly status: number; readonly retryAfterMs: number | null },
  { pager, where, writes }: About,
  says: string | null,
): Fault {
  const { status, retryAfterMs } = answer
  const why = says ? ` (${lineWithin(says, 150)})` : ''
  const words = NOT_ACCEPTED.has(status)
    ? `does not accept the credentials, HTTP ${status}`
    : `answered HTTP ${status}`
  const detail = `${PAGER_NAMES[pager]}${at(where)} ${words}${why}`
  return new Fault({
    kind: kindOf(status, writes),
    dependency: pager,
    code: String(status),
    retryAfterMs,
    detail,
  })
}

function kindOf(status: number, writes: boolean): FaultKind {
  if (writes && FROM_A_GATEWAY.has(status)) return 'unknown-outcome'
  if (status === 429 || status === 408 || status >= 500) return 'retryable'
  return 'terminal'
}

/** It answered well, and with something that is none of its answers: whose it is nobody knows. */
export function notItsAnswer({ pager, where, writes }: About): Fault {
  return new Fault({
    kind: writes ? 'unknown-outcome' : 'retryable',
    dependency: pager,
    code: 'not-its-answer',
    detail: `what answered${at(where)} is not ${PAGER_NAMES[pager]}`,
  })
}

function at(where: string): string {
  return where === '' ? '' : ` at ${where}`
}
