import type { Block } from '../../domain/base/view.ts'

/** What one message may hold. */
const MOST_BLOCKS = 50

/**
 * A message below a line that says what it belongs to. Of a full one the last line that only explains gives way: nobody
 * presses it.
 */
export function below(mark: Block, blocks: readonly Block[]): readonly Block[] {
  if (blocks.length < MOST_BLOCKS) return [mark, ...blocks]
  const least = blocks.findLastIndex(({ type }) => type === 'divider' || type === 'context')
  const given = least < 0 ? blocks.length - 1 : least
  return [mark, ...blocks.filter((_, index) => index !== given)]
}
