import { describe, expect, test } from 'vitest'
import type { Event } from '../../../src/domain/incident/event.ts'
import { pagesOwed, unansweredPages, type PagingRules } from '../../../src/domain/incident/pages.ts'
import { PagingSettings } from '../../../src/domain/incident/paging-settings.ts'
import { pageKey, pageOfKey, type PageKey } from '../../../src/domain/outbox/page.ts'
import { at, atMs, closed, declared, incidentAfter, opened } from '../../support/builders.ts'
import {
  after,
  planApproved,
  planProposed,
  planRequested,
  planVoided,
  runStarted,
  watchStarted,
  watchTurned,
} from '../../support/plan-story.ts'

function rules(occasions: object = {}, pagers: PagingRules['pagers'] = [PD]): PagingRules {
  return { pagers, occasions: PagingSettings.parse({ occasions }).occasions }
}

const PD = { name: 'pagerduty', takesAcknowledgement: true } as const
const HOOK = { name: 'webhook', takesAcknowledgement: false } as const

const critical = [opened, declared]

function owed(history: readonly Event[], by = rules()): readonly string[] {
  return pagesOwed(incidentAfter(...history), by).map(({ key }) => key)
}

function claimed(key: PageKey): Event {
  const page = pageOfKey(key)
  if (!page) throw new Error(key)
  const { pager, deed, occasion } = page
  return {
    type: 'outbox-claimed',
    kind: 'page',
    key,
    to: { pager, deed, occasion, since: at },
  }
}

function accepted(key: PageKey, tells = true): Event[] {
  const receipt = { acceptedAt: at, since: at, id: 'x', link: null, tells }
  return [claimed(key), { type: 'outbox-delivered', kind: 'page', key, receipt }]
}

function waiting(key: PageKey): Event[] {
  return [claimed(key), { type: 'outbox-released', kind: 'page', key, because: 'HTTP 503' }]
}

function lost(key: PageKey): Event[] {
  return [claimed(key), { type: 'outbox-unknown', kind: 'page', key, because: 'no answer' }]
}

function refusedFor(key: PageKey): Event[] {
  return [claimed(key), { type: 'outbox-refused', kind: 'page', key, because: 'HTTP 401' }]
}

const CALL = 'declared:trigger:pagerduty'
const lead: Event = { type: 'lead-taken', by: 'U0BO' }
const stable: Event = { ...watchTurned, to: 'stable' } as Event
const missing = (call: number): Event => ({ type: 'signatures-missing', plan: 1, call })
const asked = [...critical, planRequested(), planProposed()]

describe('somebody is called', () => {
  test('for an incident that is as bad as the settings say, by every pager', () => {
    expect(owed(critical)).toEqual([CALL])
    expect(owed(critical, rules({}, [PD, HOOK]))).toEqual([CALL, 'declared:trigger:webhook'])
    expect(owed(critical, rules({}, []))).toEqual([])
  })

  test.each([
    ['critical', 'high', false],
    ['high', 'high', true],
    ['medium', 'critical', true],
    ['never', 'critical', false],
    ['low', null, false],
  ] as const)('from %s on: severity %s: %s', (least, severity, calls) => {
    const history = [opened, { ...declared, severity } as Event]
    expect(owed(history, rules({ declared: least }))).toEqual(calls ? [CALL] : [])
  })

  test('for nothing that is not declared, or is closed', () => {
    expect(owed([opened])).toEqual([])
    expect(owed([...critical, closed])).toEqual([])
  })

  test('for a relapse, by a key of its own, and again only once it was well or something was done', () => {
    const quiet = rules({ declared: 'never' })
    const bad = [...critical, watchStarted, watchTurned]
    expect(owed(bad, quiet)).toEqual(['relapse-4:trigger:pagerduty'])
    const blind: Event = { ...watchTurned, to: 'blind' } as Event
    expect(owed([...bad, blind, watchTurned], quiet)).toEqual(['relapse-4:trigger:pagerduty'])
    expect(owed([...bad, stable], quiet)).toEqual([])
    expect(owed([...bad, stable, watchTurned], quiet)).toEqual(['relapse-6:trigger:pagerduty'])
    expect(owed(bad, rules({ declared: 'never', relapse: false }))).toEqual([])
  })

  test('for signatures with the call that the settings name, once, until they are there', () => {
    const quiet = rules({ declared: 'never' })
    expect(owed([...asked, missing(1)], quiet)).toEqual([])
    const called = [...asked, missing(1), missing(2)]
    expect(owed(called, quiet)).toEqual(['signatures-1:trigger:pagerduty'])
    expect(owed([...called, missing(3)], quiet)).toEqual(['signatures-1:trigger:pagerduty'])
    expect(owed([...called, planApproved('U0BO', 'bo')], quiet)).toHaveLength(1)
    const signed = [...called, planApproved('U0BO', 'bo'), planApproved('U0CY', 'cy')]
    expect(owed(signed, quiet)).toEqual([])
    expect(owed([...signed, runStarted], quiet)).toEqual([])
    expect(owed([...called, planVoided], quiet)).toEqual([])
    expect(
      owed([...asked, missing(1)], rules({ declared: 'never', signatureMissing: 1 })),
    ).toHaveLength(1)
    expect(owed(called, rules({ declared: 'never', signatureMissing: 0 }))).toEqual([])
  })
})

