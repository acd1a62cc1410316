import { ACCOUNTS_DATABASE, HOLDS_ACCOUNTS } from '../../domain/data/backup.ts'
import {
  END_OF_BLOCK,
  entryNamespace,
  MAGIC,
  writtenAs,
  type ArchiveHeader,
  type NamespaceEntry,
} from './archive-format.ts'
import type { ArchiveListener } from './archive-reader.ts'
import { Damage } from './damage.ts'
import { quoted } from './quoted.ts'

export type WantedOnly = Pick<ArchiveListener, 'prelude' | 'piece'> & {
  /** What has come together since it was last taken. */
  take(): Buffer
}

/** An archive of these namespaces alone, made of one that goes by: nothing else ever reaches the tool. */
export function wantedOnly(wanted: ReadonlySet<string>): WantedOnly {
  let pieces: Buffer[] = []
  return {
    prelude({ header, entries }) {
      if (entries.some(({ db }) => db === ACCOUNTS_DATABASE)) throw new Damage(HOLDS_ACCOUNTS)
      const listed = entries.filter((entry) => wanted.has(entryNamespace(entry)))
      const names = new Set(listed.map(entryNamespace))
      const missing = [...wanted].find((name) => !names.has(name))
      if (missing !== undefined) throw new Damage(`it holds no collection ${quoted(missing)}`)
      pieces.push(beginning(header, listed))
    },
    piece(namespace, bytes) {
      // Copied: it is only lent.
      if (wanted.has(namespace)) pieces.push(Buffer.from(bytes))
    },
    take() {
      const taken = pieces
      pieces = []
      return taken.length === 1 && taken[0] ? taken[0] : Buffer.concat(taken)
    },
  }
}

/** What stands before the first block. */
export function beginning(header: ArchiveHeader, entries: readonly NamespaceEntry[]): Buffer {
  const magic = Buffer.alloc(4)
  magic.writeUInt32LE(MAGIC)
  const written = entries.map((entry) => writtenAs({ ...entry, size: 0 }))
  return Buffer.concat([magic, writtenAs(header), ...written, END_OF_BLOCK])
}
