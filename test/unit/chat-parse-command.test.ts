import { ProcedureName } from '../../src/domain/plan/requests.ts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Command } from '../../src/chat/reading/command.ts'
import { COMMAND, COMMANDS } from '../../src/chat/reading/commands.ts'
import { parseCommand } from '../../src/chat/reading/parse-command.ts'
import { refusalText } from '../../src/chat/text/refusal-text.ts'
import { Symptom } from '../../src/domain/assessment/symptom.ts'
import { HOSTILE, words } from '../support/chat-arbitraries.ts'

const known = { services: ['backend', 'frontend'] }
const parse = (text: string) => parseCommand(text, known)

function refusalOf(text: string) {
  const parsed = parse(text)
  if (parsed.kind !== 'refused') throw new Error(`${text} was taken as ${parsed.kind}`)
  return parsed
}

function drilled(scenario: string, fault: string | null = null): Command {
  return { kind: 'drill', wish: { what: 'start', scenario, fault } }
}

describe('what people mean is understood', () => {
  test.each<[string, Command]>([
    ['', { kind: 'help' }],
    ['   ', { kind: 'help' }],
    ['?', { kind: 'help' }],
    ['HELP', { kind: 'help' }],
    ['help logs', { kind: 'help' }],
    ['logs --help', { kind: 'help' }],
    ['—help', { kind: 'help' }],
    ['Ping', { kind: 'ping' }],
    ['ping.', { kind: 'ping' }],
    ['\u00A0targets\t\n', { kind: 'targets' }],
    ['<@U012AB3CD> metrics', { kind: 'metrics' }],
    ['<@U012AB3CD|backout> metrics', { kind: 'metrics' }],
    ['/rollback contacts', { kind: 'contacts' }],
    ['“history”', { kind: 'history' }],
    ['deploy\u200Bments', { kind: 'deployments' }],
    ['status', { kind: 'status', incident: null }],
    ['status #20260301-a1', { kind: 'status', incident: '20260301-a1' }],
    ['start', { kind: 'start', procedure: null, toVersion: null }],
    ['maintenance', { kind: 'maintenance-form' }],
    ['enroll', { kind: 'enrol', wants: 'enrol' }],
    ['enrol Revoke', { kind: 'enrol', wants: 'revoke' }],
    ['start Kubernetes', { kind: 'start', procedure: 'kubernetes', toVersion: null }],
    ['start feature flag', { kind: 'start', procedure: 'feature-flag', toVersion: null }],
    ['start db', { kind: 'start', procedure: 'database', toVersion: null }],
    ['start --to v1.9.0 full', { kind: 'start', procedure: 'full', toVersion: 'v1.9.0' }],
    ['start —to “v1.9.0”', { kind: 'start', procedure: null, toVersion: 'v1.9.0' }],
    ['start --to=‘v1.9.0’', { kind: 'start', procedure: null, toVersion: 'v1.9.0' }],
    ['logs backend', { kind: 'logs', service: 'backend', tail: 50 }],
    ['LOGS BACKEND', { kind: 'logs', service: 'backend', tail: 50 }],
    ['logs backend --tail 20', { kind: 'logs', service: 'backend', tail: 20 }],
    ['logs --tail 20 backend', { kind: 'logs', service: 'backend', tail: 20 }],
    ['logs --tail=20 backend', { kind: 'logs', service: 'backend', tail: 20 }],
    ['logs backend –tail 1', { kind: 'logs', service: 'backend', tail: 1 }],
    ['logs backend —TAIL=500', { kind: 'logs', service: 'backend', tail: 500 }],
    ['verify', { kind: 'verify' }],
    ['drill', { kind: 'drill', wish: { what: 'list' } }],
    ['drill STOP', { kind: 'drill', wish: { what: 'stop' } }],
    ['drill scores', { kind: 'drill', wish: { what: 'scores' } }],
    ['drill any', drilled('any')],
    ['drill Errors 62', drilled('errors-62')],
    ['drill start errors-62', drilled('errors-62')],
    ['drill —fault “lost-reply” healthy', drilled('healthy', 'lost-reply')],
    ['logs &lt;backend&gt;', { kind: 'logs', service: 'backend', tail: 50 }],
    ['logs <http://backend|backend>', { kind: 'logs', service: 'backend', tail: 50 }],
  ])('%j', (text, command) => {
    expect(parse(text)).toEqual(command)
  })

  test.each<[string, Partial<Command>]>([
    ['plan', {}],
    ['plan --to v1.9.0', { toVersion: 'v1.9.0' }],
    ['PLAN —to=“v1.9.0”', { toVersion: 'v1.9.0' }],
    ['plan k8s', { procedure: 'kubernetes' }],
    ['plan Docker --to v1.9.0', { procedure: 'docker', toVersion: 'v1.9.0' }],
    ['plan feature flag', { procedure: 'feature-flag' }],
    ['plan database --backup nightly-7', { procedure: 'database', backup: 'nightly-7' }],
    ['plan full --to v1.9.0', { procedure: 'full', toVersion: 'v1.9.0' }],
    [
      'plan full --message “We bring data back. Expected end: 03:45 UTC”',
      { procedure: 'full', message: 'We bring data back. Expected end: 03:45 UTC' },
    ],
  ])('%j asks for a way back', (text, wish) => {
    const nothing = { kind: 'roll-back', procedure: null, toVersion: null, backup: null }
    expect(parse(text)).toEqual({ ...nothing, ...wish })
  })

  test.each([
    ['plan database --to v1.9.0', 'database takes no --to.'],
    ['plan kubernetes --backup nightly-7', 'kubernetes takes no --backup.'],
    ['plan kubernetes --message "Soon"', 'kubernetes takes no --message.'],
    ['plan --message "Soon"', '--message goes with a procedure that turns maintenance on'],
    [`plan full --message "${'x'.repeat(301)}"`, 'The message may have 300 characters at most.'],
    ['plan dokcer', 'Did you mean docker?'],
    ['plan v1.9.0', 'A version goes after --to.'],
  ])('%j names what it does not take', (text, problem) => {
    expect(parse(text)).toMatchObject({
      reason: 'bad-arguments',
      detail: expect.stringContaining(problem),
    })
  })

  test.each<[string, Extract<Command, { kind: 'plan' }>['request']]>([
    ['scale-down backend', { kind: 'scale-down', service: 'backend' }],
    ['Scale-Down Frontend', { kind: 'scale-down', service: 'frontend' }],
    ['restart &lt;backend&gt;', { kind: 'restart', service: 'backend' }],
    ['clear-cache', { kind: 'clear-cache' }],
    ['maintenance on', { kind: 'maintenance', on: true }],
    ['maintenance OFF', { kind: 'maintenance', on: false }],
    [
      'maintenance on We are repairing logins, back at 04:00 UTC',
      { kind: 'maintenance', on: true, message: 'We are repairing logins, back at 04:00 UTC' },
    ],
    [
      'maintenance on “We’re   back\nat 04:00”',
      { kind: 'maintenance', on: true, message: "We're back at 04:00" },
    ],
    [
      `maintenance on ${'x'.repeat(300)}`,
      { kind: 'maintenance', on: true, message: 'x'.repeat(300) },
    ],
  ])('%j asks for a plan', (text, request) => {
    expect(parse(text)).toEqual({ kind: 'plan', request })
  })

  test.each<[string, Command]>([
    ['abort', { kind: 'abort', plan: null }],
    ['Abort!', { kind: 'abort', plan: null }],
    ['<@U012AB3CD> abort', { kind: 'abort', plan: null }],
    ['abort 2', { kind: 'abort', plan: 2 }],
    ['undo', { kind: 'undo' }],
    ['resume', { kind: 'resume' }],
    ['monitor', { kind: 'watch', on: true }],
    ['lead', { kind: 'take-lead' }],
    ['report', { kind: 'write-report', incident: null }],
    ['report #20261122-k7qf', { kind: 'write-report', incident: '20261122-k7qf' }],
  ])('%j is for an incident that is open', (text, command) => {
    expect(parse(text)).toEqual(command)
  })

  test.each<[string, Symptom[]]>([
    ['assess', []],
    ['assess data loss', ['data-loss']],
    ['assess data-loss', ['data-loss']],
    ['assess dataloss', ['data-loss']],
    ['assess “Data Loss”', ['data-loss']],
    ['assess leak', ['cross-organisation-leak']],
    ['assess cross-organization leak', ['cross-organisation-leak']],
    ['assess leak, ui and data loss', ['cross-organisation-leak', 'ui-issue', 'data-loss']],
    ['assess leak leak', ['cross-organisation-leak']],
    ['assess — data loss', ['data-loss']],
  ])('%j', (text, symptoms) => {
    expect(parse(text)).toEqual({ kind: 'assess', symptoms })
  })

  test.each(Symptom.options)('a symptom by its own name: %s', (symptom) => {
    expect(parse(`assess ${symptom}`)).toEqual({ kind: 'assess', symptoms: [symptom] })
    expect(parse(`assess ${symptom.replaceAll('-', ' ')}`)).toMatchObject({ symptoms: [symptom] })
  })

  test.each(ProcedureName.options)('a procedure by its own name: %s', (procedure) => {
    expect(parse(`start ${procedure}`)).toMatchObject({ procedure })
  })

  test.each(Object.entries(COMMANDS))('the example of %s is that command', (name, entry) => {
    const { usage, example } = entry
    expect(example.split(' ')[0]).toBe(name)
    expect(usage.split(' ')[0]).toBe(name)
    expect(parse(example).kind).not.toBe('refused')
    if (name !== 'help') expect(parse(example).kind).not.toBe('help')
  })
})

