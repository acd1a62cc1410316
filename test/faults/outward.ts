import type { Ways } from '../support/engine-story.ts'
import type { Life } from '../support/mortal.ts'

/** One call outward, as whoever stands in its way sees it. */
export type Call = {
  readonly port:
    | 'cluster'
    | 'hosts'
    | 'ledger'
    | 'data'
    | 'backups'
    | 'jobs'
    | 'owners'
    | 'cache'
    | 'endpoints'
    | 'slack'
    | 'people'
  readonly name: string
  readonly args: readonly unknown[]
}

/** A call of a story: the how many-th it is, counted from 1, and how much was changed before it. */
export type Made = { readonly nth: number; readonly name: string; readonly changed: number }

/** Without the questions that were asked before and nothing has changed since: they get the same answer. */
export function distinct<One extends Made>(made: readonly One[]): readonly One[] {
  const first = new Map<string, One>()
  for (const one of made) {
    const key = `${one.changed} ${one.name}`
    if (!first.has(key)) first.set(key, one)
  }
  return [...first.values()]
}

/** Where a question is asked again and again, as in a rollout: the first time and the last one. */
export function firstAndLast<One extends Made>(made: readonly One[]): readonly One[] {
  const kept = new Set([...distinct(made), ...distinct(made.toReversed())])
  return made.filter((one) => kept.has(one))
}

const SHOWN = /^(outbox-|step-progressed$)/

/**
 * Notes which effects of a process change only what people are shown: a card, where it stands, how far a
 * step is. What happens between two of them is tried where the cards are (`crash-everywhere.test.ts`,
 * `rollback-crash.test.ts`). Nearest to the process, or it hears of a call late.
 */
export function deeds(life: () => Life) {
  const shown = new Set<number>()
  const ways: Ways = {
    ...outward((call, make) => {
      if (call.port === 'slack') shown.add(life().calls)
      return make()
    }),
    journal: (inner) => ({
      ...inner,
      append(asked) {
        const { events } = asked
        const isShown = events.length > 0 && events.every(({ type }) => SHOWN.test(type))
        if (isShown) shown.add(life().calls)
        return inner.append(asked)
      },
    }),
  }
  return { ways, of: () => life().effects.filter((at) => !shown.has(at)) }
}

/** Stands in the way of a call: makes it, or not, or later. */
export type Through = (call: Call, make: () => Promise<unknown>) => Promise<unknown>

/** The ways of a process whose every call to cluster, hosts, database, cache, services and Slack goes through this. */
export function outward(through: Through): Ways {
  function way<Port extends object>(port: Call['port'], inner: Port): Port {
    return new Proxy(inner, {
      get(target, key, receiver) {
        const method: unknown = Reflect.get(target, key, receiver)
        if (typeof method !== 'function') return method
        const name = String(key)
        return (...args: unknown[]) =>
          through({ port, name, args }, async () => Reflect.apply(method, target, args))
      },
    })
  }
  return {
    conversations: (inner) => way('slack', inner),
    people: (inner) => way('people', inner),
    world: (inner) => ({
      ...inner,
      endpoints: way('endpoints', inner.endpoints),
      workloads: inner.workloads && way('cluster', inner.workloads),
      deployments: inner.deployments && way('cluster', inner.deployments),
      containers: inner.containers && way('hosts', inner.containers),
      ledger: inner.ledger && way('ledger', inner.ledger),
      cache: inner.cache && way('cache', inner.cache),
      configMaps: inner.configMaps && way('cluster', inner.configMaps),
      owners: inner.owners && way('owners', inner.owners),
      collections: inner.collections && way('data', inner.collections),
      backups: inner.backups && way('backups', inner.backups),
      jobs: inner.jobs && way('jobs', inner.jobs),
    }),
  }
}

/** Both in the way, the first one nearer to the process. */
export function both(near: Ways, far: Ways): Ways {
  return {
    journal: (inner) => passed(near.journal, passed(far.journal, inner)),
    conversations: (inner) => passed(near.conversations, passed(far.conversations, inner)),
    people: (inner) => passed(near.people, passed(far.people, inner)),
    world: (inner) => passed(near.world, passed(far.world, inner)),
  }
}

function passed<Port>(way: ((inner: Port) => Port) | undefined, inner: Port): Port {
  return way ? way(inner) : inner
}

/** Whether the call changes something in production; a dry run does not. */
export function isWrite({ port, name, args }: Call): boolean {
  if (port === 'cache') return name === 'clear' || name === 'changeTexts'
  if (port === 'hosts') return name === 'write'
  if (port === 'data' || port === 'backups') return DATA_WRITES.has(name)
  if (port === 'jobs') return name === 'start' && !isDryRun(args[1])
  const writes = port === 'cluster' || port === 'owners'
  return writes && name === 'write' && !isDryRun(args[1])
}

const DATA_WRITES = new Set(
  'rename drop create createIndexes setExpiry fence copyMissing restore make markUnusable remove'.split(
    ' ',
  ),
)

function isDryRun(options: unknown): boolean {
  return (
    typeof options === 'object' &&
    options !== null &&
    'dryRun' in options &&
    options.dryRun === true
  )
}
