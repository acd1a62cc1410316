import { describe, expect, test } from 'vitest'
import {
  alertDelivery,
  deliveriesOf,
  roundTold,
  tellsNewerFiring,
  type Alert,
} from '../../../src/domain/alert/alert.ts'
import {
  considerAlerts,
  MOST_CONSIDERED,
  MOST_ENDED,
} from '../../../src/domain/alert/consider-alerts.ts'
import { alertNoted } from '../../../src/domain/alert/noted-alerts.ts'
import { newestTaking, openedInStorm, takesAlerts } from '../../../src/domain/alert/route-alerts.ts'
import { AlertSettings } from '../../../src/domain/alert/settings.ts'
import { declaredFromAssessment } from '../../../src/domain/incident/declaration.ts'
import { decide } from '../../../src/domain/incident/decide.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { newIncident, type Incident } from '../../../src/domain/incident/incident.ts'
import { ApprovalSettings } from '../../../src/domain/plan/gate.ts'
import { NO_ROLES_ASKED } from '../../../src/domain/plan/gate.ts'
import { alert, ended, group, minutesLater } from '../../support/alerts.ts'
import {
  atMs,
  closed,
  declared,
  incidentAfter,
  opened,
  received,
  requested,
} from '../../support/builders.ts'

const settings = AlertSettings.parse({})

describe('of a notification', () => {
  test('the order in which it lists its alerts does not matter', () => {
    const alerts = [
      alert('C'),
      ended('A'),
      alert('W', { severity: 'warning', startsAt: minutesLater(-9) }),
      alert('B'),
      alert('D', { startsAt: minutesLater(-1) }),
    ]
    const one = considerAlerts({ alerts, truncated: 0 }, settings)
    const other = considerAlerts({ alerts: alerts.toReversed(), truncated: 0 }, settings)
    expect(one).toEqual(other)
    expect(one.alerts.map(({ name }) => name)).toEqual(['D', 'B', 'C', 'W', 'A'])
  })

  test('an alert that is listed twice is one', () => {
    const { alerts, more, ignored } = considerAlerts(group('A', 'A'), settings)
    expect({ names: alerts.length, more, ignored }).toEqual({ names: 1, more: 0, ignored: 0 })
  })

  test('what is too much is counted, and what has ended is not counted as firing', () => {
    const firing = Array.from({ length: MOST_CONSIDERED + 3 }, (_, at) => alert(`A${at}`))
    const over = Array.from({ length: MOST_ENDED + 1 }, (_, at) => ended(`Z${at}`))
    const told = { alerts: [...firing, ...over], truncated: 10 }
    const { alerts, more } = considerAlerts(told, settings)
    const states = alerts.map(({ state }) => state)
    expect({
      firing: states.filter((state) => state === 'firing').length,
      ended: states.filter((state) => state === 'ended').length,
      more,
    }).toEqual({ firing: MOST_CONSIDERED, ended: MOST_ENDED, more: 13 })
  })

  test.each([
    [{ ignoreNames: ['A'] }, ['B']],
    [{ ignoreSeverities: ['CRITICAL'] }, []],
    [{ ignoreNames: [], ignoreSeverities: [] }, ['A', 'B']],
  ])('settings %j leave %j', (changes, names) => {
    const { alerts } = considerAlerts(group('A', 'B'), AlertSettings.parse(changes))
    expect(alerts.map(({ name }) => name)).toEqual(names)
  })
})

test('what is kept of an alert is bounded, is whole, and has no credentials in it', () => {
  const long = '\u{1F6A8}'.repeat(2_000)
  const secret = 'hunter2hunter2'
  const written = alert(long, {
    severity: long,
    summary: `password=${secret}`,
    links: {
      source: `https://ana:${secret}@prometheus.example/graph`,
      runbook: long,
      alertmanager: '',
    },
  })
  const [kept] = considerAlerts(group(written), settings).alerts
  expect(kept).toMatchObject({ links: { alertmanager: null }, startsAt: written.startsAt })
  const lengths = [kept?.name, kept?.severity, kept?.links.runbook].map((text) => text?.length)
  expect(lengths).toEqual([79, 39, 299])
  expect(kept?.name.isWellFormed()).toBe(true)
  expect(JSON.stringify(kept)).not.toContain(secret)
  expect(kept?.links.source).toContain('prometheus.example')
})

