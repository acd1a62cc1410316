import { uniqueId } from './json.ts'
import type { Dict } from './json.ts'

/** One call of the bot, as the proxy saw it. `answered` is absent while it is open or was cut off. */
export type ApiCall = {
  id: string
  method: string
  body: Dict
  token: string
  at: number
  fault?: Fault['kind']
  /** True when local-slack (or the proxy in its place) carried it out, even if the bot never heard. */
  carriedOut: boolean
  answered?: { at: number; status: number; body: Dict }
}

export type Fault =
  /** Without `retryAfterS` there is no Retry-After header: web-api then throws a plain Error. */
  | { kind: 'rate-limited'; retryAfterS?: number }
  | { kind: 'http'; status: number }
  | { kind: 'platform'; error: string }
  /** Waits, then goes on: to the next fault that matches, or to Slack. */
  | { kind: 'delay'; ms: number }
  /** Slack did it; the reply never arrived. */
  | { kind: 'lost-reply' }
  /** Cut before Slack heard of it. */
  | { kind: 'refuse' }
  /** Neither carried out nor answered, until the bot gives up or the proxy stops. */
  | { kind: 'hang' }

type FaultOptions = { times?: number; when?: (call: ApiCall) => boolean }

type FaultHandle = { hits: () => number; remove: () => void }

export type Faults = {
  /** `method` is exact, a family (`chat.*`) or `*`. Faults are tried in the order they were added. */
  add: (method: string, fault: Fault, options?: FaultOptions) => FaultHandle
  clear: () => void
  /** The faults this call suffers, in order: any delays, then at most one that ends it. */
  take: (call: ApiCall) => Fault[]
}

const matches = (pattern: string, method: string): boolean =>
  pattern === '*' ||
  pattern === method ||
  (pattern.endsWith('.*') && method.startsWith(pattern.slice(0, -1)))

export const createFaults = (): Faults => {
  const rules = new Map<
    string,
    { method: string; fault: Fault; left: number; hits: number } & FaultOptions
  >()
  return {
    add: (method, fault, options = {}) => {
      const id = uniqueId('F')
      const rule = { method, fault, left: options.times ?? 1, hits: 0, ...options }
      rules.set(id, rule)
      return { hits: () => rule.hits, remove: () => void rules.delete(id) }
    },
    clear: () => rules.clear(),
    take: (call) => {
      const taken: Fault[] = []
      for (const rule of rules.values()) {
        if (rule.left <= 0 || !matches(rule.method, call.method)) continue
        if (rule.when && !rule.when(call)) continue
        rule.left -= 1
        rule.hits += 1
        taken.push(rule.fault)
        if (rule.fault.kind !== 'delay') break
      }
      return taken
    },
  }
}
