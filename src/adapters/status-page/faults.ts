import { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import { codeBehind, networkTrouble, neverSent } from '../../domain/base/network-trouble.ts'

/** Whether something may have been carried out when no answer came. */
export type Doing = 'reading' | 'writing'

/** No answer came. The address itself is never told: it may hold a secret. */
export function connectionFault(
  error: unknown,
  context: {
    readonly dependency: string
    readonly doing: Doing
    readonly aborted: boolean
    readonly url: string
  },
): Fault {
  const { dependency, doing, aborted, url } = context
  const code = aborted ? 'ETIMEDOUT' : codeBehind(error)
  const trouble = code === null ? null : networkTrouble(code)
  const where = URL.parse(url)?.host
  const words = trouble?.words ?? `the request failed${code === null ? '' : ` (${code})`}`
  const detail = `${words}${where ? ` at ${where}` : ''}`
  const certain = doing === 'reading' || neverSent(code)
  const kind = trouble?.kind === 'terminal' ? 'terminal' : certain ? 'retryable' : 'unknown-outcome'
  return new Fault({ kind, dependency, detail, code, cause: error })
}

/** The two shapes in which an error is told: one sentence, or several. */
const Told = z.object({ error: z.union([z.string(), z.array(z.string()).min(1)]) })

const LONGEST = 200

/** What the other side answered instead of doing it. `subject`: what it has refused, in words. */
export function answerFault(
  answer: { readonly status: number; readonly json: unknown; readonly retryAfterMs: number | null },
  {
    dependency,
    doing,
    told = 'repeated',
  }: {
    readonly dependency: string
    readonly doing: Doing
    /** Whether its own words are repeated: they may hold the address that we have to keep to ourselves. */
    readonly told?: 'repeated' | 'not-at-all'
  },
): Fault {
  const { status } = answer
  const code = String(status)
  const of = { dependency, code, retryAfterMs: answer.retryAfterMs }
  if (status === 420 || status === 429) {
    return new Fault({ ...of, kind: 'retryable', detail: `it asks to wait (HTTP ${status})` })
  }
  // Whoever stands before it gave up waiting: it may go on with it.
  if ((status === 502 || status === 504) && doing === 'writing') {
    return new Fault({
      ...of,
      kind: 'unknown-outcome',
      detail: `it did not answer (HTTP ${status})`,
    })
  }
  if (status >= 500) {
    return new Fault({ ...of, kind: 'retryable', detail: `it fails (HTTP ${status})` })
  }
  const words = WORDS[status] ?? 'it refuses this'
  return new Fault({
    ...of,
    kind: 'terminal',
    detail: `${words} (HTTP ${status})${told === 'repeated' ? toldBy(answer) : ''}`,
  })
}

const WORDS: Readonly<Record<number, string>> = {
  401: 'it does not take the key',
  403: 'the key may not do this',
  404: 'there is no such page or incident',
}

function toldBy({ json }: { readonly json: unknown }): string {
  const { data } = Told.safeParse(json)
  if (!data) return ''
  const all = (typeof data.error === 'string' ? [data.error] : data.error).join('; ')
  const line = all.replace(/\s+/g, ' ').trim()
  return `: ${line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line}`
}

/** It took the request, and what it answered makes no sense. */
export function garbled(dependency: string, doing: Doing): Fault {
  const kind = doing === 'writing' ? 'unknown-outcome' : 'retryable'
  return new Fault({ kind, dependency, detail: 'its answer could not be read' })
}
