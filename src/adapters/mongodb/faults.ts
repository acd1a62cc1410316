import {
  MongoError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb'
import { Fault } from '../../domain/base/fault.ts'
import {
  codeOf,
  networkTrouble,
  neverSent,
  type NetworkTrouble,
} from '../../domain/base/network-trouble.ts'

type Trouble = NetworkTrouble & { readonly code: string }

const late: Trouble = { kind: 'retryable', words: 'did not answer in time', code: 'ETIMEDOUT' }
const noPrimary: Trouble = { kind: 'retryable', words: 'no primary', code: 'NoPrimary' }
const closed: Trouble = {
  kind: 'retryable',
  words: 'the connection was closed',
  code: 'ECONNRESET',
}
const strangers: Trouble = {
  kind: 'terminal',
  words: 'no server belongs to the replica set that its address names',
  code: 'NoSuchReplicaSet',
}

/** https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const replyTroubles: Readonly<Record<number, NetworkTrouble>> = {
  18: { kind: 'terminal', words: 'wrong user or password' },
  8000: { kind: 'terminal', words: 'wrong user or password' },
  13: { kind: 'terminal', words: 'the user may not ask this (it needs the role clusterMonitor)' },
  50: late,
  10107: noPrimary,
  13435: noPrimary,
  13436: { kind: 'retryable', words: 'is recovering' },
  11600: { kind: 'retryable', words: 'is shutting down' },
  91: { kind: 'retryable', words: 'is shutting down' },
  189: noPrimary,
  11602: noPrimary,
  43: { kind: 'retryable', words: 'gave up what was being read' },
  175: { kind: 'retryable', words: 'what was being read was renamed or dropped' },
  24: { kind: 'retryable', words: 'something else holds what was asked for' },
  112: { kind: 'retryable', words: 'somebody else wrote to it in the same moment' },
  64: late,
}

/** It had begun when it was given up, or it stands on too few members to be there for good. */
const UNSURE = new Set([6, 7, 50, 64, 79, 89, 91, 100, 189, 262, 9001, 11600, 11601, 11602])

function troubleOfCode(code: string): Trouble {
  const unknown = { kind: 'retryable', words: `the connection failed (${code})` } as const
  return { ...(networkTrouble(code) ?? unknown), code }
}

function troubleOfSelection(error: MongoServerSelectionError): Trouble | null {
  const { reason } = error
  if (reason === undefined || !('servers' in reason)) return null
  const servers = [...reason.servers.values()]
  const code = servers.map((server) => codeOf(server.error)).find((found) => found !== null)
  if (servers.length === 0) return strangers
  const reached = servers.some((server) => server.type !== 'Unknown')
  if (reached && reason.type.startsWith('ReplicaSet')) return noPrimary
  return code === undefined || code === null ? null : troubleOfCode(code)
}

function troubleOf(error: unknown): Trouble | null {
  if (error instanceof MongoServerSelectionError) return troubleOfSelection(error) ?? late
  if (error instanceof MongoServerError && typeof error.code === 'number') {
    const known = replyTroubles[error.code]
    const code = error.codeName ?? String(error.code)
    // The server's message is not repeated: it may quote the command.
    return { kind: 'terminal', words: `refused the command (${code})`, ...known, code }
  }
  if (error instanceof Error && error.name.endsWith('TimeoutError')) return late
  const code = codeOf(error)
  if (code !== null) return troubleOfCode(code)
  return error instanceof MongoNetworkError ? closed : null
}

/** Whether this error says that what was sent was not carried out, and never will be. */
function notCarriedOut(error: unknown): boolean {
  if (error instanceof MongoServerSelectionError) return true
  if (error instanceof MongoWriteConcernError) return false
  if (error instanceof MongoServerError) {
    return typeof error.code === 'number' && !UNSURE.has(error.code)
  }
  // While it said hello to the server there was no command yet.
  if (error instanceof MongoError && error.hasErrorLabel('HandshakeError')) return true
  return neverSent(codeOf(error))
}

/**
 * `sent`: whether a write may have gone out. One whose answer was lost may or may not have been carried out.
 * `heartbeat` is the last thing that went wrong behind the scenes: it says why nobody answered before the signal.
 */
export function mongodbFault(
  error: unknown,
  context: {
    readonly where: string
    readonly aborted: boolean
    readonly heartbeat: unknown
    readonly sent?: 'reads' | 'a write'
  },
): Fault {
  if (error instanceof Fault) return error
  const behind = troubleOf(context.heartbeat)
  const trouble = context.aborted ? (behind ?? late) : (troubleOf(error) ?? behind)
  const { kind: found, words, code } = trouble ?? closed
  const isUnknown = context.sent === 'a write' && (context.aborted || !notCarriedOut(error))
  const kind = isUnknown ? 'unknown-outcome' : found
  const detail = `${words} at ${context.where}`
  return new Fault({ kind, dependency: 'mongodb', detail, code })
}

/** Whether it was only now that the server could not, or whether it does not know what became of it. */
export function mayAskAgain(error: MongoServerError): boolean {
  const { code } = error
  if (typeof code !== 'number') return false
  return UNSURE.has(code) || replyTroubles[code]?.kind === 'retryable'
}
