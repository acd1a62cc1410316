import type { KnownBlock } from '@slack/types'
import type { Block } from '../../domain/base/view.ts'

/** `chat/` builds every block from Slack's own types; on the way here the program only carried them. */
export function slackBlocks(blocks: readonly Block[]): KnownBlock[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return [...blocks] as KnownBlock[]
}
