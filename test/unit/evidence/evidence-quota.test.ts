import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { evidenceFiles } from '../../../src/adapters/files/evidence-files.ts'
import type { EvidenceLimits } from '../../../src/adapters/files/evidence-quota.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { collectEvidence } from '../../../src/runbook/evidence/collect-evidence.ts'
import { declared, incidentAfter, opened } from '../../support/builders.ts'
import { pieces } from '../../support/contracts/evidence-store.ts'
import { faultOf, patience } from '../../support/contracts/outside.ts'
import { assessSettings } from '../../support/contracts/settings.ts'
import { temporaryFolder } from '../../support/journal.ts'

let folder: string
let hour = 0
beforeEach(() => {
  folder = temporaryFolder()
  hour = 0
})

/** Each collection is an hour later. */
const clock = { now: () => Date.UTC(2026, 10, 22, hour) }

const limits: EvidenceLimits = {
  maxTotalBytes: 10_000,
  reserveBytes: 0,
  isClosed: async (incident) => incident.startsWith('closed'),
}

const storeWith = (changes: Partial<EvidenceLimits> = {}) =>
  evidenceFiles(folder, clock, { ...limits, ...changes })

const log = (bytes: number) => pieces(`${'x'.repeat(bytes - 1)}\n`)

/** One collection of one file. */
async function collect(incident: string, bytes: number, store = storeWith()) {
  hour += 1
  const kept = await store.open(incident)
  const file = await kept.keep('app.log', log(bytes), {
    maxBytes: 1_000_000,
    signal: patience(),
  })
  await kept.finish([file])
  return { file, givenUp: kept.givenUp(), place: kept.place }
}

const filesOf = (incident: string) =>
  readdirSync(join(folder, incident), { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, incident, name)).isFile())
    .map((name) => name.split('/').at(-1))
    .toSorted()

const bytesInAll = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)

describe('the room for the evidence of all incidents', () => {
  test('holds for bytes too: whole within it, or not at all', async () => {
    const kept = await storeWith().open('open-1')
    const options = { kind: 'image/png' as const, maxBytes: 1_000_000, signal: patience() }
    const fits = await kept.keepBytes('one.png', new Uint8Array(6_000), options)
    const more = await kept.keepBytes('two.png', new Uint8Array(6_000), options)
    expect(fits).toMatchObject({ bytes: 6_000, skipped: null })
    expect(more).toMatchObject({
      bytes: 0,
      sha256: null,
      skipped: expect.stringMatching(/used up/),
    })
    expect(filesOf('open-1')).toEqual(['one.png'])
  })

  test('is not more than it was given, whatever is collected', async () => {
    const store = storeWith()
    for (let number = 0; number < 12; number += 1) {
      const { file } = await collect(`closed-${number}`, 2_500, store)
      expect(file.skipped).toBe(null)
      // The lists of files are small, and stay.
      expect(bytesInAll()).toBeLessThan(10_000 + 13 * 800)
    }
  })

  test('is made by the oldest evidence of closed incidents, and no more of it than is needed', async () => {
    await collect('closed-b', 3_000)
    await collect('closed-a', 3_000)
    await collect('closed-c', 2_000)
    const { file, givenUp } = await collect('new', 3_500)
    expect(file).toMatchObject({ bytes: 3_500, skipped: null })
    expect(givenUp).toEqual(['closed-b'])
    expect(filesOf('closed-b')).toEqual(['given-up.json', 'manifest.json'])
    expect(filesOf('closed-a')).toContain('app.log')
  })

  test('what was removed says so, and keeps the list of what there was', async () => {
    const { file: first, place } = await collect('closed', 6_000)
    await collect('new', 6_000)
    const note = JSON.parse(readFileSync(join(folder, 'closed', 'given-up.json'), 'utf8'))
    expect(note).toMatchObject({ incident: 'closed', givenUpAt: '2026-11-22T02:00:00.000Z' })
    expect(note.because).toContain('closed')
    const list = JSON.parse(readFileSync(join(place, 'manifest.json'), 'utf8'))
    expect(list.files).toEqual([first])
  })

  test('is never made by an incident that is open, or one that nobody knows', async () => {
    await collect('open', 5_000)
    await collect('unknown', 4_000)
    const { file, givenUp } = await collect('new', 3_000)
    expect(file).toMatchObject({ bytes: 0, sha256: null })
    expect(file.skipped).toMatch(
      /MB for evidence are used up, and no other closed incident has any/,
    )
    expect(givenUp).toEqual([])
    expect([...filesOf('open'), ...filesOf('unknown')]).toEqual([
      'app.log',
      'manifest.json',
      'app.log',
      'manifest.json',
    ])
  })

  test('counts what operators removed, and what somebody else put there', async () => {
    const store = storeWith()
    await collect('open-a', 6_000, store)
    rmSync(join(folder, 'open-a'), { recursive: true })
    expect((await collect('open-b', 6_000, store)).file.skipped).toBe(null)
    mkdirSync(join(folder, 'lost+found'))
    expect((await collect('open-c', 6_000, store)).file.skipped).toContain('used up')
  })

  test('is kept by many that write at once', async () => {
    const place = await storeWith().open('new')
    const files = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        place.keep(`${index}.log`, log(1_000), { maxBytes: 1_000_000, signal: patience() }),
      ),
    )
    expect(files.filter(({ skipped }) => skipped === null)).toHaveLength(10)
    expect(bytesInAll()).toBe(10_000)
  })
})

