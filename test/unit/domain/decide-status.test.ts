import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/domain/incident/decide.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import type { Intent } from '../../../src/domain/incident/intent.ts'
import { nextAction } from '../../../src/domain/incident/next-action.ts'
import { idOnPage, owedPosts } from '../../../src/domain/incident/publication.ts'
import { ApprovalSettings, type Signer } from '../../../src/domain/plan/gate.ts'
import { atMs, declared, incidentAfter, opened, received } from '../../support/builders.ts'
import { APPROVER, asked, planProposed } from '../../support/plan-story.ts'
import { post } from '../../support/status-posts.ts'

const approval = ApprovalSettings.parse({ users: ['U0BO'] })
const bo: Signer = { id: 'U0BO', kind: 'member', human: 'bo', roles: APPROVER, publishes: true }
const digest = 'a'.repeat(32)
const drafted = { post: post(), digest }
const stage = 'investigating' as const

const publishing: Event = { type: 'status-publishing', stage, by: 'U0BO', post: post() }
const sent = { kind: 'status-post', key: stage } as const
const claimed: Event = { type: 'outbox-claimed', ...sent, to: post() }
const waits: Event = { type: 'outbox-released', ...sent, because: 'it is away' }
const unknown: Event = { type: 'outbox-unknown', ...sent, because: 'no answer' }
const notTaken: Event = { type: 'outbox-refused', ...sent, because: 'no such page' }
const there: Event = {
  type: 'outbox-delivered',
  ...sent,
  receipt: { id: 'p-1', link: null, at: '2026-11-22T03:12:07.000Z' },
}
const skippedByCy: Event = { type: 'status-decided', stage, by: 'U0CY', decision: 'skipped' }

const before = [opened, declared]

function wanted(
  history: readonly Event[],
  intent: Intent,
  changes: { person?: Signer; drafted?: typeof drafted | null } = {},
) {
  const context = {
    nowMs: atMs,
    impossible: null,
    watchHours: 0,
    approval,
    environment: 'production',
  }
  const decision = decide(
    incidentAfter(...history),
    { ...received(intent), by: 'U0BO' },
    { person: bo, drafted, headlineChannel: 'C0', ...context, ...changes },
  )
  return decision.kind === 'refused' ? decision.reason : decision.events.map(({ type }) => type)
}

const publish: Intent = { kind: 'publish-status', stage, digest }
const edit: Intent = { kind: 'edit-status', stage, text: 'We look.' }
const published: Intent = { kind: 'decide-status', stage, decision: 'published' }
const skip: Intent = { kind: 'decide-status', stage, decision: 'skipped' }

describe('publishing', () => {
  test.each<[string, readonly Event[], string | readonly string[]]>([
    ['a draft that nobody has answered', [], ['status-publishing']],
    ['what is on its way', [publishing], 'status-under-way'],
    ['what is being sent', [publishing, claimed], 'status-under-way'],
    ['what waits', [publishing, claimed, waits], 'status-under-way'],
    ['what is there', [publishing, claimed, there], 'status-decided'],
    ['what was refused', [publishing, claimed, notTaken], ['status-publishing']],
    ['what may be there', [publishing, claimed, unknown], ['status-publishing']],
    ['what was skipped', [skippedByCy], 'status-decided'],
  ])('%s', (_, more, answer) => {
    expect(wanted([...before, ...more], publish)).toEqual(answer)
  })

  test('what is over is refused: the card has moved on', () => {
    expect(wanted([...asked, planProposed()], publish)).toBe('stale-card')
    const identified: Intent = { kind: 'publish-status', stage: 'identified', digest }
    expect(wanted([...asked, planProposed()], identified)).toEqual(['status-publishing'])
    expect(wanted(before, identified)).toBe('stale-card')
  })

  test.each<[string, Parameters<typeof wanted>[2], string]>([
    ['by somebody who may not', { person: { ...bo, publishes: false } }, 'not-a-publisher'],
    [
      'by somebody of whom Slack says nothing',
      { person: { ...bo, publishes: 'unknown' } },
      'rights-unknown',
    ],
    ['by a guest', { person: { ...bo, kind: 'guest' } }, 'guest'],
    ['without a status page', { drafted: null }, 'no-status-page'],
    ['of another text', { drafted: { ...drafted, digest: 'b'.repeat(32) } }, 'status-changed'],
  ])('%s is refused', (_, changes, reason) => {
    expect(wanted(before, publish, changes)).toBe(reason)
  })

  test('nobody of whom it was not asked may', () => {
    const { publishes: _, ...nobody } = bo
    expect(wanted(before, publish, { person: nobody })).toBe('rights-unknown')
  })
})