describe('what is not understood does nothing, and names what would be', () => {
  test.each([
    ['asess', '“asess” is not known. Nearest: /rollback assess [symptom…]'],
    ['log backend', '“log” is not known. Nearest: /rollback logs <service> [--tail n]'],
    ['scale down backend', '“scale” is not known. Nearest: /rollback scale-down <service>'],
    ['clear cache', '“clear” is not known. Nearest: /rollback clear-cache'],
    [
      'maintainance on',
      '“maintainance” is not known. Nearest: /rollback maintenance on [message] | off',
    ],
    ['undoo', '“undoo” is not known. Nearest: /rollback undo'],
    ['approve 1', '“approve” is not known. All commands: /rollback help'],
    ['please roll back', '“please” is not known. All commands: /rollback help'],
    ['<!channel>', '“<!channel>” is not known. All commands: /rollback help'],
    ['constructor', '“constructor” is not known. All commands: /rollback help'],
    ['--tail 20 logs', '“--tail” is not known. All commands: /rollback help'],
  ])('the subcommand of %j', (text, detail) => {
    expect(refusalOf(text)).toEqual({ kind: 'refused', reason: 'unknown-subcommand', detail })
  })

  test.each([
    [
      'logs bakend',
      'There is no service “bakend”. Did you mean backend? Type: /rollback logs backend',
    ],
    [
      'scale-down bakend',
      'There is no service “bakend”. Did you mean backend? Type: /rollback scale-down backend',
    ],
    ['restart everything', 'There is no service “everything”. Services: backend, frontend.'],
    ['logs redis', 'There is no service “redis”. Services: backend, frontend.'],
  ])('the service of %j', (text, detail) => {
    expect(refusalOf(text)).toEqual({ kind: 'refused', reason: 'unknown-service', detail })
  })

  test.each([
    [
      'logs',
      'Which service? Services: backend, frontend. Type: /rollback logs <service> [--tail n]',
    ],
    ['logs backend --tail 0', '--tail takes a number from 1 to 500.'],
    ['logs backend --tail 501', '--tail takes a number from 1 to 500.'],
    ['logs backend --tail -5', '--tail takes a number from 1 to 500.'],
    ['logs backend --tail 1e2', '--tail takes a number from 1 to 500.'],
    ['logs backend --tail', '--tail needs a value.'],
    ['logs --tail --tail backend', '--tail needs a value.'],
    ['logs backend --tail 5 --tail 6', '--tail is given twice.'],
    ['logs backend --tial 5', '“--tial” is not known. Did you mean --tail?'],
    ['logs backend frontend', 'It takes one service at a time.'],
    ['ping redis', 'Nothing can follow ping, and “redis” does.'],
    ['history --all', '“--all” is not known: this command takes no flags.'],
    ['status a b', 'It takes one incident at most.'],
    ['start v1.9.0', '“v1.9.0” is not a procedure. A version goes after --to.'],
    ['start kubernets', '“kubernets” is not a procedure. Did you mean kubernetes?'],
    ['start --to', '--to needs a value.'],
    ['start --to $(reboot)', '“$(reboot)” is not a version like v1.9.0.'],
    ['plan v1.9.0', '“v1.9.0” is not a procedure. A version goes after --to.'],
    ['plan everything', '“everything” is not a procedure.'],
    ['plan --to', '--to needs a value.'],
    ['plan --to v1;reboot', '“v1;reboot” is not a version like v1.9.0.'],
    [
      'plan --version v1.9.0',
      '“--version” is not known: only --to, --backup, --service, --all, --message are.',
    ],
    ['scale-down', 'Which service? Services: backend, frontend.'],
    ['scale-down backend frontend', 'It takes one service at a time.'],
    ['scale-down backend --replicas 0', '“--replicas” is not known: this command takes no flags.'],
    ['restart', 'Which service? Services: backend, frontend.'],
    ['clear-cache redis', 'Nothing can follow clear-cache, and “redis” does.'],
    ['maintenance maybe', '“maybe” is neither on nor off.'],
    ['maintenance on off', 'Either on or off, not both.'],
    ['maintenance off now', 'Nothing can follow off.'],
    [`maintenance on ${'x'.repeat(301)}`, 'The message may have 300 characters at most.'],
    ['abort 2 3', '“2” is not the number of a plan.'],
    ['abort now', '“now” is not the number of a plan.'],
    ['undo 1', 'Nothing can follow undo, and “1” does.'],
    ['monitor off', 'Nothing can follow monitor, and “off” does.'],
    ['verify backend', 'Nothing can follow verify, and “backend” does.'],
    ['assess dta loss', '“dta loss” is not a symptom. Did you mean data-loss?'],
    ['assess it is broken', '“it is broken” is not a symptom. Symptoms: cross-organisation-leak,'],
  ])('the arguments of %j', (text, detail) => {
    const refusal = refusalOf(text)
    expect(refusal.reason).toBe('bad-arguments')
    expect(refusal.detail).toContain(detail)
    expect(refusal.detail).toContain(`Type: ${COMMAND} ${text.split(' ')[0]}`)
  })
})

