import { Fault } from '../domain/base/fault.ts'
import { redact } from '../domain/text/redact.ts'
import type { Measurement } from '../domain/assessment/measurement.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import type { World } from '../ports/world.ts'
import { inconclusive, type Finding, type Probe, type Question } from './probe.ts'

/** How long after its deadline a question that ignores its signal is given up. */
const GRACE_MS = 100

/** Asks every question at once, each with its own deadline (J9). Never throws, never hangs. */
export async function takeMeasurements(
  probes: readonly Probe[],
  world: World,
  settings: AssessSettings,
  cancelled?: AbortSignal,
): Promise<readonly Measurement[]> {
  const asked = probes.flatMap((probe) =>
    probe.questions(settings, world).map((question) => measure(probe, question)),
  )
  return discountStale(await Promise.all(asked), probes)

  async function measure(probe: Probe, question: Question): Promise<Measurement> {
    const startedMs = world.clock.now()
    const finding = await answerOf(probe, question)
    return {
      probe: probe.id,
      target: question.target,
      ...finding,
      unit: question.unit,
      // A path of somebody's configuration may hold a token.
      query: redact(question.query),
      tookMs: Math.max(0, Math.round(world.clock.now() - startedMs)),
    }
  }

  async function answerOf(probe: Probe, question: Question): Promise<Finding> {
    const { asks = probe.asks } = question
    const { deadlineMs } = settings
    const deadline = AbortSignal.timeout(deadlineMs)
    const signal = cancelled ? AbortSignal.any([deadline, cancelled]) : deadline
    const { promise: late, resolve: giveUp } = Promise.withResolvers<Finding>()
    const timer = setTimeout(() => giveUp(noAnswer(asks, deadlineMs)), deadlineMs + GRACE_MS)
    try {
      // Async, so that what is thrown before there is a promise is caught too.
      const ask = async () => question.ask({ world, settings, signal })
      const answer = ask().catch((error: unknown) => {
        if (deadline.aborted) return noAnswer(asks, deadlineMs)
        return couldNotAsk(asks, error)
      })
      return await Promise.race([answer, late])
    } finally {
      clearTimeout(timer)
    }
  }
}

function noAnswer(asks: string | null, deadlineMs: number): Finding {
  const summary = `no answer${asks ? ` from ${asks}` : ''} within ${deadlineMs / 1000} s`
  return { class: 'error', verdict: 'unreachable', value: null, summary }
}

/** The one that failed, where a probe asks several. */
const WORDS: Readonly<Record<string, string>> = {
  prometheus: 'Prometheus',
  redis: 'Redis',
  mongodb: 'MongoDB',
  kubernetes: 'Kubernetes',
  docker: 'Docker',
}

/** A fault is "could not ask". Anything else is our own mistake: said as such, and never healthy (J10). */
function couldNotAsk(asks: string | null, error: unknown): Finding {
  const summary =
    error instanceof Fault
      ? `${asks ? `${WORDS[error.dependency] ?? error.dependency}: ` : ''}${error.detail}`
      : `the probe itself failed: ${String(error)}`
  return { class: 'error', verdict: 'unreachable', value: null, summary }
}

/** A number from Prometheus stands for now only if its newest sample is known to be fresh. */
export function discountStale(
  measurements: readonly Measurement[],
  probes: readonly Pick<Probe, 'id' | 'needsFreshMetrics'>[],
): readonly Measurement[] {
  const readFromMetrics = new Set(
    probes.filter(({ needsFreshMetrics }) => needsFreshMetrics).map(({ id }) => id),
  )
  const freshness = measurements.find(({ probe }) => probe === 'metrics-fresh')
  if (!freshness || freshness.class === 'value') return measurements
  return measurements.map((measurement) => {
    // One that proves the age of its own samples stands by itself.
    const isProved = measurement.detail?.freshness !== undefined
    if (measurement.class !== 'value' || isProved || !readFromMetrics.has(measurement.probe)) {
      return measurement
    }
    const summary = `not known to be fresh: ${freshness.summary}`
    return { ...measurement, ...inconclusive('no-data', summary) }
  })
}
