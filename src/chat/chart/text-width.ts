/**
 * How wide Inter Bold draws the characters from the space to the tilde, in hundredths of the font size;
 * the regular weight is narrower.
 */
const WIDTHS = [
  24, 34, 55, 65, 65, 102, 67, 34, 38, 38, 56, 68, 33, 47, 33, 39, 67, 43, 63, 65, 68, 62, 65, 58,
  65, 65, 33, 34, 68, 68, 68, 56, 102, 75, 66, 74, 72, 61, 59, 75, 75, 28, 58, 72, 57, 93, 76, 77,
  65, 78, 66, 65, 67, 73, 75, 104, 74, 73, 66, 38, 39, 38, 49, 48, 37, 58, 63, 59, 63, 60, 40, 63,
  62, 27, 27, 58, 27, 91, 62, 61, 63, 63, 41, 56, 37, 62, 60, 85, 58, 60, 57, 47, 37, 47, 68,
]

/** No other letter that we draw is wider. */
const WIDEST = 140
const ELLIPSIS = '…'

function widthOf(character: string): number {
  return WIDTHS[(character.codePointAt(0) ?? 0) - 32] ?? WIDEST
}

/** At most so many pixels. */
export function textWidth(text: string, size: number): number {
  return (Array.from(text).reduce((sum, character) => sum + widthOf(character), 0) * size) / 100
}

/** More does not fit beside one another in the smallest letters that we draw. */
const MOST_LETTERS = 160

/** The text, cut in its middle where it is wider than the room: both ends of a long name tell it apart. */
export function fitting(text: string, size: number, room: number): string {
  if (text.length <= MOST_LETTERS && textWidth(text, size) <= room) return text
  const most = Math.min(MOST_LETTERS, text.length - 1)
  for (let kept = most; kept > 0; kept -= 1) {
    const head = text.slice(0, Math.ceil(kept / 2)).trimEnd()
    const tail = text.slice(text.length - Math.floor(kept / 2)).trimStart()
    const cut = `${head}${ELLIPSIS}${tail}`
    if (textWidth(cut, size) <= room) return cut
  }
  return ''
}
