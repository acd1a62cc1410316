import { found, type Probe } from '../probe.ts'
import { round } from '../ratio.ts'

/** The value is the milliseconds a PING took. */
export const cacheAnswering: Probe = {
  id: 'cache-answering',
  asks: 'Redis',
  needsFreshMetrics: false,
  questions(_settings, { cache }) {
    if (!cache) return []
    return [
      {
        target: 'Redis',
        unit: 'ms',
        query: 'PING; INFO',
        async ask({ signal }) {
          const [pingMs, status] = await Promise.all([cache.ping(signal), cache.status(signal)])
          const ping = round(pingMs, 1)
          if (status.loading) return found(ping, 'degraded', 'is loading its data')
          if (status.role === 'replica') {
            return found(ping, 'degraded', 'is a read-only replica, not the master')
          }
          const { usedMemoryBytes: used, maxMemoryBytes: max } = status
          const memory =
            used === null ? 'memory not reported' : `${round(used / 2 ** 20, 1)} MiB used`
          const limit = max ? ` of ${round(max / 2 ** 20, 1)} MiB` : ''
          return found(ping, 'healthy', `answers in ${ping} ms, ${memory}${limit}`)
        },
      },
    ]
  },
}
