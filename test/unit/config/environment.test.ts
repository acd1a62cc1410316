import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Environment, parseEnvironment } from '../../../src/config/environment.ts'

const example = readFileSync(join(import.meta.dirname, '../../../.env.example'), 'utf8')

function problemsOf(variables: NodeJS.ProcessEnv): string[] {
  const parsed = parseEnvironment(variables)
  return 'problems' in parsed ? parsed.problems.map(({ where, what }) => `${where}: ${what}`) : []
}

describe('.env.example', () => {
  const variables = parseEnv(example)

  test('lists every variable there is, and none that is not', () => {
    // Addresses of the services are named by backout.yaml, and not by us.
    const ours = Object.keys(variables).filter((name) => !/^(BACKEND|FRONTEND)_URL$/.test(name))
    expect(ours.toSorted()).toEqual(Object.keys(Environment.shape).toSorted())
  })

  test('is right as it stands, and what is empty is as if it were unset', () => {
    expect(problemsOf(variables)).toEqual([])
  })

  /** The comment above a variable, or above the group it stands in. */
  function commentOn(name: string): string {
    const lines = example.split('\n')
    let end = lines.findIndex((line) => line.startsWith(`${name}=`))
    while (/^\w+=/.test(lines[end - 1] ?? '')) end -= 1
    let start = end
    while (lines[start - 1]?.startsWith('# ')) start -= 1
    return lines.slice(start, end).join('\n')
  }

  test('says something about every one of them', () => {
    expect(Object.keys(variables).filter((name) => commentOn(name) === '')).toEqual([])
  })

  test('tells every default there is', () => {
    const defaults = Object.entries(Environment.parse({}))
    expect(defaults.length).toBeGreaterThan(4)
    for (const [name, value] of defaults) {
      expect(commentOn(name), name).toMatch(/if empty/)
      expect(commentOn(name), name).toContain(String(value))
    }
  })
})

describe('a variable that is wrong', () => {
  test.each([
    ['SLACK_BOT_TOKEN', 'xapp-1', 'must be a bot token'],
    ['SLACK_APP_TOKEN', 'xoxb-1', 'must be an app token'],
    ['SLACK_API_URL', 'slack', 'must be an http or https address'],
    ['SLACK_HTTP_PORT', 'http', 'must be a port number'],
    ['BACKOUT_HTTP_PORT', '65536', 'must be a port number'],
    ['BACKOUT_HTTP_PORT', '-1', 'must be a port number'],
    ['BACKOUT_LOG_LEVEL', 'loud', '"debug"'],
    ['PROMETHEUS_URL', 'ftp://prometheus', 'must be an http or https address'],
    ['REDIS_URL', 'http://redis', 'must be a redis:// or rediss:// address'],
    ['MONGODB_URI', 'mongo', 'must be a mongodb:// or mongodb+srv:// address'],
    ['MONGODB_RESTORE_URI', 'mongo', 'must be a mongodb:// or mongodb+srv:// address'],
    ['MONGODB_APPLICATION_URI', 'mongo', 'must be a mongodb:// or mongodb+srv:// address'],
  ])('%s=%s', (name, value, says) => {
    const problems = problemsOf({ [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^environment: ${name} `))
    expect(problems[0]).toContain(says)
    // `"debug"` is said of the levels there are, and not of the one that was given.
    expect(problems[0]).not.toContain(`"${value}"`)
  })

  test('is not alone: every other wrong one is told with it', () => {
    const wrong = { REDIS_URL: 'x', MONGODB_URI: 'x', PROMETHEUS_URL: 'x', BACKOUT_DATE: '/data' }
    expect(problemsOf(wrong)).toHaveLength(4)
  })

  test('is told by name when only our prefix is right', () => {
    expect(problemsOf({ BACKOUT_LOGLEVEL: 'debug' })).toEqual([
      'environment: BACKOUT_LOGLEVEL is not a setting; did you mean BACKOUT_LOG_LEVEL?',
    ])
  })

  test('is none of ours when the prefix is somebody else’s', () => {
    expect(
      problemsOf({ HOME: '/root', PATH: '/bin', KUBERNETES_PORT: 'tcp://10.0.0.1:443' }),
    ).toEqual([])
  })
})

test('empty is the same as unset', () => {
  const empty = Object.fromEntries(Object.keys(Environment.shape).map((name) => [name, '']))
  expect(parseEnvironment(empty)).toEqual(parseEnvironment({}))
})

test('no value of any variable, right or wrong, is ever in a problem', () => {
  const Value = fc.stringMatching(/^Zq[a-zA-Z0-9:/@.-]{12,30}$/)
  const Variables = fc.record(
    Object.fromEntries(Object.keys(Environment.shape).map((name) => [name, Value])),
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(Variables, (variables) => {
      const said = problemsOf(variables).join('\n')
      for (const value of Object.values(variables)) expect(said).not.toContain(value)
    }),
    { numRuns: 300 },
  )
})
