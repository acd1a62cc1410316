import { serviceUrl } from '../../domain/base/service-url.ts'
import type { HttpRequest, RequestBody } from '../../domain/verification/request-settings.ts'
import type { AssessSettings } from '../../domain/assessment/settings.ts'
import type { EndpointQuestion } from '../../ports/endpoints.ts'

/** What `${saved.token}` and `${check.id}` stand for. */
export type Values = Readonly<Record<string, string>>

type Built = { readonly question: EndpointQuestion } | { readonly missing: string }

/** Longer answers are cut: a page for people may be. */
export const MOST_PAGE_BYTES = 256 * 1024

/** The request as it is sent; `missing`: what it needs and nobody knows. */
export function built(
  { service, path, url, method, headers, body }: HttpRequest,
  settings: Pick<AssessSettings, 'services'>,
  values: Values,
  signal: AbortSignal,
): Built {
  const base = service === undefined ? null : settings.services.find(({ name }) => name === service)
  if (base === undefined) return { missing: `service ${service}` }
  const written = base === null ? (url ?? '') : serviceUrl(base.url, path ?? '')
  const unknown = unknownIn({ path, url, headers, body }, values)
  if (unknown !== undefined) return { missing: `\${${unknown}}` }
  const into = (text: string) => withValues(text, values)
  const content = body && contentOf(body, into, values['check.id'] ?? 'backout')
  return {
    question: {
      url: withValues(written, values, encodeURIComponent),
      method,
      headers: Object.fromEntries(Object.entries(headers).map(([name, one]) => [name, into(one)])),
      ...(content ? { content } : {}),
      // A page that asks to log in is not what was asked for.
      redirects: 'answer',
      maxBytes: MOST_PAGE_BYTES,
      signal,
    },
  }
}

/** For people: without values that may be secrets, and without the query, which may hold one too. */
export function named({ method, path, url }: HttpRequest): string {
  const where = path ?? (url === undefined ? '' : (URL.parse(url)?.pathname ?? ''))
  return `${method} ${where.split('?', 1)[0] ?? ''}`
}

const PLACE = /\$\{((?:saved|check)\.\w+)\}/g

function withValues(text: string, values: Values, as = (value: string) => value): string {
  return text.replaceAll(PLACE, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return value === undefined ? whole : as(value)
  })
}

/** The first place that nothing is known for; `undefined`: there is none. */
export function unknownIn(
  { path, url, headers, body }: Pick<HttpRequest, 'path' | 'url' | 'headers' | 'body'>,
  values: Values,
): string | undefined {
  return namesIn([path, url, headers, body]).find((name) => !Object.hasOwn(values, name))
}

function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [...value.matchAll(PLACE)].map(([, name = '']) => name)
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(namesIn)
}

function contentOf(
  body: RequestBody,
  into: (text: string) => string,
  id: string,
): NonNullable<EndpointQuestion['content']> {
  if ('json' in body) {
    return { type: 'application/json', text: JSON.stringify(deepInto(body.json, into)) }
  }
  if ('form' in body) {
    const fields = new URLSearchParams()
    for (const [name, value] of Object.entries(body.form)) fields.append(name, into(value))
    return { type: 'application/x-www-form-urlencoded', text: fields.toString() }
  }
  const { field, name, text } = body.file
  const boundary = `backout-${id}`
  const lines = [
    `--${boundary}`,
    `content-disposition: form-data; name="${field}"; filename="${into(name)}"`,
    'content-type: text/plain; charset=utf-8',
    '',
    into(text),
    `--${boundary}--`,
    '',
  ]
  return { type: `multipart/form-data; boundary=${boundary}`, text: lines.join('\r\n') }
}

function deepInto(value: unknown, into: (text: string) => string): unknown {
  if (typeof value === 'string') return into(value)
  if (Array.isArray(value)) return value.map((one) => deepInto(one, into))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, deepInto(one, into)]))
}
