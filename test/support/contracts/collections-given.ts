import { expect, test } from 'vitest'
import type { z } from 'zod'
import { keptName, type KeptRole } from '../../../src/domain/data/kept-name.ts'
import type { CollectionContents } from '../../../src/domain/data/backup.ts'
import type { Collection, Collections } from '../../../src/ports/collections.ts'
import { patience, type Outside } from './outside.ts'

type Json = z.infer<ReturnType<typeof z.json>>

/** As extended JSON has it: `{ $oid: … }`, `{ $date: … }` stand for what JSON has no word for. */
export type Doc = { readonly _id: Json; readonly [field: string]: Json }

export type Given = {
  readonly documents?: readonly Doc[]
  readonly indexes?: CollectionContents['indexes']
  readonly options?: CollectionContents['options']
}

export type Started = {
  readonly collections: Collections
  /** As somebody else, past the port. */
  readonly others: {
    /** Inserts it, or replaces the one with its `_id`. */
    put(name: string, document: Doc): Promise<void>
    remove(name: string, id: Json): Promise<void>
    /** In any order. */
    read(name: string): Promise<readonly Doc[]>
    /** Another collection in its place, with nothing in it. */
    replace(name: string): Promise<void>
  }
}

/** What a server may not be able to show. */
export type Shows = 'expiry' | 'validators' | 'log' | 'fence' | 'free space' | 'rights'

export type CollectionsSubject = Outside<Collections> & {
  /** A database with these collections and no others. */
  readonly start: (given: Readonly<Record<string, Given>>) => Promise<Started>
  /** What it is called where it cannot show something: `FerretDB`. */
  readonly called: string
  readonly cannot: readonly Shows[]
}

/** A test of what this server can show; of one that cannot, that it says so, by name. */
export function shown(
  { called, cannot }: CollectionsSubject,
  shows: Shows,
  title: string,
  tests: { readonly can: () => Promise<void>; readonly otherwise: () => Promise<void> },
): void {
  if (cannot.includes(shows)) test(`not on ${called}: ${title}`, tests.otherwise)
  else test(title, tests.can)
}

export const unheard = (): void => undefined

export function ours(role: KeptRole, collection: string): string {
  const attempt = role === 'try' ? 'a1' : null
  return keptName({ incident: '20261122-abcd', plan: 3, role, attempt, collection })
}

export async function named(collections: Collections, name: string): Promise<Collection> {
  const all = await collections.list(patience())
  const found = all.find((one) => one.name === name)
  if (!found) throw new Error(`${name} is not among ${all.map((one) => one.name).join(', ')}`)
  return found
}

export async function uuidOf(collections: Collections, name: string): Promise<string> {
  const { uuid } = await named(collections, name)
  expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  return uuid ?? ''
}

export async function namesOf(collections: Collections): Promise<readonly string[]> {
  return (await collections.list(patience())).map(({ name }) => name).toSorted()
}

export const hour = 3_600
export const daysAgo = (days: number): Json => ({
  $date: new Date(Date.now() - days * 24 * hour * 1_000).toISOString(),
})
