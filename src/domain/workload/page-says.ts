import { jsonOf } from '../base/json-of.ts'

/** What a page tells of its own health, whatever its status: "status: DOWN". */
export type Said = {
  readonly kind: 'ill' | 'unclear'
  readonly words: string
}

type Told = { readonly key: string; readonly word: string }

/** Under these keys pages tell how they are, and in the words below. */
const KEYS = new Set(['status', 'health', 'state', 'healthy', 'alive', 'up', 'available', 'ready'])
/** Under these, that it was answered at all: what was answered is said deeper. */
const ANSWERED = new Set(['ok', 'success'])
/** A status of HTTP may stand under these. */
const STATUSES = new Set(['status', 'code', 'statuscode', 'status_code', 'httpstatus'])
const ENVELOPES = new Set(['data', 'result', 'response', 'payload', 'status', 'health', 'state'])
/** Under these the parts are named. */
const PARTS = new Set(['checks', 'components', 'details', 'dependencies', 'services'])

const ILL =
  /^(unhealthy|not[ _-]?(healthy|ok|available|alive|running)|nok|ko|down|fail(ed|ing|ure)?|error|critical|fatal|out[ _-]of[ _-]service|unavailable|offline|dead|broken|red|stopped|crashed|outage|major[ _-]outage|false|5\d\d)$/i
const UNCLEAR =
  /^(unknown|degraded|warn(ing)?|partial|partial[ _-]outage|impaired|unstable|yellow|amber|starting|initiali[sz]ing|stopping|draining|loading|pending|recovering|not[ _-]?ready|maintenance|4\d\d)$/i

/** So long may a text be of which the beginning is the word. */
const LONGEST_WORD = 40

/** `null`: nothing that speaks against it. */
export function saidOfItself(body: string): Said | null {
  const root = jsonOf(body)
  if (root === undefined) return saidInText(body)
  if (typeof root === 'string') return saidInText(root)
  if (root === false) return { kind: 'ill', words: 'false' }
  if (typeof root !== 'object' || root === null) return null
  const top = Object.entries(root)
  const all = top.flatMap(toldIn)
  const isOfWhole = all.some(({ key }) => KEYS.has(key.toLowerCase()))
  // Beside a word for the whole, a number called `code` may be anything.
  const own = isOfWhole ? all.filter(({ key }) => !isNumberOnly(key)) : all
  const deeper = isOfWhole ? [] : top.flatMap(toldInEnvelope)
  const told = [...own, ...deeper]
  const found = worstOf(told)
  if (found) return found
  // Whoever has a word for the whole has weighed its parts.
  const whole = told.some(({ key }) => KEYS.has(key.toLowerCase()))
  return whole ? null : partOf(top)
}

function isNumberOnly(key: string): boolean {
  const lower = key.toLowerCase()
  return !KEYS.has(lower) && !ANSWERED.has(lower)
}

/** "Unhealthy", "DOWN: database", "status: down": one word, as a text, before a colon, or behind its name. */
function saidInText(text: string): Said | null {
  const [word = ''] = text
    .trim()
    .replace(/^(status|health|state)\s*[:=]\s*/i, '')
    .split(/[:\n]/, 1)
  return word.length > LONGEST_WORD ? null : worstOf([{ key: '', word: word.trim() }])
}

function toldIn([key, value]: [string, unknown]): readonly Told[] {
  const lower = key.toLowerCase()
  if (typeof value === 'number') return numberTold(key, value)
  if (!KEYS.has(lower) && !ANSWERED.has(lower)) return []
  if (typeof value !== 'string' && typeof value !== 'boolean') return []
  const word = String(value).trim()
  return [{ key, word: lower === 'ready' && word === 'false' ? 'not ready' : word }]
}

/** 0 for no, and the status of an answer that was wrapped into another one. */
function numberTold(key: string, value: number): readonly Told[] {
  const lower = key.toLowerCase()
  if (STATUSES.has(lower)) {
    return value >= 400 && value < 600 ? [{ key, word: String(value) }] : []
  }
  const isYesOrNo = ANSWERED.has(lower) || lower === 'healthy' || lower === 'alive'
  return isYesOrNo ? [{ key, word: value === 0 ? 'false' : 'true' }] : []
}

function toldInEnvelope([key, value]: [string, unknown]): readonly Told[] {
  if (!ENVELOPES.has(key.toLowerCase()) || !isObject(value)) return []
  return Object.entries(value).flatMap(toldIn)
}

function worstOf(told: readonly Told[]): Said | null {
  const ill = told.find(({ word }) => ILL.test(word))
  const unclear = told.find(({ word }) => UNCLEAR.test(word))
  const found = ill ?? unclear
  if (!found) return null
  const { key, word } = found
  return { kind: ill ? 'ill' : 'unclear', words: key === '' ? word : `${key}: ${word}` }
}

/** Where nothing is said of the whole, a part that is down is a reason to look. */
function partOf(top: readonly (readonly [string, unknown])[]): Said | null {
  const named = top.filter(([key]) => PARTS.has(key.toLowerCase()))
  const parts = [
    ...top,
    ...named.flatMap(([, value]) => (isObject(value) ? Object.entries(value) : [])),
  ]
  for (const [key, value] of parts) {
    const words = typeof value === 'string' ? [value.trim()] : wordsIn(value)
    const word = words.find((one) => ILL.test(one) && one !== 'false')
    const name = /^[a-z][\w.-]{0,39}$/i.test(key) ? key : 'a part'
    if (word !== undefined) return { kind: 'unclear', words: `${name}: ${word}` }
  }
  return null
}

function wordsIn(value: unknown): readonly string[] {
  return isObject(value)
    ? Object.entries(value)
        .flatMap(toldIn)
        .map(({ word }) => word)
    : []
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
