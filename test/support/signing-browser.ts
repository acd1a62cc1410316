/** A page as it came: what it says, and the forms on it. */
export type Seen = {
  readonly status: number
  readonly html: string
  /** Without its tags. */
  readonly reads: string
  readonly headers: Headers
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
}

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity)
}

/** A browser of one person: keeps the cookie, follows what it is sent to, and sends the forms that it was shown. */
export function browserAt(base: string, headers: Readonly<Record<string, string>> = {}) {
  let cookie = ''
  let last: Seen | null = null

  async function ask(
    path: string,
    init: Omit<RequestInit, 'headers'> & {
      readonly headers?: Readonly<Record<string, string>>
    } = {},
  ): Promise<Seen> {
    const response = await fetch(`${base}${path}`, {
      ...init,
      redirect: 'manual',
      headers: { ...headers, ...(cookie ? { cookie } : {}), ...init.headers },
    })
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    const html = await response.text()
    const location = response.headers.get('location')
    if (response.status === 303 && location !== null) return ask(location)
    const reads = unescaped(html.replace(/<style>[^]*?<\/style>|<[^>]*>/g, ' ')).replace(
      /\s+/g,
      ' ',
    )
    last = { status: response.status, html, reads, headers: response.headers }
    return last
  }

  /** What a form on the last page would send, hidden fields and all. */
  function fieldsOf(action: string): Record<string, string> {
    const form = new RegExp(`<form[^>]*action="${action}"[^>]*>([^]*?)</form>`).exec(
      last?.html ?? '',
    )?.[1]
    if (form === undefined) throw new Error(`there is no form ${action} on: ${last?.reads ?? ''}`)
    const hidden = [...form.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)]
    return Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, unescaped(value)]))
  }

  const post = (
    path: string,
    fields: Readonly<Record<string, string>>,
    more: Parameters<typeof ask>[1] = {},
  ) => ask(path, { method: 'POST', body: new URLSearchParams(fields), ...more })

  return {
    ask,
    post,
    fieldsOf,
    get cookie() {
      return cookie
    },
    takeCookie: (of: string) => void (cookie = of),
    send: (action: string, typed: Readonly<Record<string, string>> = {}) =>
      post(action, { ...fieldsOf(action), ...typed }),
    async signIn(name: string, code: string): Promise<Seen> {
      await ask('/sign-in')
      return post('/sign-in', { ...fieldsOf('/sign-in'), name, code })
    },
  }
}
