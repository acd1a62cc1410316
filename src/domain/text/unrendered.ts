/** Takes no room, and parts what would be markup together. */
const APART = '\u200B'

/** What looks the same to a person and is nothing to a renderer. */
const ALIKE: Readonly<Record<string, string>> = {
  '<': '\u2039',
  '>': '\u203A',
  '*': '\u2217',
  _: '\u02CD',
  '~': '\u223C',
  '`': '\u02CB',
  '[': '(',
  ']': ')',
  '|': '\u00A6',
}

/**
 * Plain text for a page that may render HTML or Markdown, or fill in a template: whatever anybody typed,
 * no tag, link, mention, emphasis, heading or list comes of it. Lines stay lines.
 */
export function unrendered(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/[^\P{Cc}\n]/gu, ' ')
    .replace(/[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g, '')
    .replace(/[<>*_~`[\]|]/g, (mark) => ALIKE[mark] ?? mark)
    .replace(/&(?=[#\w])|@(?=\w)|\{(?=[{%])|%(?=\})/g, (mark) => mark + APART)
    .replace(/:(?=\/\/)/g, `:${APART}`)
    .replace(/:(?=[\w+'-]{0,80}[a-z][\w+'-]{0,80}:)/gi, `:${APART}`)
    .replace(/\bwww(?=\.)/gi, (www) => www + APART)
    .replace(/\\(?=\n|$)/g, `\\${APART}`)
    .replace(/^(?=[ \t]*(?:[#=+-]|\d+[.)]))/gm, APART)
    .replace(/^(?=(?: {4}|\t))/gm, APART)
}
