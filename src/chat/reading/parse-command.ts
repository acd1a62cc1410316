import { nearest } from '../../domain/text/nearest.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'
import { badArguments } from './bad-arguments.ts'
import type { Command, CommandName } from './command.ts'
import type { Known } from './command-entry.ts'
import { COMMAND, COMMANDS } from './commands.ts'
import { quoted, readArguments } from './read-arguments.ts'
import { splitLine } from './split-line.ts'

const HELP: ReadonlySet<string> = new Set(['--help', '--h', '--?', '?'])

/** What a typed line asks for, or why it asks for nothing. Never throws, and guesses nothing. */
export function parseCommand(text: string, known: Known): Command | Refusal {
  const [first, ...rest] = withoutCommand(splitLine(text))
  if (first === undefined || [first, ...rest].some((word) => HELP.has(word.toLowerCase()))) {
    return { kind: 'help' }
  }
  const typed = first.toLowerCase().replace(/[.,:;!?]+$/, '')
  const name = typed === 'enroll' ? 'enrol' : typed
  if (!isCommand(name)) return unknownSubcommand(first, rest)
  if (name === 'help') return { kind: 'help' }
  const entry = COMMANDS[name]
  const given = readArguments(rest, entry.flags, entry.switches)
  return 'problem' in given ? badArguments(entry.usage, given.problem) : entry.read(given, known)
}

/** `@Backout /rollback assess` is what people type in a thread. */
function withoutCommand(words: readonly string[]): readonly string[] {
  return words[0]?.toLowerCase() === COMMAND ? words.slice(1) : words
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}

function unknownSubcommand(typed: string, [next = '']: readonly string[]): Refusal {
  const names = Object.keys(COMMANDS)
  // People type "scale down" and "clear cache".
  const both = `${typed.slice(0, 60)}-${next.slice(0, 60)}`
  const meant = nearest(both, names) ?? nearest(typed.slice(0, 60), names)
  const form =
    meant !== null && isCommand(meant)
      ? `Nearest: ${COMMAND} ${COMMANDS[meant].usage}`
      : `All commands: ${COMMAND} help`
  return refused('unknown-subcommand', `${quoted(typed)} is not known. ${form}`)
}
