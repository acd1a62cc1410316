import { inspect } from 'node:util'
import { pino, type DestinationStream } from 'pino'
import { redact } from '../../domain/text/redact.ts'
import type { Log } from '../../ports/log.ts'

/** One JSON object a line on standard output. Every text passes the redaction first. */
export function pinoLog(options: { readonly level: string; readonly to?: DestinationStream }): Log {
  const logger = pino({ level: options.level, base: null, messageKey: 'message' }, options.to)
  return {
    info: (message, facts = {}) => logger.info(shown(facts), redact(message)),
    warn: (message, facts = {}) => logger.warn(shown(facts), redact(message)),
    error: (message, facts = {}) => logger.error(shown(facts), redact(message)),
  }
}

function shown(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, plain(fact)]))
}

/** Errors as their name, message and causes; stacks only where nobody expected the error. */
function plain(fact: unknown): unknown {
  if (fact instanceof Error) {
    const { name, message, cause } = fact
    const known = name === 'Fault'
    return redact(
      [
        `${name}: ${message}`,
        ...(cause instanceof Error && cause.message !== message
          ? [`because ${cause.message}`]
          : []),
        ...(known || !fact.stack ? [] : [fact.stack.split('\n').slice(1, 4).join('\n')]),
      ].join('\n'),
    )
  }
  if (typeof fact === 'string') return redact(fact)
  // As one text: a secret is recognised by the name before it, too.
  return typeof fact === 'object' && fact !== null ? redact(inspect(fact)) : fact
}
