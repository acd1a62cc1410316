import type { Parts } from './parts.ts'

export type Bounds = { readonly low: number; readonly high: number }

/** Of the buckets that hold something now. */
export function nativeBounds(parts: Parts): readonly Bounds[] {
  return parts.series('').flatMap(({ buckets = [] }) => buckets)
}

/** Growing factors are read from numbers of sixteen digits. */
const SAME = 1e-6

/**
 * The bucket in which a duration lies. All of them grow by the same power of two, so that one tells where every other one
 * ends; where they do not, it lies between the nearest bounds that are known.
 */
export function boundsAround(seconds: number, known: readonly Bounds[]): Bounds {
  const own = known.find(({ low, high }) => low < seconds && seconds <= high)
  if (own) return own
  const perOctave = bucketsPerOctave(known)
  if (perOctave !== null && seconds > 0) {
    const end = Math.ceil(Math.log2(seconds) * perOctave - SAME)
    return { low: 2 ** ((end - 1) / perOctave), high: 2 ** (end / perOctave) }
  }
  if (known.length === 0) return { low: seconds, high: seconds }
  const all = known.flatMap(({ low, high }) => [low, high])
  return {
    low: Math.max(0, ...all.filter((bound) => bound < seconds)),
    high: Math.min(Infinity, ...all.filter((bound) => bound >= seconds)),
  }
}

function bucketsPerOctave(known: readonly Bounds[]): number | null {
  const factors = known.flatMap(({ low, high }) => (low > 0 ? [Math.log2(high / low)] : []))
  const [first] = factors
  if (first === undefined || factors.some((one) => Math.abs(one - first) > SAME)) return null
  // Of 2^-schema an octave each; anything else are buckets of somebody's own.
  const schema = Math.round(-Math.log2(first))
  return Math.abs(first * 2 ** schema - 1) < SAME ? 2 ** schema : null
}
