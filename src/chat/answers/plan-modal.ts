import type { KnownBlock, ModalView } from '@slack/types'
import { wordsOf } from '../../domain/plan/about-request.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { Plan, PlannedChange } from '../../domain/plan/plan.ts'
import { actions, button, context, header, inSections } from '../parts/blocks.ts'
import { takenBack } from '../parts/change-lines.ts'
import { limitInWords } from '../parts/plan-contents.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { plainText } from '../reading/inputs.ts'
import type { AboutPlan } from '../reading/parse-show-plan.ts'
import { clipped, inPieces, mrk, trusted, type Mrkdwn } from '../text/text.ts'

/** As much as is known to fit into one message: for a modal Slack tells only the number of blocks and bytes. */
const PAGE = 12_000

/** So long a line may be, well below Slack's limit for one text. */
const PIECE = 1200

/** The same without pages, for where there is room. */
export function planBlocks(state: PlanState, plan: Plan): readonly KnownBlock[] {
  return partsOf(state, plan).flatMap(({ title, lines: all }) => [
    header(title),
    ...inSections(all),
  ])
}

type Part = { readonly title: string; readonly lines: readonly Mrkdwn[] }

/** Every word of a plan, in as many pages as it takes. `page` counts from 1; what is beyond the last is the last. */
export function planModal(state: PlanState, plan: Plan, about: AboutPlan, page: number): ModalView {
  const pages = pagesOf(partsOf(state, plan))
  const at = Math.min(Math.max(1, page), pages.length)
  return {
    type: 'modal',
    private_metadata: JSON.stringify(about),
    title: plainText(`Plan ${state.number}`),
    close: plainText('Close'),
    blocks: [
      ...(pages.length > 1 ? [context(mrk`Page ${at} of ${pages.length}`)] : []),
      ...(pages[at - 1] ?? []),
      ...turning(at, pages.length),
    ],
  }
}

function turning(at: number, pages: number): readonly KnownBlock[] {
  const back = button({ action: ACTIONS.planPageBefore, label: 'Back', value: `${at - 1}` })
  const next = button({ action: ACTIONS.planPageNext, label: 'Next', value: `${at + 1}` })
  const buttons = [...(at > 1 ? [back] : []), ...(at < pages ? [next] : [])]
  return buttons.length > 0 ? [actions(...buttons)] : []
}

function partsOf(state: PlanState, plan: Plan): readonly Part[] {
  const { title, lost, undo, because, changes, cautions, steps, finish, preparation } = plan
  const { why } = wordsOf(state.request.kind)
  return [
    { title: 'What it does', lines: inPieces(title, PIECE) },
    {
      title: 'What changes',
      lines: [...changes.flatMap(changeLines), ...takenBack(changes, state.proposedAt)],
    },
    { title: 'What is lost', lines: inPieces(lost, PIECE) },
    { title: 'Can it be undone', lines: inPieces(undo, PIECE) },
    { title: 'Time limit', lines: finish ? timeLimit(finish) : [] },
    { title: why, lines: inPieces(because, PIECE) },
    { title: 'What to know before', lines: cautions.flatMap((one) => led('⚠️ ', one)) },
    { title: 'What is made ready meanwhile', lines: inPieces(preparation ?? '', PIECE) },
    {
      title: 'What will be done',
      lines: steps.flatMap((step, index) => led(`${index + 1}. `, step.title)),
    },
  ].filter((part) => part.lines.length > 0)
}

function timeLimit({ withinMs, safeStop }: NonNullable<Plan['finish']>): readonly Mrkdwn[] {
  return led(`${limitInWords(withinMs)}; `, safeStop)
}

const whole = (text: string) => clipped(text, Infinity)

/** A change as on its card, or a line for each text where that would be too long; and each detail. */
function changeLines({ what, from, to, details = [] }: PlannedChange): readonly Mrkdwn[] {
  const line = mrk`• *${whole(what)}*: ${whole(from)} → *${whole(to)}*`
  const apart = [...led('• ', what), ...led('From: ', from), ...led('To: ', to)]
  return [
    ...(line.mrkdwn.length <= PIECE ? [line] : apart),
    ...details.flatMap((detail) => led('    – ', detail)),
  ]
}

/** A text behind what leads it, whole. */
function led(leading: string, text: string): readonly Mrkdwn[] {
  const [first, ...rest] = inPieces(text, PIECE)
  return [mrk`${trusted(leading)}${first ?? ''}`, ...rest]
}

/** Each part under its title, which is said again where a page begins within it. */
function pagesOf(parts: readonly Part[]): readonly (readonly KnownBlock[])[] {
  const pages: KnownBlock[][] = [[]]
  let room = PAGE
  for (const { title, lines: all } of parts) {
    let titled = false
    for (const block of inSections(all)) {
      const takes = JSON.stringify(block).length + title.length + 100
      if (takes > room && room < PAGE) {
        pages.push([])
        room = PAGE
        if (titled) pages.at(-1)?.push(header(`${title}, continued`))
      }
      if (!titled) pages.at(-1)?.push(header(title))
      titled = true
      pages.at(-1)?.push(block)
      room -= takes
    }
  }
  return pages
}
