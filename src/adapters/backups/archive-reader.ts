import {
  ArchiveHeader,
  BlockHeader,
  END_OF_BLOCK,
  entryNamespace,
  MAGIC,
  NamespaceEntry,
  namespaceOf,
  readAs,
} from './archive-format.ts'
import { isBson } from './bson-walk.ts'
import { crc64, type Crc64 } from './crc64.ts'
import { Damage } from './damage.ts'
import { frameReader } from './frame-reader.ts'
import { quoted } from './quoted.ts'

/** What an archive lists at its beginning. */
export type Prelude = {
  readonly header: ArchiveHeader
  readonly entries: readonly NamespaceEntry[]
}

/** Told as the archive goes by; every piece of bytes is only valid until the call returns. */
export type ArchiveListener = {
  prelude(prelude: Prelude): void
  /** A piece of the archive as it stands there, of this collection alone. */
  piece(namespace: string, bytes: Uint8Array): void
  document(namespace: string, bytes: Buffer): void
}

export type ArchiveReader = {
  /** Throws `Damage`. */
  push(bytes: Buffer): void
  /** Throws `Damage` where it ended early, or misses what it lists. */
  end(): void
}

const MOST_NAMESPACES = 20_000
const LONGEST_PRELUDE = 64 * 1024 * 1024
/** Of a block's header: two names and two numbers. */
const LONGEST_HEADER = 4 * 1024

type Namespace = { readonly crc: Crc64; state: 'listed' | 'begun' | 'finished' }

/** Proves an archive of mongodump while it goes by: frames, documents, sums, and that nothing of its list is missing. */
export function archiveReader(listener: ArchiveListener): ArchiveReader {
  const entries: NamespaceEntry[] = []
  const namespaces = new Map<string, Namespace>()
  let header: ArchiveHeader | null = null
  let preludeBytes = 0
  let place: 'magic' | 'prelude' | 'between' | 'block' | 'after-last' = 'magic'
  let name = ''
  let open: Namespace | null = null

  const frames = frameReader({
    frame(bytes, from, to) {
      if (place === 'after-last') {
        throw new Damage(`there are documents after the end of ${quoted(name)}`)
      }
      if (place === 'block') aDocument(bytes, from, to)
      else if (place === 'prelude') inPrelude(bytes.subarray(from, to))
      else {
        aHeader(bytes.subarray(from, to))
        return false
      }
      return place === 'block'
    },
    run(bytes, from, to) {
      if (!open) return
      open.crc.update(bytes, from, to)
      listener.piece(name, bytes.subarray(from, to))
    },
    terminator() {
      if (place === 'between') throw new Damage('a block of it has no beginning')
      if (place === 'prelude') beginDocuments()
      else listener.piece(name, END_OF_BLOCK)
      place = 'between'
    },
  })

  function inPrelude(bytes: Buffer): void {
    preludeBytes += bytes.length
    if (entries.length >= MOST_NAMESPACES || preludeBytes > LONGEST_PRELUDE) {
      throw new Damage('it lists more collections than Backout reads')
    }
    if (header) entries.push(readAs(NamespaceEntry, bytes))
    else header = readAs(ArchiveHeader, bytes)
  }

  function beginDocuments(): void {
    if (!header) throw new Damage('it does not say what it is')
    for (const entry of entries) {
      namespaces.set(entryNamespace(entry), { crc: crc64(), state: 'listed' })
    }
    listener.prelude({ header, entries })
  }

  function aHeader(bytes: Buffer): void {
    if (bytes.length > LONGEST_HEADER) throw new Damage('a block of it has no beginning')
    const block = readAs(BlockHeader, bytes)
    if (!block.EOF && block.CRC !== 0n) throw new Damage('a block of it begins with a wrong sum')
    name = namespaceOf(block)
    const namespace = namespaces.get(name)
    if (!namespace) throw new Damage(`it holds ${quoted(name)}, which it does not list`)
    if (namespace.state === 'finished') throw new Damage(`${quoted(name)} goes on after its end`)
    open = namespace
    namespace.state = block.EOF ? 'finished' : 'begun'
    if (block.EOF && namespace.crc.value() !== block.CRC) {
      throw new Damage(`the documents of ${quoted(name)} are not those that were written`)
    }
    listener.piece(name, bytes)
    place = block.EOF ? 'after-last' : 'block'
  }

  function aDocument(bytes: Buffer, from: number, to: number): void {
    if (!isBson(bytes, from, to)) throw new Damage(`a document of ${quoted(name)} is damaged`)
    listener.document(name, bytes.subarray(from, to))
  }

  let magic = Buffer.alloc(0)
  return {
    push(bytes) {
      let from = 0
      if (place === 'magic') {
        from = Math.min(bytes.length, 4 - magic.length)
        magic = Buffer.concat([magic, bytes.subarray(0, from)])
        if (magic.length < 4) return
        if (magic.readUInt32LE() !== MAGIC) throw new Damage('it is not an archive of mongodump')
        place = 'prelude'
      }
      frames.push(bytes, from)
    },
    end() {
      if (place === 'magic') throw new Damage('it is not an archive of mongodump')
      if (place !== 'between' || frames.unfinished()) throw new Damage('it was cut off')
      const missing = [...namespaces].filter(([, { state }]) => state !== 'finished')
      const [first] = missing
      if (!first) return
      const others = missing.length > 1 ? `, and ${missing.length - 1} more` : ''
      const how = first[1].state === 'begun' ? 'is not whole' : 'is missing'
      throw new Damage(`it was cut off: ${quoted(first[0])} ${how}${others}`)
    },
  }
}
