import { onTestFinished, test, expect } from 'vitest'
import { pagerEndpoints } from '../../src/compose/pagers.ts'
import { pagerDuty } from '../../src/adapters/pager/pagerduty.ts'
import { signRequest } from '../../src/chat/cards/sign-request.ts'
import { callWords, leadWords } from '../../src/chat/text/page-words.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { PagingSettings } from '../../src/domain/incident/paging-settings.ts'
import { pageCourier } from '../../src/engine/outbox/page-courier.ts'
import { signCourier } from '../../src/engine/outbox/sign-courier.ts'
import { surroundings, type Surroundings } from '../support/engine-story.ts'
import { CREDENTIALS, startPagerServer } from '../support/pager-server.ts'
import {
  ASKED,
  incidentOf,
  planned,
  running,
  saidOn,
  SIGNED,
  tell,
  tellMore,
} from '../support/rollback-story.ts'

const MINUTE_MS = 60_000
const does = (kind: 'take-lead' | 'close') => ({ by: 'U0BO', intent: () => ({ kind }) })

/** An engine with a pager, over a server that takes its calls, and a Slack that takes direct messages. */
async function start() {
  const server = await startPagerServer()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const { routingKey, apiToken } = CREDENTIALS
  const now = () => around.clock.now()
  const endpoints = pagerEndpoints()
  const { events: eventsUrl, rest: apiUrl } = server.at
  const pagers = [pagerDuty({ eventsUrl, apiUrl, routingKey, apiToken, endpoints, now })]
  const pages = pageCourier({
    pagers,
    occasions: PagingSettings.parse({}).occasions,
    environment: 'production',
    words: {
      call: (incident, occasion) => callWords(incident, occasion, 'production'),
      lead: leadWords,
    },
    linkTo: async () => 'https://slack.test/archives/C0INCIDENTS/p1',
    clock: { now },
  })
  const asks = signCourier({
    conversations: {
      post: (...sent) => around.slack.conversations.post(...sent),
      update: (...sent) => around.slack.conversations.update(...sent),
      find: (...sent) => around.slack.conversations.find(...sent),
      linkTo: (...sent) => around.slack.conversations.linkTo(...sent),
      tell: (...sent) => around.slack.conversations.tell(...sent),
      upload: (...sent) => around.slack.conversations.upload(...sent),
      findFile: (...sent) => around.slack.conversations.findFile(...sent),
    },
    people: {
      membersOf: async (group) => {
        if (!slackSaysWho)
          throw new Fault({ kind: 'retryable', dependency: 'slack', detail: 'slow down' })
        return group === 'S0APPROVERS' ? around.people.approvers : []
      },
    },
    // Bo is named, and in the group too; Ana has asked for the plan.
    whom: () => ['U0BO', 'S0APPROVERS', 'S0EMPTY'],
    among: (_incident, _plan, people) => people.filter((one) => one !== 'U0ANA'),
    log: { info() {}, warn() {}, error() {} },
    render: (incident, plan, url) => {
      return signRequest(incident, plan, { environment: 'production', url })
    },
  })
  let slackSaysWho = true
  const around: Surroundings = surroundings({ couriers: [pages, asks], pagers })
  onTestFinished(() => around.end())
  const process = around.startProcess()
  return {
    server,
    around,
    process,
    slackSays(known: 'who is in a group' | 'nothing'): void {
      slackSaysWho = known !== 'nothing'
    },
    async passes(times: number, eachMs = 10_000): Promise<void> {
      for (let left = times; left > 0; left -= 1) {
        around.pass(eachMs)
        process.engine.tick()
        // oxlint-disable-next-line no-await-in-loop -- one tick after the other
        await process.engine.idle()
      }
    },
  }
}

test('with the pager away for an hour the rollback goes on, the call waits, and the card says so', async () => {
  const { server, around, process, passes } = await start()
  server.meetAll({ status: 503 })
  await tell(around, process)
  expect(await running(around)).toBe('v1.9.0,v1.9.0')
  await passes(60, MINUTE_MS)
  expect(saidOn('headline', around)).toMatch(
    /\*Paged:\* not sent yet: PagerDuty at 127[^ ]* answered HTTP 503 \(tried since [^>]*>\)\. Call by phone: `\/rollback contacts`/,
  )
  expect(server.rings).toEqual([])
  server.meetAll(null)
  await passes(2, 5 * MINUTE_MS)
  const id = await incidentOf(around)
  expect(server.rings).toEqual([`${id}:declared`])
  expect(saidOn('headline', around)).toMatch(
    /\*Paged:\* accepted by PagerDuty .*nobody has acknowledged/,
  )
})

