const MARK = '***'

const WORDS =
  'password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?'

/** A keyword, the rest of its name (`token_id`, `secret"`), and what stands between it and its value. */
const NAME = `(?:${WORDS})[\\w.-]{0,40}(?:\\\\*["'])?[ \\t]*(?:=>|[:=])[ \\t]*`

/** A value in quotes, in quotes that are themselves escaped, or up to the next blank. */
const VALUE = `"[^"\\\\\\n]*(?:\\\\.[^"\\\\\\n]*)*|'[^'\\n]*|\\\\+"[^"\\\\\\n]*|[^\\s"'&]+`

const SCHEME = 'basic|bearer|digest|negotiate|apikey|token|aws4-hmac-sha256'

/** Kept, because they say something and hide nothing. */
const HARMLESS = /^(?:true|false|null|undefined)[,;)}\]]*$/

const openingQuote = /^(?:\\*["'])?/

type Rule = readonly [pattern: RegExp, replacement: (...match: string[]) => string]

/**
 * Every quantifier is bounded, or stops at a character its neighbour needs, so that a megabyte of
 * hostile log takes linear time. Where in doubt a rule hides too much.
 */
const rules: readonly Rule[] = [
  // Up to the end where its end was cut off.
  [
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
    hide,
  ],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, hide],
  [/\bxox[a-z](?:\.[a-z]{1,10})?-[\w-]{4,}/g, hide],
  [/\bxapp-[\w-]{4,}/g, hide],
  [/\b(hooks\.slack\.com\/[a-z]{1,20}\/)[\w/-]+/g, hideAfter],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, hide],
  [/\b(?:gh[opsru]_|github_pat_|glpat-|sk_live_|sk-)[\w-]{16,}/g, hide],
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"'<>]+@/gi, (_, scheme = '') => `${scheme}${MARK}@`],
  [/\b(bearer[ \t]+)[\w.~+/=-]{6,}/gi, hideAfter],
  [
    new RegExp(
      `\\b(authorization(?:\\\\*["'])?[ \\t]*[:=][ \\t]*(?:\\\\*["'])?)(?:(?:${SCHEME})[ \\t]+)?[^\\s"'\\\\]+`,
      'gi',
    ),
    hideAfter,
  ],
  [/\b((?:set-)?cookie(?:\\*["'])?[ \t]*[:=][ \t]*(?:\\*["'])?)[^\s"'\\][^\r\n"'\\]*/gi, hideAfter],
  [new RegExp(`(${NAME})(${VALUE})`, 'gi'), hideValue],
]

function hide(): string {
  return MARK
}

function hideAfter(_: string, before = ''): string {
  return before + MARK
}

function hideValue(match: string, name = '', value = ''): string {
  if (HARMLESS.test(value)) return match
  return name + (openingQuote.exec(value)?.[0] ?? '') + MARK
}

/** Lines that look like a key, before the end of one whose beginning was cut off. */
function hideEndOfKey(text: string): string {
  const parts = text.split(/-----END [A-Z ]{0,30}PRIVATE KEY-----/)
  const after = parts.pop() ?? ''
  const before = parts.map((part) => {
    const lines = part.split('\n')
    if (lines.at(-1) === '') lines.pop()
    while (/^[\w+/=-]+\r?$/.test(lines.at(-1) ?? '')) lines.pop()
    return [...lines, MARK].join('\n')
  })
  return [...before, after].join('')
}

/** The text without what looks like a credential. Safe to apply twice. */
export function redact(text: string): string {
  const hidden = rules.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text)
  return hideEndOfKey(hidden)
}
