import { bytesInWords, documentsInWords } from '../../domain/text/amounts.ts'
import type { Collection, DataServer } from '../../ports/collections.ts'
import { joined, NOTHING, partOf, type Part } from '../parts/part.ts'
import { collectionsOf } from '../parts/require-port.ts'
import type { RunbookSettings } from '../parts/settings.ts'
import type { Circumstances } from '../procedure.ts'
import { askLedger, ledgerGone, type LedgerSays } from './ledger.ts'
import { copyBeside, whyNoCopy } from './steps/copy-beside.ts'
import { takeMigrationBack } from './steps/take-migration-back.ts'

type Configured = NonNullable<NonNullable<RunbookSettings['database']>['migration']>

/** How it stands when a switch is planned. The ledger is asked again when it is carried out. */
export type Migration = Configured & {
  readonly says: LedgerSays
  readonly documents: number
  readonly bytes: number
}

/** `null`: none is configured. */
export async function migrationNow({
  world,
  settings,
  signal,
}: Pick<Circumstances, 'world' | 'settings' | 'signal'>): Promise<Migration | null> {
  const configured = settings.database?.migration
  if (!configured || !world.jobs) return null
  const stores = collectionsOf(world)
  const [says, measured] = await Promise.all([
    askLedger(stores, configured.ledger, signal),
    stores.measure(copiedBy(configured), signal),
  ])
  return {
    ...configured,
    says,
    documents: measured.reduce((sum, one) => sum + one.documents, 0),
    bytes: measured.reduce((sum, one) => sum + (one.bytes ?? 0), 0),
  }
}

/** Why what it changes cannot be copied beside, where it is applied; `null`: it can, or need not be. */
export function whyNotCopied(
  migration: Migration | null,
  list: readonly Collection[],
): string | null {
  if (migration?.says !== 'applied') return null
  const problems = copiedBy(migration).flatMap((name) => whyNoCopy(name, list) ?? [])
  if (problems.length === 0) return null
  return `what the migration changes cannot be copied beside: ${problems.join('; ')}`
}

/** What its `down` changes; the ledger is one of them. */
function copiedBy({ collections, ledger }: Configured): readonly string[] {
  return [...new Set([...collections, ledger.collection])]
}

/** While the services are stopped: copied beside, then taken back. Where nothing tells, nothing is done. */
export function migrationPart(
  migration: Migration | null,
  { identity }: Pick<DataServer, 'identity'>,
): Part {
  if (!migration || migration.says === 'not-there') return NOTHING
  const { ledger, image, command, seconds } = migration
  const input = { server: identity, ledger, collections: [...copiedBy(migration)] }
  const job = { image, command: [...command], seconds }
  const changes = copiedBy(migration).map((name) => ({
    what: `collection ${name}`,
    from: 'as it is now',
    to: `as ${command.join(' ')} leaves it, where ${ledger.collection} says that the migration is applied`,
  }))
  return joined([
    partOf(copyBeside, input),
    partOf(takeMigrationBack, { ...input, job }, { changes }),
  ])
}

/** What somebody should know of it before signing. */
export function migrationCautions(migration: Migration | null): readonly string[] {
  if (!migration) return []
  const { says, ledger, command, image, collections, documents, bytes } = migration
  const down = command.join(' ')
  if (says === 'not-there') {
    return [`The migration is not taken back: ${ledgerGone(ledger)}.`]
  }
  if (says === 'not-applied') {
    return [
      `${ledger.collection} says that the migration is not applied: ${down} does not run, unless it says otherwise when the services are stopped.`,
    ]
  }
  return [
    `${ledger.collection} says that the migration is applied. Where it still says so after the switch, ${down} of ${image} runs once, while the services are stopped. It may change ${collections.join(', ')}.`,
    `Before that ${documentsInWords(documents)} (${bytesInWords(bytes)}) are copied beside, so that “undo” has them: the services are stopped for so much longer.`,
    `If it is not clear how ${down} ended, the services stay stopped and maintenance stays on, until people have looked.`,
  ]
}
