import { describe, expect, test } from 'vitest'
import { missingAllowed } from '../servers/find.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { assessCommand } from '../support/assess-command.ts'
import { AssessmentJson, exitCodes } from '../support/assessment-json.ts'
import { runCli } from '../support/cli.ts'
import { writtenPast } from '../support/written-past.ts'

const { assess, assessed, path, settings } = assessCommand()

describe('for people', () => {
  test('a table says the answer first, then every measurement, every rule and every way back', async () => {
    const { output, complaints, exitCode } = await assess()
    expect(complaints).toBe('')
    expect(exitCode).toBe(exitCodes['person-decides'])
    const [answer = '', ...rest] = output.split('\n')
    expect(answer).toContain('staging')
    const table = rest.join('\n')
    for (const word of ['backend', 'HTTP 200', 'v2.0.0', 'kubernetes', 'not configured']) {
      expect(table).toContain(word)
    }
    for (const rule of AssessmentJson.shape.reasons.element.options) expect(table).toContain(rule)
  })

  test('no line carries a blank at its end, or a colour nobody asked for', async () => {
    const { output } = await assess()
    // oxlint-disable-next-line no-control-regex -- the escape character is what is looked for
    expect(output).not.toMatch(/ \n|\u001B/)
  })
})

describe('for scripts', () => {
  test('JSON alone, on one line, with the decision as the exit code', async () => {
    const { output, json } = await assessed({})
    expect(output.trimEnd().split('\n')).toHaveLength(1)
    expect(json.decision).toBe('person-decides')
    expect(json.reasons).toContain('errors-critical')
  })

  test('--symptom, as often as there are symptoms', async () => {
    const args = ['--symptom', 'ui-issue', '--symptom', 'data-loss']
    const { json, exitCode } = await assessed({ args })
    expect(json.reasons[0]).toBe('data-loss-or-corruption')
    expect(exitCode).toBe(10)
  })

  test('a symptom nobody knows is a failure that names the known ones', async () => {
    const { output, complaints, exitCode } = await assess({ args: ['--symptom', 'data-lost'] })
    expect({ output, exitCode }).toEqual({ output: '', exitCode: 1 })
    expect(complaints).toMatch(/"data-lost" is not a symptom; known are .*data-loss/)
    expect(complaints).not.toContain('    at ')
  })

  test('a word that nobody asked for is refused: left out, it could be what decides', async () => {
    const { output, complaints, exitCode } = await assess({ args: ['data-loss'] })
    expect({ output, exitCode }).toEqual({ output: '', exitCode: 1 })
    expect(complaints).toMatch(
      /"data-loss"; a symptom is reported with --symptom data-loss\n\nBackout/,
    )
  })

  test.each([
    [['doctor', '--symptom', 'data-loss'], 'doctor does not know --symptom'],
    [['check-config', '--json'], 'check-config does not know --json'],
    [['assess', '--port', '1'], 'assess does not know --port'],
    [['demo', '--config', 'x'], 'demo does not know --config'],
    [['verify-journal', 'one', 'two'], 'verify-journal does not know what to do with "two"'],
    [['start', 'now'], 'start does not know what to do with "now"'],
    [['asses'], 'there is no command "asses"'],
  ])('%j is refused, with the usage', async (args, words) => {
    const { output, complaints, exitCode } = await runCli(args)
    expect({ output, exitCode }).toEqual({ output: '', exitCode: 1 })
    expect(complaints).toContain(`${words}\n\nBackout`)
    expect(complaints).toContain('backout <command>')
  })

  test('an option nobody knows is a failure', async () => {
    const { complaints, exitCode } = await assess({ args: ['--jason'] })
    expect(exitCode).toBe(1)
    expect(complaints).toContain('--jason')
    expect(complaints).not.toContain('    at ')
  })
})

describe('a wrong configuration is exit 78, and every problem at once', () => {
  test('of the file and of the environment', async () => {
    const changes = { deadlineSecond: 3, environment: '' }
    const secret = 'http://:hunter2@redis'
    for (const command of ['assess', 'doctor', 'check-config', 'start']) {
      const ran = await runCli([command, '--config', await settings(changes)], {
        REDIS_URL: secret,
      })
      expect([command, ran.exitCode, ran.output]).toEqual([command, 78, ''])
      expect(ran.complaints).toMatch(/unknown key "deadlineSecond"; did you mean "deadlineSeconds"/)
      expect(ran.complaints).toMatch(/environment: REDIS_URL must be a redis:\/\//)
      expect(ran.complaints).toMatch(/backout\.yaml:1: environment: /)
      expect(ran.complaints).not.toContain('hunter2')
      expect(ran.complaints).not.toContain('    at ')
    }
  })

  test('no file at all', async () => {
    const { complaints, exitCode } = await runCli(['assess'], {}, path('..'))
    expect(exitCode).toBe(78)
    expect(complaints).toContain('there is no such file')
  })

  test('right but for Slack: good for assess, wrong for check-config and start', async () => {
    expect((await assess()).exitCode).toBe(11)
    for (const command of ['check-config', 'start']) {
      const { complaints, exitCode } = await runCli([command, '--config', await settings()])
      expect(exitCode).toBe(78)
      expect(complaints).toContain('SLACK_BOT_TOKEN is missing')
    }
    const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }
    const check = async (channel: string, variables = {}) => {
      const file = await settings({ slack: { channels: [channel] } })
      const ran = await runCli(['check-config', '--config', file], { ...tokens, ...variables })
      return [ran.exitCode, ran.output]
    }
    expect(await check('C024BE91L')).toEqual([0, 'The configuration is right.\n'])
    expect(await check('C0INCIDENTS')).toEqual([78, ''])
    const local = { SLACK_API_URL: 'http://127.0.0.1:3333/api/' }
    expect(await check('C0INCIDENTS', local)).toEqual([
      0,
      'The configuration is right. SLACK_API_URL is on this machine, so example people and numbers were let through.\n',
    ])
  })
})

test.skipIf(missingAllowed('prometheus'))(
  'with the shipped queries and nothing else set: 62 % of errors is a roll-back, and stale is a person’s',
  async () => {
    const past = { case: 'any', errorPercent: 62 }
    await using fresh = await startPrometheus({ openmetrics: writtenPast([past], Date.now()) })
    const bad = await assessed({ variables: { PROMETHEUS_URL: fresh.url } })
    expect(bad.json.reasons[0]).toBe('errors-critical')
    expect(Math.abs((bad.json.rules[3]?.measured ?? 0) - 62)).toBeLessThan(0.5)

    const old = { ...past, newestSecondsAgo: 240 }
    await using stale = await startPrometheus({ openmetrics: writtenPast([old], Date.now()) })
    const silent = await assessed({ variables: { PROMETHEUS_URL: stale.url } })
    expect(silent.json.decision).toBe('person-decides')
    expect(silent.json.rules[3]).toMatchObject({ rule: 'errors-critical', matched: 'unknown' })
    const freshness = silent.json.measurements.find(({ probe }) => probe === 'metrics-fresh')
    expect(freshness).toMatchObject({ class: 'no-data', verdict: 'inconclusive' })
  },
)
