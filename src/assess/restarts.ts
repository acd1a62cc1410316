import type { Counts, Interval } from '../domain/assessment/detail.ts'
import { BESIDE, type Parts } from './parts.ts'

/**
 * How many of each service may be missing in the counts, when instances restarted: what an instance counted
 * after the last look at it, before it ended, is lost.
 */
export function restartBounds(
  parts: Parts,
  { by, windowSeconds }: { readonly by: string; readonly windowSeconds: number },
): ReadonlyMap<string, number> {
  const read = (name: string) => parts.of(name, by, 'instance')
  const [whole, samples, resets, starts, peak] = [
    'whole',
    'samples',
    'resets',
    'starts',
    'peak',
  ].map(read)
  const services = Map.groupBy([...(whole?.keys() ?? [])], (key) => key.split(BESIDE)[0] ?? '')
  return new Map(
    [...services].map(([service, keys]) => {
      const scrapes = Math.max(2, ...keys.map((key) => samples?.get(key) ?? 0))
      const instances = keys.map((key) => ({
        whole: whole?.get(key) ?? 0,
        restarts: Math.max(resets?.get(key) ?? 0, starts?.get(key) ?? 0),
        perSecond: peak?.get(key) ?? 0,
      }))
      return [service, lostOf(instances, windowSeconds, windowSeconds / scrapes)] as const
    }),
  )
}

/** Between which shares the true one lies: what is lost may have been anything. */
export function boundsOf({ part, whole }: Counts, lost: number): Interval {
  const all = Math.max(whole + lost, Number.MIN_VALUE)
  return { low: (100 * part) / all, high: (100 * (part + lost)) / all, because: 'restarts' }
}

type Instance = { readonly whole: number; readonly restarts: number; readonly perSecond: number }

function lostOf(
  instances: readonly Instance[],
  windowSeconds: number,
  scrapeSeconds: number,
): number {
  const steady = instances.filter(({ restarts }) => restarts === 0)
  const usual = steady.reduce((sum, one) => sum + one.perSecond, 0) / Math.max(1, steady.length)
  return instances.reduce((sum, { restarts, whole, perSecond }) => {
    if (restarts === 0) return sum
    const rate = Math.max(perSecond, usual)
    const betweenLooks = restarts * scrapeSeconds * rate
    // One that restarts again and again may do so more often than anybody looks.
    const everything = restarts > 1 ? Math.max(0, windowSeconds * rate - whole) : 0
    return sum + Math.max(betweenLooks, everything)
  }, 0)
}
