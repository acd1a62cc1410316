import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { httpEndpoints } from '../../src/adapters/http/endpoints.ts'
import { markdownFolder } from '../../src/adapters/status-page/markdown.ts'
import { atlassianStatuspage } from '../../src/adapters/status-page/statuspage.ts'
import { statusWebhook } from '../../src/adapters/status-page/webhook.ts'
import { faultOf, patience } from '../support/contracts/outside.ts'
import { statusPagesContract, update } from '../support/contracts/status-pages.ts'
import { statusPageServer, type StatusPageServer } from '../support/status-page-server.ts'

/** Short enough for a test; the server refuses whoever comes sooner. */
const EVERY_MS = 40

const endpoints = httpEndpoints({ dependency: 'status page' })

function statuspageOf(server: StatusPageServer, changes: { apiKey?: string; page?: string } = {}) {
  return atlassianStatuspage({
    apiUrl: server.url,
    page: server.page,
    apiKey: server.apiKey,
    notifies: true,
    components: { backend: 'c-backend' },
    endpoints,
    now: Date.now,
    sleep: async (ms, signal) => {
      await pause(ms, undefined, { signal }).catch(() => undefined)
    },
    everyMs: EVERY_MS + 10,
    ...changes,
  })
}

async function started() {
  const server = await statusPageServer({ everyMs: EVERY_MS })
  onTestFinished(() => server.stop())
  return server
}

function standingOf({ incidents }: StatusPageServer) {
  return incidents
    .toReversed()
    .flatMap(({ id, incident_updates }) =>
      incident_updates.toReversed().map(({ status, body }) => ({ incident: id, status, body })),
    )
}

statusPagesContract(
  'Atlassian Statuspage',
  async () => {
    const server = await statusPageServer({ everyMs: EVERY_MS })
    return {
      pages: statuspageOf(server),
      standing: async () => standingOf(server),
      next: server.next,
      end: server.stop,
    }
  },
  { troubles: true, find: true },
)

function webhookOf(server: StatusPageServer, changes: { token?: string; findUrl?: null } = {}) {
  return statusWebhook({
    url: `${server.url}/hook`,
    token: server.token,
    findUrl: `${server.url}/hook?incident={incident}&key={key}`,
    endpoints,
    now: Date.now,
    ...changes,
  })
}

