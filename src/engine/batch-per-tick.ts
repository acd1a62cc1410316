/**
 * Gathers what is asked for in one turn of the event loop and answers it all at once, in the order it
 * was asked. What `answerAll` throws is thrown to everybody.
 */
export function atOnce<Asked, Answer>(
  answerAll: (asked: readonly Asked[]) => readonly Answer[],
): (asked: Asked) => Promise<Answer> {
  let waiting: { readonly asked: Asked; readonly answer: PromiseWithResolvers<Answer> }[] = []

  function answerWaiting(): void {
    const turn = waiting
    waiting = []
    try {
      const answers = answerAll(turn.map(({ asked }) => asked))
      for (const [index, value] of answers.entries()) turn[index]?.answer.resolve(value)
    } catch (error) {
      for (const { answer } of turn) answer.reject(error)
    }
  }

  return (asked) => {
    const answer = Promise.withResolvers<Answer>()
    if (waiting.length === 0) setImmediate(answerWaiting)
    waiting.push({ asked, answer })
    return answer.promise
  }
}
