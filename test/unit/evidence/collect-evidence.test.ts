import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { evidenceFiles } from '../../../src/adapters/files/evidence-files.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import type { EvidenceStore } from '../../../src/ports/evidence.ts'
import type { EvidencePiece, Workloads } from '../../../src/ports/workloads.ts'
import type { World } from '../../../src/ports/world.ts'
import { collectEvidence } from '../../../src/runbook/evidence/collect-evidence.ts'
import { sandboxEvidence } from '../../../src/sandbox/evidence/evidence-store.ts'
import type { Production } from '../../../src/sandbox/production.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { declared, incidentAfter, opened } from '../../support/builders.ts'
import { pieces, sha256 } from '../../support/contracts/evidence-store.ts'
import { assessSettings } from '../../support/contracts/settings.ts'
import { temporaryFolder } from '../../support/journal.ts'
import { virtually, virtualTimers } from '../../support/virtual-timers.ts'

const clock = { now: () => Date.UTC(2026, 10, 22, 3, 12, 7) }
const incident = incidentAfter(opened, declared)

const plan = {
  services: ['backend', 'frontend'],
  queries: ['traffic', 'errors', 'p95', 'targets', 'jobs', 'logins'].map((name) => ({
    name,
    query: String(Object.entries(assessSettings.metrics).find(([key]) => key === name)?.[1]),
  })),
  deadlineMs: 5_000,
  maxBytes: 10_000_000,
  maxFileBytes: 1_000_000,
}

function worldWhere(changes: Partial<Production> = {}): World {
  const sandbox = sandboxWorld({ scenario: 'complete-outage', clock, settings: assessSettings })
  sandbox.change(changes)
  return sandbox.world
}

/** A world of nothing but these logs. */
function worldOf(evidence: Workloads['evidence']): World {
  const { workloads, ...world } = worldWhere()
  if (!workloads) throw new Error('the sandbox has workloads')
  return {
    ...world,
    metrics: null,
    cache: null,
    database: null,
    workloads: { ...workloads, evidence },
  }
}

async function* logs(...texts: readonly AsyncIterable<string>[]): AsyncIterable<EvidencePiece> {
  for (const [index, text] of texts.entries()) yield { name: `backend/${index}.log`, text }
}

async function* endless(line: string): AsyncIterable<string> {
  for (;;) yield `${line}\n`
}

async function* hanging(...first: readonly string[]): AsyncIterable<string> {
  yield* first
  await new Promise(() => undefined)
}

async function collected(
  world: World,
  changes: Partial<typeof plan> = {},
  of: Incident = incident,
) {
  const store = sandboxEvidence()
  const stopped = new AbortController().signal
  const prepared = await collectEvidence(of, world, store, { ...plan, ...changes }, stopped)
  const [{ texts, files } = { texts: new Map<string, string>(), files: null }] = store.collections()
  return { ...prepared, texts, files: files ?? [] }
}

