import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { markdownFolder } from '../../src/adapters/status-page/markdown.ts'
import { httpEndpoints } from '../../src/adapters/http/endpoints.ts'
import { atlassianStatuspage } from '../../src/adapters/status-page/statuspage.ts'
import { statusWebhook } from '../../src/adapters/status-page/webhook.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import { publicationOf } from '../../src/domain/incident/publication.ts'
import type { StatusStage } from '../../src/domain/incident/status-page.ts'
import { stageNow } from '../../src/domain/incident/surfaces.ts'
import type { Engine } from '../../src/engine/engine-types.ts'
import type { StatusPages } from '../../src/ports/status-pages.ts'
import { atRest, surroundings, wish, type Surroundings } from '../support/engine-story.ts'
import { deathsBetween, type Death } from '../support/mortal.ts'
import { renderedIn } from '../support/slack-limits.ts'
import { drafted } from '../support/status-posts.ts'
import { statusPageServer, type StatusPageServer } from '../support/status-page-server.ts'

const MINUTE_MS = 60_000

/** An incident that is declared, and the process that keeps it. */
async function declaredOver(statusPage: StatusPages, death: Death = null) {
  const around = surroundings({ statusPage })
  onTestFinished(() => around.end())
  const { engine, life } = around.startProcess(death)
  const receipt = await engine.receive(null, wish('d1', { kind: 'assess', symptoms: [] }))
  const id = receipt.kind === 'received' ? receipt.incident : ''
  await wished(engine, id, 'd2', { kind: 'declare' })
  return { around, engine, life, id }
}

async function wished(engine: Engine, id: string, ...of: Parameters<typeof wish>): Promise<void> {
  await engine.receive(id, wish(...of))
  engine.wake(id)
  await engine.idle()
}

async function incidentOf(engine: Engine, id: string): Promise<Incident> {
  const incident = await engine.load(id)
  if (!incident) throw new Error('there is no incident')
  return incident
}

/** Presses Publish on the card as it stands. */
async function publish(engine: Engine, id: string, delivery: string, by = 'U0BO'): Promise<void> {
  await wished(engine, id, delivery, await pressOf(engine, id), by)
}

async function pressOf(engine: Engine, id: string) {
  const incident = await incidentOf(engine, id)
  const stage = stageNow(incident) ?? 'investigating'
  return { kind: 'publish-status', stage, digest: drafted(incident, stage).digest } as const
}

async function stateOf(engine: Engine, id: string, stage: StatusStage = 'investigating') {
  return publicationOf(await incidentOf(engine, id), stage)?.state
}

/** So much later, with a tick in every ten seconds. */
async function later(around: Surroundings, engine: Engine, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10_000) {
    around.pass(10_000)
    engine.tick()
    // oxlint-disable-next-line no-await-in-loop -- one tick after the other
    await engine.idle()
  }
}

/** What the card of the status page says, and what can be pressed on it. */
function cardIn({ slack }: Surroundings): string {
  const card = slack.messages.findLast(({ key }) => key.startsWith('status-page:'))
  return card
    ? renderedIn(card.view)
        .map(({ text }) => text)
        .join('\n')
    : ''
}

async function serverWith(make: (server: StatusPageServer) => StatusPages) {
  const server = await statusPageServer({ everyMs: 1 })
  onTestFinished(() => server.stop())
  return { server, pages: make(server) }
}

const endpoints = httpEndpoints({ dependency: 'status page' })

const statuspage = (server: StatusPageServer): StatusPages =>
  atlassianStatuspage({
    apiUrl: server.url,
    page: server.page,
    apiKey: server.apiKey,
    notifies: true,
    components: {},
    endpoints,
    now: Date.now,
    sleep: async (ms) => {
      await pause(ms)
    },
    everyMs: 2,
  })

