import { Fault } from '../../domain/base/fault.ts'

/** Why it is of no use to wait: a tool that is not there does not come by itself. `null`: it may pass. */
export function whyNoUse(error: unknown): string | null {
  const lasts =
    error instanceof Fault && error.kind === 'terminal' && error.dependency === 'backups'
  return lasts ? error.detail : null
}
