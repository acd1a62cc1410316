import { diskTrouble, type DiskTrouble } from '../../domain/base/disk-trouble.ts'
import { Fault } from '../../domain/base/fault.ts'
import { codeOf } from '../../domain/base/network-trouble.ts'

const forbidden: DiskTrouble = {
  kind: 'terminal',
  words: 'the folder of the backups may not be used',
}

/** Of a folder that others write to as well, and that may be of a network. */
const OWN: Readonly<Record<string, DiskTrouble>> = {
  EACCES: forbidden,
  EPERM: forbidden,
  ENOENT: { kind: 'terminal', words: 'it is not there any more' },
  ELOOP: { kind: 'terminal', words: 'a link is where a file is needed' },
  ESTALE: { kind: 'retryable', words: 'the network disk of the backups has lost it' },
}

/** In words only: paths of this machine say nothing to those who read them in Slack. */
export function storageFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const code = codeOf(error)
  const unknown: DiskTrouble = {
    kind: 'terminal',
    words: `the folder of the backups could not be used (${code ?? '?'})`,
  }
  const { kind, words } = OWN[code ?? ''] ?? diskTrouble(code, 'the disk of the backups') ?? unknown
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
