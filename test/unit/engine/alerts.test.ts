import { expect, onTestFinished, test } from 'vitest'
import { readNotification } from '../../../src/adapters/http/alertmanager-schema.ts'
import type { AlertGroup } from '../../../src/domain/alert/alert.ts'
import { MOST_FRESH } from '../../../src/domain/alert/consider-alerts.ts'
import { MOST_NOTED } from '../../../src/domain/alert/noted-alerts.ts'
import { Event } from '../../../src/domain/incident/event.ts'
import { foldIncident } from '../../../src/domain/incident/fold.ts'
import { incidentLog } from '../../../src/engine/journal/incident-log.ts'
import type { Engine } from '../../../src/engine/engine-types.ts'
import { alert, ended, group, minutesLater, sent, sentAlert } from '../../support/alerts.ts'
import { surroundings, wish, type Surroundings } from '../../support/engine-story.ts'

function started(): { around: Surroundings; engine: Engine } {
  const around = surroundings()
  onTestFinished(() => around.end())
  return { around, engine: around.startProcess().engine }
}

/** Told, and everything that follows done. */
async function tell(engine: Engine, told: AlertGroup) {
  const receipt = await engine.receiveAlerts(told)
  if (receipt.kind === 'refused') throw new Error(receipt.reason)
  for (const id of receipt.incidents) engine.wake(id)
  await engine.idle()
  return receipt
}

async function asks(engine: Engine, id: string, ...intents: ('declare' | 'close')[]) {
  for (const kind of intents) {
    // oxlint-disable-next-line no-await-in-loop -- one wish after the other
    await engine.receive(id, wish(`${id}-${kind}-${crypto.randomUUID()}`, { kind }))
    engine.wake(id)
    // oxlint-disable-next-line no-await-in-loop -- as above
    await engine.idle()
  }
}

async function stateOf(around: Surroundings, id: string | null) {
  return foldIncident(id ?? '', await around.journal.read(id ?? ''))
}

async function typesOf(around: Surroundings, id: string | null): Promise<readonly string[]> {
  return (await around.journal.read(id ?? '')).map(({ event }) => event.type)
}

function timesOf(types: readonly string[], type: string): number {
  return types.filter((one) => one === type).length
}

test('a group opens one undeclared incident, which is assessed and shown with the alerts’ names', async () => {
  const { around, engine } = started()
  const { opened, counts } = await tell(engine, group('HighErrorRate', 'LoginsFail'))
  expect(counts).toEqual({ noted: 2, known: 0, ignored: 0, leftOut: 0 })
  const incident = await stateOf(around, opened)
  expect(incident).toMatchObject({
    opened: { by: 'alert:HighErrorRate', environment: 'production' },
    declared: null,
    undecided: [],
  })
  expect(incident.assessment).not.toBeNull()
  expect(incident.alerts.map(({ name }) => name)).toEqual(['HighErrorRate', 'LoginsFail'])
  expect(around.slack.messages).toHaveLength(1)
  const [card] = around.slack.messages
  expect(card).toMatchObject({ channel: 'C0INCIDENTS', thread: null })
  const shown = JSON.stringify(card?.view)
  expect(shown).toContain('*Alert:* HighErrorRate')
  expect(shown).toContain('*Alert:* LoginsFail')
})

test('the same notification again, in another order, changes nothing', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group('A', 'B'))
  const before = (await around.journal.head()).position
  const again = await tell(engine, group('B', 'A'))
  expect(again).toMatchObject({ opened: null, incidents: [], counts: { noted: 0, known: 2 } })
  expect((await around.journal.head()).position).toBe(before)
  expect(timesOf(await typesOf(around, opened), 'assessment-taken')).toBe(1)
})

test('what joins a group later goes to its incident, declared or not, and is assessed', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group('A'))
  expect(await tell(engine, group('A', 'B'))).toMatchObject({ opened: null, incidents: [opened] })
  await asks(engine, opened ?? '', 'declare')
  expect(await tell(engine, group('C', 'B'))).toMatchObject({ opened: null, incidents: [opened] })
  const incident = await stateOf(around, opened)
  expect(incident.alerts.map(({ name }) => name)).toEqual(['A', 'B', 'C'])
  expect(timesOf(await typesOf(around, opened), 'assessment-taken')).toBe(3)
})

