import type { ModalView } from '@slack/types'
import type { Block, View } from '../../domain/base/view.ts'
import { context } from './blocks.ts'
import { trusted } from '../text/text.ts'

/** What stands first in everything that is said of a drill. */
export const DRILL_MARK = 'DRILL: simulated production'

/** What one message may hold. */
const MOST_BLOCKS = 50
const MOST_TEXT = 3_900

const mark = () =>
  context(trusted(`🎓 *${DRILL_MARK}.* Nothing here is real, and nothing real is touched.`))

/** A message of a drill: nobody can take it for one of production, in a notification neither. */
export function asDrill({ text, blocks }: View): View {
  const marked = text.startsWith(DRILL_MARK) ? text : `${DRILL_MARK}. ${text}`.slice(0, MOST_TEXT)
  return { text: marked, blocks: [mark(), ...withRoom(blocks)] }
}

/** A form of a drill. */
export function asDrillForm(view: ModalView): ModalView {
  return { ...view, blocks: [mark(), ...view.blocks] }
}

/** Of a full message the last line that only explains gives way: nobody presses it. */
function withRoom(blocks: readonly Block[]): readonly Block[] {
  if (blocks.length < MOST_BLOCKS) return blocks
  const least = blocks.findLastIndex(({ type }) => type === 'divider' || type === 'context')
  return blocks.filter((_, index) => index !== (least < 0 ? blocks.length - 1 : least))
}
