import { readKeptName } from '../../domain/data/kept-name.ts'
import type { Collections, NotCopied } from '../../ports/collections.ts'
import type { Stage } from '../production.ts'
import { askingServer } from './asking-server.ts'
import { bytesOf, keyOf, valueAt } from './documents.ts'
import type { Document } from './documents.ts'
import { compared, missingIn, notCopied } from './held-together.ts'
import { withIndexes } from './indexes.ts'
import { othersWrites } from './others-writes.ts'
import type { ComingWrites } from './others-writes.ts'
import type { SimulatedServer } from './server.ts'
import { contentsOf, expiredIn, expiryOf, nameOf } from './simulated-collection.ts'
import type { SimulatedCollection } from './simulated-collection.ts'
import { changed, done, refused } from './written.ts'

/** So many that could not be copied are told one by one. */
const MOST_TOLD = 100

/** The port over the simulated server. `settle`: lets everything happen that was to happen until now. */
export function sandboxCollections(
  stage: Stage,
  server: SimulatedServer,
  settle: () => void,
  coming: ComingWrites,
): Collections {
  const asking = askingServer(stage, server, settle)
  const { ask, read, write, mustBePrimary, known, seen, goneThrough } = asking

  return {
    server: (signal) =>
      ask(signal, () => {
        const { version, database, identity, topology, fence, lacks } = server.traits()
        const offers = fence === 'none' ? ('none' as const) : ('offered' as const)
        return { version, database, identity, topology, fence: offers, lacks }
      }),
    freeBytes: (signal) => ask(signal, server.freeBytes),
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
      await goneThrough(documents.size, { report, signal })
      return ask(signal, () => contentsOf(known(name)))
    },
    async compare({ live, backup }, report, signal) {
      const both = await read('find', signal, () => [known(live), known(backup)])
      const total = Math.max(...both.map(({ documents }) => documents.size))
      await goneThrough(total, { report, signal })
      return ask(signal, () => compared(known(live), known(backup)))
    },
    count: (name, filter, signal) =>
      read('find', signal, () => matching(server.find(name) ?? null, filter)),
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
        const { made, not } = withIndexes(found, indexes)
        server.change(name, { indexes: made })
        return not === null ? done : { kind: 'refused', ...not }
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
    create: (name, options, signal) =>
      write('createCollection', signal, () => {
        if (readKeptName(name) === null) return refused(`${name} is not a name of Backout's`)
        if (server.find(name)) return changed(`there is a collection ${name} already`)
        server.create({ name, options })
        return done
      }),
    rename: ({ uuid, from, to }, signal) =>
      write(
        'renameCollectionSameDB',
        signal,
        () => seen(from, uuid) ?? server.rename(from, to, 'us'),
      ),
    drop: ({ uuid, name }, signal) =>
      write('dropCollection', signal, () => {
        if (readKeptName(name) === null) return refused(`${name} is not a collection of Backout's`)
        const wrong = seen(name, uuid)
        if (!wrong) server.drop(name, 'us')
        return wrong ?? done
      }),

    ...othersWrites(stage, server, asking, coming),

    async copyMissing({ from, to }, report, signal) {
      const missing = await read('insert', signal, () => missingIn(known(from), known(to)))
      const left: NotCopied[] = []
      let copied = 0
      await goneThrough(missing.length, { report, signal }, (first, last) => {
        mustBePrimary()
        for (const one of missing.slice(first, last)) {
          // Somebody has made it meanwhile: an insert does not replace.
          if (known(to).documents.has(keyOf(one))) continue
          const isOurs = readKeptName(to) !== null
          const not = isOurs ? null : notCopied(known(to), one)
          if (not) left.push(not)
          else if (isOurs) {
            server.copyIn({ name: to }, [one])
            copied += 1
          } else if (server.put(to, one, 'us').kind === 'done') copied += 1
        }
      })
      return { copied, left: left.slice(0, MOST_TOLD), leftCount: left.length }
    },
  }
}

function matching(
  found: Pick<SimulatedCollection, 'documents'> | null,
  filter: Readonly<Record<string, unknown>>,
): number | null {
  return found && [...found.documents.values()].filter((one) => matches(one, filter)).length
}

/** Fields that equal a value: of the database's own language the simulation speaks no more. */
function matches(document: Document, filter: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(filter).every(
    ([path, value]) => JSON.stringify(valueAt(document, path)) === JSON.stringify(value),
  )
}
