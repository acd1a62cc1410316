import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { pagerEndpoints } from '../../src/compose/pagers.ts'
import { jiraServiceManagement } from '../../src/adapters/pager/jira-service-management.ts'
import { pagerDuty } from '../../src/adapters/pager/pagerduty.ts'
import { pagingWebhook } from '../../src/adapters/pager/webhook.ts'
import { callWords, leadWords } from '../../src/chat/text/page-words.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { PagingSettings } from '../../src/domain/incident/paging-settings.ts'
import { acknowledgementsOf } from '../../src/engine/outbox/acknowledgements.ts'
import { couriersOf } from '../../src/engine/outbox/couriers.ts'
import { pageCourier } from '../../src/engine/outbox/page-courier.ts'
import { incidentLog } from '../../src/engine/journal/incident-log.ts'
import type { Journal } from '../../src/ports/journal.ts'
import type { Pager } from '../../src/ports/pager.ts'
import { closed, declared, opened } from '../support/builders.ts'
import { surroundings, untilDead, type Surroundings } from '../support/engine-story.ts'
import { deathsBetween, mortal, type Death, type Life } from '../support/mortal.ts'
import {
  CREDENTIALS,
  startPagerServer,
  type Meeting,
  type PagerServer,
} from '../support/pager-server.ts'
import { watchStarted, watchTurned } from '../support/plan-story.ts'

const ID = '20261122-page'
const DECLARED = `${ID}:declared`
const TICK_MS = 10_000
const HOUR_MS = 60 * 60_000

type Kind = 'pagerduty' | 'pagerduty without token' | 'jira' | 'webhook' | 'idempotent webhook'
const KINDS: readonly Kind[] = [
  'pagerduty',
  'pagerduty without token',
  'jira',
  'webhook',
  'idempotent webhook',
]

function pagerOf(kind: Kind, { at }: PagerServer, now: () => number): Pager {
  const { routingKey, apiToken, apiKey, token } = CREDENTIALS
  const reached = { endpoints: pagerEndpoints(), now }
  switch (kind) {
    case 'pagerduty':
    case 'pagerduty without token': {
      const read = kind === 'pagerduty' ? apiToken : undefined
      return pagerDuty({
        eventsUrl: at.events,
        apiUrl: at.rest,
        routingKey,
        apiToken: read,
        ...reached,
      })
    }
    case 'jira':
      return jiraServiceManagement({ url: at.jira, apiKey, canRead: true, ...reached })
    case 'webhook':
      return pagingWebhook({ url: at.webhook, token, idempotent: false, ...reached })
    case 'idempotent webhook':
      return pagingWebhook({ url: at.idempotent, token, idempotent: true, ...reached })
    default:
      return kind satisfies never
  }
}

/** One process that pages; its journal and its pager may be mortal. */
function process(around: Surroundings, pager: Pager, journal: Journal = around.journal) {
  const incidents = incidentLog(journal, { reach() {} })
  const deps = {
    incidents,
    clock: around.clock,
    sleep: async (ms: number) => {
      around.pass(ms)
      await new Promise((next) => setImmediate(next))
    },
    log: { info() {}, warn() {}, error() {} },
    stopped: new AbortController().signal,
  }
  const courier = pageCourier({
    pagers: [pager],
    occasions: PagingSettings.parse({}).occasions,
    environment: 'production',
    words: {
      call: (incident, occasion) => callWords(incident, occasion, 'production'),
      lead: leadWords,
    },
    linkTo: async () => null,
    clock: around.clock,
  })
  const couriers = couriersOf({ ...deps, couriers: [courier] })
  const answers = acknowledgementsOf({ ...deps, pagers: [pager] })
  return {
    async happens(...events: readonly Event[]): Promise<void> {
      await incidents.append(ID, () =>
        events.length > 0 ? events : [{ type: 'backout-restarted' }],
      )
      couriers.refresh(ID)
      await couriers.settled()
    },
    async ticks(times = 1, eachMs = TICK_MS): Promise<void> {
      for (let left = times; left > 0; left -= 1) {
        around.pass(eachMs)
        couriers.retry()
        // oxlint-disable-next-line no-await-in-loop -- one tick after the other
        await couriers.settled()
        answers.ask()
        // oxlint-disable-next-line no-await-in-loop -- as above
        await answers.settled()
      }
    },
    incident: () => incidents.load(ID),
    call: async () => {
      const { page } = (await incidents.load(ID)).outbox
      return Object.entries(page).find(([key]) => key.startsWith('declared:trigger:'))?.[1]
    },
  }
}

let around: Surroundings
afterEach(() => around.end())

