/** Letters and digits that nobody mistakes for one another when read aloud (Crockford's base 32). */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Short enough to say on a call, and sorted by day: `20261122-k7qf`. `at` is an ISO time. */
export function incidentId(at: string, random: Uint8Array): string {
  const day = at.slice(0, 10).replaceAll('-', '')
  const number = random.reduce((sum, byte) => sum * 256 + byte, 0)
  const letters = Array.from(
    { length: 4 },
    (_, place) => ALPHABET[Math.floor(number / 32 ** place) % 32],
  )
  return `${day}-${letters.join('')}`
}
