import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { journalPlace, journalPlaceIn, journalAt } from '../../../src/config/journal-place.ts'
import { loadConfig, loadConfigs } from '../../../src/config/load-config.ts'
import { OWN_VARIABLES, variablesOf } from '../../../src/config/own-variables.ts'
import { WrongConfiguration } from '../../../src/config/problem.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'backout-environments-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ofEnvironment = (name: string, channel: string, more = '') => `  ${name}:
    channels: [${channel}]
    services: [{ name: backend, url: http://${name}.test }]
    procedures:
      kubernetes: { namespace: ${name}, deployments: { backend: api } }
${more}`

const two = `environments:
${ofEnvironment('production', 'C0PRODUCTION')}${ofEnvironment('eu-staging', 'C0STAGING')}`

const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }

type Asked = { readonly text?: string; readonly variables?: NodeJS.ProcessEnv }

function wanted({ text = two, variables = {} }: Asked) {
  const file = join(folder, 'backout.yaml')
  writeFileSync(file, text)
  return { file, variables: { ...slack, ...variables }, needs: ['slack'] as const }
}

function problemsOf(asked: Asked): readonly string[] {
  try {
    loadConfigs(wanted(asked))
    return []
  } catch (error) {
    if (!(error instanceof WrongConfiguration)) throw error
    return error.problems.map(({ where, what }) => `${where}: ${what}`)
  }
}

