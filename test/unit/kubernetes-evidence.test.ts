import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { redactedText } from '../../src/adapters/kubernetes/evidence/redacted-text.ts'
import { redactedManifest } from '../../src/adapters/kubernetes/evidence/redacted-manifest.ts'
import { kubernetesWorkloads } from '../../src/adapters/kubernetes/read/workloads.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { redact } from '../../src/domain/text/redact.ts'
import { sandboxEvidence } from '../../src/sandbox/evidence/evidence-store.ts'

async function* bytesOf(chunks: readonly Uint8Array[]) {
  yield* chunks
}

const shown = async (...chunks: readonly (string | Uint8Array)[]): Promise<string> => {
  const bytes = chunks.map((one) => (typeof one === 'string' ? Buffer.from(one) : one))
  let text = ''
  for await (const part of redactedText(bytesOf(bytes))) text += part
  return text
}

const begin = '-----BEGIN RSA PRIVATE KEY-----'
const end = '-----END RSA PRIVATE KEY-----'

describe('a log as it is shown', () => {
  test('hides a secret wherever the chunks are cut, and keeps every character of the rest', async () => {
    const log = [
      'starting ü 🚀',
      'url=mongodb://app:c0rrect-h0rse@mongo/db',
      begin,
      'MIIEowIBAAKCAQEA',
      'c0rrect-h0rse',
      `${end} done`,
      'password="c0rrect-h0rse" user=ana',
      'the end',
    ].join('\n')
    const bytes = Buffer.from(log)
    const whole = `starting ü 🚀\nurl=mongodb://***@mongo/db\n*** done\npassword="***" user=ana\nthe end`
    expect(await shown(log)).toBe(whole)
    const Cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(Cuts, async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        const chunks = at.slice(1).map((to, index) => bytes.subarray(at[index], to))
        expect(await shown(...chunks)).toBe(whole)
      }),
    )
  })

  test('goes on after a key whose end was lost', async () => {
    const after = 'x'.repeat(79)
    const log = `${begin}\n${`${after}\n`.repeat(1_000)}`
    const text = await shown(log.slice(0, 20_000), log.slice(20_000))
    expect(text.startsWith('***')).toBe(true)
    expect(text.length).toBeGreaterThan(40_000)
    expect(text.length).toBeLessThan(60_000)
  })

  test('has no line without an end, shows nothing of what was cut away, and is not called whole', async () => {
    const long = 'x'.repeat(100_000)
    const chunks = ['before\n', long, long, `${long} pass`, 'word=hunter2\nafter'].map((one) =>
      Buffer.from(one),
    )
    const store = sandboxEvidence()
    const folder = await store.open('i-1')
    const limits = { maxBytes: 1_000_000, signal: new AbortController().signal }
    const kept = await folder.keep('app.log', redactedText(bytesOf(chunks)), limits)
    expect(kept.skipped).toBe('lines of more than 32 KiB were cut')
    const text = store.collections()[0]?.texts.get('app.log') ?? ''
    const beginnings = text.split('\n').map((line) => line.slice(0, 6))
    expect(beginnings).toEqual(['before', 'xxxxxx', 'after', ''])
    expect(text.length).toBeLessThan(201_000)
    expect(text).not.toContain('hunter2')
  })

  test('is not more than what one line needs at a time', async () => {
    const lines = Array.from({ length: 100 }, (_, index) => `${index} ${'y'.repeat(30_000)}\n`)
    const parts: number[] = []
    const bytes = bytesOf(lines.map((line) => Buffer.from(line)))
    for await (const part of redactedText(bytes)) parts.push(part.length)
    expect(Math.max(...parts)).toBeLessThan(65_000)
  })
})

describe('an object as it is shown', () => {
  const container = (env: unknown) => ({ spec: { template: { spec: { containers: [{ env }] } } } })

  test('names its variables and tells only harmless values', () => {
    const from = { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'one' } } }
    const env = [
      { name: 'GREETING', value: 'hello' },
      { name: 'NODE_ENV', value: 'production' },
      from,
    ]
    const shownEnv = JSON.stringify(redactedManifest(container(env)))
    expect(shownEnv).not.toContain('hello')
    expect(shownEnv).toContain('{"name":"GREETING","value":"[redacted]"}')
    expect(shownEnv).toContain('{"name":"NODE_ENV","value":"production"}')
    expect(shownEnv).toContain('"secretKeyRef"')
  })

  test('hides them also in the copy that kubectl keeps of it', () => {
    const copy = JSON.stringify(container([{ name: 'GREETING', value: 'hello' }]))
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': copy }
    const text = JSON.stringify(redactedManifest({ metadata: { annotations } }))
    expect(text).not.toContain('hello')
    expect(text).toContain('GREETING')
  })

  test.each([
    { args: ['--password', 'hunter2', '--verbose', 'yes'] },
    { args: ['--password=hunter2'] },
    { command: ['sh', '-c', 'PASSWORD=hunter2 start'] },
    { metadata: { annotations: { 'example.com/api-key': 'hunter2' } } },
    { message: 'pull https://bot:hunter2@registry failed' },
  ])('hides what looks like a secret: %o', (object) => {
    const text = JSON.stringify(redactedManifest(object))
    expect(text).not.toContain('hunter2')
    expect(text).toContain('***')
  })

  test('is otherwise what it was, and valid JSON whatever it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(redactedManifest(value))
        expect(redact(text).length).toBeGreaterThan(0)
        JSON.parse(text)
      }),
    )
    const status = { replicas: 2, ready: true, none: null, conditions: [{ type: 'Ready' }] }
    expect(redactedManifest(status)).toEqual(status)
    expect(redactedManifest({ managedFields: [{ manager: 'kubectl', fieldsV1: {} }] })).toEqual({
      managedFields: [{ manager: 'kubectl' }],
    })
  })
})

