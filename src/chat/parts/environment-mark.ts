import type { ModalView } from '@slack/types'
import { context } from './blocks.ts'
import { mrk, oneLine } from '../text/text.ts'

/** A form where there are several environments: whoever fills it in sees whose it is. */
export function asFormOf(environment: string): (view: ModalView) => ModalView {
  return (view) => ({
    ...view,
    blocks: [context(mrk`Environment: *${oneLine(environment, 60)}*`), ...view.blocks],
  })
}
