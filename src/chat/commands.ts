import { nearest } from '../domain/nearest.ts'
import { ProcedureName } from '../domain/procedure.ts'
import { refused, type Refusal } from '../domain/refusal.ts'
import type { Command } from './command.ts'
import { quoted, type Arguments } from './read-arguments.ts'
import { readSymptoms } from './read-symptoms.ts'
import { isVersion } from './target-version.ts'
import { namesUpTo, oneLine } from './text.ts'

/** What the team has, for a command to name. */
export type Known = { readonly services: readonly string[] }

export type CommandEntry = {
  /** Without `/rollback`, which is `@Backout` in a thread. */
  readonly usage: string
  /** One sentence, for the help. */
  readonly does: string
  readonly example: string
  readonly flags: readonly string[]
  read(given: Arguments, known: Known): Command | Refusal
}

export const COMMAND = '/rollback'

/** A refusal's detail is shown on a phone: the problem and the right form, and no more. */
const LONGEST_DETAIL = 300

const TAIL = { default: 50, most: 500 } as const

/** Every subcommand there is, in the order of the help. A new one is one entry. */
export const COMMANDS: Readonly<Record<Command['kind'], CommandEntry>> = {
  assess: {
    usage: 'assess [symptom…]',
    does: 'Looks at production and says whether to roll back.',
    example: 'assess data loss',
    flags: [],
    read({ words }) {
      const symptoms = readSymptoms(words)
      return 'problem' in symptoms
        ? badArguments('assess', symptoms.problem)
        : { kind: 'assess', symptoms }
    },
  },
  start: {
    usage: 'start [procedure] [--to version]',
    does: 'Opens a form to declare an incident. Nothing is rolled back by it.',
    example: 'start kubernetes --to v1.9.0',
    flags: ['to'],
    read({ words, flags }) {
      const toVersion = flags.get('to') ?? null
      if (toVersion !== null && !isVersion(toVersion)) {
        return badArguments('start', `${quoted(toVersion)} is not a version like v1.9.0.`)
      }
      if (words.length === 0) return { kind: 'start', procedure: null, toVersion }
      const procedure = readProcedure(words)
      return typeof procedure === 'object'
        ? badArguments('start', procedure.problem)
        : { kind: 'start', procedure, toVersion }
    },
  },
  status: {
    usage: 'status [incident]',
    does: 'Shows the open incidents, or the one you name.',
    example: 'status',
    flags: [],
    read({ words: [incident = null, ...more] }) {
      if (more.length > 0) return badArguments('status', 'It takes one incident at most.')
      if (incident !== null && incident.length > 100) {
        return badArguments('status', `${quoted(incident)} is too long for an incident.`)
      }
      return { kind: 'status', incident: incident && incident.replace(/^#/, '') }
    },
  },
  history: alone('history', 'Shows the newest incidents.'),
  deployments: alone('deployments', 'Shows what runs, in which version, and whether it is ready.'),
  logs: {
    usage: 'logs <service> [--tail n]',
    does: `Shows the last ${TAIL.default} log lines of a service, ${TAIL.most} at most.`,
    example: 'logs backend --tail 20',
    flags: ['tail'],
    read({ words: [asked, ...more], flags }, { services }) {
      if (asked === undefined) {
        return badArguments('logs', `Which service? Services: ${namesUpTo(8, services)}.`)
      }
      const service = services.find((name) => name.toLowerCase() === asked.toLowerCase())
      if (service === undefined) return unknownService(asked, services)
      if (more.length > 0) return badArguments('logs', 'It takes one service at a time.')
      const tail = readTail(flags.get('tail'))
      if (tail === null) {
        return badArguments('logs', `--tail takes a number from 1 to ${TAIL.most}.`)
      }
      return { kind: 'logs', service, tail }
    },
  },
  ping: alone('ping', 'Asks the database and the cache whether they answer.'),
  targets: alone('targets', 'Shows which targets Prometheus can reach.'),
  metrics: alone('metrics', 'Shows the numbers that decide, as they are now.'),
  contacts: alone('contacts', 'Shows whom to call.'),
  help: {
    usage: 'help',
    does: 'Shows this list.',
    example: 'help',
    flags: [],
    read: () => ({ kind: 'help' }),
  },
}

/** For the manifest: what Slack shows while a person types. */
export function usageHint(): string {
  return Object.values(COMMANDS)
    .map(({ usage }) => usage)
    .join(' | ')
}

export function badArguments(name: Command['kind'], problem: string): Refusal {
  const form = `Type: ${COMMAND} ${COMMANDS[name].usage}`
  return refused('bad-arguments', `${oneLine(problem, LONGEST_DETAIL - form.length - 1)} ${form}`)
}

type Bare = Extract<
  Command['kind'],
  'history' | 'deployments' | 'ping' | 'targets' | 'metrics' | 'contacts'
>

/** A command that is one word. */
function alone(kind: Bare, does: string): CommandEntry {
  return {
    usage: kind,
    does,
    example: kind,
    flags: [],
    read({ words: [extra] }) {
      if (extra === undefined) return { kind }
      return badArguments(kind, `Nothing can follow ${kind}, and ${quoted(extra)} does.`)
    },
  }
}

function unknownService(asked: string, services: readonly string[]): Refusal {
  const meant = nearest(asked.slice(0, 100), services)
  const hint = meant
    ? `Did you mean ${oneLine(meant, 80)}? Type: ${COMMAND} logs ${oneLine(meant, 80)}`
    : `Services: ${namesUpTo(8, services)}.`
  return refused(
    'unknown-service',
    oneLine(`There is no service ${quoted(asked)}. ${hint}`, LONGEST_DETAIL),
  )
}

function readTail(given: string | undefined): number | null {
  if (given === undefined) return TAIL.default
  if (!/^\d{1,4}$/.test(given)) return null
  const tail = Number(given)
  return tail >= 1 && tail <= TAIL.most ? tail : null
}

const SHORT_NAMES: ReadonlyMap<string, ProcedureName> = new Map([
  ['flag', 'feature-flag'],
  ['k8s', 'kubernetes'],
  ['compose', 'docker'],
  ['dockercompose', 'docker'],
  ['db', 'database'],
])

function readProcedure(words: readonly string[]): ProcedureName | { readonly problem: string } {
  const typed = words.join(' ')
  const said = typed.slice(0, 100).toLowerCase()
  const squeezed = said.replace(/[^a-z0-9]/g, '')
  const name =
    ProcedureName.options.find((option) => option.replaceAll('-', '') === squeezed) ??
    SHORT_NAMES.get(squeezed)
  if (name) return name
  if (/^v?\d/.test(said)) {
    return { problem: `${quoted(typed)} is not a procedure. A version goes after --to.` }
  }
  const meant = nearest(said, ProcedureName.options)
  return {
    problem: meant
      ? `${quoted(typed)} is not a procedure. Did you mean ${meant}?`
      : `${quoted(typed)} is not a procedure. Procedures: ${ProcedureName.options.join(', ')}.`,
  }
}
