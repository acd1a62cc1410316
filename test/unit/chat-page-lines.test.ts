import { describe, expect, test } from 'vitest'
import { headline } from '../../src/chat/cards/headline.ts'
import { checklist } from '../../src/chat/cards/checklist.ts'
import { pageLines } from '../../src/chat/parts/page-lines.ts'
import { inUtc } from '../../src/chat/text/moments.ts'
import { callWords } from '../../src/chat/text/page-words.ts'
import { insideCodeBlock } from '../../src/chat/text/text.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { at, closed, declared, incidentAfter, opened, plan, proposed } from '../support/builders.ts'
import { approval, watchStarted, watchTurned } from '../support/plan-story.ts'

const critical = [opened, declared]
const page = { kind: 'page', key: 'declared:trigger:pagerduty' } as const
const claimed: Event = {
  type: 'outbox-claimed',
  ...page,
  to: { pager: 'pagerduty', deed: 'trigger', occasion: 'declared', since: at },
}
const delivered = (tells: boolean, link: string | null = null): Event => ({
  type: 'outbox-delivered',
  ...page,
  receipt: { acceptedAt: at, since: at, id: 'id', link, tells },
})
const because = 'PagerDuty at events.pagerduty.com answered HTTP 503'
const released: Event = { type: 'outbox-released', ...page, because }
const answered: Event = { type: 'page-acknowledged', key: page.key, by: 'Ana', at }

function lines(...events: readonly Event[]): readonly string[] {
  const incident = incidentAfter(...critical, ...events)
  return pageLines(incident, 'newest').map(({ mrkdwn }) => inUtc(mrkdwn))
}

test.each<[string, readonly Event[], RegExp]>([
  ['on its way', [claimed], /^\*Paged:\* being sent to PagerDuty since 03:12:09 UTC…$/],
  [
    'accepted, where it can be asked',
    [claimed, delivered(true)],
    /^\*Paged:\* accepted by PagerDuty 03:12:07 UTC, nobody has acknowledged$/,
  ],
  [
    'accepted, where it cannot',
    [claimed, delivered(false)],
    /, and Backout cannot see whether anybody has acknowledged there$/,
  ],
  [
    'somebody has it',
    [claimed, delivered(true), { type: 'lead-taken', by: 'U0BO' }],
    /, <@U0BO> has it since 03:12:11 UTC$/,
  ],
  [
    'acknowledged',
    [claimed, delivered(true), answered],
    /, acknowledged there by Ana 03:12:07 UTC$/,
  ],
  [
    'waiting',
    [claimed, released],
    /^\*Paged:\* not sent yet: PagerDuty at events\.pagerduty\.com answered HTTP 503 \(tried since 03:12:10 UTC\)\. Call by phone: `\/rollback contacts`$/,
  ],
  ['tried again', [claimed, released, claimed], /not sent yet: .*\(tried since 03:12:10 UTC\)/],
  [
    'not known',
    [claimed, { type: 'outbox-unknown', ...page, because: 'the answer was lost' }],
    /^\*Paged:\* not known whether it arrived: the answer was lost\. Call by phone: /,
  ],
  [
    'refused',
    [claimed, { type: 'outbox-refused', ...page, because: 'HTTP 401' }],
    /^\*Paged:\* refused: HTTP 401\. Call by phone: `\/rollback contacts`$/,
  ],
])('%s', (_, events, says) => {
  expect(lines(...events)).toEqual([expect.stringMatching(says)])
})

test('nothing is said where nobody was called, or it is over', () => {
  expect(lines()).toEqual([])
  expect(lines(claimed, delivered(true), closed)).toEqual([])
})

test('the headline speaks of the newest occasion, the thread of all that last', () => {
  const key = 'relapse-6:trigger:pagerduty' as const
  const again: Event = {
    type: 'outbox-claimed',
    kind: 'page',
    key,
    to: { pager: 'pagerduty', deed: 'trigger', occasion: 'relapse-6', since: at },
  }
  const bad = [claimed, delivered(true), watchStarted, watchTurned, again]
  expect(lines(...bad)).toEqual([expect.stringMatching(/^\*Paged, as production is bad again:\*/)])
  const all = pageLines(incidentAfter(...critical, ...bad), 'all').map(({ mrkdwn }) => mrkdwn)
  expect(all).toEqual([expect.stringMatching(/^\*Paged:\*/), expect.stringMatching(/bad again/)])
  expect(lines(...bad, { ...watchTurned, to: 'stable' } as Event)).toEqual([
    expect.stringMatching(/^\*Paged:\* accepted/),
  ])
})