describe('what is kept', () => {
  test('is everything the world is asked for, and it is well', async () => {
    const { ok, says, texts, files } = await collected(worldWhere())
    expect(says).toMatch(/^\d\d files, \d+ kB kept$/)
    expect(ok).toBe(true)
    const names = files.map(({ name }) => name)
    expect(names).toEqual([...texts.keys()].toSorted())
    expect(names).toEqual(
      expect.arrayContaining([
        'backend/deployment.json',
        'frontend/events.json',
        'incident.json',
        'metrics/traffic.json',
        'mongodb-sizes.json',
        'redis-info.txt',
      ]),
    )
    expect(names.filter((name) => name.endsWith('.previous.log')).length).toBeGreaterThan(1)
    expect(texts.get('redis-info.txt')).toContain('redis_version')
    for (const { name, sha256: hash } of files) {
      expect(sha256(texts.get(name) ?? '')).toBe(hash)
      if (name.endsWith('.json')) expect(() => JSON.parse(texts.get(name) ?? '')).not.toThrow()
    }
  })

  test('the timeline is the journal’s', async () => {
    const { texts } = await collected(worldWhere())
    const kept = JSON.parse(texts.get('incident.json') ?? '')
    expect(kept).toMatchObject({ id: 'i-1', sequence: 2, declared: { title: '5xx above 50 %' } })
    expect(kept.timeline).toEqual(structuredClone(incident.timeline))
    expect(kept.timeline.length).toBeGreaterThan(0)
  })

  test('a metric is kept with its question and the hour it was asked over', async () => {
    const { texts } = await collected(worldWhere())
    const kept = JSON.parse(texts.get('metrics/traffic.json') ?? '')
    expect(kept).toMatchObject({
      name: 'traffic',
      query: assessSettings.metrics.traffic,
      from: '2026-11-22T02:12:07.000Z',
      to: '2026-11-22T03:12:07.000Z',
      answer: { status: 'success', data: { resultType: 'matrix' } },
    })
    expect(kept.answer.data.result[0].values.length).toBeGreaterThan(150)
  })

  test('a metric of very many series is whole', async () => {
    const series = Array.from({ length: 50 }, (_, index) => ({
      metric: { pod: `backend-${index}` },
      values: Array.from({ length: 240 }, (__, sample) => [1_774_000_000 + sample * 15, '0.001']),
    }))
    const answer = JSON.stringify({ status: 'success', data: { result: series } })
    expect(answer.length).toBeGreaterThan(128 * 1024)
    const world = worldWhere()
    const metrics = { ...world.metrics!, range: async () => answer }
    const folder = temporaryFolder()
    const stopped = new AbortController().signal
    const { ok } = await collectEvidence(
      incident,
      { ...world, metrics },
      evidenceFiles(folder, clock),
      plan,
      stopped,
    )
    expect(ok).toBe(true)
    const [place = ''] = readdirSync(join(folder, 'i-1'))
    const kept = readFileSync(join(folder, 'i-1', place, 'metrics', 'traffic.json'), 'utf8')
    expect(JSON.parse(kept).answer).toEqual(JSON.parse(answer))
  })

  test('what is not configured is not missing', async () => {
    const world = { ...worldWhere(), metrics: null, cache: null, database: null, workloads: null }
    const { ok, says } = await collected(world)
    expect({ ok, says: says.replace(/\d+/g, 'N') }).toEqual({
      ok: true,
      says: 'N file, N kB kept',
    })
  })

  test('twice is two folders, and the first stays as it was', async () => {
    const folder = temporaryFolder()
    const store = evidenceFiles(folder, clock)
    const stopped = new AbortController().signal
    await collectEvidence(incident, worldWhere(), store, plan, stopped)
    const [first = ''] = readdirSync(join(folder, 'i-1'))
    const manifest = () => readFileSync(join(folder, 'i-1', first, 'manifest.json'), 'utf8')
    const before = manifest()
    await collectEvidence(incident, worldWhere(), store, plan, stopped)
    expect(readdirSync(join(folder, 'i-1'))).toHaveLength(2)
    expect(manifest()).toBe(before)
    expect(JSON.parse(before).files.length).toBeGreaterThan(10)
  })
})

describe('what could not be had is said', () => {
  test('one part that refuses', async () => {
    const { ok, says, files } = await collected(worldWhere({ redis: 'refusing' }))
    expect(ok).toBe(false)
    expect(says).toMatch(/^\d\d files, \d+ kB kept; not kept: Redis INFO \(connection refused\)$/)
    expect(files.find(({ name }) => name === 'redis-info.txt')).toEqual({
      name: 'redis-info.txt',
      bytes: 0,
      sha256: null,
      skipped: 'connection refused',
    })
  })

  test('many files for one reason take one line', async () => {
    const { ok, says } = await collected(worldWhere({ prometheus: 'refusing' }))
    expect(ok).toBe(false)
    const metrics = 'metric errors, metric jobs, metric logins and 3 more'
    expect(says).toContain(`; not kept: ${metrics} (connection refused)`)
  })

  test('nothing at all but the timeline', async () => {
    const { says, files } = await collected(
      worldWhere({
        prometheus: 'refusing',
        redis: 'refusing',
        mongodb: 'refusing',
        kubernetes: 'refusing',
      }),
    )
    expect(says).toMatch(/^1 file, /)
    expect(says).toContain('all of backend, all of frontend')
    expect(files.filter(({ sha256: hash }) => hash !== null)).toMatchObject([
      { name: 'incident.json' },
    ])
  })

  test('a service of which nothing is there', async () => {
    const { ok, says } = await collected(worldWhere(), { services: ['backend', 'payments'] })
    expect(ok).toBe(false)
    expect(says).toContain('not kept: all of payments (nothing was found)')
  })

  test('a piece that its target refuses, and the pieces after it are kept', async () => {
    const { says, texts } = await collected(
      worldOf(async function* (service) {
        yield { name: `${service}/a.log`, skipped: 'the container has not begun' }
        yield { name: `${service}/b.log`, text: pieces('text\n') }
      }),
      { services: ['backend'] },
    )
    expect(says).toContain('not kept: backend/a.log (the container has not begun)')
    expect(texts.get('backend/b.log')).toBe('text\n')
  })

  test('a part of this program that fails in a way nobody thought of, without its secrets', async () => {
    const { ok, says } = await collected(
      worldOf(() => {
        throw new TypeError('no such pod: password=hunter2')
      }),
      { services: ['backend'] },
    )
    expect(ok).toBe(false)
    expect(says).toContain('all of backend (unexpected: TypeError: no such pod: password=***)')
  })

  test('a store that cannot be opened', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'evidence'), '')
    const store = evidenceFiles(join(folder, 'evidence'), clock)
    const stopped = new AbortController().signal
    expect(await collectEvidence(incident, worldWhere(), store, plan, stopped)).toEqual({
      ok: false,
      says: 'nothing kept: a file is where a folder is needed',
    })
  })
})

