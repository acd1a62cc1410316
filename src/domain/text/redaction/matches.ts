/**
 * Every match of a global pattern. `matchAll` makes a new pattern at each call, which takes longer than
 * looking through a line of log does.
 */
export function* matches(pattern: RegExp, text: string): Iterable<RegExpExecArray> {
  let from = 0
  for (;;) {
    pattern.lastIndex = from
    const match = pattern.exec(text)
    if (match === null) return
    from = match.index + Math.max(1, match[0].length)
    yield match
  }
}