async function startOver(kind: Kind, ...meetings: readonly Meeting[]) {
  around = surroundings()
  const server = await startPagerServer()
  onTestFinished(() => server[Symbol.asyncDispose]())
  server.meet(...meetings)
  const pager = pagerOf(kind, server, around.clock.now)
  return { server, pager, one: process(around, pager) }
}

const CRITICAL = [opened, declared]

describe.each(KINDS)('%s', (kind) => {
  test('rings once for an incident, and again for a relapse; at the end all is resolved', async () => {
    const { server, pager, one } = await startOver(kind)
    await one.happens(...CRITICAL)
    await one.happens()
    await process(around, pager).happens()
    expect(server.rings).toEqual([DECLARED])
    await one.happens(watchStarted, watchTurned)
    const relapse = server.rings[1] ?? ''
    expect(relapse).toMatch(new RegExp(`^${ID}:relapse-\\d+$`))
    await one.happens(closed)
    expect(server.rings).toHaveLength(2)
    expect(server.alerts.map(({ state }) => state)).toEqual(['closed', 'closed'])
    expect(server.objections).toEqual([])
  })

  test.each([
    ['slow down', { status: 429, retryAfter: '20' }, /HTTP 429/],
    ['5xx', { status: 503 }, /HTTP 503/],
  ] as const)('that says %s is told again later, and rings once', async (_, meeting, because) => {
    const { server, one } = await startOver(kind, meeting, meeting)
    await one.happens(...CRITICAL)
    expect(await one.call()).toMatchObject({
      kind: 'waiting',
      because: expect.stringMatching(because),
    })
    await one.ticks(10)
    expect(server.rings).toEqual([DECLARED])
    expect(await one.call()).toMatchObject({ kind: 'delivered' })
  })

  test.each([{ status: 400 }, { status: 401 }, { status: 403 }, { status: 404 }])(
    'that refuses for good with %j is not told again, and the journal says why',
    async (meeting) => {
      const { server, one } = await startOver(kind, meeting)
      await one.happens(...CRITICAL)
      await one.ticks(5)
      const because = expect.stringContaining(`HTTP ${meeting.status}`)
      expect(await one.call()).toMatchObject({ kind: 'refused', because })
      expect(server.rings).toEqual([])
      expect(JSON.stringify(await one.incident())).not.toMatch(/Secret|R0UTING/)
    },
  )

  test('that is away for an hour is told when it is back, if it still matters', async () => {
    const { server, one } = await startOver(kind)
    server.meetAll({ status: 503 })
    await one.happens(...CRITICAL)
    const since = (await one.call())?.kind === 'waiting' ? around.clock.now() : 0
    await one.ticks(30, HOUR_MS / 30)
    expect(await one.call()).toMatchObject({ kind: 'waiting' })
    expect(around.clock.now() - since).toBeGreaterThanOrEqual(HOUR_MS)
    server.meetAll(null)
    await one.ticks(2, 300_000)
    expect(server.rings).toEqual([DECLARED])
  })

  test('that is back after the incident was closed rings nobody for it', async () => {
    const { server, one } = await startOver(kind)
    server.meetAll({ status: 503 })
    await one.happens(...CRITICAL)
    await one.happens(closed)
    server.meetAll(null)
    await one.ticks(3, 300_000)
    expect(server.rings).toEqual([])
  })

  test.each(['lost', 'gateway', 'garbage'] as const)(
    'whose answer is %s has rung once, and is never made to ring twice',
    async (meeting) => {
      const { server, pager, one } = await startOver(kind, meeting)
      await one.happens(...CRITICAL)
      await one.ticks(5)
      await process(around, pager).happens()
      expect(server.rings).toEqual([DECLARED])
      // What a webhook answers well nobody reads.
      const known = kind === 'webhook' && meeting !== 'garbage' ? 'unknown' : 'delivered'
      expect(await one.call()).toMatchObject({ kind: known })
      await one.happens(closed)
      await one.ticks(3)
      expect(server.alert(DECLARED)?.state).toBe('closed')
    },
  )

  test.each([503, 401])(
    'whose answer was lost, and that then answers %s, hears of the end all the same',
    async (status) => {
      const { server, one } = await startOver(kind, 'lost')
      await one.happens(...CRITICAL)
      server.meetAll({ status })
      await one.ticks(5)
      server.meetAll(null)
      await one.happens(closed)
      await one.ticks(5, 300_000)
      expect(server.rings).toEqual([DECLARED])
      expect(server.alert(DECLARED)?.state).toBe('closed')
    },
  )

  test('all of whose answers are lost for an hour has rung once', async () => {
    const { server, one } = await startOver(kind)
    server.meetAll('lost')
    await one.happens(...CRITICAL)
    await one.ticks(6 * 60)
    expect(server.rings).toEqual([DECLARED])
    // Somebody has dealt with it there, and closed it.
    const alert = server.alert(DECLARED)
    if (alert) alert.state = 'closed'
    server.meetAll(null)
    await one.ticks(6 * 60)
    expect(server.rings).toEqual([DECLARED])
    // Only who can be asked knows, after so long.
    const known = kind === 'pagerduty' ? 'delivered' : 'unknown'
    expect(await one.call()).toMatchObject({ kind: known })
  })
})

