import { Fault } from '../../domain/base/fault.ts'
import type { FaultKind } from '../../domain/base/fault.ts'
import { networkTrouble, type NetworkTrouble } from '../../domain/base/network-trouble.ts'

/** By the first word of an error reply. */
const replyTroubles: Readonly<Record<string, NetworkTrouble>> = {
  WRONGPASS: { kind: 'terminal', words: 'wrong password' },
  NOAUTH: { kind: 'terminal', words: 'wrong password: one is needed and none was given' },
  NOPERM: { kind: 'terminal', words: 'the user may not run this command or read this key' },
  DENIED: {
    kind: 'terminal',
    words: 'accepts no connections from other machines (protected mode)',
  },
  MOVED: { kind: 'terminal', words: 'is a cluster, and another node holds this key' },
  CROSSSLOT: { kind: 'terminal', words: 'is a cluster, and these keys are on several nodes' },
  READONLY: { kind: 'terminal', words: 'is a replica: only its master takes writes' },
  MISCONF: { kind: 'terminal', words: 'takes no writes while it cannot save to its disk' },
  WRONGTYPE: { kind: 'terminal', words: 'the key holds a list, a set or another structure' },
  NOREPLICAS: { kind: 'retryable', words: 'takes no writes: too few of its replicas are there' },
  OOM: { kind: 'retryable', words: 'takes no writes: its memory is full' },
  LOADING: { kind: 'retryable', words: 'is loading its data' },
  BUSY: { kind: 'retryable', words: 'is busy running a script' },
  MASTERDOWN: { kind: 'retryable', words: 'is a replica that lost its master' },
  CLUSTERDOWN: { kind: 'retryable', words: 'its cluster is down' },
}

function troubleOfCode(code: string): NetworkTrouble {
  const trouble = networkTrouble(code)
  if (trouble === null) return { kind: 'retryable', words: `the connection failed (${code})` }
  return trouble.words.startsWith('no TLS')
    ? { ...trouble, words: `${trouble.words} (is it redis, not rediss?)` }
    : trouble
}

/** The words of an error reply are Redis's own, its arguments are not repeated: they may be secret. */
function troubleOfReply(message: string): { trouble: NetworkTrouble; code: string } {
  const code = /^[A-Z]+(?= |$)/.exec(message)?.[0] ?? 'ERR'
  if (/invalid password/i.test(message)) {
    return { trouble: { kind: 'terminal', words: 'wrong password' }, code: 'WRONGPASS' }
  }
  if (/DB index is out of range/i.test(message)) {
    return { trouble: { kind: 'terminal', words: 'has no database of that number' }, code }
  }
  if (/max number of clients/i.test(message)) {
    return { trouble: { kind: 'retryable', words: 'has no room for another connection' }, code }
  }
  const trouble = replyTroubles[code] ?? {
    kind: 'terminal',
    words: `refused the command (${code})`,
  }
  return { trouble, code }
}

/** What ioredis says of a command that it did not send. */
const NOT_SENT = "Stream isn't writeable and enableOfflineQueue options is false"

type Context = {
  readonly where: string
  readonly aborted: boolean
  /** It is a write, and it was handed to the connection. */
  readonly written: boolean
}

/**
 * An error reply tells that a command was not carried out. Of a write without any reply nobody knows;
 * a read can always be asked again.
 */
export function redisFault(error: unknown, context: Context): Fault {
  if (error instanceof Fault) return error
  const fault = (kind: FaultKind, words: string, code: string): Fault =>
    new Fault({ kind, dependency: 'redis', detail: `${words} at ${context.where}`, code })
  const unanswered = ({ kind, words }: NetworkTrouble, code: string): Fault =>
    context.written
      ? fault('unknown-outcome', `${words} after the command was sent`, code)
      : fault(kind, words, code)
  if (context.aborted) return unanswered(troubleOfCode('ETIMEDOUT'), 'ETIMEDOUT')
  if (!(error instanceof Error)) return unanswered(troubleOfCode('ECONNRESET'), 'ECONNRESET')
  if (error.name === 'ReplyError') {
    const { trouble, code } = troubleOfReply(error.message)
    return fault(trouble.kind, trouble.words, code)
  }
  if (error instanceof AggregateError) return redisFault(error.errors[0], context)
  if ('code' in error && typeof error.code === 'string') {
    return unanswered(troubleOfCode(error.code), error.code)
  }
  if (error.message === 'Command timed out') {
    return unanswered(troubleOfCode('ETIMEDOUT'), 'ETIMEDOUT')
  }
  const closed: NetworkTrouble = { kind: 'retryable', words: 'the connection was closed' }
  if (error.message === NOT_SENT) return fault(closed.kind, closed.words, 'ECONNRESET')
  // "Connection is closed." and the like: ioredis says no more than that.
  return unanswered(closed, 'ECONNRESET')
}
