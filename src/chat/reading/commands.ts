import type { Refusal } from '../../domain/base/refusal.ts'
import { alone } from './one-word-command.ts'
import { badArguments } from './bad-arguments.ts'
import type { CommandEntry } from './command-entry.ts'
import type { CommandName } from './command.ts'
import { ENROL } from './enrol-command.ts'
import { quoted } from './read-arguments.ts'
import { PLAN } from './plan-command.ts'
import { DRILL } from './read-drill.ts'
import { readTail, readVersion, TAIL } from './read-flags.ts'
import { readMaintenance } from './read-maintenance.ts'
import { readProcedure } from './read-procedure.ts'
import { REPORT } from './read-report.ts'
import { readService } from './read-service.ts'
import { readSymptoms } from './read-symptoms.ts'
import { CACHE, METRICS, SUSPENDABLE } from '../../domain/text/product-names.ts'

export { COMMAND } from './bad-arguments.ts'

/** Every subcommand there is, in the order of the help. A new one is one entry. */
export const COMMANDS: Readonly<Record<CommandName, CommandEntry>> = {
  assess: {
    usage: 'assess [symptom…]',
    does: 'Looks at production and says whether to roll back.',
    example: 'assess data loss',
    flags: [],
    read({ words }) {
      const symptoms = readSymptoms(words)
      return 'problem' in symptoms
        ? wrong('assess', symptoms.problem)
        : { kind: 'assess', symptoms }
    },
  },
  start: {
    usage: 'start [procedure] [--to version]',
    does: 'Opens a form to declare an incident. Nothing is rolled back by it.',
    example: 'start --to v1.9.0',
    flags: ['to'],
    read({ words, flags }) {
      const version = readVersion(flags)
      if ('problem' in version) return wrong('start', version.problem)
      const { toVersion } = version
      if (words.length === 0) return { kind: 'start', procedure: null, toVersion }
      const procedure = readProcedure(words)
      return typeof procedure === 'object'
        ? wrong('start', procedure.problem)
        : { kind: 'start', procedure, toVersion }
    },
  },
  status: {
    usage: 'status [incident]',
    does: 'Shows the open incidents, or the one you name.',
    example: 'status',
    flags: [],
    read({ words: [incident = null, ...more] }) {
      if (more.length > 0) return wrong('status', 'It takes one incident at most.')
      if (incident !== null && incident.length > 100) {
        return wrong('status', `${quoted(incident)} is too long for an incident.`)
      }
      return { kind: 'status', incident: incident && incident.replace(/^#/, '') }
    },
  },
  history: alone('history', { kind: 'history' }, 'Shows the newest incidents.'),
  plan: PLAN,
  'scale-down': onService(
    'scale-down',
    'Plans to stop all that runs of a service. Two people sign.',
  ),
  restart: onService('restart', 'Plans to restart a service. Two people sign.'),
  'tidy-up': alone(
    'tidy-up',
    { kind: 'plan', request: { kind: 'tidy-up' } },
    'Plans to remove what rollbacks have kept: containers, data, copies. Two people sign.',
  ),
  backup: alone(
    'backup',
    { kind: 'plan', request: { kind: 'backup' } },
    'Plans a backup of the database as it is now. One person signs.',
  ),
  salvage: alone(
    'salvage',
    { kind: 'plan', request: { kind: 'salvage' } },
    'Plans to copy back what was written since the backup, after a switch to it. Two people sign.',
  ),
  'clear-cache': alone(
    'clear-cache',
    { kind: 'plan', request: { kind: 'clear-cache' } },
    `Plans to clear the cache, and nothing else in ${CACHE}. Two people sign.`,
  ),
  maintenance: {
    usage: 'maintenance on [message] | off',
    does: 'Plans to switch maintenance, and what people see meanwhile. Alone it opens a form. One person signs.',
    example: 'maintenance on We are repairing logins, back at 04:00 UTC',
    flags: [],
    read({ words }) {
      if (words.length === 0) return { kind: 'maintenance-form' }
      const request = readMaintenance(words)
      return 'problem' in request
        ? wrong('maintenance', request.problem)
        : { kind: 'plan', request }
    },
  },
  abort: {
    usage: 'abort [plan]',
    does: 'Stops a plan that is being carried out, after its present step. Nobody has to sign.',
    example: 'abort',
    flags: [],
    read({ words: [asked, ...more] }) {
      if (asked === undefined) return { kind: 'abort', plan: null }
      const plan = /^#?([1-9]\d{0,5})$/.exec(asked)?.[1]
      if (!plan || more.length > 0) {
        return wrong('abort', `${quoted(asked)} is not the number of a plan.`)
      }
      return { kind: 'abort', plan: Number(plan) }
    },
  },
  undo: alone(
    'undo',
    { kind: 'undo' },
    'Plans to take back what the newest plan did. It is signed like that plan.',
  ),
  resume: alone(
    'resume',
    { kind: 'resume' },
    `Plans to resume what a plan has suspended: ${SUSPENDABLE}. Two people sign.`,
  ),
  monitor: alone(
    'monitor',
    { kind: 'watch', on: true },
    'Watches production in the thread of the incident: closely for half an hour, then for a day.',
  ),
  lead: alone(
    'lead',
    { kind: 'take-lead' },
    'Says that you lead the incident: everybody asks you. The next who types it takes over.',
  ),
  report: REPORT,
  verify: alone(
    'verify',
    { kind: 'verify' },
    'Verifies what the runbook asks for after a rollback, and shows health, versions and errors.',
  ),
  deployments: alone(
    'deployments',
    { kind: 'deployments' },
    'Shows what runs, in which version, and whether it is ready.',
  ),
  logs: {
    usage: 'logs <service> [--tail n]',
    does: `Shows the last ${TAIL.default} log lines of a service, ${TAIL.most} at most.`,
    example: 'logs backend --tail 20',
    flags: ['tail'],
    read({ words, flags }, { services }) {
      const service = readService(whereIn('logs'), words, services)
      if (typeof service === 'object') return service
      const tail = readTail(flags.get('tail'))
      if (tail === null) {
        return wrong('logs', `--tail takes a number from 1 to ${TAIL.most}.`)
      }
      return { kind: 'logs', service, tail }
    },
  },
  backups: alone(
    'backups',
    { kind: 'backups' },
    'Shows the backups of the database: how old they are, and whether somebody has read them whole.',
  ),
  readiness: alone(
    'readiness',
    { kind: 'readiness' },
    'Checks whether each way back would work now, up to its last write. Changes nothing.',
  ),
  ping: alone('ping', { kind: 'ping' }, 'Asks the database and the cache whether they answer.'),
  targets: alone('targets', { kind: 'targets' }, `Shows which targets ${METRICS} can reach.`),
  metrics: alone(
    'metrics',
    { kind: 'metrics' },
    'Shows the numbers that assess looks at, as they are now.',
  ),
  enrol: ENROL,
  drill: DRILL,
  contacts: alone('contacts', { kind: 'contacts' }, 'Shows whom to call.'),
  help: alone('help', { kind: 'help' }, 'Shows this list.'),
}

/** For the manifest: what Slack shows while a person types. */
export function usageHint(): string {
  return Object.values(COMMANDS)
    .map(({ usage }) => usage)
    .join(' | ')
}

/** What is wrong with what was typed after this command. */
function wrong(name: CommandName, problem: string): Refusal {
  return badArguments(COMMANDS[name].usage, problem)
}

/** A plan of one step on one service. */
function onService(name: 'scale-down' | 'restart', does: string): CommandEntry {
  return {
    usage: `${name} <service>`,
    does,
    example: `${name} backend`,
    flags: [],
    read({ words }, { services }) {
      const service = readService(whereIn(name), words, services)
      return typeof service === 'object'
        ? service
        : { kind: 'plan', request: { kind: name, service } }
    },
  }
}

function whereIn(name: CommandName) {
  return { name, usage: COMMANDS[name].usage }
}
