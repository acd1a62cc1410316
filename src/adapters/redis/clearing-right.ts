import type { Redis } from 'ioredis'
import type { ClearingRight } from '../../ports/cache.ts'
import type { Keys } from './key-scope.ts'
import { scanArguments } from './keyspace.ts'
import type { Line } from './line.ts'

/** Redis tells of a key whether it may be removed, not of a pattern: so a made-up one stands for all. */
const MADE_UP = 'backout-asks'

/** What the server answers to a question about rights, or why it does not. */
type Told<Answer> = { readonly answer: Answer } | { readonly silence: string }

/**
 * Every command of a clearing, held against the rights of whoever is connected, and not carried out:
 * https://redis.io/docs/latest/commands/acl-dryrun/. Only its own OK is a yes (J10).
 */
export async function clearingRight(
  { patterns, begins }: Keys,
  { ask }: Pick<Line, 'ask'>,
  signal: AbortSignal,
): Promise<ClearingRight> {
  const told = await ask((client) => whoAmI(client), signal)
  if ('silence' in told) return { kind: 'not-known', because: told.silence }
  const user = told.answer

  const commands = [
    ...patterns.map((pattern) => ({
      what: 'SCAN',
      words: ['SCAN', '0', ...scanArguments(pattern).map(String)],
    })),
    ...begins.map((prefix) => ({
      what: `UNLINK keys that begin with ${prefix}`,
      words: ['UNLINK', `${prefix}${MADE_UP}`],
    })),
  ]
  const answers = await ask(
    (client) => Promise.all(commands.map(({ words }) => dryRun(client, user, words))),
    signal,
  )
  const refused = commands.filter((_, index) => {
    const one = answers[index]
    return one !== undefined && 'answer' in one && one.answer === 'refused'
  })
  if (refused.length > 0) {
    const named = [...new Set(refused.map(({ what }) => what))].join(' or ')
    return { kind: 'refused', because: `user ${user} may not ${named}` }
  }
  const [silent] = answers.filter((one) => 'silence' in one)
  return silent ? { kind: 'not-known', because: silent.silence } : { kind: 'granted' }
}

async function whoAmI(client: Redis): Promise<Told<string>> {
  const told = await answerOf('ACL WHOAMI', 'this user', () => client.call('ACL', 'WHOAMI'))
  if ('silence' in told) return told
  return typeof told.answer === 'string' && told.answer !== ''
    ? { answer: told.answer }
    : { silence: 'its answer to ACL WHOAMI is not one of Redis' }
}

async function dryRun(
  client: Redis,
  user: string,
  words: readonly string[],
): Promise<Told<'granted' | 'refused'>> {
  const ask = () => client.call('ACL', 'DRYRUN', user, ...words)
  const told = await answerOf('ACL DRYRUN', `user ${user}`, ask)
  if ('silence' in told) return told
  if (told.answer === 'OK') return { answer: 'granted' }
  // The reason is a text and no error: "User backout has no permissions to run the 'scan' command".
  return typeof told.answer === 'string' && /\bno permissions\b/.test(told.answer)
    ? { answer: 'refused' }
    : { silence: 'its answer to ACL DRYRUN is not one of Redis' }
}

/** Where the question itself is refused, by the rights or by a server that does not know it. */
async function answerOf(
  question: string,
  user: string,
  ask: () => Promise<unknown>,
): Promise<Told<unknown>> {
  try {
    return { answer: await ask() }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ReplyError') throw error
    if (error.message.startsWith('NOPERM')) return { silence: `${user} may not run ${question}` }
    if (/^ERR unknown|^ERR wrong number/i.test(error.message)) {
      return { silence: `it does not know ${question}, which Redis has since 7.0` }
    }
    if (error.message.startsWith('ERR ')) return { silence: `it does not answer ${question}` }
    throw error
  }
}
