import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { missingAllowed } from '../servers/find.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { askRedis, startRedis } from '../servers/redis.ts'
import { assessCommand, deadlineSeconds, type Given } from '../support/assess-command.ts'
import { closedPort, silentServer } from '../support/contracts/outside.ts'
import { writtenPast } from '../support/written-past.ts'

/** Starting Node, reading the program, and a machine with other work: whoever hangs takes far longer. */
const overheadMs = 6_000

const { assessed, path } = assessCommand()

/** A fake kubeconfig for an API server at that address. */
async function kubeconfig(url: string): Promise<string> {
  const file = path('kubeconfig')
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
  'client-errors-near-baseline',
  'database-answering',
  'error-ratio-low',
  'health-passing',
  'latency-near-baseline',
  'logins-succeeding',
  'maintenance-off',
  'metrics-fresh',
  'targets-up',
  'traffic-near-baseline',
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
    // It may be our own way there: nothing that stands elsewhere confirms it.
    expect(json.decision).toBe('person-decides')
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
      'client-errors-near-baseline',
      'error-ratio-low',
      'latency-near-baseline',
      'logins-succeeding',
      'metrics-fresh',
      'targets-up',
      'traffic-near-baseline',
    ]
    test.each([
      ['PROMETHEUS_URL', ['active-users-near-baseline', ...fromPrometheus]],
      ['REDIS_URL', ['active-users-near-baseline', 'cache-answering', 'maintenance-off']],
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
