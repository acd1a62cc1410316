import { Fault } from '../../domain/fault.ts'
import { networkTrouble, type NetworkTrouble } from '../../domain/network-trouble.ts'

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
  if (/max number of clients/i.test(message)) {
    return { trouble: { kind: 'retryable', words: 'has no room for another connection' }, code }
  }
  const trouble = replyTroubles[code] ?? {
    kind: 'terminal',
    words: `refused the command (${code})`,
  }
  return { trouble, code }
}

/** Everything asked here is a read, so no outcome is ever unknown. */
export function redisFault(error: unknown, context: { where: string; aborted: boolean }): Fault {
  if (error instanceof Fault) return error
  const fault = ({ kind, words }: NetworkTrouble, code: string): Fault =>
    new Fault({ kind, dependency: 'redis', detail: `${words} at ${context.where}`, code })
  if (context.aborted) return fault(troubleOfCode('ETIMEDOUT'), 'ETIMEDOUT')
  if (!(error instanceof Error)) return fault(troubleOfCode('ECONNRESET'), 'ECONNRESET')
  if (error.name === 'ReplyError') {
    const { trouble, code } = troubleOfReply(error.message)
    return fault(trouble, code)
  }
  if ('code' in error && typeof error.code === 'string') {
    return fault(troubleOfCode(error.code), error.code)
  }
  if (error instanceof AggregateError) return redisFault(error.errors[0], context)
  if (error.message === 'Command timed out') return fault(troubleOfCode('ETIMEDOUT'), 'ETIMEDOUT')
  // "Connection is closed.", "Stream isn't writeable…": ioredis says no more than that.
  const closed: NetworkTrouble = { kind: 'retryable', words: 'the connection was closed' }
  return fault(closed, 'ECONNRESET')
}
