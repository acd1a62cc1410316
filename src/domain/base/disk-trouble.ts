import type { FaultKind } from './fault.ts'

export type DiskTrouble = { readonly kind: FaultKind; readonly words: string }

/**
 * What a disk says, whatever is kept there; `null`: no such thing. `disk`: what it is called.
 * https://man7.org/linux/man-pages/man3/errno.3.html
 */
export function diskTrouble(code: string | null, disk = 'the disk'): DiskTrouble | null {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return { kind: 'retryable', words: `${disk} is full` }
    case 'EMFILE':
    case 'ENFILE':
      return { kind: 'retryable', words: 'too many files are open' }
    case 'EFBIG':
      return { kind: 'terminal', words: 'a file may not grow that large there' }
    case 'EROFS':
      return { kind: 'terminal', words: `${disk} is read-only` }
    case 'EIO':
      return { kind: 'terminal', words: `${disk} reports an error` }
    case 'ENOTDIR':
      return { kind: 'terminal', words: 'a file is where a folder is needed' }
    case 'EEXIST':
      return { kind: 'terminal', words: 'something else has that name' }
    default:
      return null
  }
}
