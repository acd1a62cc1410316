import type { World } from '../../src/ports/world.ts'

/** How often each question went out. */
export type Asked = Record<string, number>

/** A look at the status of MongoDB is two commands; every other question is one request. */
const REQUESTS: Readonly<Record<string, number>> = { 'database.status': 2 }

/** The same world; each question that goes out is counted. */
export const counted = (world: World, each: Asked): World => {
  const counting = <Port extends object>(port: Port | null, name: string): Port | null =>
    port &&
    new Proxy(port, {
      get: (target, key) => {
        const inner: unknown = Reflect.get(target, key)
        if (typeof inner !== 'function') return inner
        return (...args: unknown[]) => {
          const question = `${name}.${String(key)}`
          each[question] = (each[question] ?? 0) + (REQUESTS[question] ?? 1)
          return Reflect.apply(inner, target, args)
        }
      },
    })
  return {
    clock: world.clock,
    endpoints: counting(world.endpoints, 'endpoints') ?? world.endpoints,
    metrics: counting(world.metrics, 'metrics'),
    cache: counting(world.cache, 'cache'),
    database: counting(world.database, 'database'),
    instances: null,
    flagStores: null,
    configMaps: null,
    collections: null,
    backups: null,
    workloads: counting(world.workloads, 'workloads'),
    deployments: counting(world.deployments, 'workloads'),
    containers: world.containers,
    ledger: world.ledger,
    owners: counting(world.owners, 'owners'),
    alerts: world.alerts,
  }
}

export const inAll = (each: Asked): number => Object.values(each).reduce((sum, one) => sum + one, 0)

export const shown = (each: Asked): string =>
  Object.entries(each)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
