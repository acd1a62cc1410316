import { Fault } from '../domain/base/fault.ts'
import { inconclusive, type Finding } from './probe.ts'

/** One answer that is not well never decides: so often is asked then. */
export const TIMES = 3

/** Between an answer that is not well and the next question, unless there is little time. */
const PAUSE_MS = 200
const PAUSES = 20

/** What came of one question; a fault: no answer. */
type Sample = Finding | Fault

/**
 * Asks once. Where the answer is not well, or has not come after a third of the time, asks three times in all.
 * An earlier question is not given up for the next: an answer that comes within the deadline counts. Throws the
 * first `Fault` where no answer came.
 */
export function askedThrice(
  ask: () => Promise<Finding>,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<Finding> {
  const { promise, resolve, reject } = Promise.withResolvers<Finding>()
  const samples: Sample[] = []
  let begun = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function beginAfter(ms: number): void {
    clearTimeout(timer)
    if (begun < TIMES) timer = setTimeout(begin, ms)
  }

  function begin(): void {
    begun += 1
    beginAfter(deadlineMs / TIMES)
    sampleOf(ask).then(take, reject)
  }

  function take(sample: Sample): void {
    samples.push(sample)
    const isOver = samples.every(isWell) || samples.length === TIMES || signal.aborted
    if (isOver) conclude()
    else beginAfter(Math.min(PAUSE_MS, deadlineMs / PAUSES))
  }

  function conclude(): void {
    clearTimeout(timer)
    const found = judged(samples, begun)
    if (found instanceof Fault) reject(found)
    else resolve(found)
  }

  function timeIsOver(): void {
    clearTimeout(timer)
    if (samples.length > 0) conclude()
  }

  begin()
  signal.addEventListener('abort', timeIsOver, { once: true })
  return promise.finally(() => signal.removeEventListener('abort', timeIsOver))
}

async function sampleOf(ask: () => Promise<Finding>): Promise<Sample> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}

function isWell(sample: Sample): boolean {
  return !(sample instanceof Fault) && sample.verdict === 'healthy'
}

/** What the answers say together. More than half of them are well, or are not; else nothing is concluded. */
function judged(samples: readonly Sample[], asked: number): Sample {
  const [first] = samples
  if (first && samples.every(isWell)) return first
  const findings = samples.flatMap((one) => (one instanceof Fault ? [] : [one]))
  const of = (verdict: Finding['verdict']) => findings.filter((one) => one.verdict === verdict)
  const [well, bad, unclear] = [of('healthy'), of('degraded'), of('inconclusive')]
  const fault = samples.find((one) => one instanceof Fault)
  if (fault && findings.length === 0) return fault
  const told = (deciding: readonly Finding[]): Finding => {
    const summary = inWords(deciding, findings, asked)
    return deciding[0] ? { ...deciding[0], summary } : inconclusive('error', summary)
  }
  if (well.length * 2 > TIMES) return told(well)
  if (bad.length * 2 > TIMES) return told(bad)
  // No answer is well, and one was seen to be bad: silence says nothing against it.
  if (well.length === 0 && unclear.length === 0) return told(bad)
  if (well.length === 0 && unclear.length >= bad.length) return told(unclear)
  return told([])
}

/** "HTTP 503 (2 of 3), HTTP 200 (1 of 3)", what decides first. */
function inWords(deciding: readonly Finding[], all: readonly Finding[], asked: number): string {
  const counts = new Map<string, number>()
  const others = all.filter((one) => !deciding.includes(one))
  for (const { summary } of [...deciding, ...others]) {
    counts.set(summary, (counts.get(summary) ?? 0) + 1)
  }
  const silent = asked - all.length
  if (silent > 0) counts.set('no answer', silent)
  return [...counts].map(([summary, count]) => `${summary} (${count} of ${asked})`).join(', ')
}
