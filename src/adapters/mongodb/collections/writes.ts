import { BSON } from 'mongodb'
import { Fault } from '../../../domain/base/fault.ts'
import { readKeptName } from '../../../domain/data/kept-name.ts'
import { NEVER_SECONDS, type CollectionContents } from '../../../domain/data/backup.ts'
import type { DataWritten } from '../../../ports/collections.ts'
import type { Used } from '../connection.ts'
import type { Place } from './contents.ts'
import { indexesOf, listed } from './listing.ts'
import { sameKeys } from './same-keys.ts'
import { send, sendTo, writeConcern } from './send.ts'
import { changedMeanwhile, done, refused } from './written.ts'

type Index = CollectionContents['indexes'][number]

/** Why the collection with that UUID does not stand under this name; `null`: it does. */
async function missed(
  used: Used,
  { database, name, uuid }: Place & { readonly uuid: string },
): Promise<{ readonly wrong: DataWritten | null; readonly names: ReadonlySet<string> }> {
  const all = await listed(used, database)
  const names = new Set(all.map((one) => one.name))
  const found = all.find((one) => one.name === name)
  if (!found) return { wrong: changedMeanwhile(`there is no collection ${name}`), names }
  if (found.info.uuid === undefined) {
    return { wrong: refused('this server tells collections apart only by their names'), names }
  }
  const isIt = found.info.uuid === uuid
  return { wrong: isIt ? null : changedMeanwhile(`${name} is another collection now`), names }
}

export async function rename(
  used: Used,
  database: string,
  { uuid, from, to }: { readonly uuid: string; readonly from: string; readonly to: string },
): Promise<DataWritten> {
  const { wrong, names } = await missed(used, { database, name: from, uuid })
  if (wrong) return wrong
  if (names.has(to)) return changedMeanwhile(`there is a collection ${to} already`)
  const renaming = (one: string, other: string) => ({
    database: 'admin',
    command: { renameCollection: `${database}.${one}`, to: `${database}.${other}`, writeConcern },
  })
  const { written, guarded } = await sendTo(uuid, used, renaming(from, to))
  if (guarded || written.kind !== 'done') return written
  // Between the look and the write somebody may have put another one in its place.
  const after = await missed(used, { database, name: to, uuid })
  if (!after.wrong) return written
  const back = await send(used, renaming(to, from))
  if (back.kind === 'done') return changedMeanwhile(`${from} is another collection now`)
  throw new Fault({
    kind: 'terminal',
    dependency: 'mongodb',
    detail: `somebody put another collection in the place of ${from}, and it is called ${to} now`,
  })
}

export async function create(
  used: Used,
  { database, name }: Place,
  options: CollectionContents['options'],
): Promise<DataWritten> {
  if (readKeptName(name) === null) return refused(`${name} is not a name of Backout's own`)
  const isThere = (await listed(used, database)).some((one) => one.name === name)
  if (isThere) return changedMeanwhile(`there is a collection ${name} already`)
  const command = { create: name, ...BSON.EJSON.deserialize({ ...options }), writeConcern }
  return send(used, { database, command })
}

export async function drop(
  used: Used,
  database: string,
  { uuid, name }: { readonly uuid: string; readonly name: string },
): Promise<DataWritten> {
  if (readKeptName(name) === null) return refused(`${name} is not a collection of Backout's own`)
  const { wrong } = await missed(used, { database, name, uuid })
  if (wrong) return wrong
  const { written } = await sendTo(uuid, used, { database, command: { drop: name, writeConcern } })
  return written
}

/** Whoever builds it says how old it is; no server is asked to build an old one. */
function wantedOf({ v: _version, ...index }: Index): Index {
  return 'expireAfterSeconds' in index ? { ...index, expireAfterSeconds: NEVER_SECONDS } : index
}

/** What makes two of them the same, but for when documents expire. */
function identityOf({ v: _version, expireAfterSeconds: seconds, ...index }: Index): string {
  return JSON.stringify([seconds !== undefined, Object.entries(index).toSorted(byName)])
}

const byName = ([one]: [string, unknown], [other]: [string, unknown]): number =>
  one < other ? -1 : 1

export async function createIndexes(
  used: Used,
  { database, name }: Place,
  indexes: readonly Index[],
): Promise<DataWritten> {
  // Without a look, an index on a collection that is gone would make an empty one.
  const there = await indexesOf(used, { database, name })
  if (there === null) return changedMeanwhile(`there is no collection ${name}`)
  const known = new Set(there.map(identityOf))
  const wanted = indexes.filter((index) => !known.has(identityOf(index))).map(wantedOf)
  if (wanted.length === 0) return done
  const command = { createIndexes: name, indexes: wanted, writeConcern }
  const written = await send(used, { database, command, long: true })
  if (written.kind !== 'refused') return written
  // A server that is not MongoDB refuses it for another reason, as it says.
  const ids = await sameKeys(used, { database, name }, wanted)
  return written.sameKey || ids.length > 0 ? { ...written, sameKey: ids } : written
}

export async function setExpiry(
  used: Used,
  { database, name }: Place,
  index: { readonly name: string; readonly seconds: number },
): Promise<DataWritten> {
  const there = await indexesOf(used, { database, name })
  if (there === null) return changedMeanwhile(`there is no collection ${name}`)
  const found = there.find((one) => one['name'] === index.name)
  if (found?.['expireAfterSeconds'] === undefined) {
    return refused(`it has no index ${index.name} by which documents expire`)
  }
  const command = {
    collMod: name,
    index: { name: index.name, expireAfterSeconds: index.seconds },
    writeConcern,
  }
  return send(used, { database, command })
}

/**
 * No reason goes with it: MongoDB knows only reasons of its own, and one that it does not know is refused.
 * Told what stands already, it says so and changes nothing.
 */
export function fence(used: Used, state: 'up' | 'down'): Promise<DataWritten> {
  const command = { setUserWriteBlockMode: 1, global: state === 'up' }
  return send(used, { database: 'admin', command })
}
