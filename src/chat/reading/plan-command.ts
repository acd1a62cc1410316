import { badArguments } from './bad-arguments.ts'
import type { CommandEntry } from './command-entry.ts'
import { notTaken, readVersion } from './read-flags.ts'
import { readSaid } from './read-maintenance.ts'
import { readProcedure } from './read-procedure.ts'
import { readChosen } from './read-service.ts'

const USAGE =
  'plan [procedure] [--to version] [--service name | --all] [--backup id] [--message "words"]'

const wrong = (problem: string) => badArguments(USAGE, problem)

export const PLAN: CommandEntry = {
  usage: USAGE,
  does: 'Plans a way back. Nothing is done until everybody who must sign it has signed.',
  example: 'plan --to v1.9.0',
  flags: ['to', 'backup', 'service', 'all', 'message'],
  switches: ['all'],
  read({ words, flags }, { services }) {
    const version = readVersion(flags)
    if ('problem' in version) return wrong(version.problem)
    const procedure = words.length === 0 ? null : readProcedure(words)
    if (procedure !== null && typeof procedure === 'object') return wrong(procedure.problem)
    const chosen = readChosen({ name: 'plan', usage: USAGE }, flags, services)
    if ('kind' in chosen) return chosen
    const said = readSaid(flags)
    if ('problem' in said) return wrong(said.problem)
    if (procedure === null && said.message !== undefined) {
      return wrong('--message goes with a procedure that turns maintenance on: plan full.')
    }
    const backup = flags.get('backup') ?? null
    const wish = { procedure, ...version, ...chosen, ...said, backup }
    const untaken = procedure === null ? null : notTaken(procedure, wish)
    return untaken === null ? { kind: 'roll-back', ...wish } : wrong(untaken)
  },
}