test('that it ends is noted and said, and closes nothing; that it fires anew asks for a look', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group('A'))
  await asks(engine, opened ?? '', 'declare')
  await tell(engine, group(ended('A')))
  const over = await stateOf(around, opened)
  expect(over).toMatchObject({ closed: null, alerts: [{ name: 'A', state: 'ended' }] })
  const shown = around.slack.messages.find(({ key }) => key.startsWith('thread-card'))
  expect(JSON.stringify(shown?.view)).toContain('The alert has ended')
  expect(timesOf(await typesOf(around, opened), 'assessment-taken')).toBe(1)
  const anew = alert('A', { startsAt: minutesLater(9) })
  expect(await tell(engine, group(anew))).toMatchObject({ incidents: [opened] })
  expect((await stateOf(around, opened)).alerts).toMatchObject([{ state: 'firing', endsAt: null }])
  expect(timesOf(await typesOf(around, opened), 'assessment-taken')).toBe(2)
})

test('that it fires on after its end, since the same start, is noted: once, and not what is late', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group('A'))
  await asks(engine, opened ?? '', 'declare')
  await tell(engine, group(ended('A')))
  around.pass(119_000)
  expect(await tell(engine, group('A'))).toMatchObject({ counts: { known: 1 } })
  around.pass(10 * 60_000)
  const on = await tell(engine, group('A'))
  expect(on).toMatchObject({ incidents: [opened], opened: null, counts: { noted: 1 } })
  expect((await stateOf(around, opened)).alerts).toMatchObject([{ state: 'firing', endsAt: null }])
  expect(timesOf(await typesOf(around, opened), 'assessment-taken')).toBe(2)
  expect(await tell(engine, group('A'))).toMatchObject({ counts: { known: 1 } })
  expect(await tell(engine, group(ended('A')))).toMatchObject({ counts: { known: 1 } })
  const again = ended('A', minutesLater(30))
  expect(await tell(engine, group(again))).toMatchObject({ counts: { noted: 1 } })
  expect((await stateOf(around, opened)).alerts).toMatchObject([{ state: 'ended' }])
  expect(await tell(engine, group(again))).toMatchObject({ counts: { known: 1 } })
})

test('that it fires on after its end and the close of its incident opens another', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group('A'))
  await asks(engine, opened ?? '', 'declare')
  await tell(engine, group(ended('A')))
  await asks(engine, opened ?? '', 'close')
  around.pass(10 * 60_000)
  const on = await tell(engine, group('A'))
  expect(on.opened).not.toBeNull()
  expect((await stateOf(around, on.opened)).alerts).toMatchObject([{ state: 'firing' }])
})

test('after the incident is closed its repeats say nothing, its end is noted, a new firing opens another', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group('A'))
  await asks(engine, opened ?? '', 'declare', 'close')
  expect(await tell(engine, group('A'))).toMatchObject({ opened: null, incidents: [] })
  await tell(engine, group(ended('A')))
  expect(await stateOf(around, opened)).toMatchObject({
    closed: { by: 'U0ANA' },
    alerts: [{ state: 'ended' }],
  })
  const next = await tell(engine, group(alert('A', { startsAt: minutesLater(20) })))
  expect(next.opened).not.toBeNull()
  expect(next.opened).not.toBe(opened)
})

test('while somebody’s wish to close waits, what fires opens another incident and is not lost', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group('A'))
  await asks(engine, opened ?? '', 'declare')
  await engine.receive(opened, wish('closing', { kind: 'close' }))
  const next = await tell(engine, group(alert('A', { startsAt: minutesLater(1) })))
  expect(next.opened).not.toBe(opened)
  expect((await stateOf(around, next.opened)).alerts).toHaveLength(1)
})

test('a firing whose start an Alertmanager has moved back is the same firing', async () => {
  const { engine } = started()
  await tell(engine, group(alert('A', { startsAt: minutesLater(1) })))
  expect(await tell(engine, group('A'))).toMatchObject({ opened: null, counts: { known: 1 } })
})

