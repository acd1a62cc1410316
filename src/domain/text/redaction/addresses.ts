import { matches } from './matches.ts'
import type { Range } from './view.ts'

/** From `://` to the blank or the quote that ends the address. A quote between letters is a part of it. */
const address = /:\/\/(?:[^\s<>"'`]|["'`](?![\s,;:)\]}>\\]|$))+/g

/** Who logs in, in addresses: all before the `@`, also when the password was not escaped. */
export function* logins(text: string): Iterable<Range> {
  for (const { 0: whole, index } of matches(address, text)) {
    const last = whole.lastIndexOf('@')
    // One address may follow another without a blank.
    let at = 0
    while (at >= 0 && at < last) {
      const start = at + 3
      const end = endOfLogin(whole, start, last)
      if (end > start) yield { start: index + start, end: index + end }
      at = whole.indexOf('://', Math.max(start, end))
    }
  }
}

const authority = /[^/?]*/y

function endOfLogin(text: string, start: number, last: number): number {
  authority.lastIndex = start
  const host = authority.exec(text)?.[0] ?? ''
  const within = host.lastIndexOf('@')
  if (within >= 0 && within < host.length - 1) return start + within
  // What stands after the colon is no port: it is a password with a slash in it.
  const isLogin = within >= 0 || /^[^[\]:]*:(?!\d{0,5}$)/.test(host)
  return isLogin ? last : start
}
