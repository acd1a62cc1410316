import { z } from 'zod'
import { flagInWords } from '../../../domain/plan/flag-value.ts'
import { namesUpTo } from '../../../domain/text/names-up-to.ts'
import { utcDayAndTime } from '../../../domain/text/utc.ts'
import { defineStep } from '../../../engine/run/step.ts'
import { readingsOf, type Reading } from '../readings.ts'

const Input = z.object({
  flag: z.string(),
  service: z.string(),
  url: z.string(),
  path: z.string(),
  value: z.string(),
  instance: z.string(),
  port: z.number().nullable(),
  /** What each of them is to tell; `null`: whatever it is where the flag is not set. */
  expected: z.string().nullable(),
  /** The same for the way back. */
  before: z.string().nullable(),
})

/** So many are called by their names. */
const MOST_NAMED = 3

/** Changes nothing: every instance that the platform knows tells by which value it goes. */
export const readFlagBack = defineStep({
  id: 'read-flag-back',
  input: Input,
  deadlineMs: () => 5 * 60_000,
  onAbort: 'interrupt',
  whenStopped: 'it is ended; it only looks',
  onUndo: {
    kind: 'prove',
    input: ({ expected, before, ...rest }) => ({ ...rest, expected: before, before: expected }),
  },

  title: ({ flag, service }) => `Read ${flag} back from every instance of ${service}`,

  inspect: async () => ({ kind: 'done', begun: false, says: 'nothing is to be done' }),
  apply: async () => ({ kind: 'written' }),

  async verify({ world, signal }, { expected, ...page }) {
    const readings = await readingsOf(page, world, signal)
    const all = readings.length
    if (all === 0)
      return { kind: 'verified', says: `nothing of ${page.service} runs that could go by it` }
    const right = readings.filter((one) => isRight(one, readings, expected))
    const told = readings.flatMap((one) => (one.kind === 'read' ? [one.value] : []))
    const value = expected ?? told[0] ?? null
    const so = `${right.length} of ${all} instances read ${flagInWords(value)}`
    if (right.length === all) return { kind: 'verified', says: so }
    const wrong = readings.filter((one) => !right.includes(one)).map(inWords)
    return {
      kind: 'not-yet',
      says: `${so}; ${namesUpTo(MOST_NAMED, wrong)}`,
      progress: { done: right.length, total: all, unit: 'instances' },
    }
  },
})

/** Where it is not known what is right, at least all of them say the same. */
function isRight(one: Reading, all: readonly Reading[], expected: string | null): boolean {
  if (one.kind !== 'read') return false
  if (expected !== null) return one.value === expected
  return all.every((other) => other.kind !== 'read' || other.value === one.value)
}

function inWords(one: Reading): string {
  const { id, startedAt } = one.instance
  if (one.kind === 'problem') return `${id}: ${one.because}`
  const since = startedAt === null ? '' : `, running since ${utcDayAndTime(startedAt)},`
  return `${id}${since} still reads ${flagInWords(one.value)}: restart that one`
}
