import type { Log } from '../../ports/log.ts'

/** Every line says of which environment it is. */
export function logOf(environment: string, log: Log): Log {
  return {
    info: (message, facts) => log.info(message, { environment, ...facts }),
    warn: (message, facts) => log.warn(message, { environment, ...facts }),
    error: (message, facts) => log.error(message, { environment, ...facts }),
  }
}
