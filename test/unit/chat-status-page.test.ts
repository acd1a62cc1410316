import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { statusPageCard } from '../../src/chat/cards/status-page-card.ts'
import { statusPost } from '../../src/chat/cards/status-post.ts'
import { inUtc } from '../../src/chat/text/moments.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import type { StatusStage } from '../../src/domain/incident/status-page.ts'
import { StatusPost } from '../../src/domain/outbox/status-post.ts'
import {
  assessment,
  declared,
  incidentAfter,
  measurement,
  opened,
  proposed,
  requested,
} from '../support/builders.ts'
import { livedIncident } from '../support/lived-incident.ts'
import { pressable } from '../support/pressable.ts'
import { assertWithinLimits, renderedIn } from '../support/slack-limits.ts'
import { drafted, post, postSettings } from '../support/status-posts.ts'

const story: Event[] = [opened, requested, declared]
const stage = 'investigating' as const
const publishing: Event = { type: 'status-publishing', stage, by: 'U0BO', post: post() }
const sent = { kind: 'status-post', key: stage } as const
const claimed: Event = { type: 'outbox-claimed', ...sent, to: post() }
const because = 'it refuses this (HTTP 422): <https://evil.example|here>'
const waits: Event = { type: 'outbox-released', ...sent, because }
const unknown: Event = { type: 'outbox-unknown', ...sent, because }
const notTaken: Event = { type: 'outbox-refused', ...sent, because }
const delivered = (link: string | null): Event => ({
  type: 'outbox-delivered',
  ...sent,
  receipt: { id: 'p-1', link, at: '2026-11-22T03:12:07.000Z' },
})

function shown(...events: Event[]) {
  const card = statusPageCard(incidentAfter(...story, ...events), {
    environment: 'production',
    drafted,
  })
  assertWithinLimits(card)
  const text = renderedIn(inUtc(card)).map((one) => one.text)
  return { text: text.join('\n'), spoken: card.text, buttons: pressable(card) }
}

describe('the card of a status page that Backout publishes on', () => {
  test.each<[string, readonly Event[], RegExp, readonly string[]]>([
    [
      'a draft',
      [],
      /\*Issue affecting backend\*\nStatus: investigating, impact: critical\nMarked there: backend: major outage\n```Investigating an Issue[^]*A draft\. Publish puts exactly this on the status page\./,
      ['Publish', 'Edit', 'Skip'],
    ],
    ['on its way', [publishing], /⏳ \*It is being published\.\* <@U0BO> pressed Publish at/, []],
    [
      'on its way again',
      [publishing, claimed, waits, claimed],
      /It could not be sent before: it refuses this/,
      [],
    ],
    [
      'one that waits',
      [publishing, claimed, waits],
      /⏳ \*It could not be published yet:\*.*, since 03:12:1\d UTC\..*\nIt is tried again by itself/,
      ['I have published it', 'Skip'],
    ],
    [
      'one that was refused',
      [publishing, claimed, notTaken],
      /🚫 \*Not published:\*.*\nNext: remove the cause, then press Publish again/,
      ['Publish again', 'I have published it', 'Edit', 'Skip'],
    ],
    [
      'one that is not known to be there',
      [publishing, claimed, unknown],
      /❓ \*Whether it is published is not known:\*.*\nNext: look at the status page/,
      ['It is there', 'Publish again', 'Edit'],
    ],
    [
      'one that is there',
      [publishing, claimed, delivered('https://status.example/1')],
      /published by <@U0BO> at 03:12:1\d UTC\. <https:\/\/status\.example\/1\|Read it on the status page>\.\n```We are investigating\.```/,
      [],
    ],
    [
      'one that is there, of which the page says no address',
      [publishing, claimed, delivered(null)],
      /published by <@U0BO> at 03:12:1\d UTC\.\n```We are/,
      [],
    ],
  ])('%s', (_, events, text, buttons) => {
    const card = shown(...events)
    expect(card.text).toMatch(text)
    expect(card.buttons).toEqual(buttons)
    expect(card.text).not.toContain('<https://evil')
    expect(card.spoken).toMatch(/^Status page, investigating: [^<]+\.$/)
  })

  test('one card moves on, and says what has become of what was sent before', () => {
    const later = shown(publishing, claimed, waits, ...proposed())
    expect(later.text).toContain('Before, investigating: could not be published yet, and is tried')
    expect(later.buttons).toEqual(['Publish', 'Edit', 'Skip'])
  })
})

describe('what would be published', () => {
  const of = (at: StatusStage, ...events: Event[]) =>
    statusPost(at, incidentAfter(...story, ...events), postSettings)

  test('is what the page can take, whatever happened and whoever typed', () => {
    fc.assert(
      fc.property(livedIncident, (incident) => {
        for (const at of ['investigating', 'identified', 'rolling-back', 'resolved'] as const) {
          expect(StatusPost.safeParse(statusPost(at, incident, postSettings)).success).toBe(true)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('has one word for two stages, where the page knows no other', () => {
    expect(of('identified').status).toBe('identified')
    expect(of('rolling-back').status).toBe('identified')
  })

  test('tells how bad it is where that is known, and else lets the page decide', () => {
    expect(of('investigating')).toMatchObject({
      impact: 'critical',
      components: [{ state: 'major_outage' }],
    })
    const nobodyKnows: Event = { ...declared, severity: null } as Event
    const unclear = statusPost('investigating', incidentAfter(opened, nobodyKnows), postSettings)
    expect(unclear).toMatchObject({ impact: null, components: [{ state: 'partial_outage' }] })
  })

  test('names no title that was written for colleagues', () => {
    const named: Event = { ...declared, title: 'ACME lost its data', services: [] } as Event
    const { title, body } = statusPost('investigating', incidentAfter(opened, named), postSettings)
    expect(title).toBe('Issue affecting some users')
    expect(body).not.toContain('ACME')
  })

  test('brings back what was marked before, also where nobody names it any more', () => {
    const nameless: Event = { ...declared, services: [] } as Event
    const marked = incidentAfter(opened, nameless, publishing)
    const { components } = statusPost('resolved', marked, postSettings)
    expect(components).toEqual([{ service: 'backend', id: 'c-backend', state: 'major_outage' }])
  })

  test('is plain text, and what a person wrote is taken as it is', () => {
    expect(of('investigating').body).not.toMatch(/[*#`]/)
    const edited: Event = { type: 'status-draft-edited', stage, by: 'U0BO', text: 'We *know*.' }
    expect(of('investigating', edited).body).toBe('We *know*.')
  })

  test('tells how many were active at the worst, where that was measured', () => {
    const users = (summary: string, kind: 'value' | 'no-data' = 'value'): Event => ({
      type: 'assessment-taken',
      assessment: assessment({
        measurements: [measurement({ probe: 'active-users-near-baseline', class: kind, summary })],
      }),
    })
    const again: Event = { type: 'assessment-requested', by: 'U0ANA' }
    const line = (...events: Event[]) =>
      /^- Affected users: .*$/m.exec(of('resolved', ...events).body)?.[0]
    const fell = users('310 active users, usually 1000 (-69 %)')
    expect(line(fell)).toBe('- Affected users: 310 were active at the worst, usually 1000')
    expect(line(fell, again, users('990 active users, usually 1000 (-1 %)'))).toContain('310 were')
    expect(line(users('1010 active users, usually 1000 (1 %)'))).toContain('not yet determined')
    expect(line(users('310 active users, and no baseline', 'no-data'))).toContain('not yet')
  })
})
