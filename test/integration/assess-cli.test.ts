import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { startApp, type AppServer } from '../servers/app/start.ts'
import { missingAllowed } from '../servers/find.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { askRedis, startRedis } from '../servers/redis.ts'
import { freshFolder, type FreshFolder } from '../servers/spawn.ts'
import { AssessmentJson, exitCodes } from '../support/assessment-json.ts'
import { runCli } from '../support/cli.ts'
import { closedPort, silentServer } from '../support/contracts/outside.ts'
import { writtenPast } from '../support/written-past.ts'

/** Starting Node, reading the program, and a machine with other work. */
const overheadMs = 1_500
const deadlineSeconds = 1

let folder: FreshFolder
let app: AppServer
beforeAll(async () => {
  folder = await freshFolder('cli')
  app = await startApp({ version: 'v2.0.0' })
})
afterAll(async () => {
  await app.stop()
  await folder[Symbol.asyncDispose]()
})

async function settings(changes: Record<string, unknown> = {}): Promise<string> {
  const file = join(folder.path, 'backout.yaml')
  const usual = {
    environment: 'staging',
    slack: { channels: ['C0INCIDENTS'] },
    services: [{ name: 'backend', url: app.url }],
    deadlineSeconds,
  }
  await writeFile(file, stringify({ ...usual, ...changes }))
  return file
}

type Given = {
  readonly changes?: Record<string, unknown>
  readonly args?: readonly string[]
  readonly variables?: Record<string, string>
}

async function assess({ changes = {}, args = [], variables = {} }: Given = {}) {
  return runCli(['assess', '--config', await settings(changes), ...args], variables)
}

async function assessed(given: Given) {
  const ran = await assess({ ...given, args: ['--json', ...(given.args ?? [])] })
  expect(ran.complaints).toBe('')
  const json = AssessmentJson.parse(JSON.parse(ran.output))
  expect(ran.exitCode).toBe(exitCodes[json.decision])
  return { ...ran, json }
}

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
    const { complaints, exitCode } = await runCli(['assess'], {}, folder.path + '/..')
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
    const right = await runCli(['check-config', '--config', await settings()], tokens)
    expect([right.exitCode, right.output]).toEqual([0, 'The configuration is right.\n'])
  })
})

/** A fake kubeconfig for an API server at that address. */
async function kubeconfig(url: string): Promise<string> {
  const file = join(folder.path, 'kubeconfig')
  const context = { name: 'c', context: { cluster: 'c', user: 'u' } }
  await writeFile(
    file,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: url } }],
      users: [{ name: 'u', user: { token: 'a-token' } }],
      contexts: [context],
      'current-context': 'c',
    }),
  )
  return file
}

/** A production all of whose parts are at this port. */
async function everythingAt(port: number): Promise<Given> {
  const at = `127.0.0.1:${port}`
  const kubernetes = { namespace: 'production', deployments: { backend: 'backend' } }
  return {
    changes: {
      services: [{ name: 'backend', url: `http://${at}` }],
      procedures: { kubernetes },
    },
    variables: {
      PROMETHEUS_URL: `http://${at}`,
      REDIS_URL: `redis://${at}`,
      MONGODB_URI: `mongodb://${at}/es`,
      KUBECONFIG: await kubeconfig(`https://${at}`),
    },
  }
}

const asked = [
  'active-users-near-baseline',
  'cache-answering',
  'database-answering',
  'error-ratio-low',
  'health-passing',
  'latency-near-baseline',
  'logins-succeeding',
  'metrics-fresh',
  'targets-up',
  'version-known',
  'workloads-ready',
]

