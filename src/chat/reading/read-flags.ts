import { wordsOf } from '../../domain/plan/about-request.ts'
import { REQUESTS, type ProcedureName } from '../../domain/plan/requests.ts'
import { quoted, type Arguments, type Problem } from './read-arguments.ts'
import { isVersion } from './target-version.ts'

export const TAIL = { default: 50, most: 500 } as const

export function readVersion(
  flags: Arguments['flags'],
): { readonly toVersion: string | null } | Problem {
  const toVersion = flags.get('to') ?? null
  return toVersion === null || isVersion(toVersion)
    ? { toVersion }
    : { problem: `${quoted(toVersion)} is not a version like v1.9.0.` }
}

/** What was named that this way back takes no notice of; `null`: nothing. */
export function notTaken(
  procedure: ProcedureName,
  wanted: {
    readonly toVersion: string | null
    readonly backup: string | null
    readonly service?: string
    readonly all?: true
    readonly message?: string
  },
): string | null {
  const takes: readonly string[] = REQUESTS[procedure].takes
  const { name } = wordsOf(procedure)
  if (wanted.toVersion !== null && !takes.includes('version')) return `${name} takes no --to.`
  if (!takes.includes('services')) {
    if (wanted.service !== undefined) return `${name} takes no --service.`
    if (wanted.all) return `${name} takes no --all.`
  }
  if (wanted.message !== undefined && !takes.includes('message'))
    return `${name} takes no --message.`
  return wanted.backup !== null && !takes.includes('backup') ? `${name} takes no --backup.` : null
}

export function readTail(given: string | undefined): number | null {
  if (given === undefined) return TAIL.default
  if (!/^\d{1,4}$/.test(given)) return null
  const tail = Number(given)
  return tail >= 1 && tail <= TAIL.most ? tail : null
}
