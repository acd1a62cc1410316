/** Who has come and has proved nothing yet. There is so much room, and whoever waited longest makes way. */
export type WaitingRoom<Guest> = {
  enter(guest: Guest): void
  /** Has brought so many bytes more. */
  holds(guest: Guest, moreBytes: number): void
  /** Proved what was to be proved, or is gone. */
  leave(guest: Guest): void
}

/**
 * Refusing the newest one instead would let whoever fills the room first keep everybody out; those
 * we wait for are quick.
 */
export function waitingRoom<Guest>(limits: {
  readonly mostGuests: number
  readonly mostBytes: number
  readonly turnOut: (guest: Guest) => void
}): WaitingRoom<Guest> {
  /** In the order in which they came, with what each holds. */
  const waiting = new Map<Guest, number>()
  let bytes = 0

  function leave(guest: Guest): void {
    bytes -= waiting.get(guest) ?? 0
    waiting.delete(guest)
  }

  function makeRoom(): void {
    for (const guest of waiting.keys()) {
      if (waiting.size <= limits.mostGuests && bytes <= limits.mostBytes) return
      leave(guest)
      limits.turnOut(guest)
    }
  }

  return {
    enter(guest) {
      waiting.set(guest, 0)
      makeRoom()
    },
    holds(guest, moreBytes) {
      const before = waiting.get(guest)
      if (before === undefined) return
      waiting.set(guest, before + moreBytes)
      bytes += moreBytes
      makeRoom()
    },
    leave,
  }
}