describe('the pieces of evidence', () => {
  const meta = (name: string, more: object = {}) => ({
    name,
    uid: `uid-${name}`,
    creationTimestamp: '2026-11-22T12:00:00Z',
    ...more,
  })
  const owner = (kind: string, name: string) => ({
    ownerReferences: [{ kind, name, uid: `uid-${name}`, controller: true }],
  })
  const labels = { app: 'backend' }
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'app', image: 'app:v1' }] },
  }
  const lists: Readonly<Record<string, unknown[]>> = {
    deployments: [
      {
        metadata: meta('backend', { tokens: ['hunter2x', { first: 'hunter3x' }] }),
        spec: { selector: { matchLabels: labels }, template },
      },
    ],
    replicasets: [
      { metadata: meta('rs', { labels, ...owner('Deployment', 'backend') }), spec: { template } },
    ],
    pods: [
      {
        metadata: meta('pod', { labels, ...owner('ReplicaSet', 'rs') }),
        spec: {
          initContainers: [{ name: 'migrate' }],
          containers: [{ name: 'app' }],
          ephemeralContainers: [{ name: 'debug' }],
        },
        status: { containerStatuses: [{ name: 'app', restartCount: 2, state: { running: {} } }] },
      },
      { metadata: meta('stranger'), spec: { containers: [{ name: 'app' }] } },
    ],
    events: [
      { reason: 'BackOff', involvedObject: { uid: 'uid-pod' } },
      { reason: 'Elsewhere', involvedObject: { uid: 'uid-stranger' } },
      'nonsense',
    ],
  }
  const unused = () => Promise.reject(new Error('unused'))

  const collect = async (refusing: Readonly<Record<string, string>> = {}) => {
    const asked: string[] = []
    let open = 0
    const refuse = (what: string): void => {
      const code = refusing[what]
      if (code === undefined) return
      throw new Fault({
        kind: 'terminal',
        dependency: 'kubernetes',
        code,
        detail: `refused ${what}`,
      })
    }
    const client: KubernetesClient = {
      text: unused,
      post: unused,
      patch: unused,
      create: unused,
      answer: unused,
      close: () => Promise.resolve(),
      async get(path) {
        const kind = path.split('/').at(-1) ?? ''
        refuse(kind)
        return { items: lists[kind] ?? [] }
      },
      async stream(path, { query = {} }) {
        const text = Object.entries(query).map(([name, value]) => `${name}=${value}`)
        asked.push(`${path}?${text.join('&')}`)
        refuse(`${query['container']} ${query['previous']}`)
        open += 1
        return {
          chunks: bytesOf([Buffer.from('token=hun'), Buffer.from('ter2\n')]),
          async [Symbol.asyncDispose]() {
            open -= 1
          },
        }
      },
    }
    const deployments = { backend: 'backend' }
    const workloads = kubernetesWorkloads({ client, namespace: 'production', deployments })
    const pieces: [name: string, text: string][] = []
    for await (const piece of workloads.evidence('backend', new AbortController().signal)) {
      expect(open).toBe(piece.name.endsWith('.log') && 'text' in piece ? 1 : 0)
      let text = 'skipped' in piece ? `skipped: ${piece.skipped}` : ''
      // One that is not read must not keep its connection.
      if ('text' in piece && !piece.name.includes('debug')) {
        for await (const part of piece.text) text += part
      }
      pieces.push([piece.name, text])
    }
    expect(open).toBe(0)
    return { asked, pieces: new Map(pieces) }
  }

  test('are the logs of every container, also of the one before a restart, within limits', async () => {
    const { asked, pieces } = await collect()
    expect([...pieces].slice(4)).toEqual([
      ['backend/pod/migrate.log', 'token=***\n'],
      ['backend/pod/app.log', 'token=***\n'],
      ['backend/pod/app.previous.log', 'token=***\n'],
      ['backend/pod/debug.log', ''],
    ])
    expect(asked[2]).toBe(
      '/api/v1/namespaces/production/pods/pod/log?container=app&previous=true&limitBytes=5242880&tailLines=50000',
    )
  })

  test('hide whole lists and objects that are secret, and are JSON', async () => {
    const { pieces } = await collect()
    const { metadata } = JSON.parse(pieces.get('backend/deployment.json') ?? '')
    expect(metadata.tokens).toEqual(['***', { first: '***' }])
  })

  test('hold what is ours, and nothing of strangers', async () => {
    const { pieces } = await collect()
    const whole = [...pieces.values()].join('\n')
    expect(whole).toContain('BackOff')
    expect(whole).not.toMatch(/Elsewhere|stranger/)
  })

  test.each(['400', '403', '404', '500'])(
    'go on after one that is answered with %s',
    async (code) => {
      const { pieces } = await collect({ events: code, 'app true': code })
      expect(pieces.get('backend/events.json')).toBe('skipped: refused events')
      expect(pieces.get('backend/pod/app.previous.log')).toBe('skipped: refused app true')
      expect(pieces.get('backend/pod/app.log')).toBe('token=***\n')
    },
  )

  test('end with credentials that are refused', async () => {
    await expect(collect({ 'migrate false': '401' })).rejects.toThrow('refused migrate false')
  })
})