test('an undeclared incident of which nobody has heard for an hour is left alone', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group('A'))
  around.pass(61 * 60_000)
  const next = await tell(engine, group(alert('A', { startsAt: minutesLater(61) })))
  expect(next.opened).not.toBeNull()
  expect(next.opened).not.toBe(opened)
})

test.each([
  ['its name says that it always fires', alert('Watchdog', { severity: null })],
  ['its severity is none', alert('Anything', { severity: 'None' })],
  ['it only warns', alert('SlowDisk', { severity: 'warning' })],
  ['it has ended, and nobody knows of it', ended('Unknown')],
])('nothing is opened or written where %s', async (_why, one) => {
  const { around, engine } = started()
  expect(await tell(engine, group(one))).toMatchObject({ opened: null, counts: { ignored: 1 } })
  expect((await around.journal.head()).position).toBe(0)
})

test.each([['critical'], ['sev1'], [null]])(
  'severity %s, of which the settings say nothing, opens an incident',
  async (severity) => {
    const { engine } = started()
    expect((await tell(engine, group(alert('A', { severity })))).opened).not.toBeNull()
  },
)

test('a warning is noted where its group has an incident', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group('A', alert('W', { severity: 'warning' })))
  expect((await stateOf(around, opened)).alerts.map(({ name }) => name)).toEqual(['A', 'W'])
})

test('in a storm five incidents are opened within ten minutes; the others are told to the newest', async () => {
  const { around, engine } = started()
  const opened: (string | null)[] = []
  for (let number = 1; number <= 7; number += 1) {
    around.pass(1_000)
    // oxlint-disable-next-line no-await-in-loop -- one group after the other
    opened.push((await tell(engine, group(`A${number}`))).opened)
  }
  expect(opened.map((id) => id !== null)).toEqual([true, true, true, true, true, false, false])
  const newest = await stateOf(around, opened[4] ?? null)
  expect(newest.alerts).toMatchObject([
    { name: 'A5', over: false },
    { name: 'A6', over: true },
    { name: 'A7', over: true },
  ])
  expect(timesOf(await typesOf(around, newest.id), 'assessment-taken')).toBe(1)
  const card = around.slack.messages.at(-1)
  expect(JSON.stringify(card?.view)).toContain('*Alerts of other groups:* A6, A7')
  around.pass(10 * 60_000)
  expect((await tell(engine, group('A8'))).opened).not.toBeNull()
})

test('of 10,000 alerts twenty are noted, and the rest is counted and said', async () => {
  const { around, engine } = started()
  const all = Array.from({ length: 10_000 }, (_, at) => `A${String(at).padStart(5, '0')}`)
  const { opened, counts } = await tell(engine, { ...group(...all), truncated: 7 })
  expect(counts).toEqual({ noted: 20, known: 0, ignored: 0, leftOut: 9_987 })
  expect(await stateOf(around, opened)).toMatchObject({ alertsLeftOut: 9_987 })
  expect(JSON.stringify(around.slack.messages[0]?.view)).toContain('And 10004 more alerts')
})

const twenty = Array.from({ length: MOST_FRESH }, (_, at) => `A${String(at).padStart(2, '0')}`)

test('what fires behind twenty that are known is noted, and is looked at', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group(...twenty))
  const later = alert('New', { startsAt: minutesLater(9) })
  const { counts } = await tell(engine, group(...twenty, later))
  expect(counts).toEqual({ noted: 1, known: 20, ignored: 0, leftOut: 0 })
  expect((await stateOf(around, opened)).alerts.map(({ name }) => name)).toEqual([...twenty, 'New'])
  expect(timesOf(await typesOf(around, opened), 'assessment-taken')).toBe(2)
})

test('what fires behind twenty that are known opens an incident, once theirs is closed', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group(...twenty))
  await asks(engine, opened ?? '', 'declare', 'close')
  const later = alert('New', { startsAt: minutesLater(9) })
  const next = await tell(engine, group(...twenty, later))
  expect(next.opened).not.toBeNull()
  expect((await stateOf(around, next.opened)).alerts.map(({ name }) => name)).toEqual(['New'])
})

