type Limits = { readonly maxBytes: number; readonly maxFileBytes: number }

/** The bytes there is room for in all, lent to one file after another. */
export type Room = {
  /** As much as one file may have. Waits for what others may give back; nothing, when all is used. */
  take(): Promise<number>
  giveBack(taken: number, used: number): void
  isSpent(): boolean
}

/** Less than this tells nothing. */
const least = 1_000

export function roomOf({ maxBytes, maxFileBytes }: Limits): Room {
  let left = maxBytes
  let holders = 0
  const waiting: (() => void)[] = []
  const mustWait = (): boolean => left < maxFileBytes && holders > 0
  return {
    async take() {
      while (mustWait()) {
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      const taken = left < least ? 0 : Math.min(left, maxFileBytes)
      left -= taken
      holders += 1
      return taken
    },
    giveBack(taken, used) {
      left += taken - used
      holders -= 1
      for (const wake of waiting.splice(0)) wake()
    },
    isSpent: () => left < least && holders === 0,
  }
}
