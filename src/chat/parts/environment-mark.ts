import type { ModalView } from '@slack/types'
import type { View } from '../../domain/base/view.ts'
import { mrk, oneLine } from '../text/text.ts'
import { context } from './blocks.ts'
import { below } from './marked.ts'

const mark = (environment: string) => context(mrk`Environment: *${oneLine(environment, 60)}*`)

/** A message where there are several environments: whoever reads it, and presses, sees whose it is. */
export function asMessageOf(environment: string): (view: View) => View {
  return ({ text, blocks }) => ({ text, blocks: below(mark(environment), blocks) })
}

/** A form there. */
export function asFormOf(environment: string): (view: ModalView) => ModalView {
  return (view) => ({ ...view, blocks: [mark(environment), ...view.blocks] })
}