test('what was left out is noted when it is told again, and is not counted twice', async () => {
  const { around, engine } = started()
  const fifty = Array.from({ length: 50 }, (_, at) => `A${at}`)
  const { opened } = await tell(engine, group(...fifty))
  const leftOut: number[] = []
  for (const noted of [20, 40, 50]) {
    // oxlint-disable-next-line no-await-in-loop -- one notification after the other
    const { alerts, alertsLeftOut } = await stateOf(around, opened)
    expect([alerts.length, alertsLeftOut]).toEqual([noted, 50 - noted])
    // oxlint-disable-next-line no-await-in-loop -- as above
    leftOut.push((await tell(engine, group(...fifty))).counts.leftOut)
  }
  expect(leftOut).toEqual([10, 0, 0])
})

test('what did not come with a notification is counted, where it brings nothing new too', async () => {
  const { engine } = started()
  await tell(engine, group('A'))
  const { counts } = await tell(engine, { ...group('A'), truncated: 7 })
  expect(counts).toEqual({ noted: 0, known: 1, ignored: 0, leftOut: 7 })
})

test('that it ends is noted, however many others fire', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group('A'))
  const firing = Array.from({ length: 25 }, (_, at) => `B${at}`)
  await tell(engine, group(...firing, ended('A')))
  const { alerts } = await stateOf(around, opened)
  expect(alerts.find(({ name }) => name === 'A')).toMatchObject({ state: 'ended' })
})

test.each([
  ['the last moment there is', { startsAt: '9999-12-31T23:59:59-01:00' }, 0],
  ['the first moment there is', { startsAt: '0000-01-01T00:00:00+01:00' }, 0],
  ['more left out than anybody counts', {}, Number.MAX_SAFE_INTEGER],
])('%s can be read back, by another process too', async (_what, changes, truncatedAlerts) => {
  const { around, engine } = started()
  const firing = Array.from({ length: 25 }, (_, at) => sentAlert(`A${at}`, changes))
  const told = readNotification(JSON.stringify(sent(firing, { truncatedAlerts })))
  if (typeof told === 'string') throw new Error(told)
  const { opened } = await tell(engine, told)
  const end = { ...changes, status: 'resolved', endsAt: '9999-12-31T23:59:59-01:00' }
  const over = readNotification(JSON.stringify(sent([sentAlert('A0', end)])))
  if (typeof over === 'string') throw new Error(over)
  await tell(engine, over)
  const events = await around.journal.read(opened ?? '')
  expect(events.filter(({ event }) => !Event.safeParse(event).success)).toEqual([])
  const other = incidentLog(around.connect(), { reach: () => {} })
  expect((await other.load(opened ?? '')).alerts).toHaveLength(MOST_FRESH)
})

test('what could not be read back is not written, and is to be sent again', async () => {
  const { around, engine } = started()
  const unreadable = alert('A', { startsAt: '+010000-01-01T00:59:59.000Z' })
  await expect(engine.receiveAlerts(group('B', unreadable))).rejects.toThrow('datetime')
  expect((await around.journal.head()).position).toBe(0)
  expect(await tell(engine, group('B'))).toMatchObject({ counts: { noted: 1 } })
})

test('one incident tells of so many alerts at most, however many groups join it', async () => {
  const { around, engine } = started()
  const { opened } = await tell(engine, group('first'))
  let leftOut = 0
  for (let round = 0; round < 7; round += 1) {
    const names = Array.from({ length: 18 }, (_, at) => `A${round}-${at}`)
    // oxlint-disable-next-line no-await-in-loop -- one notification after the other
    leftOut += (await tell(engine, group('first', ...names))).counts.leftOut
  }
  expect((await stateOf(around, opened)).alerts).toHaveLength(MOST_NOTED)
  expect(leftOut).toBe(1 + 7 * 18 - MOST_NOTED)
})

test('a process that is ending takes nothing', async () => {
  const { around, engine } = started()
  await engine.stop()
  expect(await engine.receiveAlerts(group('A'))).toMatchObject({ reason: 'restarting' })
  expect((await around.journal.head()).position).toBe(0)
})