test('a delivery is the same for the same firing, and another one for its end and the next firing', () => {
  const keys = [alert('A'), ended('A'), alert('A', { startsAt: minutesLater(1) }), alert('B')].map(
    alertDelivery,
  )
  expect(new Set(keys).size).toBe(4)
  expect(alertDelivery(alert('A', { summary: 'other words' }))).toBe(keys[0])
  expect(keys.filter((key) => key.startsWith(deliveriesOf('fp-A')))).toHaveLength(3)
})

test.each([
  [alert('A', { startsAt: minutesLater(1) }), true],
  [alert('A'), true],
  [alert('A', { startsAt: minutesLater(-1) }), false],
  [ended('A'), false],
])('whether %j is a firing as new as the one that is told', (there, expected) => {
  expect(tellsNewerFiring(alertDelivery(there), alert('A'))).toBe(expected)
})

describe('which round of a firing is told', () => {
  const [firing, over] = [alertDelivery(alert('A')), alertDelivery(ended('A'))]
  const kept = (...all: (readonly [string, number])[]) =>
    all.map(([delivery, minute]) => ({ delivery, at: minutesLater(minute) }))
  const once = kept([firing, 0], [over, 5])
  const twice = [...once, ...kept([`${firing}:1`, 8])]
  const rounds = Array.from({ length: 9 }, (_, at) => `:${at + 1}`)
  const often = [
    ...once,
    ...rounds.flatMap((round) => kept([firing + round, 6], [over + round, 7])),
  ]
  const newer = alertDelivery(alert('A', { startsAt: minutesLater(6) }))
  test.each<[string, Alert, ReturnType<typeof kept>, number | null]>([
    ['the first', alert('A'), [], 0],
    ['none, while it fires', alert('A'), kept([firing, 0]), null],
    ['none, of who is late', alert('A'), kept([firing, 0], [over, 8]), null],
    ['the next, some minutes after its end', alert('A'), once, 1],
    ['none, while it fires on', alert('A'), twice, null],
    ['the one after', alert('A'), [...twice, ...kept([`${over}:1`, 7])], 2],
    ['none, where it has fired anew since', alert('A'), [...once, ...kept([newer, 6])], null],
    ['none, after nine', alert('A'), often, null],
    ['the end of the first', ended('A'), kept([firing, 0]), 0],
    ['no second end', ended('A', minutesLater(9)), once, null],
    ['the end of the next', ended('A', minutesLater(9)), twice, 1],
    ['none, where its end is that of the first', ended('A', minutesLater(5)), twice, null],
  ])('%s', (_what, told, before, round) => {
    expect(roundTold(told, before, Date.parse(minutesLater(10)))).toBe(round)
  })

  test('and in the order of deliveries the newest round is the last', () => {
    const inOrder = [firing, ...rounds.map((round) => firing + round)]
    expect(inOrder.toSorted()).toEqual(inOrder)
  })
})

const fired = (told: Alert, more: object = {}): Event => {
  return { type: 'alert-fired', by: `alert:${told.name}`, alert: told, ...more }
}
const types = (incident: Incident, told: Alert, over?: true) =>
  alertNoted(
    incident,
    'alert:A',
    { kind: 'note-alert', alert: told, ...(over && { over }) },
    [],
  ).map(({ type }) => type)

