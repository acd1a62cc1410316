import type { Measurement, MeasurementClass } from '../../domain/assessment/measurement.ts'
import { overallVerdict, Verdict } from '../../domain/assessment/verdict.ts'
import type { View } from '../../domain/base/view.ts'
import { context, header, listed, section, view } from '../parts/blocks.ts'
import { counted, mrk, namesUpTo, oneLine, type Mrkdwn } from '../text/text.ts'
import { VERDICT_WORDS } from '../text/words.ts'
import { byCause, nameOf } from '../parts/evidence-parts.ts'

/** Why an answer is not a number that counts. */
const CLASS_WORDS: Record<MeasurementClass, string | null> = {
  value: null,
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
    ...listed(grouped(worstFirst), {
      leftOut: (count) => `${counted(count, 'more measurement')} did not fit here.`,
    }),
    context(mrk`Whether to roll back is answered by /rollback assess.`),
  ])
}

function rank(verdict: Verdict): number {
  return Verdict.options.indexOf(verdict)
}

/** Under the same headings as on the card of an assessment. */
const HEADINGS: Record<Verdict, string> = {
  degraded: '🔴 Bad',
  unreachable: '⚫ Not reached',
  inconclusive: '⚪ Not clear',
  healthy: '🟢 Good',
}

function grouped(measurements: readonly Measurement[]): readonly Mrkdwn[] {
  return Verdict.options.toReversed().flatMap((verdict) => {
    const [first, ...rest] = byCause(measurements.filter((one) => one.verdict === verdict)).map(
      line,
    )
    return first ? [mrk`*${HEADINGS[verdict]}*`, first, ...rest] : []
  })
}

function summary(worstFirst: readonly Measurement[], where: string): string {
  const worst = overallVerdict(worstFirst.map(({ verdict }) => verdict))
  const those = worstFirst.filter(({ verdict }) => verdict === worst)
  return worst === 'healthy'
    ? `All ${worstFirst.length} measurements in ${where} are healthy.`
    : `${those.length} of ${worstFirst.length} measurements in ${where} ${VERDICT_WORDS[worst]}: ${namesUpTo(
        5,
        those.map(nameOf),
      )}.`
}

function line({ names, cause, answers }: ReturnType<typeof byCause<Measurement>>[number]): Mrkdwn {
  const [first] = answers
  const words = first ? CLASS_WORDS[first.class] : null
  return mrk`*${oneLine(names.join('; '), 200)}:* ${oneLine(cause, 300)}${words === null ? '' : ` (${words})`}`
}
