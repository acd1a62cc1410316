import type { Incident } from '../../domain/incident/incident.ts'
import { counts, stateOfItem, type ItemState } from '../../domain/verification/verification.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { countWords } from '../text/verification-words.ts'
import { said, words, type Block, type Said } from './contents.ts'

/** The runbook's twelve items after a rollback: what was found of each, and by whom. */
export function verified({ verification }: Incident): readonly Block[] {
  const heading = { kind: 'heading', title: 'Verification' } as const
  if (!verification) {
    return [heading, { kind: 'words', said: words('No item was verified.') }]
  }
  const { outdatedBy, items } = verification
  const since =
    outdatedBy === null ? '' : ` This speaks of the time before plan ${outdatedBy} was begun.`
  return [
    heading,
    { kind: 'words', said: said`The list: ${countWords(counts(verification))}.${since}` },
    {
      kind: 'table',
      caption: 'Each item of the list after a rollback. Times are UTC.',
      columns: ['Item', 'Found', 'By', 'UTC'],
      rows: items.map((item) => [words(item.title), ...foundOf(stateOfItem(verification, item))]),
    },
  ]
}

function foundOf(state: ItemState): readonly [Said, Said, Said] {
  switch (state.kind) {
    case 'passed':
    case 'failed': {
      const { says, at } = state.result
      const found = said`${state.kind}: ${says}`
      return [found, words('Backout'), words(utcDayAndTime(at))]
    }
    case 'ticked':
      return [words('seen to be well'), words(state.tick.by), words(utcDayAndTime(state.tick.at))]
    case 'wants-person':
      return [said`not verified${state.result ? `: ${state.result.says}` : ''}`, NOBODY, NOBODY]
    case 'measuring':
      return [words('not measured yet'), NOBODY, NOBODY]
    default:
      return state satisfies never
  }
}

const NOBODY = words('-')
