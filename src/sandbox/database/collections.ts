import { Fault } from '../../domain/base/fault.ts'
import type { Progress } from '../../domain/plan/run.ts'
import { readKeptName } from '../../domain/data/kept-name.ts'
import type { Collections, DataWritten, NotCopied } from '../../ports/collections.ts'
import { answering } from '../simulated-availability.ts'
import type { Stage } from '../production.ts'
import { bytesOf } from './documents.ts'
import { compared, missingIn, notCopied } from './held-together.ts'
import { withIndexes } from './indexes.ts'
import type { SimulatedServer } from './server.ts'
import { contentsOf, expiredIn, expiryOf, nameOf } from './simulated-collection.ts'
import type { SimulatedCollection } from './simulated-collection.ts'

const done: DataWritten = { kind: 'done' }
const changed = (because: string): DataWritten => ({ kind: 'changed-meanwhile', because })
const refused = (because: string): DataWritten => ({ kind: 'refused', because })

/** So many that could not be copied are told one by one. */
const MOST_TOLD = 50
const CHUNK = 200

const unlisted = (what: string): string => `not authorized to execute command ${what}`

/** The port over the simulated server. `settle`: lets everything happen that was to happen until now. */
export function sandboxCollections(
  stage: Stage,
  server: SimulatedServer,
  settle: () => void,
): Collections {
  const answer = answering('mongodb', stage)
  const ask = <T>(signal: AbortSignal, what: () => T): Promise<T> =>
    answer(stage.production().mongodb, signal, () => {
      settle()
      return what()
    })
  const read = <T>(right: string, signal: AbortSignal, what: () => T): Promise<T> =>
    ask(signal, () => {
      if (server.lacks(right)) throw terminal(unlisted(right), '13')
      return what()
    })
  /** Only a primary takes writes, and only of those who may. */
  const write = (right: string, signal: AbortSignal, what: () => DataWritten) =>
    ask(signal, () => {
      if (!stage.production().writablePrimary) throw notPrimary()
      if (server.lacks(right)) return refused(unlisted(right))
      return server.mayWrite('us') ? what() : refused('writes are blocked')
    })
  const known = (name: string): SimulatedCollection => {
    const found = server.find(name)
    if (!found) throw terminal(`there is no collection ${name}`, '26')
    return found
  }
  /** Asked for again and again while it goes on, as a cursor is. */
  const goneThrough = async (
    total: number,
    { unit, report, signal }: Going,
    each: (from: number, to: number) => void = () => undefined,
  ): Promise<void> => {
    for (let from = 0; from < total; from += CHUNK) {
      const to = Math.min(total, from + CHUNK)
      await ask(signal, () => each(from, to))
      report({ done: to, total, unit })
    }
  }
  /** The one that was seen, where it stands as it was seen. */
  const seen = (name: string, uuid: string): DataWritten | null => {
    const found = server.find(name)
    if (!found) return changed(`there is no collection ${name}`)
    if (!server.traits().hasUuids) return refused('this server gives collections no identity')
    return found.uuid === uuid ? null : changed(`${name} is another collection now`)
  }

  return {
    server: (signal) =>
      ask(signal, () => {
        const { version, database, identity, topology, fence, lacks } = server.traits()
        const offers = fence === 'none' ? ('none' as const) : ('offered' as const)
        const freeBytes = server.freeBytes()
        return { version, database, identity, topology, freeBytes, fence: offers, lacks }
      }),
    list: (signal) =>
      read('listCollections', signal, () =>
        server.all().map(({ name, uuid, kind, options, obstacles }) => {
          const given = server.traits().hasUuids ? uuid : null
          return { name, uuid: given, kind, options, obstacles }
        }),
      ),
    measure: (names, signal) =>
      read('collStats', signal, () =>
        names
          .flatMap((name) => server.find(name) ?? [])
          .map(({ name, documents, indexes }) => ({
            name,
            documents: documents.size,
            bytes: bytesOf(documents.values()),
            indexes: [...indexes],
          })),
      ),
    async contents(name, report, signal) {
      const { documents } = await read('find', signal, () => known(name))
      await goneThrough(documents.size, { unit: 'documents', report, signal })
      return ask(signal, () => contentsOf(known(name)))
    },
    async compare({ live, backup }, report, signal) {
      const both = [known(live), known(backup)]
      const total = Math.max(...both.map(({ documents }) => documents.size))
      await read('find', signal, () => undefined)
      await goneThrough(total, { unit: 'documents', report, signal })
      return ask(signal, () => compared(known(live), known(backup)))
    },
    expired: (name, index, signal) =>
      read(
        'find',
        signal,
        () => expiredIn(known(name).documents.values(), index, stage.now()).length,
      ),

    createIndexes: (name, indexes, signal) =>
      write('createIndex', signal, () => {
        const found = server.find(name)
        if (!found) return changed(`there is no collection ${name}`)
        const { made, because } = withIndexes(found, indexes)
        server.change(name, { indexes: made })
        return because === null ? done : refused(because)
      }),
    setExpiry: (name, index, signal) =>
      write('collMod', signal, () => {
        const found = server.find(name)
        if (!found) return changed(`there is no collection ${name}`)
        const has = found.indexes.some((one) => nameOf(one) === index.name && expiryOf(one))
        if (!has) return refused(`it has no index ${index.name} by which documents expire`)
        const indexes = found.indexes.map((one) =>
          nameOf(one) === index.name ? { ...one, expireAfterSeconds: index.seconds } : one,
        )
        server.change(name, { indexes })
        return done
      }),
    rename: ({ uuid, from, to }, signal) =>
      write('renameCollectionSameDB', signal, () => seen(from, uuid) ?? server.rename(from, to)),
    drop: ({ uuid, name }, signal) =>
      write('dropCollection', signal, () => {
        if (readKeptName(name) === null) return refused(`${name} is not a collection of Backout's`)
        const wrong = seen(name, uuid)
        if (!wrong) server.drop(name)
        return wrong ?? done
      }),

    fence: (state, signal) =>
      write('setUserWriteBlockMode', signal, () => {
        if (server.traits().fence === 'none') return refused('this server has no such command')
        server.setFence(state)
        return done
      }),
    tryWrite: (signal) =>
      ask(signal, () => {
        if (!server.traits().canary) return 'not-configured'
        if (!stage.production().writablePrimary) throw notPrimary()
        return server.mayWrite('users') ? 'accepted' : 'refused'
      }),
    moment: (signal) =>
      ask(signal, () => (server.traits().topology === 'standalone' ? null : `${server.serial()}`)),
    writtenSince: (moment, names, signal) =>
      ask(signal, () => {
        if (server.traits().topology === 'standalone') {
          return { kind: 'not-known', because: 'it keeps no log of writes' }
        }
        if (Number(moment) < server.logBegins()) {
          return { kind: 'not-known', because: 'its log of writes begins later' }
        }
        const since = server.loggedSince(Number(moment))
        const counted = names.map((name) => {
          return { name, writes: since.filter((one) => one.name === name).length }
        })
        return { kind: 'counted', writes: counted.filter(({ writes }) => writes > 0) }
      }),

    async copyMissing({ from, to }, report, signal) {
      const missing = await read('insert', signal, () => missingIn(known(from), known(to)))
      const left: NotCopied[] = []
      await goneThrough(missing.length, { unit: 'documents', report, signal }, (first, last) => {
        if (!stage.production().writablePrimary) throw notPrimary()
        for (const one of missing.slice(first, last)) {
          const not = notCopied(known(to), one)
          if (not) left.push(not)
          else server.put(to, one, 'us')
        }
      })
      const copied = missing.length - left.length
      return { copied, left: left.slice(0, MOST_TOLD), leftCount: left.length }
    },
  }
}

type Going = {
  readonly unit: string
  readonly report: (progress: Progress) => void
  readonly signal: AbortSignal
}

function terminal(detail: string, code: string): Fault {
  return new Fault({ kind: 'terminal', dependency: 'mongodb', detail, code })
}

function notPrimary(): Fault {
  const detail = 'it is not the primary just now'
  return new Fault({ kind: 'retryable', dependency: 'mongodb', detail, code: '10107' })
}
