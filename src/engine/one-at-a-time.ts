/**
 * Runs `work` for a key, one run at a time. Asked for while it runs, it runs once more afterwards:
 * whoever asks is sure that a run begins after the asking. `work` handles its own errors.
 */
export function oneAtATime(work: (key: string) => Promise<void>): {
  run(key: string): void
  /** The same, and resolves when nothing runs for the key any more. */
  finish(key: string): Promise<void>
  /** Resolves when nothing runs. */
  settled(): Promise<void>
  readonly busy: boolean
} {
  const running = new Map<string, { again: boolean; done: Promise<void> }>()

  function run(key: string): void {
    const current = running.get(key)
    if (current) {
      current.again = true
      return
    }
    const turn = { again: false, done: Promise.resolve() }
    running.set(key, turn)
    turn.done = work(key).finally(() => {
      running.delete(key)
      if (turn.again) run(key)
    })
  }

  return {
    run,
    async finish(key) {
      run(key)
      for (let turn = running.get(key); turn; turn = running.get(key)) await turn.done
    },
    async settled() {
      while (running.size > 0) await Promise.all([...running.values()].map(({ done }) => done))
    },
    get busy() {
      return running.size > 0
    },
  }
}