describe('what follows a call', () => {
  test('it is tried while its occasion lasts, and no longer', () => {
    expect(owed([...critical, ...waiting(CALL)])).toEqual([CALL])
    expect(owed([...critical, ...waiting(CALL), closed])).toEqual([])
  })

  test('one that is on its way comes to an end, whatever happens meanwhile', () => {
    expect(owed([...critical, claimed(CALL), closed])).toEqual([CALL])
  })

  test('one that was refused is over', () => {
    expect(owed([...critical, ...refusedFor(CALL), closed])).toEqual([])
  })

  test('somebody has it: that is told, of calls of before, and to who can be told', () => {
    const ack = 'declared:acknowledge:pagerduty'
    expect(owed([...critical, ...accepted(CALL), lead])).toEqual([ack])
    expect(owed([...critical, ...lost(CALL), lead])).toEqual([ack])
    const hook = rules({}, [HOOK])
    expect(owed([...critical, ...accepted('declared:trigger:webhook'), lead], hook)).toEqual([])
    // Whoever led before it became bad again has not said so since.
    const bad = [...critical, ...accepted(CALL), lead, watchStarted, watchTurned]
    expect(owed(bad)).toEqual([ack, 'relapse-7:trigger:pagerduty'])
    const acknowledged: Event = { type: 'page-acknowledged', key: CALL, by: 'Ana', at }
    expect(owed([...critical, ...accepted(CALL), acknowledged, lead])).toEqual([])
  })

  test('it is over when its occasion is, and all are when the incident is closed', () => {
    const bad = [...critical, ...accepted(CALL), watchStarted, watchTurned]
    const called = [...bad, ...accepted('relapse-6:trigger:pagerduty')]
    expect(owed(called)).toEqual([])
    expect(owed([...called, stable])).toEqual(['relapse-6:resolve:pagerduty'])
    expect(owed([...called, closed])).toEqual([
      'declared:resolve:pagerduty',
      'relapse-6:resolve:pagerduty',
    ])
    expect(owed([...critical, ...lost(CALL), closed])).toEqual(['declared:resolve:pagerduty'])
  })

  test('what was called for is resolved too when the settings of now would not call for it', () => {
    const called = [...critical, ...accepted(CALL)]
    expect(owed(called, rules({ declared: 'never' }))).toEqual([])
    expect(owed([...called, closed], rules({ declared: 'never' }))).toEqual([
      'declared:resolve:pagerduty',
    ])
  })

  test('is asked about as long as nobody is known to have it, and for two hours', () => {
    const called = [...critical, ...accepted(CALL)]
    const unanswered = (history: readonly Event[], laterMs = 0) =>
      unansweredPages(incidentAfter(...history), atMs + laterMs)
    expect(unanswered(called)).toEqual([CALL])
    expect(unanswered([...critical, ...accepted(CALL, false)])).toEqual([])
    expect(unanswered([...critical, ...waiting(CALL)])).toEqual([])
    expect(unanswered([...called, lead])).toEqual([])
    expect(unanswered([...called, closed])).toEqual([])
    expect(unanswered([...called, { type: 'page-acknowledged', key: CALL, by: null, at }])).toEqual(
      [],
    )
    expect(unanswered(called, 2 * 60 * 60_000)).toEqual([])
  })
})

test('each key is read back as what it was made of, and nothing else is a key', () => {
  const parts = {
    occasion: 'relapse-47',
    deed: 'resolve',
    pager: 'jira-service-management',
  } as const
  expect(pageOfKey(pageKey(parts))).toEqual(parts)
  for (const key of [
    '',
    'declared',
    'declared:call:pagerduty',
    'relapse-x:trigger:pagerduty',
    'on-call',
  ]) {
    expect(pageOfKey(key), key).toBeNull()
  }
})

test('nobody can have answered a call that was not made, or twice', () => {
  const acknowledged: Event = { type: 'page-acknowledged', key: CALL, by: 'Ana', at }
  const called = [...critical, ...accepted(CALL)]
  expect(() => after(critical, acknowledged)).toThrow('nobody was called')
  expect(() => after(called, acknowledged, acknowledged)).toThrow('twice')
  expect(after(called, acknowledged).pagesAcknowledged).toEqual({ [CALL]: { by: 'Ana', at } })
})

test('people read in the timeline what came of a call, and nothing of what else is sent', () => {
  const { timeline } = after([
    ...critical,
    ...accepted(CALL),
    ...waiting('declared:resolve:pagerduty'),
    { type: 'page-acknowledged', key: CALL, by: 'Ana', at },
  ])
  expect(timeline.map(({ event }) => event.type)).toEqual([
    'incident-opened',
    'incident-declared',
    'outbox-delivered',
    'page-acknowledged',
  ])
})
