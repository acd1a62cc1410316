import { z } from 'zod'
import { Headers, Path } from '../verification/request-settings.ts'

const Page = z.strictObject({
  path: Path,
  /** It stands on that page, and on no page of another organisation. */
  text: z.string().min(1).max(1_000),
})

/** Two pages, asked for as somebody of one organisation. */
export const IsolationCheck = z.strictObject({
  /** "acme does not see globex" */
  name: z.string().min(1).max(80),
  service: z.string().min(1),
  headers: Headers.default({}),
  /** Shown to them. Without it, a wrong password would pass for a wall between the organisations. */
  sees: Page,
  mustNotSee: Page,
})
export type IsolationCheck = z.infer<typeof IsolationCheck>

/** `isolation` in backout.yaml: what somebody of one organisation must not see of another one. */
export const IsolationSettings = z.array(IsolationCheck).max(5)

type Answer = { readonly status: number; readonly body: string; readonly truncated: boolean }

export type IsolationSeen = {
  readonly kind: 'apart' | 'leak' | 'not-known'
  /** Without any text of a page. */
  readonly says: string
}

/** What is seen of the other organisation is a leak, whatever else was answered. */
export function isolationOf(
  own: Answer,
  other: Answer,
  { sees, mustNotSee }: Pick<IsolationCheck, 'sees' | 'mustNotSee'>,
): IsolationSeen {
  const pages = `${mustNotSee.path} answers HTTP ${other.status}`
  if (other.body.includes(mustNotSee.text)) {
    return { kind: 'leak', says: `${pages} and shows data of another organisation` }
  }
  if (!own.body.includes(sees.text)) {
    const why = `${sees.path} answers HTTP ${own.status} without the text that it should show`
    return { kind: 'not-known', says: why }
  }
  if (other.status >= 500 || BUSY.includes(other.status)) return { kind: 'not-known', says: pages }
  if (other.truncated) return { kind: 'not-known', says: `${pages}, and is too long to be read` }
  return { kind: 'apart', says: `${pages} without data of another organisation` }
}

/** Not answered now: it may be shown a moment later. */
const BUSY: readonly number[] = [408, 425, 429]