test('a call, whoever answers it, a relapse, and the end: each is told once', async () => {
  const { server, around, process, passes } = await start()
  await tell(around, process)
  const id = await incidentOf(around)
  expect(server.alert(`${id}:declared`)?.summary).toMatch(/^production: .*62/)
  await tellMore(around, process, [does('take-lead')])
  expect(server.alert(`${id}:declared`)?.state).toBe('acknowledged')
  expect(saidOn('headline', around)).toMatch(/accepted by PagerDuty .*<@U0BO> has it since/)

  await passes(25)
  around.sandbox.others.deploy('backend', 'v2.0.0')
  await passes(4)
  const relapse = server.rings[1] ?? ''
  expect(server.rings).toHaveLength(2)
  expect(relapse).toContain(`${id}:relapse-`)
  expect(saidOn('headline', around)).toMatch(
    /\*Paged, as production is bad again:\* accepted by PagerDuty/,
  )
  expect(saidOn('thread-card', around)).toMatch(/\*Paged:\* accepted by PagerDuty/)

  server.answer(relapse, 'Cy <!channel> Example', '2026-11-22T03:40:00.000Z')
  await passes(4)
  const said = saidOn('headline', around)
  expect(said).toMatch(/acknowledged there by Cy &lt;!channel&gt; Example/)
  expect(saidOn('thread-card', around)).toMatch(
    /acknowledged in PagerDuty: production is bad again/,
  )

  await tellMore(around, process, [does('close')])
  expect(server.alerts.map(({ state }) => state)).toEqual(['closed', 'closed'])
  expect(server.rings).toHaveLength(2)
  expect(server.objections).toEqual([])
})

test('who is in a group is asked of Slack; while it does not say, the others are asked', async () => {
  const { around, process, passes, slackSays } = await start()
  slackSays('nothing')
  await tell(around, process, 0, ASKED)
  const direct = () =>
    around.slack.messages.flatMap(({ channel }) => (channel.startsWith('U0') ? [channel] : []))
  await passes(1, 2 * MINUTE_MS)
  expect(direct()).toEqual(['U0BO'])
  slackSays('who is in a group')
  await passes(2)
  expect(direct()).toEqual(['U0BO', 'U0CY'])
})

test('whoever can sign is asked by direct message with each call, and the pager with the second', async () => {
  const { server, around, process, passes } = await start()
  await tell(around, process, 0, ASKED)
  const id = await incidentOf(around)
  const direct = () => around.slack.messages.filter(({ channel }) => channel.startsWith('U0'))
  await passes(1, 2 * MINUTE_MS)
  expect(direct().map(({ channel }) => channel)).toEqual(['U0BO', 'U0CY'])
  const said = JSON.stringify(direct()[0]?.view)
  expect(said).toMatch(/Plan 1 for production waits for your signature: .*v1\.9\.0/)
  expect(said).toMatch(/<https:\/\/slack\.test\/archives\/C0INCIDENTS\/p[^|]*\|read its card>/)
  expect(server.rings).toEqual([`${id}:declared`])

  await passes(3)
  expect(direct()).toHaveLength(2)
  await passes(1, 2 * MINUTE_MS)
  expect(direct()).toHaveLength(4)
  expect(server.rings).toEqual([`${id}:declared`, `${id}:signatures-1`])
  // The other ways go on: the thread calls them too.
  expect(saidOn('thread-card', around)).toContain('lacks signatures, people were called')
  await tellMore(around, process, SIGNED)
  expect(await running(around)).toBe('v1.9.0,v1.9.0')
  expect(server.alert(`${id}:signatures-1`)?.state).toBe('closed')
  expect(server.alert(`${id}:declared`)?.state).toBe('open')
})

test('a second plan that lacks signatures is another occasion', async () => {
  const { server, around, process, passes } = await start()
  await tell(around, process, 0, ASKED)
  await passes(1, 5 * MINUTE_MS)
  await tellMore(around, process, [planned({ kind: 'clear-cache' })])
  await passes(1, 5 * MINUTE_MS)
  const id = await incidentOf(around)
  expect(server.rings).toEqual([`${id}:declared`, `${id}:signatures-1`, `${id}:signatures-2`])
})
