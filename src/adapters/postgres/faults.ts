import { Fault, type FaultKind } from '../../domain/base/fault.ts'

type Said = readonly [FaultKind, string]

/** https://www.postgresql.org/docs/current/errcodes-appendix.html, or its first two characters for a class. */
const SAID: Readonly<Record<string, Said>> = {
  '08': ['retryable', 'the connection was lost'],
  '22021': ['terminal', 'it cannot keep a character that is in the event'],
  '22P05': [
    'terminal',
    'its encoding cannot keep a character that is in the event; it must be UTF8',
  ],
  // Nobody who takes its lock first can meet this: something else has written there.
  '23505': ['retryable', 'something that is not Backout has written in between'],
  '25006': ['retryable', 'it is read-only: a standby, or a primary that was put out of office'],
  '25P03': ['retryable', 'it has ended a transaction that waited'],
  '26000': ['retryable', 'what was prepared there is gone: something stands between'],
  '28': ['terminal', 'it refuses the user or the password'],
  '3D000': ['terminal', 'it has no database of that name'],
  '3F000': ['terminal', 'there is no journal in it'],
  '40': ['retryable', 'it has undone the transaction, because of another one'],
  '42501': ['terminal', 'the role may not do what is needed'],
  '42P01': ['terminal', 'there is no journal in it, or one that is not ours'],
  '42P05': ['retryable', 'somebody else has prepared the same there: something stands between'],
  '42703': ['terminal', 'the journal in it is not ours'],
  '53100': ['retryable', 'its disk is full'],
  '53200': ['retryable', 'it has no memory left'],
  '53300': ['retryable', 'it takes no more connections'],
  '54': ['terminal', 'the event is too large for it'],
  '55P03': ['retryable', 'another one holds the journal'],
  '57014': ['retryable', 'it took too long, and was broken off'],
  '57P03': ['retryable', 'it is starting or stopping'],
  '57': ['retryable', 'it has ended the connection'],
  '58': ['terminal', 'its disk reports an error'],
  XX001: ['terminal', 'it is damaged; keep it, and restore the journal from a backup'],
  XX002: ['terminal', 'it is damaged; keep it, and restore the journal from a backup'],
  ECONNREFUSED: ['retryable', 'nobody listens there'],
  ECONNRESET: ['retryable', 'the connection was lost'],
  EPIPE: ['retryable', 'the connection was lost'],
  ETIMEDOUT: ['retryable', 'it cannot be reached'],
  EHOSTUNREACH: ['retryable', 'it cannot be reached'],
  ENETUNREACH: ['retryable', 'it cannot be reached'],
  ENOTFOUND: ['retryable', 'its name is not known'],
  EAI_AGAIN: ['retryable', 'its name could not be asked for'],
  ENOENT: ['retryable', 'there is no socket in that folder'],
}

/** What the client says without a code. https://github.com/brianc/node-postgres */
const WORDS: readonly (readonly [RegExp, ...Said])[] = [
  [/does not support SSL/i, 'terminal', 'it offers no TLS'],
  [/establishing an SSL connection/i, 'retryable', 'the connection was lost'],
  [/^timeout exceeded when trying to connect/, 'retryable', 'all connections to it are in use'],
  [/connection timeout|timeout expired/i, 'retryable', 'it does not answer'],
  [
    /connection (was )?terminated|connection error|not queryable/i,
    'retryable',
    'the connection was lost',
  ],
]

const TLS = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_|ERR_TLS|ERR_SSL|ERR_OSSL)/

/** Thrown by us where the server has not answered in time. */
export class NoAnswer extends Error {}

/**
 * What the client throws, in words. Before a COMMIT is sent nothing is written. Once it is, only an
 * answer tells: one that ends the connection does not.
 */
export function serverFault(
  error: unknown,
  { at, committing }: { readonly at: string; readonly committing?: boolean | undefined },
): Fault {
  if (error instanceof Fault) return error
  const code = fieldOf(error, 'code')
  const [kind, what] = saidOf(error, code)
  const isAnswer = fieldOf(error, 'severity') === 'ERROR'
  const isUnknown = committing === true && !isAnswer
  return new Fault({
    kind: isUnknown ? 'unknown-outcome' : kind,
    dependency: 'journal',
    detail: `the journal on ${at}: ${what}${isUnknown ? ', and whether it was written is not known' : ''}`,
    code,
    cause: error,
  })
}

function saidOf(error: unknown, code: string | null): Said {
  if (error instanceof NoAnswer) return ['retryable', 'it does not answer']
  const known = code === null ? undefined : (SAID[code] ?? SAID[code.slice(0, 2)])
  if (known) return known
  if (code !== null && TLS.test(code)) {
    return ['terminal', `its certificate is not one that can be trusted (${code})`]
  }
  const message = error instanceof Error ? error.message : String(error)
  const found = WORDS.find(([words]) => words.test(message))
  return found ? [found[1], found[2]] : ['terminal', message]
}

function fieldOf(error: unknown, name: 'code' | 'severity'): string | null {
  if (!(error instanceof Error) || !(name in error)) return null
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' ? value : null
}
