import type { Catalogue, Damage, FoundBackup } from './catalogue.ts'
import type { CopyTools } from './copy-tools.ts'
import { keyOf } from './documents.ts'
import type { Document } from './documents.ts'
import type { UsersRecord } from './recorder.ts'
import type { ServerTraits, SimulatedServer } from './server.ts'
import { nameOf } from './simulated-collection.ts'
import type { NewCollection } from './simulated-collection.ts'
import type { simulatedUsers } from './users.ts'

export type DataHands = ReturnType<typeof dataHands>

type Parts = {
  readonly server: SimulatedServer
  readonly catalogue: Catalogue
  readonly tools: CopyTools
  readonly users: ReturnType<typeof simulatedUsers>
  readonly record: UsersRecord
  readonly settle: () => void
  readonly now: () => number
}

/** What other people, and other programs, do to the database and its backups. Nobody stands in their way. */
export function dataHands({ server, catalogue, tools, users, record, settle, now }: Parts) {
  const first = <Args extends readonly unknown[], T>(what: (...args: Args) => T) => {
    return (...args: Args): T => {
      settle()
      return what(...args)
    }
  }
  return {
    /** A program that nobody has stopped: it writes as the application does, and what it wrote is remembered. */
    write: first((collection: string, document: Document): boolean =>
      users.put(collection, document, 'a cron job', now()),
    ),
    delete: first((collection: string, id: Document['_id']): void =>
      users.remove(collection, keyOf({ _id: id }), 'a cron job', now()),
    ),
    /** As no user would: nobody remembers it, and nothing tells. */
    spoil: first((collection: string, document: Document): void => {
      server.find(collection)?.documents.set(keyOf(document), document)
    }),
    create: first((collection: NewCollection): void => void server.create(collection)),
    drop: first((name: string): void => server.drop(name, 'users')),
    rename: first((from: string, to: string) => server.rename(from, to, 'users')),
    /** Whatever is in it. */
    documents: first((name: string): readonly Document[] => [
      ...(server.find(name)?.documents.values() ?? []),
    ]),
    indexes: first((name: string): readonly string[] =>
      (server.find(name)?.indexes ?? []).map(nameOf),
    ),
    names: first((): readonly string[] => server.all().map(({ name }) => name)),
    setServer: first((traits: Partial<ServerTraits>): void => server.setTraits(traits)),
    /** Why a collection cannot be renamed from now on. */
    obstruct: first((name: string, obstacles: readonly string[]): void =>
      server.change(name, { obstacles }),
    ),
    forgetLog: first((): void => server.log.forget()),
    fenceIsUp: first((): boolean => server.fenceIsUp()),

    addBackup: first((backup: FoundBackup): void => catalogue.found(backup)),
    damageBackup: first((id: string, damage: Damage | null): void => catalogue.damage(id, damage)),
    removeBackup: first((id: string): void => catalogue.remove(id)),
    setBackupRoom: (bytes: number | null): void => catalogue.setRoom(bytes),
    setToolVersion: tools.setVersion,
    troubleTool: tools.trouble,

    /** What users wrote and is nowhere any more. */
    lost: first(() => record.lost()),
    written: first(() => record.all()),
    refused: first(() => record.refused()),
  }
}
