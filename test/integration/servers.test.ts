import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { MongoClient } from 'mongodb'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { startAlertmanager } from '../servers/alertmanager.ts'
import { startApp } from '../servers/app/start.ts'
import { startDocker } from '../servers/docker/engine.ts'
import { startRegistry } from '../servers/docker/registry.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import type { ServerName } from '../servers/find.ts'
import { startKubernetes } from '../servers/kubernetes/start.ts'
import { startMongodb } from '../servers/mongodb.ts'
import { prometheusLogin, startPrometheus } from '../servers/prometheus.ts'
import { askRedis, startRedis } from '../servers/redis.ts'
import { isRunning } from '../servers/run.ts'

const expectGone = (pids: readonly number[]): void => {
  expect(pids.filter(isRunning)).toEqual([])
}

const samplesSchema = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

/** The values of an instant query, in no order. */
const query = async (url: string, promql: string): Promise<number[]> => {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`)
  const { data } = samplesSchema.parse(await response.json())
  return data.result.map(({ value }) => Number(value[1]))
}

/** As on a machine that has nothing and was told of nothing. */
const withoutServers = (): void => {
  vi.stubEnv('PATH', '/nowhere')
  vi.stubEnv('TEST_SERVERS_DIR', '/nowhere')
  for (const name of ['TEST_REDIS_URL', 'TEST_PROMETHEUS_URL', 'MONGODB_TEST_URI']) {
    vi.stubEnv(name, undefined)
  }
  vi.stubEnv('TEST_KUBECONFIG', undefined)
}

afterEach(() => vi.unstubAllEnvs())

test('the app answers health, version and faults, and leaves no process', async () => {
  await using app = await startApp({ version: 'v2.0.0' })
  expect(await (await fetch(`${app.url}/version`)).json()).toEqual({ version: 'v2.0.0' })
  expect((await fetch(`${app.url}/health`)).status).toBe(200)
  await app.setFaults({ down: true })
  expect((await fetch(`${app.url}/health`)).status).toBe(503)
  await expect(app.setFaults({ errorRatio: 7 })).rejects.toThrow('errorRatio')
  await app.stop()
  expectGone(app.pids)
})

describe.skipIf(missingAllowed('redis'))('redis', () => {
  test('answers PING over a raw socket, and asks for its password', async () => {
    const redis = await startRedis({ password: 'secret' })
    expect(await askRedis(redis.host, redis.port, 'PING')).toMatch('NOAUTH')
    expect(await askRedis(redis.host, redis.port, 'AUTH secret')).toBe('+OK')
    await redis.stop()
    expectGone(redis.pids)
    await expect(askRedis(redis.host, redis.port, 'PING')).rejects.toThrow('ECONNREFUSED')
  })

  test("somebody's own is used from the environment, and not stopped", async () => {
    await using somebodys = await startRedis({ password: 'somebody' })
    withoutServers()
    vi.stubEnv('TEST_REDIS_URL', somebodys.url)
    const redis = await startRedis()
    expect(redis).toMatchObject({ url: somebodys.url, port: somebodys.port })
    await redis.stop()
    expect(somebodys.pids.every(isRunning)).toBe(true)
  })

  test('goes when the test run is killed, leaving nothing', async () => {
    const launcher = new URL('../servers/redis.ts', import.meta.url).href
    const script = `
      const { startRedis } = await import('${launcher}')
      console.log((await startRedis({ args: [] })).port)
    `
    const killed = spawn(process.execPath, ['--input-type=module', '--eval', script])
    const [said] = await once(killed.stdout, 'data')
    const port = Number(said)
    expect(await askRedis('127.0.0.1', port, 'PING')).toBe('+PONG')
    killed.kill('SIGKILL')
    const afterwards = await eventually(
      () => askRedis('127.0.0.1', port, 'PING').catch(String),
      (answer) => answer.includes('ECONNREFUSED'),
    )
    expect(afterwards).toContain('ECONNREFUSED')
  })

  test('a start that fails tells the last lines of the log', async () => {
    await expect(startRedis({ args: ['--nonsense', 'yes'] })).rejects.toThrow(/nonsense/)
  })
})

describe.skipIf(missingAllowed('prometheus'))('prometheus', () => {
  test('scrapes the app every second and computes its ratios', async () => {
    await using app = await startApp({ faults: { errorRatio: 0.25 } })
    await using prometheus = await startPrometheus({
      scrape: [{ job: 'backend', targets: [app.target] }],
    })
    const up = await eventually(
      () => query(prometheus.url, 'up{job="backend"}'),
      (values) => values[0] === 1,
    )
    expect(up).toEqual([1])

    const failed = 'sum(rate(http_requests_total{status="500"}[10s]))'
    const ratio = `${failed} / sum(rate(http_requests_total[10s]))`
    const [measured] = await eventually(
      () => query(prometheus.url, ratio),
      (values) => values.length > 0,
    )
    expect(measured).toBeGreaterThan(0.15)
    expect(measured).toBeLessThan(0.35)
    await prometheus.stop()
    expectGone(prometheus.pids)
  })

  test('knows a past it was given, and lets nobody in without the login', async () => {
    const hourAgo = Math.floor(Date.now() / 1000) - 3600
    const openmetrics = `# TYPE active_users gauge\nactive_users 117 ${hourAgo}\n`
    await using prometheus = await startPrometheus({ openmetrics, basicAuth: true })
    const url = `${prometheus.url}/api/v1/query?query=active_users&time=${hourAgo + 1}`
    expect((await fetch(url)).status).toBe(401)
    const { username, password } = prometheusLogin
    const authorization = `Basic ${btoa(`${username}:${password}`)}`
    const answer = samplesSchema.parse(
      await (await fetch(url, { headers: { authorization } })).json(),
    )
    expect(answer.data.result.map(({ value }) => value[1])).toEqual(['117'])
  })
})

