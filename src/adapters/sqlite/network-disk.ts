import { statfsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { JOURNAL_FILE } from './journal-file.ts'

/** File systems whose locks or fsync cannot be trusted (statfs(2)): NFS, SMB, CIFS, SMB2, AFS, FUSE, 9P. */
const NETWORK = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9P'],
])

type TypeOf = (path: string) => number

/**
 * On which of them the journal in this folder stands, or would stand; `null`: on none. The file may be
 * a link to another disk, and neither it nor the folder need be there yet.
 */
export function networkDiskOf(folder: string, typeOf: TypeOf = typeFromSystem): string | null {
  let path = resolve(join(folder, JOURNAL_FILE))
  for (;;) {
    try {
      // Some systems tell it as a signed number.
      return NETWORK.get(typeOf(path) >>> 0) ?? null
    } catch {
      const above = dirname(path)
      if (above === path) return null
      path = above
    }
  }
}

const typeFromSystem: TypeOf = (path) => statfsSync(path).type
