import { badArguments } from './bad-arguments.ts'
import type { CommandEntry } from './command-entry.ts'
import { quoted } from './read-arguments.ts'

const USAGE = 'report [incident]'

export const REPORT: CommandEntry = {
  usage: USAGE,
  does: 'Writes the report of an incident as far as it is known, into its thread and beside its evidence.',
  example: 'report 20261122-k7qf',
  flags: [],
  read({ words: [typed = null, ...more] }) {
    const incident = typed && typed.replace(/^#/, '')
    if (more.length > 0) return badArguments(USAGE, 'It takes one incident at most.')
    if (incident !== null && !/^[\w-]{1,64}$/.test(incident)) {
      return badArguments(USAGE, `${quoted(incident)} is not the name of an incident.`)
    }
    return { kind: 'write-report', incident }
  },
}
