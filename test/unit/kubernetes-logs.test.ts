import { describe, expect, test } from 'vitest'
import { linesOf, podLogs } from '../../src/adapters/kubernetes/evidence/logs.ts'
import { Pod } from '../../src/adapters/kubernetes/read/schema.ts'
import { Fault } from '../../src/domain/base/fault.ts'

const pod = (name: string, container: Record<string, unknown> = { ready: true }) =>
  Pod.parse({
    metadata: { name, uid: `uid-${name}`, creationTimestamp: '2026-11-22T12:00:00Z' },
    spec: { initContainers: [{ name: 'migrate' }], containers: [{ name: 'app' }] },
    status: { containerStatuses: [{ name: 'app', ...container }] },
  })

const refusal = (code: string) =>
  new Fault({ kind: 'terminal', dependency: 'kubernetes', code, detail: `refused with ${code}` })

const forbidden = () => {
  throw refusal('403')
}

const notFound = () => {
  throw refusal('400')
}

const readLogs = async (
  pods: readonly Pod[],
  answer: (path: string, query: Record<string, unknown>) => string,
  more: { readonly sinceSeconds?: number } = {},
) => {
  const asked: string[] = []
  const client = {
    get: () => Promise.reject(new Error('unused')),
    post: () => Promise.reject(new Error('unused')),
    patch: () => Promise.reject(new Error('unused')),
    create: () => Promise.reject(new Error('unused')),
    stream: () => Promise.reject(new Error('unused')),
    answer: () => Promise.reject(new Error('unused')),
    close: () => Promise.resolve(),
    text: (path: string, { query = {} }: { query?: Record<string, unknown> }) => {
      const asText = Object.entries(query).map(([name, value]) => `${name}=${String(value)}`)
      asked.push(`${path}?${asText.join('&')}`)
      return Promise.resolve().then(() => answer(path, query))
    },
  }
  const { signal } = new AbortController()
  const tails = await podLogs(client, {
    path: '/pods',
    name: 'backend',
    pods,
    tail: 50,
    ...more,
    signal,
  })
  return { asked, tails }
}

describe('logs', () => {
  test('are asked of every container, with a limit to their lines and bytes', async () => {
    const { asked, tails } = await readLogs(
      [pod('a')],
      (_, { container }) => `${String(container)} 1\n`,
    )
    expect(asked).toEqual([
      '/pods/a/log?container=migrate&previous=false&tailLines=50&limitBytes=1048576',
      '/pods/a/log?container=app&previous=false&tailLines=50&limitBytes=1048576',
    ])
    expect(tails).toEqual([
      { source: 'a/migrate', lines: ['migrate 1'] },
      { source: 'a/app', lines: ['app 1'] },
    ])
  })

  test('of the last seconds are asked for as such, and what cannot be had is no line of them', async () => {
    const answer = (_: string, { container }: Record<string, unknown>) =>
      container === 'app' ? 'app 1' : notFound()
    const { asked, tails } = await readLogs([pod('a')], answer, { sinceSeconds: 120 })
    expect(asked[1]).toMatch(/container=app&.*&sinceSeconds=120$/)
    expect(tails).toEqual([
      { source: 'a/migrate', lines: ['[no log: refused with 400]'], isNote: true },
      { source: 'a/app', lines: ['app 1'] },
    ])
  })

  test('of a container that restarted and runs again include what it said before', async () => {
    const again = { restartCount: 1, state: { running: {} } }
    const { tails } = await readLogs([pod('a', again)], (_, { previous }) => String(previous))
    expect(tails.slice(1)).toEqual([
      { source: 'a/app before its restart', lines: ['true'] },
      { source: 'a/app', lines: ['false'] },
    ])
  })

  test('of ten pods at most, those in trouble first, and say how many were left out', async () => {
    const pods = Array.from({ length: 12 }, (_, index) => pod(`ready-${index}`))
    const { tails } = await readLogs([...pods, pod('broken', { ready: false })], () => 'x')
    expect(tails[0]?.source).toBe('broken/migrate')
    expect(new Set(tails.slice(0, -1).map(({ source }) => source.split('/')[0])).size).toBe(10)
    expect(tails.at(-1)).toEqual({
      source: 'deployment/backend',
      lines: ['[the logs of 3 more pods were left out]'],
      isNote: true,
    })
  })

  test('say why one cannot be had, and fail as a whole when none may be read', async () => {
    const { tails } = await readLogs([pod('a')], (_, { container }) => {
      if (container === 'app') throw refusal('400')
      return 'fine'
    })
    expect(tails[1]).toEqual({
      source: 'a/app',
      lines: ['[no log: refused with 400]'],
      isNote: true,
    })
    const answer = readLogs([pod('a')], forbidden)
    await expect(answer).rejects.toThrow('refused with 403')
  })

  test('are redacted across lines, and cut', async () => {
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\nBBBB\n-----END PRIVATE KEY-----'
    expect(await linesOf(`a\r\n${key}\nb\n`, 50)).toEqual(['a', '***', 'b'])
    expect(await linesOf('a\nb\nc\n', 2)).toEqual(['b', 'c'])
    expect(await linesOf('', 2)).toEqual([])
    expect((await linesOf('x'.repeat(9_000), 2))[0]).toHaveLength(2_001)
  })
})
