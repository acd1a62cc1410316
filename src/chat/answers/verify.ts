import type { KnownBlock } from '@slack/types'
import type { ItemVerdict } from '../../domain/verification/item.ts'
import type { Measurement } from '../../domain/assessment/measurement.ts'
import type { Verdict } from '../../domain/assessment/verdict.ts'
import type { View } from '../../domain/base/view.ts'
import { METRICS } from '../../domain/text/product-names.ts'
import { context, header, listed, section, view } from '../parts/blocks.ts'
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

/** Two lists stand below each other. */
const LIST_ROOM = 5_000

type Row = { readonly name: string; readonly verdict: Verdict; readonly says: string }

/** One item of the list that is verified after a rollback, as it is now. */
export type VerifiedNow = {
  readonly title: string
  readonly verdict: ItemVerdict
  readonly says: string
}

const ITEM_NOW_SIGNS: Record<ItemVerdict, string> = {
  passed: '✅',
  failed: '❌',
  'not-measured': '⬜',
}

/**
 * Whether it works now, as far as that can be measured. What was not seen is never called good. `list`: what
 * the runbook verifies; `null`: that is shown in the thread of an incident.
 */
export function verifyView(
  measurements: readonly Measurement[],
  environment: string,
  list: readonly VerifiedNow[] | null = [],
): View {
  const where = oneLine(environment, 60)
  const rows = QUESTIONS.flatMap((question) => rowsOf(question, measurements))
  return view(summary(rows, where), [
    header(`Now: ${where}`),
    ...listed(rows.map(line), {
      room: LIST_ROOM,
      leftOut: (count) => `${counted(count, 'more answer')} did not fit here.`,
    }),
    ...listNow(list ?? []),
    context(
      ...(list === null
        ? [trusted('The list of the runbook is verified in the thread of the incident.')]
        : []),
      mrk`Whether to roll back is answered by ${COMMAND} assess.`,
    ),
  ])
}

function listNow(list: readonly VerifiedNow[]): KnownBlock[] {
  if (list.length === 0) return []
  const passed = list.filter(({ verdict }) => verdict === 'passed').length
  const items = list.map(({ title, verdict, says }) => {
    return mrk`${trusted(ITEM_NOW_SIGNS[verdict])} *${oneLine(title, 80)}:* ${oneLine(says, 200)}`
  })
  return [
    section(mrk`*The list of the runbook:* ${passed} of ${list.length} verified`),
    ...listed(items, {
      room: LIST_ROOM,
      leftOut: (count) => `${counted(count, 'more item')} did not fit here.`,
    }),
  ]
}

function rowsOf(
  { probe, name, missing }: (typeof QUESTIONS)[number],
  measurements: readonly Measurement[],
): readonly Row[] {
  const answers = measurements.filter((one) => one.probe === probe)
  if (answers.length === 0)
    return [{ name, verdict: 'inconclusive', says: `not asked, ${missing}` }]
  return answers.map((answer) => ({
    name: nameOf(answer),
    verdict: answer.verdict,
    says: answer.summary,
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