test('what a pager could not be told is said, for it goes on calling', () => {
  const resolve = { kind: 'page', key: 'declared:resolve:pagerduty' } as const
  const to = { pager: 'pagerduty', deed: 'resolve', occasion: 'declared', since: at } as const
  const told = lines(
    claimed,
    delivered(true),
    closed,
    { type: 'outbox-claimed', ...resolve, to },
    { type: 'outbox-released', ...resolve, because },
  )
  expect(told).toEqual([
    `*Pager:* PagerDuty could not be told that it is over (the incident was declared): ${because}`,
  ])
})

test('opened again, an incident does not say that it calls for what was resolved', () => {
  const resolve = { kind: 'page', key: 'declared:resolve:pagerduty' } as const
  const to = { pager: 'pagerduty', deed: 'resolve', occasion: 'declared', since: at } as const
  const receipt = { acceptedAt: at, since: at, id: 'id', link: null, tells: false }
  const told = lines(
    claimed,
    delivered(true),
    closed,
    { type: 'outbox-claimed', ...resolve, to },
    { type: 'outbox-delivered', ...resolve, receipt },
    { type: 'incident-reopened', by: 'U0BO' },
  )
  expect(told).toEqual([])
})

test('only a plain web address becomes a link', () => {
  expect(lines(claimed, delivered(true, 'https://x.pagerduty.com/incidents/P1'))[0]).toContain(
    '<https://x.pagerduty.com/incidents/P1|PagerDuty>',
  )
  for (const link of ['javascript:alert(1)', 'https://x|<!channel>', 'https://x y']) {
    expect(lines(claimed, delivered(true, link))[0]).toContain('accepted by PagerDuty ')
  }
})

test('nobody’s words become markup', () => {
  const by = '<!channel> *bold* `code`'
  const [line] = lines(claimed, delivered(true), { ...answered, by })
  expect(line).toContain('&lt;!channel&gt; *\u200Bbold*\u200B ˋcodeˋ')
})

describe('the cards', () => {
  const incident = incidentAfter(...critical, claimed, delivered(true))

  test('the headline says it', () => {
    expect(JSON.stringify(headline(incident, 'production', approval))).toContain(
      'nobody has acknowledged',
    )
  })

  test('on the checklist, accepted is not alerted: a person ticks it', () => {
    const contacts = { onCall: [], support: [], channels: [] }
    const said = JSON.stringify(checklist(incident, contacts, 'production').blocks)
    expect(said).toMatch(
      /⬜ Alert on-call: accepted by PagerDuty [^"]*nobody has acknowledged\. Tick it once somebody has answered\./,
    )
    expect(said).toMatch(/"action_id":"[^"]*tick/)
    const ticked = incidentAfter(...critical, claimed, delivered(true), {
      type: 'item-ticked',
      item: 'on-call-alerted',
      by: 'U0BO',
    })
    expect(JSON.stringify(checklist(ticked, contacts, 'production').blocks)).toMatch(
      /✅ Alert on-call: <@U0BO>/,
    )
  })
})

describe('what a phone says', () => {
  const said = (title: string) => {
    const event = { ...declared, title } as Event
    return callWords(incidentAfter(opened, event), 'declared', 'production')
  }

  test('what is, what it is about, and what to do', () => {
    expect(said('5xx 62 %')).toEqual({
      summary: 'production: 5xx 62 %',
      detail:
        'Incident i-1 in production, severity critical: 5xx 62 %\nPress "I have it" in the incident\'s thread in Slack.',
      severity: 'critical',
    })
  })

  test('a relapse is critical, whatever it was declared as, and missing signatures name the plan', () => {
    const low = [opened, { ...declared, severity: 'low' } as Event, ...proposed(plan())]
    const incident = incidentAfter(...low)
    expect(callWords(incident, 'relapse-9', 'production')).toMatchObject({
      summary: 'production is bad again: 5xx above 50 %',
      severity: 'critical',
    })
    expect(callWords(incident, 'signatures-1', 'production')).toMatchObject({
      summary: 'production: plan 1 lacks signatures: backend back to v1.9.0',
      severity: 'low',
    })
  })

  test('hostile titles are one short line, without secrets', () => {
    const token = `xoxb-${'1'.repeat(12)}-${'a'.repeat(24)}`
    const { summary, detail } = said(
      `down\u0000\u001b[2J\r\n\u202E ${token} ${'outage '.repeat(150_000)}`,
    )
    expect(summary.length).toBeLessThan(230)
    expect(insideCodeBlock(summary)).toBe(summary)
    expect(summary).not.toContain('\n')
    expect(summary + detail).not.toContain(token)
  })
})
