/** A piece of a page, safe to stand between tags and in a quoted attribute. */
export type Markup = { readonly markup: string }

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What cannot be seen and may turn what stands beside it: control characters, and marks of direction. */
const UNSEEN = /[^\P{Cc}\t\n]|\p{Bidi_Control}/gu

/** Builds a page: strings and numbers put into it are escaped, other pieces of it are kept. */
export function markup(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Markup | readonly Markup[])[]
): Markup {
  return { markup: String.raw({ raw: strings }, ...values.map(shown)) }
}

function shown(value: string | number | Markup | readonly Markup[]): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') {
    return value
      .toWellFormed()
      .replace(UNSEEN, '')
      .replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark)
  }
  return 'markup' in value ? value.markup : value.map((one) => one.markup).join('')
}