describe('several environments', () => {
  test('have each its own variables, its own folder, and the Slack of all', () => {
    const [production, staging] = loadConfigs(
      wanted({
        variables: {
          BACKOUT_DATA: '/data',
          PRODUCTION_REDIS_URL: 'redis://production.test',
          EU_STAGING_PROMETHEUS_URL: 'http://metrics.test',
          EU_STAGING_BACKOUT_LOCKS_TOKEN: 'a-token-of-twenty-letters',
        },
      }),
    )
    expect(production).toMatchObject({
      settings: { environment: 'production', slack: { channels: ['C0PRODUCTION'] } },
      environment: {
        SLACK_BOT_TOKEN: 'xoxb-1',
        REDIS_URL: 'redis://production.test',
        BACKOUT_DATA: '/data/environments/production',
      },
    })
    expect(production.environment.PROMETHEUS_URL).toBeUndefined()
    expect(staging).toMatchObject({
      settings: { environment: 'eu-staging', slack: { channels: ['C0STAGING'] } },
      environment: {
        SLACK_BOT_TOKEN: 'xoxb-1',
        PROMETHEUS_URL: 'http://metrics.test',
        BACKOUT_LOCKS_TOKEN: 'a-token-of-twenty-letters',
      },
    })
    expect(staging?.environment.REDIS_URL).toBeUndefined()
  })

  test('are never reached with a variable that says of nobody whose it is', () => {
    expect(problemsOf({ variables: { REDIS_URL: 'redis://one.test' } })).toEqual([
      'environment: REDIS_URL belongs to one environment: name it PRODUCTION_REDIS_URL or EU_STAGING_REDIS_URL',
    ])
    for (const name of OWN_VARIABLES) {
      expect(variablesOf('production', { [name]: 'x' })[name], name).toBeUndefined()
    }
  })

  test('are told what is wrong by the names that people have written', () => {
    expect(
      problemsOf({
        variables: {
          PRODUCTION_REDIS_URL: 'http://one.test',
          EU_STAGING_REDIS_ULR: 'redis://two.test',
          PRODUCTION_SLACK_BOT_TOKEN: 'xoxb-2',
          PRODUCTION_BACKEND_URL: 'http://of-the-team.test',
          SLACK_APP_TOKEN: 'x',
        },
      }),
    ).toEqual([
      'environment: SLACK_APP_TOKEN must be an app token (it starts with xapp-)',
      'environment: PRODUCTION_REDIS_URL must be a redis:// or rediss:// address',
      'environment: PRODUCTION_SLACK_BOT_TOKEN: all environments have one SLACK_BOT_TOKEN, without a prefix',
      'environment: EU_STAGING_REDIS_ULR is not a setting; did you mean EU_STAGING_REDIS_URL?',
    ])
  })

  test('may put variables of any name into the file', () => {
    const text = two.replace('http://eu-staging.test', '"${EU_STAGING_REDIS_ADDRESS}"')
    const variables = { EU_STAGING_REDIS_ADDRESS: 'http://two.test' }
    expect(problemsOf({ text, variables })).toEqual([])
    expect(problemsOf({ text, variables: {} })).toEqual([
      'backout.yaml:9: EU_STAGING_REDIS_ADDRESS is not set in the environment',
    ])
  })

  const redis = {
    PRODUCTION_REDIS_URL: 'redis://one.test',
    EU_STAGING_REDIS_URL: 'redis://one.test',
  }
  const token = 'a-token-of-twenty-letters'
  const docker = (service: string) =>
    `      docker: { hosts: { one: { address: "unix:///run/docker.sock" } }, services: { ${service}: { container: web } } }\n`
  const onHost = (name: string, channel: string) =>
    ofEnvironment(name, channel)
      .replace('[{ name: backend', '[{ name: web, url: http://web.test }, { name: backend')
      .concat(docker('web'))

  test.each<[string, Asked, string]>([
    [
      'a channel',
      { text: two.replace('C0STAGING', 'C0PRODUCTION') },
      "backout.yaml:8: the channel C0PRODUCTION is production's already",
    ],
    [
      'a Deployment',
      { text: two.replace('namespace: eu-staging', 'namespace: production') },
      "backout.yaml:11: the Deployment api in production is production's already",
    ],
    [
      'a container',
      { text: `environments:\n${onHost('production', 'C0P')}${onHost('eu-staging', 'C0STAGING')}` },
      "backout.yaml:13: what runs web on unix:///run/docker.sock is production's already",
    ],
    [
      'a cache',
      { variables: redis },
      "environment: the value of EU_STAGING_REDIS_URL is production's already",
    ],
    [
      'a container that is a compose service in the other one, by another path to the same socket',
      {
        text: `environments:\n${onHost('production', 'C0P').replace('{ container: web }', '{ project: shop, service: web }')}${onHost('eu-staging', 'C0STAGING').replace('{ container: web }', '{ container: shop_web_2 }').replace('/run/', '/var/run/')}`,
      },
      "backout.yaml:13: what runs web on unix:///var/run/docker.sock is production's already",
    ],
    [
      'a cache that is spelled in another way',
      { variables: { ...redis, EU_STAGING_REDIS_URL: 'rediss://ONE.test:6379/0' } },
      "environment: the value of EU_STAGING_REDIS_URL is production's already",
    ],
    [
      'a token of pipelines',
      {
        variables: {
          PRODUCTION_BACKOUT_LOCKS_TOKEN: token,
          EU_STAGING_BACKOUT_LOCKS_TOKEN: token,
        },
      },
      "environment: the value of EU_STAGING_BACKOUT_LOCKS_TOKEN is production's already",
    ],
    [
      'what their variables begin with',
      { text: two.replace('eu-staging:', 'Production:') },
      "environment: environments.Production: PRODUCTION_… is production's already",
    ],
  ])('never have %s together', (_what, asked, problem) => {
    expect(problemsOf(asked)).toEqual([problem])
  })

  test.each([
    ['another database of it', 'redis://one.test/1'],
    ['another user of it', 'redis://staging:secret@one.test'],
    ['another port', 'redis://one.test:6380'],
  ])('may share a host of Redis: %s', (_what, EU_STAGING_REDIS_URL) => {
    expect(problemsOf({ variables: { ...redis, EU_STAGING_REDIS_URL } })).toEqual([])
  })

  test('may have containers with names that differ in their number', () => {
    const named = (name: string, channel: string, container: string) =>
      onHost(name, channel).replace('{ container: web }', `{ container: ${container} }`)
    const text = `environments:\n${named('production', 'C0P', 'web-1')}${named('eu-staging', 'C0STAGING', 'web-2')}`
    expect(problemsOf({ text })).toEqual([])
  })

  test('may have a Deployment of one name each in its own cluster', () => {
    const text = two.replace('namespace: eu-staging', 'namespace: production')
    const variables = { EU_STAGING_KUBECONFIG: '/staging.yaml' }
    expect(problemsOf({ text, variables })).toEqual([])
  })

  test('have names that a folder and a variable can have', () => {
    expect(problemsOf({ text: two.replace('eu-staging:', 'eu/../staging:') })).toEqual([
      expect.stringContaining('environments.eu/../staging: among several, a name has letters'),
    ])
  })

  test('do not begin beside the journal of a single one', () => {
    const data = join(folder, 'data')
    mkdirSync(data)
    writeFileSync(join(data, 'journal.sqlite'), '')
    const [problem = '', ...others] = problemsOf({ variables: { BACKOUT_DATA: data } })
    expect(others).toEqual([])
    expect(problem).toContain(
      `${data} holds what one environment has kept: with several, move all of it to ${data}/environments/production or to ${data}/environments/eu-staging`,
    )
  })
})

describe('one of several', () => {
  test('is meant by its name, and by nothing else', () => {
    const of = (named?: string) => loadConfig({ ...wanted({}), named }).settings.environment
    expect(of('eu-staging')).toBe('eu-staging')
    expect(() => of()).toThrow('Say --environment production or --environment eu-staging')
    expect(() => of('staging')).toThrow(
      'there is no environment "staging"; there is production and',
    )
  })

  test('has its journal where the commands that read no settings look for it', () => {
    const variables = { ...slack, BACKOUT_DATA: '/data' }
    const config = loadConfig({ ...wanted({ variables }), named: 'eu-staging' })
    expect(journalPlaceIn(variablesOf('eu-staging', variables))).toEqual(journalPlace(config))
    const data = join(folder, 'several')
    mkdirSync(join(data, 'environments'), { recursive: true })
    expect(() => journalAt(undefined, { BACKOUT_DATA: data })).toThrow(
      `there is no journal at ${data}/journal.sqlite; it holds several environments: name one with --environment`,
    )
    expect(() => journalAt(join(folder, 'none'), {})).toThrow(
      `there is no journal at ${join(folder, 'none')}`,
    )
  })
})
