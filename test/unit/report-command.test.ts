import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runReport, type ReportWish } from '../../src/compose/commands/report.ts'
import { loadConfig, type Config } from '../../src/config/load-config.ts'
import { WrongConfiguration } from '../../src/config/problem.ts'
import { bareSettingsIn } from '../support/bare-settings.ts'
import { answerWith, serve } from '../support/contracts/http-server.ts'
import { closedPort } from '../support/contracts/outside.ts'
import { openJournal, temporaryFolder } from '../support/journal.ts'
import { eventsOf, STORIES, storyOf, type Story } from '../support/last-version.ts'

const story = storyOf('closed-after-stable')

const NUMBERS = JSON.stringify({
  status: 'success',
  data: { resultType: 'matrix', result: [], activeTargets: [] },
})

/** Settings that name nothing but a Prometheus. */
function configFor(folder: string, url: string): () => Config {
  const file = bareSettingsIn(folder)
  return () => loadConfig({ file, variables: { PROMETHEUS_URL: url }, needs: [] })
}

/** A journal that holds what the story tells. */
async function told(one: Story) {
  const { id } = one
  const folder = temporaryFolder()
  const file = join(folder, 'journal.sqlite')
  const journal = openJournal(file)
  const events = eventsOf(one).map(({ event }) => event)
  await journal.append({ incident: id, seen: 0, events })
  journal.close()
  const wish = (changes: Partial<ReportWish> = {}): ReportWish => {
    const place = { kind: 'file', folder, file } as const
    return { incident: id, journal: place, file: null, folder: null, config: null, ...changes }
  }
  return { folder, wish, events }
}

describe('the report on the command line', () => {
  test('is Markdown, or a page where the file ends in .html; what is there is never written over', async () => {
    const { folder, wish } = await told(story)
    const printed = await runReport(wish())
    expect(printed).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^# Incident/) })
    const markdown = join(folder, 'r.md')
    expect(await runReport(wish({ file: markdown }))).toMatchObject({ exitCode: 0 })
    expect(readFileSync(markdown, 'utf8')).toBe(`${printed.output}\n`)
    expect(statSync(markdown).mode & 0o777).toBe(0o600)
    const page = join(folder, 'r.html')
    expect(await runReport(wish({ file: page }))).toMatchObject({ exitCode: 0 })
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/)
    expect(await runReport(wish({ file: page }))).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('is there already'),
    })
    expect(await runReport(wish({ file: join(folder, 'journal.sqlite') }))).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('is neither'),
    })
  })

  test('with a folder is everything of the incident, and a list of it with sums that are right', async () => {
    const { folder, wish, events } = await told(story)
    const into = join(folder, 'incident')
    expect(await runReport(wish({ folder: into }))).toMatchObject({ exitCode: 0 })
    expect(readdirSync(into).toSorted()).toEqual([
      'journal.jsonl',
      'manifest.json',
      'report.html',
      'report.md',
    ])
    const manifest = JSON.parse(readFileSync(join(into, 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({ incident: story.id, at: expect.stringMatching(/Z$/) })
    expect(manifest.files).toHaveLength(3)
    for (const { name, bytes, sha256, skipped } of manifest.files) {
      const kept = readFileSync(join(into, name))
      expect(kept).toHaveLength(bytes)
      expect(createHash('sha256').update(kept).digest('hex')).toBe(sha256)
      expect(skipped).toBeNull()
    }
    const journal = readFileSync(join(into, 'journal.jsonl'), 'utf8').trimEnd().split('\n')
    expect(journal).toHaveLength(events.length)
    expect(await runReport(wish({ folder: into }))).toMatchObject({ exitCode: 1 })
  })

  test('draws the picture where the configuration names what tells numbers', async () => {
    const { folder, wish } = await told(story)
    const asked: string[] = []
    const url = await serve((request, response) => {
      asked.push(request.url ?? '')
      answerWith(200, NUMBERS)(request, response)
    })
    const into = join(folder, 'incident')
    const done = await runReport(wish({ folder: into, config: configFor(folder, url) }))
    expect(done).toEqual({ exitCode: 0, output: `Written to ${into}.` })
    expect(asked.some((one) => one.startsWith('/api/v1/query_range'))).toBe(true)
    const png = readFileSync(join(into, 'incident.png'))
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a')
    const page = readFileSync(join(into, 'report.html'), 'utf8')
    expect(page).toContain(`data:image/png;base64,${png.toString('base64')}"`)
    expect(readFileSync(join(into, 'report.md'), 'utf8')).toMatch(/^!\[.+\]\(incident\.png\)$/m)
    const { files } = JSON.parse(readFileSync(join(into, 'manifest.json'), 'utf8'))
    expect(files.at(-1)).toMatchObject({ name: 'incident.png', kind: 'image/png' })
  })

  test('is whole without a picture that cannot be drawn, and says why there is none', async () => {
    const { folder, wish } = await told(story)
    const none = configFor(folder, `http://127.0.0.1:${await closedPort()}`)
    const refused = await runReport(wish({ folder: join(folder, 'refused'), config: none }))
    expect(refused).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/\nNo picture: connection refused/),
    })
    const config = () => {
      throw new WrongConfiguration([{ where: 'environment', what: 'wrong' }])
    }
    const wrong = await runReport(wish({ folder: join(folder, 'wrong'), config }))
    const because = 'the configuration is wrong; check-config says where'
    expect(wrong).toMatchObject({ exitCode: 0, output: expect.stringContaining(because) })
    const report = readFileSync(join(folder, 'wrong', 'report.md'), 'utf8')
    expect(report).toContain(`No picture: ${because}.`)
  })

  test.each(STORIES)('keeps $name as JSON, line by line', async (one) => {
    const { folder, wish, events } = await told(one)
    const into = join(folder, 'incident')
    await runReport(wish({ folder: into }))
    const lines = readFileSync(join(into, 'journal.jsonl'), 'utf8').trimEnd().split('\n')
    const kept = lines.map((line) => JSON.parse(line).event.type)
    expect(kept).toEqual(events.map(({ type }) => type))
  })

  test('hides what looks like a credential in all of it', async () => {
    const secret = 'postgres://app:hunter2secret@db.internal/es'
    const { folder, wish } = await told({
      ...story,
      written: story.written.map((one) =>
        JSON.parse(JSON.stringify(one).replaceAll('"5xx 62.0 %"', JSON.stringify(secret))),
      ),
    })
    const into = join(folder, 'incident')
    await runReport(wish({ folder: into }))
    for (const name of readdirSync(into)) {
      expect(readFileSync(join(into, name), 'utf8')).not.toContain('hunter2secret')
    }
    expect(readFileSync(join(into, 'report.md'), 'utf8')).toContain('postgres')
  })
})
