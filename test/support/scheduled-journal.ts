import type fc from 'fast-check'
import type { Journal } from '../../src/ports/journal.ts'

/** Every question and every append waits for its turn: the scheduler decides whose turn it is. */
export function scheduledJournal(inner: Journal, scheduler: fc.Scheduler): Journal {
  const inTurn =
    <Args extends unknown[], Result>(name: string, call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await scheduler.schedule(Promise.resolve(), name)
      return call(...args)
    }
  return {
    ...inner,
    append: inTurn('append', inner.append),
    read: inTurn('read', inner.read),
    receivedUnder: inTurn('receivedUnder', inner.receivedUnder),
    recent: inTurn('recent', inner.recent),
  }
}
