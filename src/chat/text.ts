/** Text that is safe to show as Slack mrkdwn: escaped, or written by us. */
export type Mrkdwn = { readonly mrkdwn: string }

/** Marks text as written by us. Never call it with anybody else's words. */
export function trusted(mrkdwn: string): Mrkdwn {
  return { mrkdwn }
}

/**
 * Slack's three control characters escaped, so that no mention, link or channel alert survives, and
 * formatting characters set apart so that nobody's text is rendered as markup. Text direction
 * overrides are dropped: they can make a name read as another.
 */
export function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000B-\u001F\u007F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*_~`]/g, (mark) => `${mark}\u200B`)
}

/** Builds mrkdwn: strings and numbers put into it are escaped, other mrkdwn is kept. */
export function mrk(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Mrkdwn)[]
): Mrkdwn {
  const parts = strings.map((string, index) => {
    const value = values[index]
    if (value === undefined) return string
    return string + (typeof value === 'object' ? value.mrkdwn : escaped(String(value)))
  })
  return { mrkdwn: parts.join('') }
}

export function lines(parts: readonly Mrkdwn[]): Mrkdwn {
  return { mrkdwn: parts.map(({ mrkdwn }) => mrkdwn).join('\n') }
}

/** A person, as Slack shows people. Ids come from Slack; anything else is shown as plain text. */
export function mention(user: string): Mrkdwn {
  return trusted(/^[UW][A-Z0-9]+$/.test(user) ? `<@${user}>` : escaped(user))
}

/** Somebody else's text in a code block: nothing in it can end the block. */
export function codeBlock(text: string): Mrkdwn {
  const inside = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('```', '\u02CB\u02CB\u02CB')
  return trusted(`\`\`\`${inside}\`\`\``)
}

/** Cut to at most `max` characters, saying so. Never cuts an escape or a surrogate pair in half. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text.slice(0, max - 1).replace(/(&[a-z]{0,3}|[\uD800-\uDBFF]|<[^>]*)$/, '')}…`
}

/** "03:12:07 UTC" of an ISO time. */
export function clockTime(iso: string): string {
  return `${iso.slice(11, 19)} UTC`
}