describe.skipIf(missingAllowed('mongodb'))('mongodb', () => {
  test('answers ping and keeps a document', async () => {
    await using mongodb = await startMongodb()
    await using client = await MongoClient.connect(mongodb.uri)
    const database = client.db('smoke')
    expect(await database.command({ ping: 1 })).toMatchObject({ ok: 1 })
    await database.collection('things').insertOne({ name: 'kept' })
    expect(await database.collection('things').countDocuments({ name: 'kept' })).toBe(1)
    await database.dropDatabase()
    await client.close()
    await mongodb.stop()
    expectGone(mongodb.pids)
  })
})

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({ containers: z.array(z.object({ image: z.string() })) }),
      status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
    }),
  ),
})

const skipKubernetes = missingAllowed('kubernetes') || outsideAddress('kubernetes') !== undefined

describe.skipIf(skipKubernetes)('kubernetes', () => {
  test('rolls out, serves logs, refuses what RBAC does not grant, and goes', async () => {
    await using cluster = await startKubernetes()
    await cluster.deploy('production', 'backend', 'example.test/backend:v1.0.0', 2)
    await cluster.setImage('production', 'backend', 'example.test/backend:v2.0.0')
    const path = '/api/v1/namespaces/production/pods'
    const { items } = podsSchema.parse(await cluster.admin.must('GET', path))
    const ready = items.filter(({ status }) =>
      status.conditions.some((one) => one.type === 'Ready' && one.status === 'True'),
    )
    expect(ready.map(({ spec }) => spec.containers[0]?.image)).toEqual([
      'example.test/backend:v2.0.0',
      'example.test/backend:v2.0.0',
    ])

    await cluster.writeLogs(['starting', 'listening on 8080'])
    const log = await cluster.admin.must('GET', `${path}/${items[0]?.metadata.name}/log`)
    expect(log).toBe('starting\nlistening on 8080\n')

    await cluster.applyManifest(`
apiVersion: v1
kind: ServiceAccount
metadata: { name: reader, namespace: production }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: production }
rules: [{ apiGroups: [''], resources: [pods], verbs: [list] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader, namespace: production }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ kind: ServiceAccount, name: reader, namespace: production }]
`)
    const reader = cluster.as(await cluster.tokenFor('production', 'reader'))
    // The authorizer hears of a new binding a moment after it was written.
    const granted = await eventually(
      () => reader.request('GET', path),
      ({ status }) => status === 200,
    )
    expect(granted.status).toBe(200)
    const refused = await reader.request('GET', '/api/v1/namespaces/production/secrets')
    expect(refused.status).toBe(403)

    const user = 'system:serviceaccount:production:reader'
    const calls = await eventually(
      () => cluster.callsBy(user),
      (seen) => seen.some(({ resource }) => resource === 'secrets'),
    )
    expect(calls.at(-1)).toMatchObject({ verb: 'list', resource: 'secrets', status: 403 })

    expect(cluster.pids).toHaveLength(4)
    const { caFile } = cluster
    await cluster.stop()
    expectGone(cluster.pids)
    expect(existsSync(caFile)).toBe(false)
  })

  test('the tag of an image says that its pods never become ready', async () => {
    await using cluster = await startKubernetes()
    await cluster.deploy('odd', 'sick', 'example.test/sick:crashing', 1, { wait: false })
    const pods = await eventually(
      async () => JSON.stringify(await cluster.admin.must('GET', '/api/v1/namespaces/odd/pods')),
      (seen) => seen.includes('CrashLoopBackOff'),
    )
    expect(pods).toContain('"restartCount":7')
    expect(pods).toMatch(/"type":"Ready","status":"False"/)

    vi.stubEnv('TEST_KUBECONFIG', cluster.kubeconfig)
    await using same = await startKubernetes()
    expect(same.url).toBe(cluster.url)
    expect((await same.admin.request('GET', '/api/v1/nodes')).status).toBe(200)
    await same.stop()
    expect(cluster.pids.every(isRunning)).toBe(true)
  })
})

describe('a server that is not there', () => {
  const launchers: readonly [ServerName, () => Promise<unknown>][] = [
    ['redis', startRedis],
    ['prometheus', startPrometheus],
    ['alertmanager', () => startAlertmanager({ hook: { url: '', token: '' }, groupBy: [] })],
    ['mongodb', startMongodb],
    ['kubernetes', startKubernetes],
    ['docker', startDocker],
    ['docker', startRegistry],
  ]

  test.each(launchers)('%s: names the command that gets it', async (server, start) => {
    withoutServers()
    await expect(start()).rejects.toThrow(`Missing server "${server}": run npm run servers`)
  })

  test('may be absent only when ALLOW_MISSING names it', () => {
    withoutServers()
    vi.stubEnv('ALLOW_MISSING', 'redis, kubernetes')
    expect(missingAllowed('redis')).toBe(true)
    expect(missingAllowed('kubernetes')).toBe(true)
    expect(missingAllowed('mongodb')).toBe(false)
  })
})
