import { loadWords } from '../load-words.ts'
import { found, inconclusive, type Probe } from '../probe.ts'

/** The value is the number of connections in use. */
export const databaseAnswering: Probe = {
  id: 'database-answering',
  asks: 'MongoDB',
  needsFreshMetrics: false,
  questions(_settings, { database }) {
    if (!database) return []
    return [
      {
        target: 'MongoDB',
        unit: 'connections',
        query: `ping; serverStatus; hello${database.load ? '; replSetGetStatus; currentOp' : ''}`,
        async ask({ signal }) {
          const [, status, load] = await Promise.all([
            database.ping(signal),
            database.status(signal),
            database.load?.(signal),
          ])
          const words = loadWords(load)
          if (!status.ok) return found(0, 'degraded', 'serverStatus is not ok')
          if (!status.writablePrimary) return found(0, 'degraded', 'there is no writable primary')
          if (!status.connections) {
            const answers = ['answers; connections are not reported by this server', ...words]
            return inconclusive('no-data', answers.join(', '))
          }
          const { current, available } = status.connections
          return found(
            current,
            available === 0 ? 'degraded' : 'healthy',
            [`${current} connections, ${available} more possible`, ...words].join(', '),
          )
        },
      },
    ]
  },
}
