import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { evidenceFiles } from '../../../src/adapters/files/evidence-files.ts'
import type { EvidenceLimits } from '../../../src/adapters/files/evidence-quota.ts'
import { writeReport } from '../../../src/compose/write-report.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { foldIncident } from '../../../src/domain/incident/fold.ts'
import { patience } from '../../support/contracts/outside.ts'
import { eventsOf, storyOf } from '../../support/last-version.ts'

const story = storyOf('closed-after-stable')
const events = eventsOf(story)
const incident = foldIncident(story.id, events)
const AT = Date.UTC(2026, 10, 22, 3, 12, 7)

function place(changes: Partial<EvidenceLimits> = {}, maxFileBytes = 1e6) {
  const folder = mkdtempSync(join(tmpdir(), 'backout-report-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const quota = { maxTotalBytes: 1e9, reserveBytes: 0, isClosed: async () => false, ...changes }
  const store = evidenceFiles(folder, { now: () => AT }, quota)
  const deps = {
    journal: { read: async () => events },
    store,
    limits: { deadlineMs: 60_000, maxFileBytes },
  }
  return { folder, deps }
}

test('the report stands beside the evidence, in a folder that is whole once it has its list', async () => {
  const { folder, deps } = place()
  const written = await writeReport(incident, deps, patience())
  expect(written).toMatchObject({ ok: true, says: expect.stringMatching(/^3 files, .* kept$/) })
  const kept = join(folder, story.id, '2026-11-22T03-12-07Z')
  expect(readdirSync(kept).toSorted()).toEqual([
    'journal.jsonl',
    'manifest.json',
    'report.html',
    'report.md',
  ])
  const { files } = JSON.parse(readFileSync(join(kept, 'manifest.json'), 'utf8'))
  for (const { name, sha256 } of files) {
    const sum = createHash('sha256')
      .update(readFileSync(join(kept, name)))
      .digest('hex')
    expect(sum).toBe(sha256)
  }
})

test('a second one stands beside the first', async () => {
  const { folder, deps } = place()
  await writeReport(incident, deps, patience())
  await writeReport(incident, deps, patience())
  expect(readdirSync(join(folder, story.id))).toHaveLength(2)
})

test('what there is no room for is said, and nothing is called whole that is not', async () => {
  const small = place({}, 500)
  expect(await writeReport(incident, small.deps, patience())).toMatchObject({
    ok: false,
    says: expect.stringMatching(/not whole: report.md, report.html, journal.jsonl \(it is longer/),
  })
  const full = place({ maxTotalBytes: 10 })
  expect(await writeReport(incident, full.deps, patience())).toMatchObject({
    ok: false,
    says: expect.stringMatching(/^nothing kept; not kept: .*used up/),
  })
})

test('a journal or a disk that does not answer is said, and never thrown', async () => {
  const { deps } = place()
  const detail = 'the disk is gone'
  const fault = new Fault({ kind: 'retryable', dependency: 'sqlite', detail })
  const broken = { ...deps, journal: { read: async () => Promise.reject(fault) } }
  expect(await writeReport(incident, broken, patience())).toEqual({
    ok: false,
    says: 'nothing kept; not kept: the report (the disk is gone)',
  })
  const hanging = { ...deps, store: { open: () => new Promise<never>(() => {}) } }
  const limits = { ...deps.limits, deadlineMs: 10 }
  expect(await writeReport(incident, { ...hanging, limits }, patience())).toMatchObject({
    ok: false,
  })
})