describe('when everything is gone', () => {
  test('black-holed: every answer is missing in its own name, within the deadline', async () => {
    const { json, tookMs } = await assessed(await everythingAt((await silentServer()).port))
    expect(tookMs).toBeLessThan(deadlineSeconds * 1_000 + overheadMs)
    expect([json.verdict, json.decision, json.recommended]).toEqual([
      'unreachable',
      'person-decides',
      null,
    ])
    const unreachable = json.measurements.filter(({ verdict }) => verdict === 'unreachable')
    expect(unreachable.map(({ probe }) => probe).toSorted()).toEqual(asked)
    expect(json.procedures.find(({ name }) => name === 'kubernetes')?.because).toMatch(
      /could not look/,
    )
  })

  test('refusing: nothing answers, and nobody waits for it', async () => {
    const { json, tookMs } = await assessed(await everythingAt(await closedPort()))
    expect(tookMs).toBeLessThan(deadlineSeconds * 1_000 + overheadMs)
    for (const { probe, tookMs: each } of json.measurements) {
      // MongoDB's driver looks for another member until the time is up.
      if (probe !== 'database-answering') expect(each, probe).toBeLessThan(500)
    }
    // A refused connection is an observation of the service; of everything else it is none.
    const health = json.measurements.find(({ probe }) => probe === 'health-passing')
    expect(health?.verdict).toBe('degraded')
    const others = json.measurements.filter(({ probe }) => probe !== 'health-passing')
    expect(new Set(others.map(({ verdict }) => verdict))).toEqual(new Set(['unreachable']))
    expect(json.decision).toBe('roll-back')
  })

  test('hanging up at once: nothing is healthy', async () => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { json, tookMs } = await assessed(await everythingAt(port))
    expect(tookMs).toBeLessThan(deadlineSeconds * 1_000 + overheadMs)
    expect(json.measurements.filter(({ verdict }) => verdict === 'healthy')).toEqual([])
    expect(json.decision).not.toBe('do-not')
  })

  test('speaking nonsense: nothing is healthy', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { json } = await assessed(await everythingAt(port))
    const healthy = json.measurements.filter(({ verdict }) => verdict === 'healthy')
    // The health page did answer 200; nothing else said anything that makes sense.
    expect(healthy.map(({ probe }) => probe)).toEqual(['health-passing'])
    expect(json.decision).toBe('person-decides')
  })
})

describe.skipIf(['prometheus' as const, 'redis' as const].some(missingAllowed))(
  'when one thing is black-holed',
  () => {
    const fromPrometheus = [
      'error-ratio-low',
      'latency-near-baseline',
      'logins-succeeding',
      'metrics-fresh',
      'targets-up',
    ]
    test.each([
      ['PROMETHEUS_URL', ['active-users-near-baseline', ...fromPrometheus]],
      ['REDIS_URL', ['active-users-near-baseline', 'cache-answering']],
      ['MONGODB_URI', ['database-answering']],
      ['service', ['health-passing', 'version-known']],
    ])(
      '%s: %j are missed, and the others’ answers are as fast as ever',
      async (missing, probes) => {
        const pasts = [{ case: 'past' }]
        await using prometheus = await startPrometheus({
          openmetrics: writtenPast(pasts, Date.now()),
        })
        await using redis = await startRedis({ args: [] })
        await askRedis(redis.host, redis.port, 'SET active_users_count 100')
        const at = `127.0.0.1:${(await silentServer()).port}`
        const variables: Record<string, string> = {
          PROMETHEUS_URL: prometheus.url,
          REDIS_URL: redis.url,
        }
        const scheme = { PROMETHEUS_URL: 'http', REDIS_URL: 'redis', MONGODB_URI: 'mongodb' }
        const changes: Record<string, unknown> = {}
        if (missing === 'service') changes['services'] = [{ name: 'backend', url: `http://${at}` }]
        else variables[missing] = `${scheme[missing as keyof typeof scheme]}://${at}`

        const { json, tookMs } = await assessed({ changes, variables })
        expect(tookMs).toBeLessThan(deadlineSeconds * 1_000 + overheadMs)
        const silent = json.measurements.filter(({ verdict }) => verdict === 'unreachable')
        expect(silent.map(({ probe }) => probe).toSorted()).toEqual(probes)
        for (const { tookMs: each } of silent) {
          expect(each).toBeLessThan(deadlineSeconds * 1_000 + 250)
        }
        const others = json.measurements.filter(({ verdict }) => verdict !== 'unreachable')
        expect(others.length).toBeGreaterThan(0)
        for (const { probe, tookMs: each } of others) {
          expect(each, probe).toBeLessThan(deadlineSeconds * 1_000)
        }
        expect(json.verdict).not.toBe('healthy')
      },
    )
  },
)

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
