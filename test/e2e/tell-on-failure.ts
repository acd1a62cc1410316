import { onTestFailed, beforeEach } from 'vitest'
import type { Bot } from '../support/bot.ts'

/** A test that fails says what the bot said. */
export const tellOnFailure = (current: () => Bot | undefined): void => {
  beforeEach(() => {
    onTestFailed(() => {
      console.error(
        `The bot said:\n${current()?.output().split('\n').slice(-20).join('\n') ?? '(it is not there)'}`,
      )
    })
  })
}