describe('what an alert brings about', () => {
  const fires = incidentAfter(opened, fired(alert('A')))
  const again = alert('A', { startsAt: minutesLater(10) })
  const over = incidentAfter(opened, fired(alert('A')), {
    type: 'alert-ended',
    by: 'alert:A',
    alert: ended('A'),
  })
  test.each<[string, Incident, Alert, readonly string[]]>([
    ['fires first', incidentAfter(opened), alert('A'), ['alert-fired', 'assessment-requested']],
    ['fires still', fires, alert('A'), []],
    ['fires since earlier', fires, alert('A', { startsAt: minutesLater(-1) }), []],
    [
      'fires anew, and nobody said that it had ended',
      fires,
      again,
      ['alert-fired', 'assessment-requested'],
    ],
    ['fires anew', over, again, ['alert-fired', 'assessment-requested']],
    ['ends', fires, ended('A'), ['alert-ended']],
    ['ends twice', over, ended('A', minutesLater(6)), []],
    ['has ended, of an older firing', incidentAfter(opened, fired(again)), ended('A'), []],
    [
      'has ended, and its start was moved back',
      fires,
      ended('A', minutesLater(5), minutesLater(-3)),
      ['alert-ended'],
    ],
    ['has ended and never fired here', incidentAfter(opened), ended('A'), []],
  ])('that %s', (_what, incident, told, expected) => {
    expect(types(incident, told)).toEqual(expected)
  })

  test('while a look is owed already asks for no second one', () => {
    expect(types(incidentAfter(opened, requested), alert('A'))).toEqual(['alert-fired'])
  })

  test('that belongs to others is a line, and no look', () => {
    expect(types(incidentAfter(opened), alert('A'), true)).toEqual(['alert-fired'])
  })

  test('its severity is shown, and is not the incident’s', () => {
    const title = { headlineChannel: 'C0INCIDENTS' } as Parameters<typeof declaredFromAssessment>[2]
    expect(declaredFromAssessment(fires, 'U0ANA', title)).toMatchObject({
      severity: null,
      title: 'alert A: A says what is wrong',
    })
  })
})

describe('who an alert is', () => {
  const approval = ApprovalSettings.parse({})
  const context = {
    person: { id: 'alert:A', kind: 'unknown', human: 'alert:A', roles: NO_ROLES_ASKED },
    environment: 'production',
    impossible: null,
    headlineChannel: 'C0INCIDENTS',
    watchHours: 0,
    nowMs: atMs,
    approval,
  } as const

  test('opens an incident by its own name', () => {
    const told = received({ kind: 'note-alert', alert: alert('A') }, { by: 'alert:A' })
    expect(decide(newIncident('i-1'), told, context)).toMatchObject({
      kind: 'accepted',
      events: [
        { type: 'incident-opened', by: 'alert:A', environment: 'production' },
        { type: 'alert-fired' },
        { type: 'assessment-requested', by: 'alert:A' },
      ],
    })
  })

  test.each(['declare', 'close', 'take-lead'] as const)('may never %s', (kind) => {
    const told = received({ kind }, { by: 'alert:A' })
    expect(decide(incidentAfter(opened, declared), told, context)).toMatchObject({
      reason: 'not-by-machine',
    })
  })
})

describe('an incident takes alerts', () => {
  const closing: Event = { type: 'intent-received', received: received({ kind: 'close' }) }
  test.each<[string, Incident, number, boolean]>([
    ['while it is declared, however long', incidentAfter(opened, declared), 1e9, true],
    ['undeclared, for an hour', incidentAfter(opened), 59 * 60_000, true],
    ['undeclared, no longer', incidentAfter(opened), 61 * 60_000, false],
    ['not once it is closed', incidentAfter(opened, declared, closed), 0, false],
    ['not while somebody closes it', incidentAfter(opened, declared, closing), 0, false],
    ['not before there is one', newIncident('i-1'), 0, false],
  ])('%s', (_when, incident, laterMs, expected) => {
    expect(takesAlerts(incident, atMs + laterMs)).toBe(expected)
  })

  test('and of several the one that was opened last', () => {
    const older = incidentAfter(opened, declared)
    const newer = {
      ...older,
      id: 'i-2',
      opened: { ...older.opened, at: minutesLater(1) },
    } as Incident
    expect(newestTaking([newer, older], atMs)?.id).toBe('i-2')
    expect(newestTaking([older, newer], atMs)?.id).toBe('i-2')
    expect(newestTaking([], atMs)).toBeNull()
  })

  test('and what counts in a storm was opened by alerts, within ten minutes', () => {
    const byAlert = incidentAfter({ ...opened, by: 'alert:A' } as Event)
    const told = received({ kind: 'note-alert', alert: alert('A') }, { by: 'alert:A' })
    const undecided = incidentAfter({ type: 'intent-received', received: told })
    const all = [byAlert, undecided, incidentAfter(opened)]
    expect(openedInStorm(all, atMs + 9 * 60_000)).toEqual([byAlert, undecided])
    expect(openedInStorm(all, atMs + 11 * 60_000)).toEqual([])
  })
})
