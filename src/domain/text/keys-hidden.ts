/** Of a key. After that its end was lost, and the rest of the text is none of it. */
const longestKey = 32 * 1024

const begin = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/
const end = /-----END [A-Z ]{0,30}PRIVATE KEY-----/

/** Takes private keys out of texts that follow one another: one that spans them, from its first to its last. */
export function keysHidden(): (text: string) => string {
  /** Of the key we are in. */
  let hidden: number | null = null
  return (text) => {
    let shown = ''
    let rest = text
    while (rest !== '') {
      if (hidden === null) {
        const next = begin.exec(rest)
        if (next === null) return shown + rest
        shown += `${rest.slice(0, next.index)}***`
        rest = rest.slice(next.index + next[0].length)
        hidden = 0
      }
      const next = end.exec(rest)
      const length: number = next === null ? rest.length : next.index + next[0].length
      const room: number = longestKey - hidden
      hidden = next === null && length <= room ? hidden + length : null
      rest = rest.slice(Math.min(length, room))
    }
    return shown
  }
}
