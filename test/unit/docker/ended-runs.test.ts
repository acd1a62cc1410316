import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { dockerContainers } from '../../../src/adapters/docker/containers.ts'
import type { Happening } from '../../../src/ports/containers.ts'

const imageId = `sha256:${'1'.repeat(64)}`
const id = 'c'.repeat(64)
const reference = 'shop/app:v1.9.0'
/** By the clock of the host, which is an hour before ours. */
const hostNowMs = Date.UTC(2026, 10, 22, 4, 0, 0)
const nowMs = hostNowMs - 60 * 60_000
const endedMs = hostNowMs - 120_000

type Told = { readonly action: string; readonly atMs: number; readonly more?: object }

/** What is heard of an Engine on which the container is gone already, and that tells what it remembers of it. */
async function heardOf(events: readonly Told[], tagged: string): Promise<readonly Happening[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ended-runs-'))
  const socketPath = join(folder, 'docker.sock')
  const lines = events.map(({ action, atMs, more }) =>
    JSON.stringify({
      Action: action,
      time: Math.floor(atMs / 1_000),
      timeNano: atMs * 1_000_000,
      Actor: { ID: id, Attributes: { name: 'app', image: reference, ...more } },
    }),
  )
  const answers: readonly (readonly [RegExp, string])[] = [
    [/^\/_ping/, 'OK'],
    [/^\/info/, JSON.stringify({ SystemTime: new Date(hostNowMs).toISOString() })],
    [/^\/events/, `${lines.join('\n')}\n`],
    [
      /^\/images\//,
      JSON.stringify({
        Id: imageId,
        RepoTags: [reference],
        RepoDigests: [],
        Metadata: { LastTagTime: tagged },
      }),
    ],
  ]
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/v1\.\d+/, '')
    const found = answers.find(([is]) => is.test(path))
    response.writeHead(found ? 200 : 404, { 'api-version': '1.41' })
    response.end(found?.[1] ?? JSON.stringify({ message: 'no such container' }))
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const containers = dockerContainers({
    hosts: [{ name: 'web-1', socketPath }],
    services: { backend: { kind: 'container', name: 'app' } },
    ownId: async () => null,
    now: () => nowMs,
  })
  const over = new AbortController()
  const heard: Happening[] = []
  onTestFinished(async () => {
    over.abort()
    containers.close()
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })
  await new Promise<void>((resolve) => {
    const tell = (one: Happening): void => {
      heard.push(one)
      if (heard.length === events.length) resolve()
    }
    void containers.follow(['backend'], tell, over.signal)
  })
  return heard
}

const end = (more = {}): Told => ({ action: 'die', atMs: endedMs, more })
const byOurs = (ms: number) => new Date(ms - 60 * 60_000).toISOString()
const before = '2026-11-20T00:00:00Z'
const runIn = (heard: readonly Happening[]) => heard.find(({ kind }) => kind === 'ended')?.run

test('one that is gone is known by the name of its image, and began when it was heard to', async () => {
  const startMs = endedMs - 3_000
  const heard = await heardOf([{ action: 'start', atMs: startMs }, end()], before)
  expect(runIn(heard)).toEqual({
    service: 'backend',
    host: 'web-1',
    id,
    image: { id: imageId, reference, digest: null },
    labels: { version: null, commit: null, source: null, authors: null, builtAt: null },
    sha256: null,
    startedAt: byOurs(startMs),
    endedAt: byOurs(endedMs),
  })
  // What happened is told by the clock of its host.
  expect(heard.at(-1)?.at).toBe(new Date(endedMs).toISOString())
})

test('an Engine that forgot its start tells at its end for how long it ran', async () => {
  const run = runIn(await heardOf([end({ execDuration: '7200' })], before))
  expect(run).toMatchObject({ startedAt: byOurs(endedMs - 7_200_000), endedAt: byOurs(endedMs) })
})

test('one whose beginning nobody tells, or whose name may have meant another image then, is no run', async () => {
  expect(runIn(await heardOf([end()], before))).toBeUndefined()
  const tagged = new Date(endedMs + 1_000).toISOString()
  expect(runIn(await heardOf([end({ execDuration: '7200' })], tagged))).toBeUndefined()
  expect(runIn(await heardOf([end({ execDuration: '7200' })], ''))).toBeUndefined()
})

test('what is kept, and never serves, is no run', async () => {
  const kept = { 'backout.role': 'kept', 'backout.service': 'backend', execDuration: '5' }
  expect(runIn(await heardOf([end(kept)], before))).toBeUndefined()
})
