import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { evidenceFiles } from '../../../src/adapters/files/evidence-files.ts'
import type { EvidenceLimits } from '../../../src/adapters/files/evidence-quota.ts'
import { writeReport } from '../../../src/compose/write-report.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import type { EvidenceFile } from '../../../src/ports/evidence.ts'
import { foldIncident } from '../../../src/domain/incident/fold.ts'
import type { Picture } from '../../../src/compose/picture-of.ts'
import { pieces, sha256 } from '../../support/contracts/evidence-store.ts'
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
    pictureOf: async (): Promise<Picture | null> => null,
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
  expect(listedIn(kept).map(({ name }) => name)).toEqual([
    'report.md',
    'report.html',
    'journal.jsonl',
  ])
  for (const name of ['report.md', 'report.html']) {
    expect(readFileSync(join(kept, name), 'utf8')).not.toMatch(/picture|<img/i)
  }
})

/** What the list says, each of it held against its file. */
function listedIn(kept: string): readonly EvidenceFile[] {
  const { files } = JSON.parse(readFileSync(join(kept, 'manifest.json'), 'utf8'))
  for (const file of files) {
    if (file.sha256 === null) continue
    const bytes = readFileSync(join(kept, file.name))
    expect([file.name, file.bytes, file.sha256]).toEqual([file.name, bytes.length, sha256(bytes)])
  }
  return files
}

describe('the picture of the report', () => {
  const ALT = 'Errors (5xx) fell from 62 % at 02:04 to 0 % at 02:31.'

  /** As long as it should be, and full of what would be hidden in a text. */
  function picture(bytes: number): Picture {
    const png = Buffer.alloc(bytes, 'AKIAIOSFODNN7EXAMPLE password=hunter2\n')
    png.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    return { png, alt: ALT }
  }

  async function written(
    pictureOf: (signal: AbortSignal) => Promise<Picture | null>,
    { maxFileBytes = 1e6, deadlineMs = 60_000 } = {},
  ) {
    const { folder, deps } = place({}, maxFileBytes)
    const limits = { ...deps.limits, deadlineMs }
    const drawing = {
      ...deps,
      limits,
      pictureOf: async (_: unknown, s: AbortSignal) => pictureOf(s),
    }
    const said = await writeReport(incident, drawing, patience())
    const kept = join(folder, story.id, '2026-11-22T03-12-07Z')
    const read = (name: string) => readFileSync(join(kept, name), 'utf8')
    return { said, kept, markdown: read('report.md'), page: read('report.html') }
  }

  test('stands beside the report, and in its page, byte for byte', async () => {
    const { png, alt } = picture(80_000)
    const { said, kept, markdown, page } = await written(async () => ({ png, alt }))
    expect(said).toMatchObject({ ok: true, says: expect.stringMatching(/^4 files, .* kept$/) })
    expect(readFileSync(join(kept, 'incident.png')).equals(png)).toBe(true)
    expect(markdown).toContain(`![${alt}](incident.png)`)
    const [, base64 = ''] = /<img src="data:image\/png;base64,([^"]*)" alt="/.exec(page) ?? []
    expect(Buffer.from(base64, 'base64').equals(png)).toBe(true)
    expect(page).toContain(`<figcaption>${alt}</figcaption>`)
    expect(listedIn(kept)).toMatchObject([
      { name: 'report.md' },
      { name: 'report.html', kind: 'text/html', skipped: null },
      { name: 'journal.jsonl' },
      { name: 'incident.png', kind: 'image/png', skipped: null },
    ])
  })

  test.each([
    ['it has more than 400 kB', 400_001, 2e6],
    ['the page with it is longer than a file may be', 90_000, 100_000],
  ])('stands only beside the page where %s', async (_when, bytes, maxFileBytes) => {
    const { said, kept, markdown, page } = await written(async () => picture(bytes), {
      maxFileBytes,
    })
    expect(said).toMatchObject({ ok: true })
    expect(page).not.toContain('<img')
    expect(page).toContain(`<p>The picture stands beside this page, as incident.png. ${ALT}</p>`)
    expect(markdown).toContain('](incident.png)')
    expect(listedIn(kept)).toHaveLength(4)
  })

  test('of exactly 400 kB is in the page', async () => {
    const { page } = await written(async () => picture(400_000), { maxFileBytes: 2e6 })
    expect(page).toContain('<img src="data:image/png;base64,')
  })

  const refused = new Fault({
    kind: 'retryable',
    dependency: 'prometheus',
    detail: 'connection refused',
  })
  test.each([
    ['cannot be drawn', () => Promise.reject(refused), 'connection refused'],
    ['is never drawn', () => new Promise<never>(() => {}), 'it took too long'],
    ['has a fault of ours', () => Promise.reject(new TypeError('x of null')), /unexpected: .*x of/],
    ['has no room', async () => picture(200_000), /not kept, it is longer than/],
  ])('that %s is said, and the report is whole without it', async (_how, draw, because) => {
    const limits = { deadlineMs: 2_000, maxFileBytes: 100_000 }
    const { said, kept, markdown, page } = await written(draw, limits)
    expect(said).toMatchObject({ ok: true, says: expect.stringMatching(/^3 files, .* kept$/) })
    const [, told] = /^No picture: (.*)\.$/m.exec(markdown) ?? []
    expect(told).toMatch(because)
    expect(page).toContain('<p>No picture: ')
    expect(page).not.toContain('<img')
    expect(readdirSync(kept)).not.toContain('incident.png')
    expect(listedIn(kept).at(-1)).toMatchObject({
      name: 'incident.png',
      sha256: null,
      skipped: expect.stringMatching(because),
    })
  })

  test('changes nothing of what is hidden in the words of its page', async () => {
    const secret = 'postgres://app:hunter2secret@db.internal/es'
    const { page } = await written(async () => ({ ...picture(1_000), alt: `Errors of ${secret}` }))
    expect(page).toContain('<img src="data:image/png;base64,')
    expect(page).toContain('Errors of postgres://')
    expect(page).not.toContain('hunter2secret')
  })
})