/** Cannot be asked. */
const webhook = (server: StatusPageServer): StatusPages =>
  statusWebhook({
    url: `${server.url}/hook`,
    token: server.token,
    findUrl: null,
    endpoints,
    now: Date.now,
  })

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'backout-status-page-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe('publishing', () => {
  test('puts what stood on the card on the page, once, and the card leads there', async () => {
    const { server, pages } = await serverWith(statuspage)
    const { around, engine, id } = await declaredOver(pages)
    const before = drafted(await incidentOf(engine, id), 'investigating')
    await publish(engine, id, 'p1')
    expect(server.incidents).toHaveLength(1)
    expect(server.incidents[0]?.incident_updates).toMatchObject([{ status: 'investigating' }])
    expect(await stateOf(engine, id)).toMatchObject({ kind: 'delivered', receipt: { id: 'p1' } })
    expect((await incidentOf(engine, id)).statusPage.investigating).toMatchObject({
      decided: { decision: 'published', by: 'U0BO' },
      publications: [{ key: 'investigating', post: before.post }],
    })
    expect(cardIn(around)).toContain('<https://stspg.example/p1|Read it on the status page>')
  })

  test('is one post, however many press at once', async () => {
    const { server, pages } = await serverWith(statuspage)
    const { around, engine, id } = await declaredOver(pages)
    const press = await pressOf(engine, id)
    await Promise.all([
      engine.receive(id, wish('p1', press, 'U0BO')),
      engine.receive(id, wish('p2', press, 'U0CY')),
    ])
    engine.wake(id)
    await engine.idle()
    expect(server.incidents[0]?.incident_updates).toHaveLength(1)
    expect(around.slack.told.map(({ user }) => user)).toEqual(['U0CY'])
    expect(around.slack.told[0]?.view.text).toMatch(
      /on its way to the status page|published or skipped before/,
    )
  })

  test('is for approvers and publishers, and for nobody else', async () => {
    const { server, pages } = await serverWith(statuspage)
    const { around, engine, id } = await declaredOver(pages)
    await publish(engine, id, 'p1', 'U0DEE')
    expect(around.slack.told[0]?.view.text).toMatch(/^Only approvers, and those named under/)
    expect(server.requests).toEqual([])
    await publish(engine, id, 'p2', 'U0PUB')
    expect(server.incidents).toHaveLength(1)
  })

  test('is not for a text that changed under the finger', async () => {
    const { server, pages } = await serverWith(statuspage)
    const { around, engine, id } = await declaredOver(pages)
    const press = await pressOf(engine, id)
    const text = 'Another text.'
    await wished(engine, id, 'e1', { kind: 'edit-status', stage: 'investigating', text })
    await wished(engine, id, 'p1', press, 'U0BO')
    expect(around.slack.told[0]?.view.text).toMatch(/^The text has changed since you saw it/)
    expect(server.requests).toEqual([])
    await publish(engine, id, 'p2')
    expect(server.incidents[0]?.incident_updates[0]?.body).toBe(text)
  })
})