describe('time', () => {
  beforeEach(virtualTimers)

  test('a dependency that is silent takes until the deadline, and nobody else’s part', async () => {
    const silent = worldWhere({ prometheus: 'silent', redis: 'silent' })
    const { result, tookMs } = await virtually(() => collected(silent))
    const { ok, says, texts, files } = result
    expect(tookMs).toBe(plan.deadlineMs)
    expect(ok).toBe(false)
    expect(says).toContain('did not answer in time')
    const gone = files.filter(({ sha256: hash }) => hash === null).map(({ name }) => name)
    expect(gone).toEqual([
      ...plan.queries.map(({ name }) => `metrics/${name}.json`).toSorted(),
      'redis-info.txt',
    ])
    expect([...texts.keys()]).toEqual(
      expect.arrayContaining(['backend/deployment.json', 'mongodb-sizes.json']),
    )
  })

  test('a log that hangs keeps its beginning, and what came after it is said to be missing', async () => {
    const world = worldOf(() => logs(hanging('one\n'), pieces('never asked for\n')))
    const { result } = await virtually(() => collected(world, { services: ['backend'] }))
    const { says, texts } = result
    expect(texts.get('backend/0.log')).toBe('one\n')
    expect(texts.has('backend/1.log')).toBe(false)
    expect(says).toContain('not whole: backend/0.log (the time for it was over)')
    expect(says).toContain('not kept: the rest of backend (the time for it was over)')
  })

  test('a target that never gives the next piece', async () => {
    const world = worldOf(async function* () {
      yield { name: 'backend/0.log', text: pieces('one\n') }
      await new Promise(() => undefined)
    })
    const { result } = await virtually(() => collected(world, { services: ['backend'] }))
    const { says, texts } = result
    expect(texts.get('backend/0.log')).toBe('one\n')
    expect(says).toContain('the rest of backend (the time for it was over)')
  })

  test('a disk that never answers takes a little more than the deadline, and no longer', async () => {
    const store: EvidenceStore = {
      open: async () => ({
        place: 'nowhere',
        keep: () => new Promise(() => undefined),
        keepBytes: () => new Promise(() => undefined),
        givenUp: () => [],
        finish: () => new Promise(() => undefined),
      }),
    }
    const { signal } = new AbortController()
    const { result, tookMs } = await virtually(() =>
      collectEvidence(incident, worldWhere(), store, plan, signal),
    )
    expect(tookMs).toBe(plan.deadlineMs + 2_000)
    expect(result.ok).toBe(false)
    expect(result.says).toMatch(
      /^nothing kept; .*; no list of the files \(the time for it was over\)$/,
    )
  })

  test('when Backout stops, it ends at once', async () => {
    const stop = new AbortController()
    const world = worldOf(() => logs(hanging('one\n')))
    const store = sandboxEvidence()
    setTimeout(() => stop.abort(), 50)
    const { result, tookMs } = await virtually(() =>
      collectEvidence(incident, world, store, plan, stop.signal),
    )
    expect(result.says).toContain('it was stopped')
    expect(tookMs).toBe(50)
  })
})

