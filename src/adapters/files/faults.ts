import { diskTrouble, type DiskTrouble } from '../../domain/base/disk-trouble.ts'
import { Fault } from '../../domain/base/fault.ts'
import { codeOf } from '../../domain/base/network-trouble.ts'

const forbidden: DiskTrouble = { kind: 'terminal', words: 'it may not be written there' }

const OWN: Readonly<Record<string, DiskTrouble>> = {
  EACCES: forbidden,
  EPERM: forbidden,
  ENAMETOOLONG: { kind: 'terminal', words: 'its name is too long' },
}

/** In words only: paths of this machine say nothing to those who read them in Slack. */
export function fileFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const code = codeOf(error)
  const unknown: DiskTrouble = {
    kind: 'terminal',
    words: `it could not be written (${code ?? '?'})`,
  }
  const { kind, words } = OWN[code ?? ''] ?? diskTrouble(code) ?? unknown
  return new Fault({ kind, dependency: 'evidence', detail: words, code, cause: error })
}
