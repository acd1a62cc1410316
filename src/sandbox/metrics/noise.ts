/** Between -1 and 1, and the same for the same arguments: nothing here is left to chance. */
export function noise(seed: number, name: string, atMs: number): number {
  return 2 * fraction(seed, `${name}@${Math.floor(atMs / 5_000)}`) - 1
}

/** Between 0 and 1: FNV-1a, stirred because neighbouring texts would give neighbouring numbers. */
export function fraction(seed: number, text: string): number {
  let hash = 0x811c9dc5 ^ seed
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** An identity that looks like one of Kubernetes and never changes for the same text. */
export function identity(seed: number, text: string): string {
  const part = (length: number, name: string): string =>
    Array.from({ length }, (_, index) =>
      Math.floor(16 * fraction(seed, `${text}/${name}/${index}`)).toString(16),
    ).join('')
  return `${part(8, 'a')}-${part(4, 'b')}-4${part(3, 'c')}-a${part(3, 'd')}-${part(12, 'e')}`
}

/** As long as a SHA-256, and as good as one for a simulation: another text has another one. */
export function digest(text: string): string {
  return Array.from({ length: 64 }, (_, index) =>
    Math.floor(16 * fraction(index, text)).toString(16),
  ).join('')
}

/** The letters Kubernetes makes names of: no vowels, so that no words come out. */
export function suffix(seed: number, text: string, length: number): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  const letter = (index: number): string =>
    letters.charAt(Math.floor(letters.length * fraction(seed, `${text}/${index}`)))
  return Array.from({ length }, (_, index) => letter(index)).join('')
}