describe('what stays free on the disk', () => {
  test('is looked at before: without it nothing is begun', async () => {
    const store = storeWith({ reserveBytes: 200_000_000, freeBytes: async () => 199_999_999 })
    const fault = await faultOf(store.open('new'))
    expect(fault).toMatchObject({ kind: 'retryable', dependency: 'evidence' })
    expect(fault.detail).toBe('less than 200 MB are free on the disk')
  })

  test('and while it is written: what was kept until then stays', async () => {
    let free = 9_000_000
    const store = storeWith({
      maxTotalBytes: Infinity,
      reserveBytes: 5_000_000,
      freeBytes: async () => (free -= 1_000_000),
    })
    const place = await store.open('new')
    const lines = pieces(...Array.from({ length: 10 }, () => `${'x'.repeat(39_999)}\n`))
    const options = { maxBytes: 1_000_000, signal: patience() }
    const file = await place.keep('small.log', pieces('one\n'), options)
    expect(file.skipped).toBe(null)
    const large = await place.keep('large.log', lines, options)
    expect(large.bytes).toBeGreaterThan(0)
    expect(large.bytes).toBeLessThan(400_000)
    expect(large.skipped).toBe('less than 5 MB would be free on the disk')
    await place.finish([file, large])
    expect(readFileSync(join(place.place, 'small.log'), 'utf8')).toBe('one\n')
  })
})

test('what was removed is said with what was kept', async () => {
  await collect('closed-a', 5_000)
  await collect('closed-b', 4_000)
  const settings = { scenario: 'complete-outage', clock, settings: assessSettings } as const
  const { world } = sandboxWorld(settings)
  const only = { ...world, metrics: null, cache: null, database: null, workloads: null }
  const plan = {
    services: [],
    queries: [],
    deadlineMs: 5_000,
    maxBytes: 1_000_000,
    maxFileBytes: 1_000_000,
  }
  const prepared = await collectEvidence(
    incidentAfter(opened, declared),
    only,
    storeWith({ maxTotalBytes: 9_800 }),
    plan,
    new AbortController().signal,
  )
  expect(prepared.ok).toBe(true)
  expect(prepared.says).toMatch(
    /^1 file, .* kept; removed to make room: the evidence of closed-a, which is closed$/,
  )
})
