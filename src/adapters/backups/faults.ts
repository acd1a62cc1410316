import { Fault, type FaultKind } from '../../domain/base/fault.ts'
import { codeOf } from '../../domain/base/network-trouble.ts'

type Trouble = { readonly kind: FaultKind; readonly words: string }

const full: Trouble = { kind: 'retryable', words: 'the disk of the backups is full' }
const forbidden: Trouble = { kind: 'terminal', words: 'the folder of the backups may not be used' }

/** https://man7.org/linux/man-pages/man3/errno.3.html */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: { kind: 'terminal', words: 'a file may not grow that large there' },
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: { kind: 'terminal', words: 'the disk of the backups is read-only' },
  EIO: { kind: 'terminal', words: 'the disk of the backups reports an error' },
  ENOENT: { kind: 'terminal', words: 'it is not there any more' },
  ENOTDIR: { kind: 'terminal', words: 'a file is where a folder is needed' },
  EEXIST: { kind: 'terminal', words: 'something else has that name' },
  ELOOP: { kind: 'terminal', words: 'a link is where a file is needed' },
  ESTALE: { kind: 'retryable', words: 'the network disk of the backups has lost it' },
  EMFILE: { kind: 'retryable', words: 'too many files are open' },
  ENFILE: { kind: 'retryable', words: 'too many files are open' },
}

/** In words only: paths of this machine say nothing to those who read them in Slack. */
export function storageFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const code = codeOf(error)
  const unknown: Trouble = {
    kind: 'terminal',
    words: `the folder of the backups could not be used (${code ?? '?'})`,
  }
  const { kind, words } = TROUBLES[code ?? ''] ?? unknown
  return new Fault({ kind, dependency: 'backups', detail: words, code, cause: error })
}

export function isFull({ code }: Fault): boolean {
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** For what a signal ended: nothing is left running. */
export function stoppedFault({ reason }: AbortSignal): Fault {
  const late = reason instanceof Error && reason.name === 'TimeoutError'
  const detail = late ? 'it took too long and was ended' : 'it was stopped'
  return new Fault({ kind: 'retryable', dependency: 'backups', detail, code: 'ABORT_ERR' })
}
