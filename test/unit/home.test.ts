import { expect, test } from 'vitest'
import { inUtc } from '../../src/chat/text/moments.ts'
import { homeView } from '../../src/chat/answers/home.ts'
import { homeOpener } from '../../src/compose/home.ts'
import type { PersonKind } from '../../src/domain/base/person.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { atMs, declared, incidentAfter, opened } from '../support/builders.ts'
import { assessSettings } from '../support/contracts/settings.ts'
import { slackThat } from '../support/slack/web-api.ts'

const healthy = sandboxWorld({
  scenario: 'healthy',
  clock: { now: () => atMs },
  settings: assessSettings,
})

const LINK = 'https://acme.slack.test/archives/C1/p170?thread_ts=16'
const inItsThread: Event = {
  type: 'outbox-delivered',
  kind: 'message',
  key: 'thread-card',
  receipt: { channel: 'C1', ts: '17.0' },
}

async function homeOf(kind: PersonKind, unreadable: readonly string[] = []) {
  const { calls, client } = await slackThat(() => ({ ok: true }))
  const asked: string[] = []
  const openHome = homeOpener({
    client,
    log: { info() {}, warn() {}, error() {} },
    now: () => atMs,
    whoIs: async () => kind,
    shownIn: inUtc,
    environments: [
      {
        world: async () => {
          asked.push('production')
          return healthy.world
        },
        incident: async () => null,
        declared: async () => [],
        unreadable: () => unreadable,
        open: () => {
          asked.push('incidents')
          return [incidentAfter(opened, declared, inItsThread)]
        },
        linkTo: async () => LINK,
        settings: assessSettings,
        environment: 'production',
        contacts: { onCall: [], support: [], channels: [] },
      },
    ],
  })
  await openHome('U0GUS')
  return { asked, views: calls.map(({ args }) => args['view'] ?? '') }
}

test.each(['guest', 'bot', 'external', 'deactivated', 'unknown'] as const)(
  'the home page of somebody who is %s is made of nothing that was looked up',
  async (kind) => {
    const { asked, views } = await homeOf(kind)
    expect(asked).toEqual([])
    expect(views).toHaveLength(1)
    expect(views[0]).not.toMatch(/incident open|Refresh/)
  },
)

test('that of a member shows the incidents at once, and then the targets', async () => {
  const { asked, views } = await homeOf('member')
  expect(asked).toContain('production')
  expect(views).toHaveLength(2)
  expect(views[0]).toMatch(/1 incident open/)
  expect(views[0]).not.toContain(LINK)
  expect(views[1]).toContain(`<${LINK}|Open its thread>`)
})

test('of several environments each is shown, and says which it is', async () => {
  const one = { targets: { kind: 'asking' as const } }
  const { blocks } = homeView([
    { environment: 'production', open: [incidentAfter(opened, declared)], ...one },
    { environment: 'staging', open: [], ...one },
  ])
  const texts = blocks.map((block) => JSON.stringify(block))
  const at = (text: string) => texts.findIndex((block) => block.includes(text))
  expect(at('Backout: production')).toBeLessThan(at('1 incident open'))
  expect(at('1 incident open')).toBeLessThan(at('Backout: staging'))
  expect(at('Backout: staging')).toBeLessThan(at('No incident is open'))
  expect(texts.filter((block) => block.includes('Refresh'))).toHaveLength(1)
})

test('an incident that this process cannot read is named, and it is not said that none is open', async () => {
  const { views } = await homeOf('member', ['20261201-ab12'])
  for (const shown of views) {
    expect(shown).toContain('1 incident open')
    expect(shown).toContain('Not shown:* 1 incident (20261201-ab12)')
  }
  const asking = { environment: 'p', targets: { kind: 'asking' as const }, open: [] }
  for (const others of [[], [{ ...asking, environment: 'staging' }]]) {
    const { blocks } = homeView([{ ...asking, unreadable: ['20261201-ab12'] }, ...others])
    const [ours] = JSON.stringify(blocks).split('staging')
    expect(ours).toContain('Not shown:* 1 incident (20261201-ab12)')
    expect(ours).not.toContain('No incident is open')
  }
})
