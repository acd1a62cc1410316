import type { Measurement } from '../../domain/assessment/measurement.ts'
import type { Verdict } from '../../domain/assessment/verdict.ts'
import type { View } from '../../domain/base/view.ts'
import { METRICS } from '../../domain/text/product-names.ts'
import { context, header, listed, view } from '../parts/blocks.ts'
import { COMMAND } from '../reading/commands.ts'
import { counted, mrk, namesUpTo, oneLine, trusted, type Mrkdwn } from '../text/text.ts'
import { VERDICT_SIGNS } from '../text/words.ts'
import { nameOf } from '../parts/evidence-parts.ts'

/** What is asked, and why it is not where nothing is measured. */
const QUESTIONS = [
  { probe: 'health-passing', name: 'Health', missing: 'no service is configured' },
  { probe: 'version-known', name: 'Version', missing: 'no version page is configured' },
  { probe: 'error-ratio-low', name: 'Errors', missing: `${METRICS} is not configured` },
] as const

type Row = { readonly name: string; readonly verdict: Verdict; readonly says: string }

/** Whether it works now, as far as that can be measured. What was not seen is never called good. */
export function verifyView(measurements: readonly Measurement[], environment: string): View {
  const where = oneLine(environment, 60)
  const rows = QUESTIONS.flatMap((question) => rowsOf(question, measurements))
  return view(summary(rows, where), [
    header(`Now: ${where}`),
    ...listed(rows.map(line), {
      leftOut: (count) => `${counted(count, 'more answer')} did not fit here.`,
    }),
    context(
      trusted('Not asked here, so a person looks: logging in, data, search, uploads, alerts.'),
      mrk`Whether to roll back is answered by ${COMMAND} assess.`,
    ),
  ])
}

function rowsOf(
  { probe, name, missing }: (typeof QUESTIONS)[number],
  measurements: readonly Measurement[],
): readonly Row[] {
  const answers = measurements.filter((one) => one.probe === probe)
  if (answers.length === 0)
    return [{ name, verdict: 'inconclusive', says: `not asked, ${missing}` }]
  return answers.map(({ target, verdict, summary: says }) => ({
    name: nameOf(probe, target),
    verdict,
    says,
  }))
}

function line({ name, verdict, says }: Row): Mrkdwn {
  return mrk`${trusted(VERDICT_SIGNS[verdict])} *${name}:* ${oneLine(says, 200)}`
}

function summary(rows: readonly Row[], where: string): string {
  const bad = namesWith(rows, ['degraded'])
  const unseen = namesWith(rows, ['unreachable', 'inconclusive'])
  if (bad.length === 0 && unseen.length === 0) {
    return `${where}: health and errors are good, and every version is known.`
  }
  const first = bad.length > 0 ? `bad: ${namesUpTo(5, bad)}.` : 'nothing bad was seen.'
  return unseen.length > 0
    ? `${where}: ${first} Could not be seen: ${namesUpTo(5, unseen)}.`
    : `${where}: ${first}`
}

function namesWith(rows: readonly Row[], verdicts: readonly Verdict[]): readonly string[] {
  return rows.filter(({ verdict }) => verdicts.includes(verdict)).map(({ name }) => name)
}
