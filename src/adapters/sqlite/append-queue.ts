export type AppendQueue<Asked, Answer> = {
  /** Resolves with this one's answer when all that was asked for in the same turn is answered. */
  ask(asked: Asked): Promise<Answer>
  /** Answers what waits now, and does not wait for the end of the turn. */
  answerWaiting(): void
}

/**
 * Gathers what is asked for in one turn of the event loop, and answers it all at once in the order it
 * was asked. What `answerAll` throws is thrown to everybody who waits.
 */
export function appendQueue<Asked, Answer>(
  answerAll: (asked: readonly Asked[]) => readonly Answer[],
): AppendQueue<Asked, Answer> {
  let waiting: { readonly asked: Asked; readonly answer: PromiseWithResolvers<Answer> }[] = []

  function answerWaiting(): void {
    if (waiting.length === 0) return
    const turn = waiting
    waiting = []
    try {
      const answers = answerAll(turn.map(({ asked }) => asked))
      for (const [index, value] of answers.entries()) turn[index]?.answer.resolve(value)
    } catch (error) {
      for (const { answer } of turn) answer.reject(error)
    }
  }

  return {
    ask(asked) {
      const answer = Promise.withResolvers<Answer>()
      if (waiting.length === 0) setImmediate(answerWaiting)
      waiting.push({ asked, answer })
      return answer.promise
    },
    answerWaiting,
  }
}
