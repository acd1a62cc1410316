const LONGEST = 120

/** A name out of a backup, which may be anything, within a sentence. */
export function quoted(name: string): string {
  const plain = name.replaceAll(/\p{C}/gu, '?')
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain
}
