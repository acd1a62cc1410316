import { badArguments } from './bad-arguments.ts'
import type { CommandEntry } from './command-entry.ts'
import { quoted } from './read-arguments.ts'

const USAGE = 'enrol [revoke]'

export const ENROL: CommandEntry = {
  usage: USAGE,
  does: 'Gives you a second factor, to sign with while Slack is down. Another approver confirms it.',
  example: 'enrol',
  flags: [],
  read({ words: [word, ...more] }) {
    if (word === undefined) return { kind: 'enrol', wants: 'enrol' }
    if (word.toLowerCase() === 'revoke' && more.length === 0) {
      return { kind: 'enrol', wants: 'revoke' }
    }
    return badArguments(USAGE, `Only revoke can follow enrol, and ${quoted(word)} does.`)
  },
}
