import { Fault } from '../../domain/base/fault.ts'
import type { Database, DatabaseLoad } from '../../ports/database.ts'
import type { Ask } from './asking.ts'
import { Counted, ServerLoad, SetStatus } from './schema.ts'

const slowSeconds = 5
const secondsAnHour = 3_600

/** What runs long because it waits for something new is not slow. */
const slow = {
  active: true,
  secs_running: { $gte: slowSeconds },
  op: { $in: ['query', 'getmore', 'insert', 'update', 'remove', 'command'] },
  ns: { $not: /^(admin|config|local)\./ },
  'cursor.tailable': { $ne: true },
}

type Latency = NonNullable<ServerLoad['opLatencies']>['reads']

/** Remembers what it was told the last time: the server counts since it was started. */
export function loading(ask: Ask): NonNullable<Database['load']> {
  let before: ServerLoad['opLatencies']

  return async (signal) => {
    const pipeline = [{ $currentOp: { allUsers: true } }, { $match: slow }, { $count: 'running' }]
    const current = { aggregate: 1, pipeline, cursor: {} }
    const [status, set, running] = await Promise.all([
      ask(ServerLoad, { serverStatus: 1, opLatencies: {}, oplog: 1 }, signal),
      orNull(ask(SetStatus, { replSetGetStatus: 1 }, signal)),
      orNull(ask(Counted, current, signal)),
    ])
    const { opLatencies: now, oplog } = status
    const means = {
      readMs: meanMs(before?.reads, now?.reads),
      writeMs: meanMs(before?.writes, now?.writes),
    }
    before = now
    return {
      ...means,
      slowOperations: running === null ? null : (running.cursor.firstBatch[0]?.running ?? 0),
      lagSeconds: set === null ? null : lagOf(set.members),
      logHours: oplog ? (oplog.latestOptime.t - oplog.earliestOptime.t) / secondsAnHour : null,
    }
  }
}

/** A server that was started anew counts from zero again. */
function meanMs(before: Latency | undefined, now: Latency | undefined): number | null {
  if (!before || !now || now.ops <= before.ops || now.latency < before.latency) return null
  return (now.latency - before.latency) / (now.ops - before.ops) / 1_000
}

function lagOf(
  members: readonly { readonly stateStr: string; readonly optimeDate?: Date | undefined }[],
): DatabaseLoad['lagSeconds'] {
  const at = (state: string): readonly number[] =>
    members.flatMap(({ stateStr, optimeDate }) =>
      stateStr === state && optimeDate ? [optimeDate.getTime()] : [],
    )
  const [primary] = at('PRIMARY')
  const others = at('SECONDARY')
  if (primary === undefined || others.length === 0) return null
  return Math.max(0, (primary - Math.min(...others)) / 1_000)
}

/** Not every server knows it, and not every account may ask. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Fault && error.kind === 'terminal') return null
    throw error
  }
}
