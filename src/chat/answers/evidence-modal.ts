import type { KnownBlock, ModalView } from '@slack/types'
import type { Assessment } from '../../domain/assessment/assessment.ts'
import { context, header, listed } from '../parts/blocks.ts'
import { measurementBlocks, nameOf, waysBack } from '../parts/evidence-parts.ts'
import { plainText } from '../reading/inputs.ts'
import { clockTime } from '../text/moments.ts'
import { clipped, code, counted, mrk, type Mrkdwn } from '../text/text.ts'

/** What each half may fill: Slack takes a hundred blocks, and nobody reads that many. */
const ROOM = 9000

/** What was measured, every rule with what it saw, and what was asked: for whoever wants to check the answer. */
export function evidenceModal(assessment: Assessment): ModalView {
  const { at, rules, measurements, against = [] } = assessment
  return {
    type: 'modal',
    title: plainText('How it was decided'),
    close: plainText('Close'),
    blocks: [
      context(mrk`Looked at ${clockTime(at)}. The first rule that matches decides.`),
      ...part(
        'Against a rollback',
        against.map(({ says }) => mrk`• ${clipped(says, 400)}`),
        'more',
      ),
      ...measurementBlocks(assessment),
      ...waysBack(assessment),
      ...part('Every rule', rules.map(ruleLine), 'more rule'),
      ...part('How it was asked', measurements.map(questionLine), 'more question'),
    ],
  }
}

function part(title: string, lines: readonly Mrkdwn[], one: string): readonly KnownBlock[] {
  if (lines.length === 0) return []
  const leftOut = (count: number) => `${counted(count, one)} did not fit here.`
  return [header(title), ...listed(lines, { room: ROOM, leftOut })]
}

const MATCH_WORDS = { true: 'yes', false: 'no', unknown: 'not known' } as const

function ruleLine({ rule, matched, because }: Assessment['rules'][number]): Mrkdwn {
  const why = because.replace(/^not known: /, '')
  return mrk`${MATCH_WORDS[`${matched}`]} · *${clipped(rule, 80)}*: ${clipped(why, 300)}`
}

function questionLine(asked: Assessment['measurements'][number]): Mrkdwn {
  return mrk`${clipped(nameOf(asked), 160)}: ${code(asked.query, 800)}`
}
