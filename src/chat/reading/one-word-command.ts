import { badArguments } from './bad-arguments.ts'
import type { CommandEntry } from './command-entry.ts'
import type { Command, CommandName } from './command.ts'
import { quoted } from './read-arguments.ts'

/** A command that is one word. */
export function alone(name: CommandName, command: Command, does: string): CommandEntry {
  return {
    usage: name,
    does,
    example: name,
    flags: [],
    read({ words: [extra] }) {
      if (extra === undefined) return command
      return badArguments(name, `Nothing can follow ${name}, and ${quoted(extra)} does.`)
    },
  }
}