const pieces = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Object.keys(COMMANDS), ...HOSTILE),
      fc.constantFrom('--tail', '--tail=', '—to', '--', '“', '"', "'", '=', 'backend', '20', ' '),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(' '))

/** Each by its example; and what opens a form because it is not whole. */
const KINDS = [
  ...new Set(Object.values(COMMANDS).map(({ example }) => parse(example).kind)),
  'maintenance-form',
]

describe('whatever is typed', () => {
  test('it is answered, shortly, and never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(words, pieces), fc.array(words, { maxLength: 3 }), (text, services) => {
        const parsed = parseCommand(text, { services })
        if (parsed.kind === 'refused') expect(parsed.detail?.length).toBeLessThanOrEqual(300)
        else expect(KINDS).toContain(parsed.kind)
      }),
      { numRuns: 2000 },
    )
  })

  test('a log query names a service that exists and asks for 1 to 500 lines', () => {
    fc.assert(
      fc.property(pieces, (text) => {
        const parsed = parse(`logs ${text}`)
        if (parsed.kind !== 'logs') return
        expect(known.services).toContain(parsed.service)
        expect(parsed.tail).toBeGreaterThanOrEqual(1)
        expect(parsed.tail).toBeLessThanOrEqual(500)
      }),
    )
  })

  test('a plan is for a service that exists, or back to something like a version', () => {
    const command = fc.constantFrom('plan', 'scale-down', 'restart', 'maintenance', 'clear-cache')
    const value = fc.oneof(fc.constantFrom('backend', 'on', '--to v1.9.0', '--to', ''), words)
    let planned = 0
    fc.assert(
      fc.property(command, fc.array(value, { maxLength: 2 }), (name, values) => {
        const parsed = parse([name, ...values].join(' '))
        if (parsed.kind !== 'plan') return
        planned += 1
        const { request } = parsed
        if ('service' in request) expect(known.services).toContain(request.service)
        if ('toVersion' in request) expect(request.toVersion ?? 'v1').toMatch(/^[\w.+:-]{1,135}$/)
      }),
      { numRuns: 1000 },
    )
    expect(planned).toBeGreaterThan(50)
  })

  test('nothing is done unless its word comes first', () => {
    fc.assert(
      fc.property(words, (text) => {
        const parsed = parse(`please ${text} abort undo restart backend`)
        expect(['refused', 'help']).toContain(parsed.kind)
      }),
    )
  })

  test.each(['"', "'", '<', '-', '—', '=', '&', 'a=', '<@U', '“a', 'assess leak '])(
    '8,000 characters of %j are answered',
    (part) => {
      // A pattern that backtracks would run into the test's own time limit here.
      const long = part.repeat(Math.ceil(8000 / part.length))
      for (const text of [long, `logs ${long}`, `assess ${long}`]) {
        expect(parse(text)).toHaveProperty('kind')
      }
    },
  )

  test('a typed channel alert comes back as text', () => {
    const { mrkdwn } = refusalText(refusalOf('&lt;!channel&gt;'))
    expect(mrkdwn).toContain('&lt;!channel&gt;')
    expect(mrkdwn).not.toContain('<!')
  })
})