describe('what else people say', () => {
  test.each<[string, readonly Event[], Intent, string | readonly string[]]>([
    ['edited while it is on its way', [publishing], edit, 'status-under-way'],
    ['edited while it waits', [publishing, claimed, waits], edit, 'status-under-way'],
    ['edited after it was refused', [publishing, claimed, notTaken], edit, ['status-draft-edited']],
    ['said to be there', [publishing, claimed, unknown], published, ['status-decided']],
    [
      'published by hand while it waits',
      [publishing, claimed, waits],
      published,
      ['status-decided'],
    ],
    ['said to be there while it is sent', [publishing, claimed], published, 'status-under-way'],
    ['skipped while it waits', [publishing, claimed, waits], skip, ['status-decided']],
    ['skipped although it may be there', [publishing, claimed, unknown], skip, 'stale-card'],
  ])('%s', (_, more, intent, answer) => {
    expect(wanted([...before, ...more], intent)).toEqual(answer)
  })
})

describe('what the page is owed', () => {
  const identified: Event[] = [...asked.slice(2), planProposed()]
  const second: Event = {
    type: 'status-publishing',
    stage: 'identified',
    by: 'U0BO',
    post: post({ stage: 'identified' }),
  }
  const owed = (...more: Event[]) =>
    owedPosts(incidentAfter(...before, ...more)).map(({ key }) => key)

  test('comes in order: a later one waits for the one before it', () => {
    expect(owed()).toEqual([])
    expect(owed(publishing)).toEqual(['investigating'])
    expect(owed(publishing, ...identified, second)).toEqual(['investigating'])
    expect(owed(publishing, claimed, waits, ...identified, second)).toEqual(['investigating'])
    const both = ['investigating', 'identified']
    expect(owed(publishing, claimed, there, ...identified, second)).toEqual(both)
    // What does not come any more is not waited for.
    expect(owed(publishing, claimed, notTaken, ...identified, second)).toEqual(both)
    expect(owed(publishing, claimed, unknown, ...identified, second)).toEqual(both)
  })

  test('is not what somebody has dropped meanwhile', () => {
    expect(owed(publishing, claimed, waits, skippedByCy, ...identified, second)).toEqual([
      'identified',
    ])
  })

  test('has another name when it is published again', () => {
    expect(owed(publishing, claimed, notTaken, publishing)).toEqual([
      'investigating',
      'investigating/2',
    ])
  })

  test('goes where the page has put what came before', () => {
    expect(idOnPage(incidentAfter(...before, publishing, claimed))).toBeNull()
    expect(idOnPage(incidentAfter(...before, publishing, claimed, there))).toBe('p-1')
  })

  test('is what is there, also where somebody has said otherwise', () => {
    const { statusPage } = incidentAfter(
      ...before,
      publishing,
      claimed,
      waits,
      skippedByCy,
      claimed,
      there,
    )
    expect(statusPage.investigating?.decided).toMatchObject({ decision: 'published', by: 'U0BO' })
  })
})

describe('a draft that nobody answers', () => {
  const MINUTE_MS = 60_000
  const rules = { approval, evidenceDeadlineMs: 0, watchHours: 0, statusOverdueMs: 15 * MINUTE_MS }
  const due = (history: readonly Event[], laterMs: number, changes = {}) => {
    const action = nextAction(incidentAfter(...history), atMs + laterMs, { ...rules, ...changes })
    return action.kind === 'record' ? action.events : []
  }
  const overdue = (of: string) => ({ type: 'status-overdue', stage: of })

  test('is overdue after its time, once', () => {
    expect(due(before, 15 * MINUTE_MS)).toEqual([])
    expect(due(before, 16 * MINUTE_MS)).toEqual([overdue('investigating')])
    const told: Event = { type: 'status-overdue', stage }
    expect(due([...before, told], 60 * MINUTE_MS)).toEqual([])
    expect(due(before, 60 * MINUTE_MS, { statusOverdueMs: undefined })).toEqual([])
  })

  test('is not overdue once it is answered, on its way, or over', () => {
    expect(due([...before, skippedByCy], 60 * MINUTE_MS)).toEqual([])
    expect(due([...before, publishing], 60 * MINUTE_MS)).toEqual([])
    expect(due([...before, publishing, claimed, waits], 60 * MINUTE_MS)).toEqual([])
    expect(due([...before, publishing, claimed, notTaken], 60 * MINUTE_MS)).toEqual([
      overdue('investigating'),
    ])
    expect(due([...asked, planProposed()], 20 * MINUTE_MS)).toContainEqual(overdue('identified'))
    expect(due([...asked, planProposed()], 20 * MINUTE_MS)).not.toContainEqual(
      overdue('investigating'),
    )
  })
})
