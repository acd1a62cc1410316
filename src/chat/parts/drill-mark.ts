import type { ModalView } from '@slack/types'
import type { View } from '../../domain/base/view.ts'
import { trusted } from '../text/text.ts'
import { context } from './blocks.ts'
import { below } from './marked.ts'

/** What stands first in everything that is said of a drill. */
export const DRILL_MARK = 'DRILL: simulated production'

const MOST_TEXT = 3_900

const mark = () =>
  context(trusted(`🎓 *${DRILL_MARK}.* Nothing here is real, and nothing real is touched.`))

/** A message of a drill: nobody can take it for one of production, in a notification neither. */
export function asDrill({ text, blocks }: View): View {
  const marked = text.startsWith(DRILL_MARK) ? text : `${DRILL_MARK}. ${text}`.slice(0, MOST_TEXT)
  return { text: marked, blocks: below(mark(), blocks) }
}

/** A form of a drill. */
export function asDrillForm(view: ModalView): ModalView {
  return { ...view, blocks: [mark(), ...view.blocks] }
}
