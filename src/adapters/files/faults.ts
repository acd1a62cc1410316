import { Fault, type FaultKind } from '../../domain/base/fault.ts'
import { codeOf } from '../../domain/base/network-trouble.ts'

type Trouble = { readonly kind: FaultKind; readonly words: string }

const full: Trouble = { kind: 'retryable', words: 'the disk is full' }
const forbidden: Trouble = { kind: 'terminal', words: 'it may not be written there' }

/** https://man7.org/linux/man-pages/man3/errno.3.html */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: { kind: 'terminal', words: 'a file may not grow that large there' },
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: { kind: 'terminal', words: 'the disk is read-only' },
  EIO: { kind: 'terminal', words: 'the disk reports an error' },
  ENOTDIR: { kind: 'terminal', words: 'a file is where a folder is needed' },
  EEXIST: { kind: 'terminal', words: 'something else has that name' },
  ENAMETOOLONG: { kind: 'terminal', words: 'its name is too long' },
  EMFILE: { kind: 'retryable', words: 'too many files are open' },
  ENFILE: { kind: 'retryable', words: 'too many files are open' },
}

/** In words only: paths of this machine say nothing to those who read them in Slack. */
export function fileFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const code = codeOf(error)
  const unknown: Trouble = { kind: 'terminal', words: `it could not be written (${code ?? '?'})` }
  const { kind, words } = TROUBLES[code ?? ''] ?? unknown
  return new Fault({ kind, dependency: 'evidence', detail: words, code, cause: error })
}
