import { hash } from 'node:crypto'
import { z } from 'zod'
import { Fault } from '../domain/base/fault.ts'
import type { LedgerEntry } from '../ports/release-ledger.ts'

const At = z.iso.datetime()
const Ms = z.number().nonnegative()

const Entry = z.object({
  service: z.string(),
  host: z.string(),
  image: z.object({ id: z.string(), digest: z.string().nullable(), reference: z.string() }),
  labels: z.object({
    version: z.string().nullable(),
    commit: z.string().nullable(),
    source: z.string().nullable(),
    // Entries of before have none.
    authors: z.string().nullable().default(null),
    builtAt: z.string().nullable(),
  }),
  references: z.array(z.string()),
  sha256: z.string(),
  firstSeenAt: At,
  startedAt: At,
  lastSeenAt: At,
  ranMs: Ms,
  hasHealthCheck: z.boolean(),
  healthyMs: Ms,
  lastHealthyAt: At.nullable(),
  healthyIn: z.array(z.string()),
})

const Row = z.object({
  service: z.string(),
  host: z.string(),
  image: z.string(),
  sha256: z.string(),
  body: z.string(),
  hash: z.string(),
})

/** As it is kept, with a hash by which damage is found that left it readable. */
export type StoredEntry = z.infer<typeof Row>

/** What could not be read again is not written: it would spoil all that is there. */
export function storedEntry(entry: LedgerEntry): StoredEntry {
  const { data, error } = Entry.safeParse(entry)
  if (!data) {
    const fields = [...new Set(error.issues.map(({ path }) => path.join('.')))].join(', ')
    throw ledgerFault(`a state of ${entry.service} on ${entry.host} cannot be kept: ${fields}`)
  }
  const { service, host, image, sha256 } = data
  const row = { service, host, image: image.id, sha256, body: JSON.stringify(data) }
  return { ...row, hash: hashOf(row) }
}

/** A row that cannot be an entry of ours is never left out: what is missing would look as if it had never run. */
export function parseEntry(stored: unknown): LedgerEntry {
  const row = Row.parse(stored)
  if (row.hash !== hashOf(row)) throw new Error('it is not what was written')
  return Entry.parse(JSON.parse(row.body))
}

/** What is said of the ledger, wherever it is kept. */
export function ledgerFault(detail: string, cause?: unknown): Fault {
  return new Fault({ kind: 'terminal', dependency: 'release ledger', detail, cause })
}

/** Somebody else has put what this would replace unseen. */
export function recordedSince(): Fault {
  const detail = 'another Backout has recorded releases since they were read'
  return new Fault({ kind: 'retryable', dependency: 'release ledger', detail })
}

function hashOf({ service, host, image, sha256, body }: Omit<StoredEntry, 'hash'>): string {
  return hash('sha256', JSON.stringify([service, host, image, sha256, body]))
}
