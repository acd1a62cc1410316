import { distance } from 'fastest-levenshtein'

/** The known word a person most likely meant, or `null` when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far)
  const [best] = ranked
  if (!best) return null
  return best.far <= Math.max(2, Math.ceil(best.candidate.length / 3)) ? best.candidate : null
}
