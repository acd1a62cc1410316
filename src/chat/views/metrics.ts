import type { Measurement, MeasurementClass } from '../../domain/measurement.ts'
import { overallVerdict, Verdict } from '../../domain/verdict.ts'
import type { View } from '../../domain/view.ts'
import { context, header, listed, section, view } from '../blocks.ts'
import { counted, mrk, namesUpTo, oneLine, type Mrkdwn } from '../text.ts'
import { PROBE_WORDS, VERDICT_WORDS } from '../words.ts'

/** Why an answer is not a number that counts. */
const CLASS_WORDS: Record<MeasurementClass, string> = {
  value: 'measured',
  'no-traffic': 'no traffic to measure',
  'no-data': 'no data',
  partial: 'incomplete answer',
  error: 'no usable answer',
}

/** The numbers as they are now, the worst first. They are shown, not judged: that is `assess`. */
export function metricsView(measurements: readonly Measurement[], environment: string): View {
  const where = oneLine(environment, 60)
  if (measurements.length === 0) {
    const nothing = `Nothing was measured in ${where}: no probe is configured.`
    return view(nothing, [section(mrk`${nothing}`)])
  }
  const worstFirst = measurements.toSorted((a, b) => rank(b.verdict) - rank(a.verdict))
  return view(summary(worstFirst, where), [
    header(`Numbers now: ${where}`),
    ...listed(worstFirst.map(line), {
      leftOut: (count) => `${counted(count, 'more measurement')} did not fit here.`,
    }),
    context(mrk`Whether to roll back is answered by /rollback assess.`),
  ])
}

function rank(verdict: Verdict): number {
  return Verdict.options.indexOf(verdict)
}

function summary(worstFirst: readonly Measurement[], where: string): string {
  const worst = overallVerdict(worstFirst.map(({ verdict }) => verdict))
  const those = worstFirst.filter(({ verdict }) => verdict === worst)
  return worst === 'healthy'
    ? `All ${worstFirst.length} measurements in ${where} are healthy.`
    : `${those.length} of ${worstFirst.length} measurements in ${where} ${VERDICT_WORDS[worst]}: ${namesUpTo(5, those.map(nameOf))}.`
}

function line(measurement: Measurement): Mrkdwn {
  const { class: kind, verdict, summary: what } = measurement
  return mrk`*${nameOf(measurement)}:* ${oneLine(what, 300)} (${CLASS_WORDS[kind]}, ${VERDICT_WORDS[verdict]})`
}

function nameOf({ probe, target }: Measurement): string {
  return `${PROBE_WORDS[probe] ?? oneLine(probe, 80)}, ${oneLine(target, 80)}`
}
