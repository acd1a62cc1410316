import type { ParseArgsConfig } from 'node:util'
import { Symptom } from '../domain/assessment/symptom.ts'

export const USAGE = `Backout: says whether to roll back, and to what.

  backout <command>      (in a checkout: node src/main.ts <command>)

  start            run the bot
  demo             try it: a simulated production and a local Slack  [--scenario name] [--platform docker] [--port n]
                   [--crash]: the bot can be killed in the middle, and goes on where it was
  assess           look at production now  [--symptom name]… [--json]
                   exit 0 do not roll back, 10 roll back, 11 a person decides, 1 failure
  doctor           check tokens, permissions, connections, clocks; exit 1 when something is wrong
  check-config     check the configuration; exit 78 when it is wrong
  status           how the open incidents stand, or one of them, from the journal  [incident]
  plan             a plan in full, as whoever signs it reads it  <incident> [plan]
                   of an incident that is not declared: declares it, and has one made; asks for your name and a code
  sign             sign a plan while Slack is down; asks for your name and a code  <incident> [plan]
  abort            stop a plan that is being carried out, after its step  <incident> [plan]
  report           write the report of an incident  <incident> [file.md | file.html] [--journal file]
                   [--folder name]: the report, the page and the journal of the incident in a new
                   folder, with its picture where PROMETHEUS_URL is set
  verify-journal   prove that the journal was not edited; exit 1 when it was  [file | copy.jsonl]
                   [--against-slack [--days n]]: that it is what the threads of the last 30 days were told
                   [--public-key file]…: that it is what the installation's key has signed
  export           write a copy of the whole journal  <file.jsonl | file.csv>
  migrate-journal  bring the journal of a file into the empty one of BACKOUT_DATABASE_URL  [file]
  prepare-journal  make the journal's tables there, and let a role use them  --role name
  engine-proxy     stand in front of a Docker Engine, and send on only what Backout needs
                   [--listen socket] [--engine socket]

start, assess, status, plan, sign, abort, doctor, check-config and engine-proxy read backout.yaml, or another file:
[--config file]; so does report for its picture, and verify-journal for Slack
Where backout.yaml holds several environments, each command but start, demo and check-config is about one of them:
--environment name (doctor without it: about all)
--version says which Backout this is. docs/on-call.md is for those on call.
Symptoms: ${Symptom.options.join(', ')}
`

/** What may follow each command: its flags, and how many words. */
const KNOWN: Readonly<
  Record<string, { readonly flags: readonly string[]; readonly words: number }>
> = {
  start: { flags: ['config'], words: 0 },
  // `slack` and `data`: for tests, and for the demo itself, which starts its bot with `lent-production`.
  demo: {
    flags: ['scenario', 'platform', 'port', 'crash', 'slack', 'data', 'lent-production'],
    words: 0,
  },
  assess: { flags: ['config', 'environment', 'symptom', 'json'], words: 0 },
  doctor: { flags: ['config', 'environment'], words: 0 },
  'check-config': { flags: ['config'], words: 0 },
  status: { flags: ['config', 'environment'], words: 1 },
  plan: { flags: ['config', 'environment'], words: 2 },
  sign: { flags: ['config', 'environment'], words: 2 },
  abort: { flags: ['config', 'environment'], words: 2 },
  report: { flags: ['config', 'environment', 'folder', 'journal'], words: 2 },
  'verify-journal': {
    flags: ['config', 'environment', 'against-slack', 'days', 'public-key'],
    words: 1,
  },
  export: { flags: ['environment'], words: 1 },
  'migrate-journal': { flags: ['environment'], words: 1 },
  'prepare-journal': { flags: ['environment', 'role'], words: 0 },
  'engine-proxy': { flags: ['config', 'environment', 'listen', 'engine'], words: 0 },
}

export const FLAGS = {
  config: { type: 'string', default: 'backout.yaml' },
  environment: { type: 'string' },
  json: { type: 'boolean', default: false },
  symptom: { type: 'string', multiple: true, default: [] },
  scenario: { type: 'string', default: 'errors-62' },
  platform: { type: 'string', default: 'kubernetes' },
  port: { type: 'string' },
  slack: { type: 'string' },
  folder: { type: 'string' },
  journal: { type: 'string' },
  data: { type: 'string' },
  role: { type: 'string' },
  'against-slack': { type: 'boolean', default: false },
  days: { type: 'string', default: '30' },
  'public-key': { type: 'string', multiple: true, default: [] },
  listen: { type: 'string', default: '/engine/proxy.sock' },
  engine: { type: 'string', default: '/var/run/docker.sock' },
  crash: { type: 'boolean', default: false },
  'lent-production': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} satisfies NonNullable<ParseArgsConfig['options']>

/** What is not understood is refused: left out, it could be what decides. `null`: nothing wrong. */
export function misuseOf([command = '', ...words]: readonly string[], flags: readonly string[]) {
  const known = Object.hasOwn(KNOWN, command) ? KNOWN[command] : undefined
  if (known === undefined) return command === '' ? null : `there is no command "${command}"`
  const word = words[known.words]
  if (word !== undefined) {
    const meant = command === 'assess' ? `; a symptom is reported with --symptom ${word}` : ''
    return `${command} does not know what to do with "${word}"${meant}`
  }
  const flag = flags.find((name) => !known.flags.includes(name))
  return flag === undefined ? null : `${command} does not know --${flag}`
}
