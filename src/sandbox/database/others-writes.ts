import type { Collections, WrittenSince } from '../../ports/collections.ts'
import type { Stage } from '../production.ts'
import { answering } from '../simulated-availability.ts'
import type { AskingServer } from './asking-server.ts'
import type { SimulatedServer } from './server.ts'
import { done, refused } from './written.ts'

/** The collections that users will write to within so long, one for each write, as everything stands now. */
export type ComingWrites = (forMs: number) => readonly string[]

type Port = Pick<Collections, 'fence' | 'tryWrite' | 'moment' | 'writtenSince' | 'quiet'>

/** Pieces of the time in which it listens. */
const LISTENED = 20

/** What keeps others from writing, and what tells that they did. */
export function othersWrites(
  stage: Stage,
  server: SimulatedServer,
  { ask, command, mustBePrimary }: AskingServer,
  coming: ComingWrites,
): Port {
  const since = (serial: number, names: readonly string[]): WrittenSince => {
    if (server.traits().topology === 'standalone') {
      return { kind: 'not-known', because: 'it keeps no log of writes' }
    }
    if (serial < server.log.begins()) {
      return { kind: 'not-known', because: 'its log of writes begins later' }
    }
    return counted(names, server.log.since(serial))
  }

  return {
    // No write of data, so that whoever stands behind it can still take it down.
    fence: (state, signal) =>
      command('setUserWriteBlockMode', signal, () => {
        if (server.traits().fence === 'none') return refused('this server has no such command')
        server.setFence(state)
        return done
      }),
    tryWrite: (signal) =>
      ask(signal, () => {
        if (!server.traits().canary) return 'not-configured'
        mustBePrimary()
        return server.mayWrite('users') ? 'accepted' : 'refused'
      }),
    moment: (signal) =>
      ask(signal, () =>
        server.traits().topology === 'standalone' ? null : `${server.log.serial()}`,
      ),
    writtenSince: (moment, names, signal) => ask(signal, () => since(Number(moment), names)),

    async quiet(names, forMs, signal) {
      const begun = await ask(signal, () => server.log.serial())
      // Where nothing takes time, nobody waits: what would happen is known.
      if (stage.slowestMs === 0) {
        return ask(signal, () => {
          const known = since(begun, names)
          return known.kind === 'not-known' ? known : counted(names, coming(forMs))
        })
      }
      const listen = answering('mongodb', { ...stage, slowestMs: (2 * forMs) / LISTENED })
      const untilMs = performance.now() + forMs
      while (performance.now() < untilMs) {
        await listen(stage.production().mongodb, signal, () => undefined)
      }
      return ask(signal, () => since(begun, names))
    },
  }
}

function counted(names: readonly string[], written: readonly string[]): WrittenSince {
  const each = names.map((name) => ({
    name,
    writes: written.filter((one) => one === name).length,
  }))
  return { kind: 'counted', writes: each.filter(({ writes }) => writes > 0) }
}