describe('a page that', () => {
  test('takes an update for each stage on one incident, and shows at the end that all is well', async () => {
    const { server, pages } = await serverWith(statuspage)
    const { around, engine, id } = await declaredOver(pages)
    await publish(engine, id, 'p1')
    await wished(engine, id, 'r1', {
      kind: 'plan',
      request: { kind: 'kubernetes', toVersion: null },
    })
    await publish(engine, id, 'p2')
    const digest = (await incidentOf(engine, id)).plans[0]?.plan?.digest ?? ''
    await wished(engine, id, 's1', { kind: 'approve', plan: 1, digest }, 'U0BO')
    await wished(engine, id, 's2', { kind: 'approve', plan: 1, digest }, 'U0CY')
    await publish(engine, id, 'p3')
    expect(server.states).toEqual({ 'c-backend': 'major_outage' })
    // What is bad at first counts only after a while; then ten good looks, ten seconds apart.
    await later(around, engine, 4 * MINUTE_MS)
    expect(stageNow(await incidentOf(engine, id))).toBe('resolved')
    await publish(engine, id, 'p4')
    const [incident, ...others] = server.incidents
    expect(others).toEqual([])
    expect(incident?.incident_updates.map(({ status }) => status).toReversed()).toEqual([
      'investigating',
      'identified',
      'monitoring',
      'resolved',
    ])
    expect(incident?.incident_updates[0]?.body).toMatch(
      /Services restored at 20[^]*Duration: \d+ minutes?[^]*Data loss: not yet determined/,
    )
    expect(server.states).toEqual({ 'c-backend': 'operational' })
  })

  test('refuses for good is named with its reason, and asked again when a person wants it', async () => {
    const { server, pages } = await serverWith(statuspage)
    const { around, engine, id } = await declaredOver(pages)
    server.next('write', { answer: 422, error: 'Component ids are wrong' })
    await publish(engine, id, 'p1')
    expect(cardIn(around)).toMatch(
      /🚫 \*Not published:\* it refuses this \(HTTP 422\): Component ids/,
    )
    await later(around, engine, 5 * MINUTE_MS)
    expect(server.incidents).toEqual([])
    await publish(engine, id, 'p2')
    expect(server.incidents).toHaveLength(1)
    const { publications } = (await incidentOf(engine, id)).statusPage.investigating ?? {}
    expect(publications?.map(({ key }) => key)).toEqual(['investigating', 'investigating/2'])
  })

  test('is away for an hour holds up nothing, says so, and is told when it is back', async () => {
    const { server, pages } = await serverWith(statuspage)
    const { around, engine, id } = await declaredOver(pages)
    server.goAway()
    await publish(engine, id, 'p1')
    expect(await stateOf(engine, id)).toMatchObject({ kind: 'waiting' })
    expect(cardIn(around)).toMatch(/⏳ \*It could not be published yet:\* .*connection/)
    // The rollback does not wait for it.
    await wished(engine, id, 'r1', {
      kind: 'plan',
      request: { kind: 'kubernetes', toVersion: null },
    })
    const [plan] = (await incidentOf(engine, id)).plans
    const digest = plan?.plan?.digest ?? ''
    await wished(engine, id, 's1', { kind: 'approve', plan: 1, digest }, 'U0BO')
    await wished(engine, id, 's2', { kind: 'approve', plan: 1, digest }, 'U0CY')
    await later(around, engine, 60 * MINUTE_MS)
    expect((await incidentOf(engine, id)).plans[0]?.run?.ended?.outcome).toBe('succeeded')
    expect(server.incidents).toEqual([])
    // What is said next waits for what was said before.
    await publish(engine, id, 'p2')
    server.comeBack()
    await later(around, engine, 10 * MINUTE_MS)
    expect(server.incidents).toHaveLength(1)
    const updates = server.incidents[0]?.incident_updates.map(({ status }) => status).toReversed()
    expect(updates?.[0]).toBe('investigating')
    expect(updates).toHaveLength(2)
  })

  test.each(['lost', 'garbage', { answer: 500 }, { answer: 429, retryAfter: '2' }] as const)(
    'answers a write with %j has it once in the end',
    async (trouble) => {
      const { server, pages } = await serverWith(statuspage)
      const { around, engine, id } = await declaredOver(pages)
      server.next('write', trouble)
      await publish(engine, id, 'p1')
      await later(around, engine, MINUTE_MS)
      expect(await stateOf(engine, id)).toMatchObject({ kind: 'delivered' })
      expect(server.incidents).toHaveLength(1)
      expect(server.incidents[0]?.incident_updates).toHaveLength(1)
    },
  )

  // grafana-cold-storage/oncall#5499: a receiver that needs longer than its sender waits got it four times.
  test('acts only after nobody waits any more has it once', async () => {
    const { server, pages } = await serverWith(statuspage)
    const { around, engine, id } = await declaredOver(pages)
    server.next('write', { actsAfterMs: 6_500 })
    await publish(engine, id, 'p1')
    expect(server.incidents).toEqual([])
    await later(around, engine, 30_000)
    // Looked for, and not sent again: it may be on its way.
    expect(await stateOf(engine, id)).toMatchObject({ kind: 'under-way' })
    await expect.poll(() => server.incidents.length, { timeout: 5_000 }).toBe(1)
    await later(around, engine, 2 * MINUTE_MS)
    expect(await stateOf(engine, id)).toMatchObject({ kind: 'delivered' })
    expect(server.incidents[0]?.incident_updates).toHaveLength(1)
    expect(server.requests.filter(({ method }) => method !== 'GET')).toHaveLength(1)
  })

  test('cannot be looked through is not written to again meanwhile', async () => {
    const { server, pages } = await serverWith(statuspage)
    const { around, engine, id } = await declaredOver(pages)
    server.next('write', 'lost')
    const press = publish(engine, id, 'p1')
    await press
    server.next('read', ...Array.from({ length: 3 }, () => ({ answer: 503 })))
    await later(around, engine, 5 * MINUTE_MS)
    expect(server.incidents[0]?.incident_updates).toHaveLength(1)
    expect(await stateOf(engine, id)).toMatchObject({ kind: 'delivered' })
  })

  test('cannot be asked leaves a lost answer to people, who say what is there', async () => {
    const { server, pages } = await serverWith(webhook)
    const { around, engine, id } = await declaredOver(pages)
    server.next('write', 'lost')
    await publish(engine, id, 'p1')
    await later(around, engine, 10 * MINUTE_MS)
    expect(server.requests).toHaveLength(1)
    expect(cardIn(around)).toMatch(/❓ \*Whether it is published is not known:\*/)
    await wished(
      engine,
      id,
      't1',
      { kind: 'decide-status', stage: 'investigating', decision: 'published' },
      'U0BO',
    )
    expect(cardIn(around)).toMatch(/published by <@U0BO>/)
    expect(server.requests).toHaveLength(1)
  })

  test('does not take the key any more when it is looked through leaves it to people', async () => {
    const { server, pages } = await serverWith(statuspage)
    const { around, engine, id } = await declaredOver(pages)
    server.next('write', 'lost')
    await publish(engine, id, 'p1')
    server.next('read', { answer: 401 })
    await later(around, engine, 5 * MINUTE_MS)
    expect(await stateOf(engine, id)).toMatchObject({ kind: 'unknown' })
    expect(cardIn(around)).toMatch(/looking for it: it does not take the key \(HTTP 401\)/)
    expect(server.incidents[0]?.incident_updates).toHaveLength(1)
  })

  test('does not take the key has nothing, and says so', async () => {
    const { server, pages } = await serverWith((one) => statuspage({ ...one, apiKey: 'wrong' }))
    const { around, engine, id } = await declaredOver(pages)
    await publish(engine, id, 'p1')
    expect(cardIn(around)).toMatch(/🚫 \*Not published:\* it does not take the key \(HTTP 401\)/)
    expect(server.incidents).toEqual([])
  })
})

