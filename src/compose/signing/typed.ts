import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** Shows something, and takes one line for each question. What is typed is shown nowhere. */
export type Typed = (shown: string, questions: readonly string[]) => Promise<readonly string[]>

/** From the terminal, or from what is piped in. Never from the arguments: those everybody on the machine sees. */
export const typedAtTerminal: Typed = async (shown, questions) => {
  const { stdin, stdout } = process
  stdout.write(shown)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: nowhere, terminal: stdin.isTTY })
  const typed: string[] = []
  try {
    const iterator = lines[Symbol.asyncIterator]()
    for (const question of questions) {
      stdout.write(question)
      // oxlint-disable-next-line no-await-in-loop -- one question after the other
      const { value, done } = await iterator.next()
      stdout.write('\n')
      if (done) break
      typed.push(value)
    }
  } finally {
    lines.close()
  }
  return typed
}
