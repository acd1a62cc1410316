import { z } from 'zod'
import type { Collections, DataWritten } from '../../ports/collections.ts'

/** An index that lets documents expire, before and after the switch. */
export const ExpirySet = z.object({
  /** The id of the collection: its name changes. */
  uuid: z.string(),
  index: z.string(),
  before: z.number(),
  after: z.number(),
})

type Expiry = z.infer<typeof ExpirySet>

/** Those by which documents do not expire as they are to, with the names that their collections have now. */
export async function unset(
  stores: Collections,
  expiries: readonly Expiry[],
  state: 'before' | 'after',
  signal: AbortSignal,
): Promise<readonly (Expiry & { readonly name: string })[]> {
  if (expiries.length === 0) return []
  const list = await stores.list(signal)
  const named = expiries.flatMap((one) => {
    const name = list.find(({ uuid }) => uuid === one.uuid)?.name
    return name === undefined ? [] : [{ ...one, name }]
  })
  const measured = await stores.measure([...new Set(named.map(({ name }) => name))], signal)
  return named.filter(({ name, index, [state]: seconds }) => {
    const indexes = measured.find((one) => one.name === name)?.indexes ?? []
    const found = indexes.find((one) => one['name'] === index)
    return found !== undefined && found['expireAfterSeconds'] !== seconds
  })
}

/** Nothing expires in what is kept; in what is live it does as its index says. What was in the way, or `null`. */
export async function setExpiries(
  stores: Collections,
  { expiries }: { readonly expiries: readonly Expiry[] },
  state: 'before' | 'after',
  signal: AbortSignal,
): Promise<Exclude<DataWritten, { kind: 'done' }> | null> {
  for (const { name, index, [state]: seconds } of await unset(stores, expiries, state, signal)) {
    const answer = await stores.setExpiry(name, { name: index, seconds }, signal)
    if (answer.kind !== 'done') {
      const because = `when documents of ${name} expire could not be set: ${answer.because}`
      return { kind: answer.kind, because }
    }
  }
  return null
}
