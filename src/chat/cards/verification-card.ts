import type { KnownBlock } from '@slack/types'
import type { View } from '../../domain/base/view.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { VerificationItem } from '../../domain/verification/item.ts'
import {
  counts,
  stateOfItem,
  type ItemState,
  type Verification,
} from '../../domain/verification/verification.ts'
import { actions, button, context, header, section, view } from '../parts/blocks.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { clockTime } from '../text/moments.ts'
import { clipped, mention, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'
import { countWords, ITEM_SIGNS } from '../text/verification-words.ts'

/** What one item may say of itself: all of them have to fit on one card. */
const LINE = 240
/** A store that has to be rebuilt says what is to be done, and by whom. */
const TITLE = 200

/** What is verified after a rollback, item by item: what Backout has measured, and what people look at. */
export function verificationCard(incident: Incident): View {
  const { verification, id } = incident
  if (!verification) return view('Verification', [section(trusted('Nothing was verified yet.'))])
  const title = titleOf(verification)
  const again = incidentCan.verify(incident) === true && !verification.due
  return view(`${title}.`, [
    header(title),
    ...meaning(incident, verification),
    ...verification.items.map((item) => itemBlock(incident, verification, item)),
    ...(again
      ? [actions(button({ action: ACTIONS.verify, label: 'Verify again', value: id }))]
      : []),
    context(asked(verification)),
  ])
}

function titleOf(verification: Verification): string {
  const { outdatedBy, due } = verification
  if (outdatedBy !== null) return `Not verified since plan ${outdatedBy} began`
  const words = countWords(counts(verification))
  return due ? `Verifying: ${words}` : words
}

/** What it means, and what to do. */
function meaning(incident: Incident, verification: Verification): KnownBlock[] {
  const { outdatedBy, due } = verification
  if (incident.closed) return []
  if (outdatedBy !== null) {
    return [
      section(
        mrk`Plan ${outdatedBy} has changed production since. Below is what was found before it. _Verify again_ says how it is now.`,
      ),
    ]
  }
  const { forPeople, failed, verified, all } = counts(verification)
  if (due) return [section(trusted('Backout is measuring. It takes seconds.'))]
  if (verified === all) return [section(trusted('Everything on the list is verified.'))]
  const todo = [
    ...(failed > 0 ? ['Mend what failed, then press _Verify again_.'] : []),
    ...(forPeople > 0 ? ['Look at what waits for a person, and press _Verified_ beside it.'] : []),
  ]
  return [section(trusted(todo.join(' ') || '_Verify again_ measures what is left.'))]
}

function itemBlock(
  incident: Incident,
  verification: Verification,
  item: VerificationItem,
): KnownBlock {
  const state = stateOfItem(verification, item)
  const line = section(
    mrk`${trusted(ITEM_SIGNS[state.kind])} *${oneLine(item.title, TITLE)}*: ${says(state, incident)}`,
  )
  if (incidentCan.tickVerified(incident, item.id) !== true) return line
  const value = `${incident.id}/${item.id}`
  return { ...line, accessory: button({ action: ACTIONS.tickVerified, label: 'Verified', value }) }
}

function says(state: ItemState, { closed, verification }: Incident): Mrkdwn {
  const looks = closed ? 'nobody has looked' : 'a person looks'
  switch (state.kind) {
    case 'passed':
    case 'failed':
      return mrk`${clipped(state.result.says, LINE)}. _Backout, ${clockTime(state.result.at)}_`
    case 'ticked': {
      const by = mrk`seen by ${mention(state.tick.by)}, ${clockTime(state.tick.at)}`
      return state.result ? mrk`${by}; ${unmeasured(state.result.says)}` : by
    }
    case 'wants-person':
      return state.result ? mrk`${looks}; ${unmeasured(state.result.says)}` : trusted(looks)
    case 'measuring':
      return trusted(verification?.due ? 'Backout is measuring…' : 'not measured')
    default:
      return state satisfies never
  }
}

function unmeasured(why: string): Mrkdwn {
  return mrk`Backout could not measure it: ${clipped(why, LINE)}`
}

const CAUSES: Record<Verification['cause'], string> = {
  'rolled-back': 'Verified because a rollback has ended.',
  stable: 'What was not verified was measured again once production was stable.',
  'window-over':
    'What was not verified was measured again once five minutes no longer held the time before the rollback.',
  asked: 'Asked for by',
}

function asked({ cause, askedBy }: Verification): Mrkdwn {
  return cause === 'asked'
    ? mrk`${CAUSES[cause]} ${mention(askedBy)}. What Backout measured and found bad is not ticked by hand.`
    : mrk`${CAUSES[cause]} What Backout measured and found bad is not ticked by hand.`
}