describe('room', () => {
  const sizeOf = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => statSync(join(folder, name)))
      .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)

  test('logs without end fill what there is in all and not a byte more', async () => {
    const folder = temporaryFolder()
    const world = worldOf((service) =>
      logs(...Array.from({ length: 8 }, () => endless(`a line of ${service} ✓`))),
    )
    const limits = { ...plan, maxBytes: 1_000_000, maxFileBytes: 150_000 }
    const store = evidenceFiles(folder, clock)
    const { signal } = new AbortController()
    const { ok, says } = await collectEvidence(incident, world, store, limits, signal)
    expect(ok).toBe(false)
    expect(says).toContain('(it is longer than there was room for)')
    expect(says).toMatch(/the rest of backend, .*the rest of frontend \(the room for all of it/)
    const [place = ''] = readdirSync(join(folder, 'i-1'))
    const manifest = join(folder, 'i-1', place, 'manifest.json')
    const kept = sizeOf(folder) - statSync(manifest).size
    expect(kept).toBeLessThanOrEqual(1_000_000)
    expect(kept).toBeGreaterThan(990_000)
    const { files } = JSON.parse(readFileSync(manifest, 'utf8'))
    for (const { name, bytes, sha256: hash } of files) {
      expect(bytes).toBeLessThanOrEqual(150_000)
      if (hash === null) continue
      expect(sha256(readFileSync(join(folder, 'i-1', place, name)))).toBe(hash)
    }
  })

  test('what a file was lent and did not need comes back', async () => {
    const world = worldOf(() => logs(...Array.from({ length: 20 }, () => pieces('small\n'))))
    const room = { maxBytes: 20_000, maxFileBytes: 12_000 }
    const { ok, files } = await collected(world, room)
    expect({ ok, files: files.length }).toEqual({ ok: true, files: 41 })
  })

  test('at most four streams are open at a time, and all of them get their turn', async () => {
    let open = 0
    let most = 0
    const { promise: fourAreOpen, resolve } = Promise.withResolvers<void>()
    const world = worldOf(async function* (service) {
      yield {
        name: `${service}.log`,
        text: (async function* () {
          open += 1
          most = Math.max(most, open)
          if (open === 4) resolve()
          await fourAreOpen
          // Whoever could open a fifth one does it now.
          await new Promise((next) => setImmediate(next))
          yield 'text\n'
          open -= 1
        })(),
      }
    })
    const services = Array.from({ length: 12 }, (_, index) => `service-${index}`)
    const { ok, files } = await collected(world, { services })
    expect({ ok, files: files.length, most }).toEqual({ ok: true, files: 13, most: 4 })
  })
})

test('no secret reaches the disk, from wherever it comes', async () => {
  const folder = temporaryFolder()
  const canary = 'Zq0451canary9931'
  const world: World = {
    ...worldOf(() =>
      logs(
        pieces(
          'GET /?tok',
          `en=${canary} 200\nAuthorization: Bearer ${canary.slice(0, 5)}`,
          canary,
        ),
        pieces('-----BEGIN PRIVATE KEY-----\n', `${canary}\n`, '-----END PRIVATE', ' KEY-----\n'),
      ),
    ),
    cache: {
      ...worldWhere().cache!,
      report: async () => `# Server\nrequirepass password:${canary}`,
    },
    database: {
      ...worldWhere().database!,
      report: () => Promise.reject(new Error(`mongodb://es:${canary}@db/es`)),
    },
    metrics: {
      ...worldWhere().metrics!,
      range: async () => JSON.stringify({ data: [{ metric: { token: canary } }] }),
    },
  }
  const told = incidentAfter(opened, {
    ...(declared as Extract<Event, { type: 'incident-declared' }>),
    title: `login fails with password=${canary}`,
    description: `curl -u "x" https://es:${canary}@api/`,
  })
  const { signal } = new AbortController()
  const store = evidenceFiles(folder, clock)
  const { says } = await collectEvidence(told, world, store, plan, signal)
  expect(says).not.toContain(canary)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
  expect(files.length).toBeGreaterThan(10)
  for (const path of files) {
    const text = readFileSync(path, 'utf8')
    expect(text, path).not.toContain(canary)
    expect(text, path).toMatch(path.includes('manifest') ? /mongodb:\/\/\*\*\*@/ : /\*\*\*/)
  }
  const [place = ''] = readdirSync(join(folder, 'i-1'))
  const timeline = JSON.parse(readFileSync(join(folder, 'i-1', place, 'incident.json'), 'utf8'))
  expect(timeline.declared.title).toBe('login fails with password=***')
})
