/**
 * Runs `work` for a key, one run at a time. Asked for while it runs, it runs once more afterwards:
 * whoever asks is sure that a run begins after the asking. `work` handles its own errors.
 */
export function oneAtATime(work: (key: string) => Promise<void>): {
  /** Resolves when the run that was asked for, or the one that stands for it, is over. */
  run(key: string): Promise<void>
  /** Resolves when nothing runs. */
  settled(): Promise<void>
  readonly busy: boolean
} {
  const running = new Map<string, { again: boolean; done: Promise<void> }>()

  function run(key: string): Promise<void> {
    const current = running.get(key)
    if (current) {
      current.again = true
      return current.done
    }
    const turn = { again: false, done: Promise.resolve() }
    running.set(key, turn)
    turn.done = work(key).finally(() => {
      running.delete(key)
      return turn.again ? run(key) : undefined
    })
    return turn.done
  }

  return {
    run,
    async settled() {
      while (running.size > 0) await Promise.all([...running.values()].map(({ done }) => done))
    },
    get busy() {
      return running.size > 0
    },
  }
}