for (const find of [true, false]) {
  statusPagesContract(
    'webhook',
    async () => {
      const server = await statusPageServer()
      return {
        pages: webhookOf(server, find ? {} : { findUrl: null }),
        standing: async () => [...server.messages.values()],
        next: server.next,
        end: server.stop,
      }
    },
    { troubles: true, find },
  )
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'backout-status-page-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

function markdownIn(path: string) {
  const link = 'https://status.example/{incident}'
  return markdownFolder({ folder: path, link, now: () => Date.UTC(2026, 10, 22, 3, 12, 7) })
}

statusPagesContract(
  'Markdown files',
  async () => {
    const path = await folder()
    return { pages: markdownIn(path), standing: () => inFiles(path) }
  },
  { troubles: false, find: true },
)

/** Each update of each file, the oldest first. */
async function inFiles(path: string) {
  const names = (await readdir(path)).toSorted()
  const files = await Promise.all(
    names.map(async (incident) => {
      const text = await readFile(join(path, incident), 'utf8')
      const below = text.split('\n---\n').slice(1).join('\n---\n')
      return below
        .split(/^## /m)
        .slice(1)
        .toReversed()
        .map((part) => ({
          incident,
          status: (part.split(',')[0] ?? '').toLowerCase(),
          body: part.split('\n').slice(1).join('\n'),
        }))
    }),
  )
  return files.flat()
}

describe('Atlassian Statuspage', () => {
  test('is told impact, components and our mark, and what it is called', async () => {
    const server = await started()
    const receipt = await statuspageOf(server).publish(update(), patience())
    expect(receipt).toMatchObject({ id: 'p1', link: 'https://stspg.example/p1' })
    expect(server.states).toEqual({ 'c-backend': 'partial_outage' })
    expect(server.incidents[0]).toMatchObject({
      name: 'Issue affecting backend',
      impact: 'major',
      metadata: { backout: { incident: '20261122-post', posts: 'investigating' } },
    })
  })

  test('what it says against it is repeated, in one short line', async () => {
    const server = await started()
    server.next('write', { answer: 422, error: `Component ids are\nwrong ${'x'.repeat(1_000)}` })
    const { detail } = await faultOf(statuspageOf(server).publish(update(), patience()))
    expect(detail).toMatch(/^it refuses this \(HTTP 422\): Component ids are wrong x+…$/)
    expect(detail.length).toBeLessThan(300)
  })

  test('is asked before it is written to: an open incident of ours is gone on with', async () => {
    const server = await started()
    await statuspageOf(server).publish(update(), patience())
    const next = update({ key: 'identified', status: 'identified', body: 'We know more.' })
    // Nobody remembers what it was called.
    await statuspageOf(server).publish(next, patience())
    expect(server.incidents).toHaveLength(1)
    expect(server.incidents[0]?.metadata).toEqual({
      backout: { incident: '20261122-post', posts: 'investigating identified' },
    })
  })

  test('is known by its text where somebody has taken the mark away', async () => {
    const server = await started()
    const pages = statuspageOf(server)
    const { id } = await pages.publish(update(), patience())
    server.incidents[0]!.metadata = {}
    expect(await pages.find?.(update({ page: id }), patience())).toMatchObject({ id })
  })

  test('finds what was opened and resolved with one message', async () => {
    const server = await started()
    const pages = statuspageOf(server)
    const over = update({ key: 'resolved', stage: 'resolved', status: 'resolved' })
    server.next('write', 'lost')
    expect(await faultOf(pages.publish(over, patience()))).toMatchObject({
      kind: 'unknown-outcome',
    })
    expect(await pages.find?.(over, patience())).toMatchObject({ id: 'p1' })
  })

  test('begins anew where somebody has deleted the incident there', async () => {
    const server = await started()
    const pages = statuspageOf(server)
    const { id } = await pages.publish(update(), patience())
    server.incidents.length = 0
    await pages.publish(update({ key: 'identified', body: 'More.', page: id }), patience())
    expect(server.incidents).toHaveLength(1)
  })

  test('is asked once in its time, however many ask', async () => {
    const server = await started()
    const pages = statuspageOf(server)
    const incidents = ['20261122-aaaa', '20261122-bbbb', '20261122-cccc']
    await Promise.all(incidents.map((incident) => pages.publish(update({ incident }), patience())))
    expect(server.incidents).toHaveLength(3)
    expect(server.requests).toHaveLength(6)
    const [first = 0, ...others] = server.arrivedMs
    expect((others.at(-1) ?? 0) - first).toBeGreaterThan(5 * EVERY_MS)
  })

  test('an answer that makes no sense may be one to something done', async () => {
    const server = await started()
    const pages = statuspageOf(server)
    server.next('write', 'garbage')
    expect(await faultOf(pages.publish(update(), patience()))).toMatchObject({
      kind: 'unknown-outcome',
      detail: 'its answer could not be read',
    })
    server.next('read', 'garbage')
    expect(await faultOf(pages.find!(update(), patience()))).toMatchObject({ kind: 'retryable' })
    expect(await pages.find?.(update(), patience())).not.toBeNull()
  })

  test('with a wrong key, page or component is told by the doctor', async () => {
    const server = await started()
    const wrongKey = await statuspageOf(server, { apiKey: 'other' }).check(patience())
    expect(wrongKey).toMatchObject([{ state: 'wrong' }])
    expect(wrongKey[0]?.found).toMatch(/does not take the key \(HTTP 401\)/)
    const noPage = await statuspageOf(server, { page: 'zzzz9999zzzz' }).check(patience())
    expect(noPage[0]?.found).toMatch(/no such page or incident/)
    const strange = atlassianStatuspage({
      apiUrl: server.url,
      page: server.page,
      apiKey: server.apiKey,
      notifies: true,
      components: { backend: 'c-gone' },
      endpoints,
      now: Date.now,
      sleep: (ms) => pause(ms),
      everyMs: EVERY_MS + 10,
    })
    const checks = await strange.check(patience())
    expect(checks.map(({ state }) => state)).toEqual(['ok', 'wrong'])
    expect(checks[1]?.found).toBe('the page has none of that id: backend (c-gone)')
  })
})

describe('a webhook', () => {
  test('is sent the same key with the same message, and takes it once', async () => {
    const server = await started()
    const pages = webhookOf(server)
    await pages.publish(update(), patience())
    await pages.publish(update(), patience())
    expect(server.requests.map(({ key }) => key)).toEqual([
      'backout-20261122-post-investigating',
      'backout-20261122-post-investigating',
    ])
    expect(server.messages.size).toBe(1)
  })

  test('is not repeated: its own address may stand in what it says', async () => {
    const server = await started()
    server.next('write', { answer: 422, error: `nothing at ${server.url}/hook` })
    const { detail } = await faultOf(webhookOf(server).publish(update(), patience()))
    expect(detail).toBe('it refuses this (HTTP 422)')
  })

  test('that does not take the token has not taken the message', async () => {
    const server = await started()
    const pages = webhookOf(server, { token: 'other' })
    expect(await faultOf(pages.publish(update(), patience()))).toMatchObject({ kind: 'terminal' })
    expect(server.messages.size).toBe(0)
  })

  test('that answers 200 to everything has found nothing', async () => {
    const server = await started()
    server.next('read', 'garbage')
    const pages = webhookOf(server)
    await pages.publish(update(), patience())
    expect(await faultOf(pages.find!(update(), patience()))).toMatchObject({
      detail: 'its answer could not be read',
    })
  })
})

describe('Markdown files', () => {
  const hostile = '---\ntitle: "mine"\n{{ site.secret }} <b>x</b>\n## Resolved, now\n- [a](b)'

  test('hold one incident each: front matter that is ours alone, the newest message first', async () => {
    const path = await folder()
    const pages = markdownIn(path)
    const { id, link } = await pages.publish(update(), patience())
    expect({ id, link }).toEqual({
      id: '20261122-post.md',
      link: 'https://status.example/20261122-post',
    })
    const next = { key: 'identified', stage: 'identified', status: 'identified' } as const
    await pages.publish(update({ ...next, title: hostile, body: hostile }), patience())
    const text = await readFile(join(path, id), 'utf8')
    const [front = '', ...rest] = text.slice(4).split('\n---\n')
    const keys = front.split('\n').map((line) => line.split(': ')[0])
    expect(keys.join(' ')).toBe(
      'title incident status impact started updated resolved components backout',
    )
    for (const line of front.split('\n')) {
      expect(() => JSON.parse(line.slice(line.indexOf(': ') + 2))).not.toThrow()
    }
    const below = rest.join('\n---\n')
    expect(below.match(/^## .*$/gm)).toEqual([
      '## Identified, 2026-11-22 03:12 UTC',
      '## Investigating, 2026-11-22 03:12 UTC',
    ])
    expect(below).not.toMatch(/\{\{|<b>|\]\(|^---|^- /m)
    expect(await readdir(path)).toEqual([id])
  })

  test('keep what somebody added to them', async () => {
    const path = await folder()
    const pages = markdownIn(path)
    const { id } = await pages.publish(update(), patience())
    const file = join(path, id)
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('---\n\n', 'layout: incident\n---\n\n') + '\nPostmortem.\n')
    await pages.publish(update({ key: 'identified', status: 'identified' }), patience())
    expect(await readFile(file, 'utf8')).toMatch(
      /^layout: incident$[^]*^## Identified[^]*Postmortem\./m,
    )
  })

  test('that somebody else has written are left alone', async () => {
    const path = await folder()
    await writeFile(join(path, '20261122-post.md'), '# Ours\n')
    expect(await faultOf(markdownIn(path).publish(update(), patience()))).toMatchObject({
      kind: 'terminal',
      detail: '20261122-post.md is not as Backout wrote it, and is left alone',
    })
    expect(await readFile(join(path, '20261122-post.md'), 'utf8')).toBe('# Ours\n')
  })

  test.each(['../etc', 'a/b', '.hidden', '', 'x'.repeat(65)])(
    'have no name like %j, whatever the incident is called',
    async (incident) => {
      const path = await folder()
      const fault = await faultOf(markdownIn(path).publish(update({ incident }), patience()))
      expect(fault.kind).toBe('terminal')
      expect(await readdir(path)).toEqual([])
    },
  )

  test('in a folder that cannot be are refused, and the doctor says so', async () => {
    const path = await folder()
    const file = join(path, 'file')
    await writeFile(file, '')
    const pages = markdownIn(join(file, 'below'))
    expect(await faultOf(pages.publish(update(), patience()))).toMatchObject({
      kind: 'terminal',
      detail: 'a file is where a folder is needed',
    })
    expect(await pages.check(patience())).toMatchObject([{ state: 'wrong' }])
  })
})