describe('somebody answers', () => {
  test.each(['pagerduty', 'jira'] as const)(
    'in %s: it is seen soon, and written down once',
    async (kind) => {
      const { server, one } = await startOver(kind)
      await one.happens(...CRITICAL)
      await one.ticks(6)
      expect((await one.incident()).pagesAcknowledged).toEqual({})
      server.answer(DECLARED, 'Ana Example', '2026-11-22T03:15:00.000Z')
      await one.ticks(6)
      expect(Object.values((await one.incident()).pagesAcknowledged)).toEqual([
        { by: 'Ana Example', at: '2026-11-22T03:15:00.000Z' },
      ])
    },
  )

  test('in Slack: the pager is told, and is not asked any more', async () => {
    const { server, one } = await startOver('pagerduty')
    await one.happens(...CRITICAL)
    await one.happens({ type: 'lead-taken', by: 'U0BO' })
    expect(server.requests).toEqual([`trigger ${DECLARED}`, `acknowledge ${DECLARED}`])
    expect(server.alert(DECLARED)?.state).toBe('acknowledged')
    await one.ticks(6)
    expect((await one.incident()).pagesAcknowledged).toEqual({})
  })

  test('while it cannot be asked: nothing is claimed, and it is asked again', async () => {
    const { server, one } = await startOver('pagerduty')
    await one.happens(...CRITICAL)
    server.answer(DECLARED, 'Ana Example', '2026-11-22T03:15:00.000Z')
    server.meetAll('garbage')
    await one.ticks(6)
    expect((await one.incident()).pagesAcknowledged).toEqual({})
    server.meetAll(null)
    await one.ticks(6)
    expect(Object.values((await one.incident()).pagesAcknowledged)).toHaveLength(1)
  })
})

describe.each(['pagerduty', 'pagerduty without token', 'jira', 'webhook'] as const)(
  'a process that dies while it tells %s',
  async (kind) => {
    /** One process with this death, and another one later. */
    async function withDeath(death: Death) {
      const surrounds = surroundings()
      await using server = await startPagerServer()
      const pager = pagerOf(kind, server, surrounds.clock.now)
      const life: Life = { calls: 0, effects: [], dead: false }
      const first = process(
        surrounds,
        mortal(pager, life, death),
        mortal(surrounds.journal, life, death),
      )
      const told = async () => {
        await first.happens(...CRITICAL)
        await first.happens({ type: 'lead-taken', by: 'U0BO' })
        await first.happens(closed)
      }
      await untilDead(life, told())
      // What was on its way when it died arrives.
      await arrived(server)
      surrounds.pass(7_000)
      const second = process(surrounds, pager)
      const { closed: over, declared: said } = await second.incident()
      await (said ? second.happens() : second.happens(...CRITICAL))
      if (!over) await second.happens(closed)
      await second.ticks(3)
      const { page } = (await second.incident()).outbox
      const left = {
        effects: life.effects,
        died: life.dead,
        rang: server.rings.length,
        open: server.alerts.filter(({ state }) => state !== 'closed').length,
        unsettled: Object.values(page).filter((one) => one?.kind === 'claimed').length,
      }
      surrounds.end()
      return left
    }
    const unharmed = await withDeath(null)

    test.each(deathsBetween(unharmed.effects))(
      'at effect $at, $when: it has rung once at most, and nothing is left open',
      async (death) => {
        const left = await withDeath(death)
        expect(left).toMatchObject({ died: true, open: 0, unsettled: 0 })
        expect(left.rang).toBeLessThanOrEqual(1)
      },
    )

    test('undisturbed it rings once, and every effect of it was tried', () => {
      expect(unharmed).toMatchObject({ died: false, rang: 1, open: 0 })
      expect(unharmed.effects.length).toBeGreaterThanOrEqual(kind === 'webhook' ? 9 : 12)
    })
  },
)

/** Whatever the server was sent has had its effect. */
async function arrived(server: PagerServer): Promise<void> {
  for (let before = -1; before !== server.requests.length;) {
    before = server.requests.length
    // oxlint-disable-next-line no-await-in-loop -- a request on this machine takes less
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