describe('a process that dies while somebody publishes', async () => {
  /** One process with this death, and another one later. */
  async function withDeath(death: Death) {
    const path = mkdtempSync(join(tmpdir(), 'backout-status-page-'))
    const pages = markdownFolder({ folder: path, link: null, now: () => Date.UTC(2026, 10, 22) })
    const around = surroundings({ statusPage: pages })
    const first = around.startProcess()
    const receipt = await first.engine.receive(null, wish('d1', { kind: 'assess', symptoms: [] }))
    const id = receipt.kind === 'received' ? receipt.incident : ''
    await wished(first.engine, id, 'd2', { kind: 'declare' })
    const press = await pressOf(first.engine, id)
    await first.engine.stop()

    const { engine, life } = around.startProcess(death)
    await engine.load(id)
    const received = engine.receive(id, wish('p1', press, 'U0BO'))
    await Promise.race([received, diedIn(life)])
    engine.wake(id)
    await atRest(engine, life)

    around.pass(4 * MINUTE_MS)
    const second = around.startProcess()
    await second.engine.resume()
    // A press that never reached the journal was not acknowledged: the person sees that, and presses again.
    await second.engine.receive(id, wish('p1', press, 'U0BO'))
    second.engine.wake(id)
    await second.engine.idle()
    await later(around, second.engine, 2 * MINUTE_MS)
    const left = {
      effects: life.effects,
      died: life.dead,
      files: readdirSync(path)
        .filter((name) => !name.startsWith('.'))
        .map((name) => readFileSync(join(path, name), 'utf8')),
      state: await stateOf(second.engine, id),
      cards: around.slack.messages.filter(({ key }) => key.startsWith('status-page:')).length,
    }
    around.end()
    rmSync(path, { recursive: true, force: true })
    return left
  }

  const unharmed = await withDeath(null)

  test('each of its effects was tried', () => {
    expect(unharmed.effects.length).toBeGreaterThan(5)
    expect(unharmed.state).toMatchObject({ kind: 'delivered' })
  })

  test.each(deathsBetween(unharmed.effects))(
    'at effect $at, $when: it is on the page once',
    async (death) => {
      const { died, files, state, cards } = await withDeath(death)
      expect({ died, cards }).toEqual({ died: true, cards: 1 })
      expect(state).toMatchObject({ kind: 'delivered' })
      expect(files).toHaveLength(1)
      expect(files[0]?.match(/^## /gm)).toHaveLength(1)
    },
  )
})

async function diedIn(life: { readonly dead: boolean }): Promise<void> {
  while (!life.dead) await new Promise((next) => setImmediate(next))
}

test('a draft that nobody answers is told of once, for each stage', async () => {
  const pages = markdownFolder({ folder: folder(), link: null, now: Date.now })
  const around = surroundings({ statusPage: pages, statusOverdueMs: 15 * MINUTE_MS })
  onTestFinished(() => around.end())
  const { engine } = around.startProcess()
  const receipt = await engine.receive(null, wish('d1', { kind: 'assess', symptoms: [] }))
  const id = receipt.kind === 'received' ? receipt.incident : ''
  await wished(engine, id, 'd2', { kind: 'declare' })
  const notes = () =>
    around.slack.messages.filter(({ view }) => /status page is older/.test(view.text)).length
  await later(around, engine, 14 * MINUTE_MS)
  expect(notes()).toBe(0)
  await later(around, engine, 60 * MINUTE_MS)
  expect(notes()).toBe(1)
  await publish(engine, id, 'p1')
  await wished(engine, id, 'r1', { kind: 'plan', request: { kind: 'kubernetes', toVersion: null } })
  await later(around, engine, 20 * MINUTE_MS)
  expect(notes()).toBe(2)
})
