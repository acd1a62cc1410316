import { distance } from 'fastest-levenshtein'

/** The known word a person most likely meant, or `null` when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far)
  const [best] = ranked
  if (!best) return null
  // Two letters changed make any two-letter word out of any other.
  const { length } = best.candidate
  const near = length <= 3 ? 1 : Math.max(2, Math.floor(length / 3))
  return best.far <= near ? best.candidate : null
}
