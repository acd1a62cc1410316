export type AppendTurns<Asked, Answer> = {
  /** Resolves with this one's answer when all that was asked for in the same turn is answered. */
  ask(asked: Asked): Promise<Answer>
  /** When nothing is asked for any more. */
  settled(): Promise<void>
}

type Turn<Asked, Answer> = {
  readonly asked: Asked
  readonly answer: PromiseWithResolvers<Answer>
}[]

/** So that no transaction grows without end. */
const MOST_AT_ONCE = 500

/**
 * Gathers what is asked for in one turn of the event loop, and answers it all at once in the order it was
 * asked. Turns that come while others are answered are answered together; when that fails for good, each
 * of them is tried alone, so that no turn fails because of another. What `answerAll` throws is thrown to everybody who waits.
 */
export function appendTurns<Asked, Answer>(
  answerAll: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
  isFinal: (error: unknown) => boolean,
): AppendTurns<Asked, Answer> {
  const waiting: Turn<Asked, Answer>[] = []
  let gathering: Turn<Asked, Answer> | null = null
  let working: Promise<void> | null = null

  const isIdle = (): boolean => gathering === null && working === null

  async function work(): Promise<void> {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    for (let some = next(); some.length > 0; some = next()) await answerTurns(some)
    working = null
  }

  function next(): Turn<Asked, Answer>[] {
    const some = waiting.splice(0, 1)
    let count = some[0]?.length ?? 0
    for (let more = waiting[0]; more && count + more.length <= MOST_AT_ONCE; more = waiting[0]) {
      some.push(more)
      count += more.length
      waiting.shift()
    }
    return some
  }

  async function answerTurns(turns: readonly Turn<Asked, Answer>[]): Promise<void> {
    const all = turns.flat()
    try {
      const answers = await answerAll(all.map(({ asked }) => asked))
      for (const [index, value] of answers.entries()) all[index]?.answer.resolve(value)
    } catch (error) {
      if (turns.length === 1 || !isFinal(error)) {
        for (const { answer } of all) answer.reject(error)
        return
      }
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      for (const turn of turns) await answerTurns([turn])
    }
  }

  return {
    ask(asked) {
      const answer = Promise.withResolvers<Answer>()
      if (!gathering) {
        const turn: Turn<Asked, Answer> = []
        gathering = turn
        setImmediate(() => {
          gathering = null
          waiting.push(turn)
          working ??= work()
        })
      }
      gathering.push({ asked, answer })
      return answer.promise
    },
    async settled() {
      while (!isIdle()) {
        // oxlint-disable-next-line no-await-in-loop -- more may have come
        await (working ?? new Promise((resolve) => setImmediate(resolve)))
      }
    },
  }
}
