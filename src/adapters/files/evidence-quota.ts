import { statfs } from 'node:fs/promises'
import { Fault } from '../../domain/base/fault.ts'
import { oneAfterAnother } from '../../domain/base/one-after-another.ts'
import { giveUp, keptIncidents } from './kept-evidence.ts'

export type EvidenceLimits = {
  /** Of all incidents together. */
  readonly maxTotalBytes: number
  /** What stays free on the disk, for the journal that is on it too. */
  readonly reserveBytes: number
  /** Only what is kept of these is ever removed. An incident that is not known is not closed. */
  readonly isClosed: (incident: string) => Promise<boolean>
  readonly freeBytes?: (folder: string) => Promise<number>
}

export const unlimited: EvidenceLimits = {
  maxTotalBytes: Infinity,
  reserveBytes: 0,
  isClosed: async () => false,
}

export type EvidenceQuota = {
  /** Counts what there is. Throws a `Fault` when the disk has too little room to begin. */
  open(): Promise<void>
  /**
   * Asks to write so much more for this incident, named as its folder. Why not, in words; or `null`, and then it
   * counts as written. It never gives way to itself: a report is written of what is closed.
   */
  take(bytes: number, of: string): Promise<string | null>
  /** Whose evidence was removed since the last time this was asked. */
  givenUp(): readonly string[]
}

/** The room for the evidence of all incidents. The oldest of closed ones gives way to what is new. */
export function evidenceQuota(
  folder: string,
  limits: EvidenceLimits,
  now: () => string,
): EvidenceQuota {
  const { maxTotalBytes, reserveBytes, isClosed, freeBytes = freeOn } = limits
  let used = 0
  /** For these nothing more can be removed; a closed one is looked for again at the next collection. */
  const exhausted = new Set<string>()
  let gone: string[] = []
  /** What two of them count at once would be wrong for both. */
  const inTurn = oneAfterAnother()

  async function count(): Promise<void> {
    if (maxTotalBytes === Infinity) return
    used = (await keptIncidents(folder)).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  async function makeRoom(bytes: number, of: string): Promise<void> {
    const kept = await keptIncidents(folder)
    used = kept.reduce((sum, one) => sum + one.bytes, 0)
    for (const one of kept) {
      if (used + bytes <= maxTotalBytes) return
      if (one.incident === of) continue
      if (one.removable.length === 0 || !(await isClosed(one.incident))) continue
      await giveUp(folder, one, now())
      gone.push(one.incident)
      await count()
    }
    if (used + bytes > maxTotalBytes) exhausted.add(of)
  }

  async function whyNot(bytes: number, of: string): Promise<string | null> {
    if (reserveBytes > 0 && (await freeBytes(folder)) - bytes < reserveBytes) {
      return `less than ${inMegabytes(reserveBytes)} MB would be free on the disk`
    }
    if (used + bytes > maxTotalBytes && !exhausted.has(of)) await makeRoom(bytes, of)
    if (used + bytes > maxTotalBytes) {
      return `the ${inMegabytes(maxTotalBytes)} MB for evidence are used up, and no other closed incident has any left`
    }
    used += bytes
    return null
  }

  return {
    open: () =>
      inTurn(async () => {
        exhausted.clear()
        await count()
        if (reserveBytes > 0 && (await freeBytes(folder)) < reserveBytes) {
          const detail = `less than ${inMegabytes(reserveBytes)} MB are free on the disk`
          throw new Fault({ kind: 'retryable', dependency: 'evidence', detail })
        }
      }),
    take: (bytes, of) => inTurn(() => whyNot(bytes, of)),
    givenUp() {
      const named = gone
      gone = []
      return named
    },
  }
}

const inMegabytes = (bytes: number): string => String(Math.round(bytes / 1e5) / 10)

async function freeOn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
