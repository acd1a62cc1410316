import type { DataServer } from '../../ports/collections.ts'

/** Why nothing may be done there: it is not the server that was signed for. `null`: it is. */
export function otherServer({ identity }: DataServer, signed: string): string | null {
  return identity === signed ? null : `another server answers now: ${identity}, not ${signed}`
}
