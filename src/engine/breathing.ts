/** So many pieces of work follow one another before everything else has its turn. */
export const AT_ONCE = 10

/**
 * So many pieces of work at once, and whoever comes with more waits until everything else has had its
 * turn: what is done for hundreds of incidents holds up no acknowledgement (J9). Call it before each piece.
 */
export function breathing(atOnce: number, nextTurn: () => Promise<void>): () => Promise<void> {
  let left = atOnce
  let turn: Promise<void> | null = null

  async function begin(): Promise<void> {
    await nextTurn()
    left = atOnce
    turn = null
  }

  return async () => {
    turn ??= begin()
    while (left === 0) await (turn ??= begin())
    left -= 1
  }
}
