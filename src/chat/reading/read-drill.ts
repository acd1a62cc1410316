import { badArguments } from './bad-arguments.ts'
import type { CommandEntry } from './command-entry.ts'
import type { DrillWish } from './command.ts'
import type { Arguments, Problem } from './read-arguments.ts'

/** Longer than any name of a scenario. */
const LONGEST = 60

const ALONE: Readonly<Record<string, 'list' | 'stop' | 'scores'>> = {
  list: 'list',
  stop: 'stop',
  end: 'stop',
  scores: 'scores',
  score: 'scores',
}

const USAGE = 'drill [scenario | any | stop | scores] [--fault name]'

export const DRILL: CommandEntry = {
  usage: USAGE,
  does: 'Rehearses an incident on a simulated production, in the channel of the drills. Alone it lists what there is.',
  example: 'drill any --fault lost-reply',
  flags: ['fault'],
  read({ words, flags }) {
    const wish = readDrill(words, flags)
    return 'problem' in wish ? badArguments(USAGE, wish.problem) : { kind: 'drill', wish }
  },
}

/** Which drill somebody wants. Whether there is such a scenario is known to whoever plays it. */
function readDrill(words: readonly string[], flags: Arguments['flags']): DrillWish | Problem {
  const fault = flags.get('fault') ?? null
  const [first, ...more] = words.map((word) => word.toLowerCase())
  const what = first === undefined ? 'list' : more.length === 0 ? ALONE[first] : undefined
  if (what !== undefined) {
    return fault === null ? { what } : { problem: 'A fault needs a scenario to happen in.' }
  }
  // People type the names with blanks, too, and "start" before them.
  const name = (first === 'start' ? more : [first, ...more]).join('-')
  if (name === '') return { problem: 'Which scenario?' }
  if (name.length > LONGEST || (fault ?? '').length > LONGEST) {
    return { problem: 'That is too long for a name.' }
  }
  return { what: 'start', scenario: name, fault: fault?.toLowerCase() ?? null }
}