describe('a title that looks like a secret that begins', () => {
  const titled = (title: string) =>
    events.map((one) =>
      one.event.type === 'incident-declared' ? { ...one, event: { ...one.event, title } } : one,
    )

  async function writtenOf(title: string, alt: string | null) {
    const { folder, deps } = place()
    const all = titled(title)
    const journal = { read: async () => all }
    const png = Buffer.from('picture')
    const pictureOf = async () => (alt === null ? null : { png, alt })
    const said = await writeReport(
      foldIncident(story.id, all),
      { ...deps, journal, pictureOf },
      patience(),
    )
    expect(said).toMatchObject({ ok: true })
    const read = (name: string) =>
      readFileSync(join(folder, story.id, '2026-11-22T03-12-07Z', name), 'utf8')
    return {
      markdown: read('report.md'),
      page: read('report.html'),
      lines: read('journal.jsonl').trimEnd().split('\n'),
    }
  }

  test.each(['token: {', 'password: "', 'secrets: [', '-----BEGIN RSA PRIVATE KEY-----'])(
    'swallows nothing of the files: %s',
    async (title) => {
      for (const alt of [null, `Errors of ${title}`]) {
        // oxlint-disable-next-line no-await-in-loop -- one place at a time
        const { markdown, page, lines } = await writtenOf(title, alt)
        expect(page.match(/<\/title>/g)).toHaveLength(1)
        expect(page).toMatch(/<\/html>\n$/)
        expect(markdown).toContain('\n## About this report\n')
        expect(lines.map(fieldsIn)).toEqual(events.map((one) => fieldsIn(JSON.stringify(one))))
      }
    },
  )

  test('and is one is hidden in each of them', async () => {
    const { markdown, page, lines } = await writtenOf('token=abc123abc123abc123', null)
    for (const text of [markdown, page, lines.join('\n')]) {
      expect(text).toContain('token=')
      expect(text).not.toContain('abc123abc123')
    }
  })
})

/** How many there are in a line of JSON, at any depth. */
function fieldsIn(line: string): number {
  let fields = 0
  JSON.parse(line, (_, value: unknown) => {
    fields += 1
    return value
  })
  return fields
}

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

test('the evidence of its own incident never gives way to a report, nor does what it just wrote', async () => {
  const { folder, deps } = place({ maxTotalBytes: 10_000, isClosed: async () => true })
  const evidence = await deps.store.open(story.id)
  const log = await evidence.keep('app.log', pieces(`${'x'.repeat(8_999)}\n`), {
    maxBytes: 1e6,
    signal: patience(),
  })
  await evidence.finish([log])
  await writeReport(incident, deps, patience())
  const collections = readdirSync(join(folder, story.id)).toSorted()
  expect(collections).toEqual(['2026-11-22T03-12-07Z', '2026-11-22T03-12-07Z-2'])
  expect(collections.map((one) => listedIn(join(folder, story.id, one)).length)).toEqual([1, 3])
  expect(listedIn(join(folder, story.id, '2026-11-22T03-12-07Z'))).toMatchObject([{ bytes: 9_000 }])
})

test('what one incident cannot have, another still gets from the closed ones', async () => {
  const { deps } = place({ maxTotalBytes: 10_000, isClosed: async () => true })
  const kept = async (of: string, bytes: number) => {
    const evidence = await deps.store.open(of)
    return () =>
      evidence.keep('app.log', pieces(`${'x'.repeat(bytes - 1)}\n`), {
        maxBytes: 1e6,
        signal: patience(),
      })
  }
  const [first, second] = [await kept('one', 9_000), await kept('two', 9_000)]
  expect(await first()).toMatchObject({ skipped: null })
  expect(await first()).toMatchObject({ skipped: expect.stringContaining('used up') })
  expect(await second()).toMatchObject({ skipped: null })
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
