import { inWords } from '../../domain/text/duration.ts'
import type { CheckOf } from '../../domain/verification/settings.ts'
import type { LogTail, Workloads } from '../../ports/workloads.ts'
import { round } from '../ratio.ts'
import type { CheckContext } from './check-context.ts'
import { settled } from './settled.ts'
import { all, failed, notMeasured, passed, type Named, type Outcome } from './outcome.ts'

const NOT_CONFIGURED = 'what runs the services is not configured, so no log can be read'

/** So many lines of each container are read at most. */
const TAIL = 1_000

/** A line of every service that is young enough. Silence may be a quiet service: a person looks. */
export async function logs(
  { newerThanSeconds }: CheckOf<'logs'>,
  context: CheckContext,
): Promise<Outcome> {
  const found = await tailsOf(context, { tail: 1, sinceSeconds: newerThanSeconds })
  const within = inWords(newerThanSeconds * 1000)
  const parts = found.map(({ service, tails }): Named => {
    return { name: service, outcome: freshness(tails, within) }
  })
  return all(parts, NOT_CONFIGURED)
}

function freshness(tails: readonly LogTail[], within: string): Outcome {
  const written = tails.filter(({ lines, isNote }) => !isNote && lines.length > 0)
  if (written.length > 0) return passed(`wrote within ${within}`)
  const why = tails.find(({ isNote }) => isNote)?.lines[0]
  return notMeasured(why ?? `no line within ${within}, it may be quiet`)
}

/** Lines that tell of an error, of all services together, against what is usual. */
export async function errorLines(
  { words, overSeconds, usuallyPerMinute, factor }: CheckOf<'error-lines'>,
  context: CheckContext,
): Promise<Outcome> {
  const found = await tailsOf(context, { tail: TAIL, sinceSeconds: overSeconds })
  const tails = found.flatMap((one) => one.tails)
  const unread = tails.find(({ isNote }) => isNote)
  const lines = tails.flatMap((tail) => (tail.isNote ? [] : tail.lines))
  if (found.length === 0) return notMeasured(NOT_CONFIGURED)
  const isCut = tails.some((tail) => tail.lines.length >= TAIL)
  const errors = lines.filter((line) => words.some((word) => hasWord(line, word))).length
  const perMinute = round((60 * errors) / overSeconds, 1)
  const most = round(usuallyPerMinute * factor, 1)
  const over = `over ${inWords(overSeconds * 1000)}`
  const seen = `${isCut ? 'at least ' : ''}${perMinute} error lines a minute ${over}`
  if (perMinute > most) {
    const bad = failed(seen, `at most ${most}, usually ${usuallyPerMinute}`)
    return settled(bad, overSeconds * 1000, context)
  }
  // Few were counted: that says something only where all could be read, and there were some.
  if (unread) return notMeasured(unread.lines[0] ?? 'a log cannot be read')
  if (lines.length === 0) return notMeasured(`no line at all ${over}`)
  return isCut ? notMeasured(`more lines than can be counted: ${seen}`) : passed(seen)
}

function hasWord(line: string, word: string): boolean {
  for (let at = line.indexOf(word); at >= 0; at = line.indexOf(word, at + 1)) {
    const around = [line.charAt(at - 1), line.charAt(at + word.length)]
    if (around.every((letter) => !/\w/.test(letter))) return true
  }
  return false
}

type Read = { readonly service: string; readonly tails: readonly LogTail[] }

async function tailsOf(
  { world, settings, signal }: CheckContext,
  wanted: Omit<Parameters<Workloads['logs']>[1], 'signal'>,
): Promise<readonly Read[]> {
  const { workloads } = world
  if (!workloads || !settings.deployed) return []
  return Promise.all(
    settings.deployed.services.map(async (service) => ({
      service,
      tails: await workloads.logs(service, { ...wanted, signal }),
    })),
  )
}
