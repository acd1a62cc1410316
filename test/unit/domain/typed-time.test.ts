import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTypedTime, type TypedTime } from '../../../src/domain/text/typed-time.ts'
import { isZone, shownIn } from '../../../src/domain/text/zone-time.ts'

const ms = (iso: string) => Date.parse(iso)
const moment = (at: string): TypedTime => ({ kind: 'moment', at: `${at}.000Z` })
const twice = (earlier: string, later: string): TypedTime => {
  return { kind: 'twice', earlier: `${earlier}.000Z`, later: `${later}.000Z` }
}
const never: TypedTime = { kind: 'never' }
const notYet: TypedTime = { kind: 'not-yet' }
const notRead: TypedTime = { kind: 'not-read' }

describe('a time that somebody types is read where they are', () => {
  test.each<[string, string, string, TypedTime]>([
    // As people write it.
    ['2:30', 'UTC', '2026-11-22T03:00:00Z', moment('2026-11-22T02:30:00')],
    ['at 2:30', 'UTC', '2026-11-22T03:00:00Z', moment('2026-11-22T02:30:00')],
    ['  AT  02:30  ', 'UTC', '2026-11-22T03:00:00Z', moment('2026-11-22T02:30:00')],
    ['14:05', 'UTC', '2026-11-22T15:00:00Z', moment('2026-11-22T14:05:00')],
    ['14:05:09', 'UTC', '2026-11-22T15:00:00Z', moment('2026-11-22T14:05:09')],
    ['2.30', 'UTC', '2026-11-22T03:00:00Z', moment('2026-11-22T02:30:00')],
    ['2:30 pm', 'UTC', '2026-11-22T15:00:00Z', moment('2026-11-22T14:30:00')],
    ['2pm', 'UTC', '2026-11-22T15:00:00Z', moment('2026-11-22T14:00:00')],
    ['12:15 a.m.', 'UTC', '2026-11-22T15:00:00Z', moment('2026-11-22T00:15:00')],
    ['12:15 pm', 'UTC', '2026-11-22T15:00:00Z', moment('2026-11-22T12:15:00')],
    ['today 2:30', 'UTC', '2026-11-22T03:00:00Z', moment('2026-11-22T02:30:00')],
    ['yesterday 23:10', 'UTC', '2026-11-22T03:00:00Z', moment('2026-11-21T23:10:00')],
    ['yesterday at 23:10', 'UTC', '2026-03-01T03:00:00Z', moment('2026-02-28T23:10:00')],
    ['2026-11-20 23:10', 'UTC', '2026-11-22T03:00:00Z', moment('2026-11-20T23:10:00')],
    ['2026-11-20, 23:10', 'UTC', '2026-11-22T03:00:00Z', moment('2026-11-20T23:10:00')],
    // Their own zone wins over that of the account.
    ['2026-11-20T23:10Z', 'Asia/Kolkata', '2026-11-22T03:00:00Z', moment('2026-11-20T23:10:00')],
    ['2026-11-20T23:10:30+05:30', 'UTC', '2026-11-22T03:00:00Z', moment('2026-11-20T17:40:30')],
    ['02:30 UTC', 'America/New_York', '2026-11-22T03:00:00Z', moment('2026-11-22T02:30:00')],
    ['02:30 -0500', 'UTC', '2026-11-22T08:00:00Z', moment('2026-11-22T07:30:00')],
    // In UTC+10, early in the morning: there it is Sunday already, in UTC it is Saturday.
    ['at 2:30', '+10:00', '2026-11-21T17:00:00Z', moment('2026-11-21T16:30:00')],
    ['23:50', '+10:00', '2026-11-21T14:05:00Z', moment('2026-11-21T13:50:00')],
    ['yesterday 23:50', '+10:00', '2026-11-21T14:05:00Z', moment('2026-11-21T13:50:00')],
    ['2:30', 'Asia/Kolkata', '2026-11-21T21:30:00Z', moment('2026-11-21T21:00:00')],
    ['2026-11-22 02:30', 'Asia/Kolkata', '2026-11-22T03:00:00Z', moment('2026-11-21T21:00:00')],
    // Without a day it is the newest that is not ahead of us; somebody's clock may be a little ahead.
    ['23:50', 'UTC', '2026-11-22T00:10:00Z', moment('2026-11-21T23:50:00')],
    ['03:01', 'UTC', '2026-11-22T03:00:00Z', moment('2026-11-22T03:01:00')],
    ['03:05', 'UTC', '2026-11-22T03:00:00Z', moment('2026-11-21T03:05:00')],
    ['today 03:05', 'UTC', '2026-11-22T03:00:00Z', notYet],
    ['2026-11-23 03:05', 'UTC', '2026-11-22T03:00:00Z', notYet],
    // Clocks go back in Berlin on 25 October 2026, at 01:00 UTC.
    ['1:30', 'Europe/Berlin', '2026-10-25T06:00:00Z', moment('2026-10-24T23:30:00')],
    [
      '2:30',
      'Europe/Berlin',
      '2026-10-25T06:00:00Z',
      twice('2026-10-25T00:30:00', '2026-10-25T01:30:00'),
    ],
    [
      '2:00',
      'Europe/Berlin',
      '2026-10-25T06:00:00Z',
      twice('2026-10-25T00:00:00', '2026-10-25T01:00:00'),
    ],
    ['3:00', 'Europe/Berlin', '2026-10-25T06:00:00Z', moment('2026-10-25T02:00:00')],
    [
      '2026-10-25 02:30',
      'Europe/Berlin',
      '2026-11-22T03:00:00Z',
      twice('2026-10-25T00:30:00', '2026-10-25T01:30:00'),
    ],
    [
      '2026-10-25 02:30 +01:00',
      'Europe/Berlin',
      '2026-11-22T03:00:00Z',
      moment('2026-10-25T01:30:00'),
    ],
    // Before it came a second time, it is clear which is meant.
    ['2:30', 'Europe/Berlin', '2026-10-25T00:45:00Z', moment('2026-10-25T00:30:00')],
    // They go forward on 29 March 2026, at 01:00 UTC.
    ['1:59', 'Europe/Berlin', '2026-03-29T06:00:00Z', moment('2026-03-29T00:59:00')],
    ['2:00', 'Europe/Berlin', '2026-03-29T06:00:00Z', never],
    ['2:30', 'Europe/Berlin', '2026-03-29T06:00:00Z', never],
    ['2:30', 'Europe/Berlin', '2026-03-29T01:05:00Z', never],
    ['3:00', 'Europe/Berlin', '2026-03-29T06:00:00Z', moment('2026-03-29T01:00:00')],
    // Before they do, it is yesterday's.
    ['2:30', 'Europe/Berlin', '2026-03-29T00:10:00Z', moment('2026-03-28T01:30:00')],
    // New York: back on 1 November 2026 at 06:00 UTC, forward on 8 March 2026 at 07:00 UTC.
    [
      '1:30 am',
      'America/New_York',
      '2026-11-01T15:00:00Z',
      twice('2026-11-01T05:30:00', '2026-11-01T06:30:00'),
    ],
    ['0:30', 'America/New_York', '2026-11-01T15:00:00Z', moment('2026-11-01T04:30:00')],
    ['2:30 am', 'America/New_York', '2026-03-08T15:00:00Z', never],
    ['3:30 am', 'America/New_York', '2026-03-08T15:00:00Z', moment('2026-03-08T07:30:00')],
    // Half an hour twice, on Lord Howe Island.
    [
      '1:45',
      'Australia/Lord_Howe',
      '2026-04-05T00:00:00Z',
      twice('2026-04-04T14:45:00', '2026-04-04T15:15:00'),
    ],
    // Kolkata has no summer time.
    ['2026-10-25 02:30', 'Asia/Kolkata', '2026-11-22T03:00:00Z', moment('2026-10-24T21:00:00')],
    // Apia left out 30 December 2011.
    ['2011-12-30 12:00', 'Pacific/Apia', '2026-11-22T03:00:00Z', never],
    ['yesterday 23:10', 'Pacific/Apia', '2011-12-30T22:00:00Z', never],
    ['2011-12-29 23:10', 'Pacific/Apia', '2026-11-22T03:00:00Z', moment('2011-12-30T09:10:00')],
    ['2026-11-22 02:30', 'Pacific/Apia', '2026-11-22T03:00:00Z', moment('2026-11-21T13:30:00')],
    // What is no time.
    ['2026-02-30 10:00', 'UTC', '2026-11-22T03:00:00Z', never],
    ['2026-13-01 10:00', 'UTC', '2026-11-22T03:00:00Z', never],
    ['', 'UTC', '2026-11-22T03:00:00Z', notRead],
    ['7', 'UTC', '2026-11-22T03:00:00Z', notRead],
    ['24:00', 'UTC', '2026-11-22T03:00:00Z', notRead],
    ['2:60', 'UTC', '2026-11-22T03:00:00Z', notRead],
    ['13 pm', 'UTC', '2026-11-22T03:00:00Z', notRead],
    ['0:30 am', 'UTC', '2026-11-22T03:00:00Z', notRead],
    ['half past two', 'UTC', '2026-11-22T03:00:00Z', notRead],
    ['22.11. 2:30', 'UTC', '2026-11-22T03:00:00Z', notRead],
    ['02:30 CET', 'UTC', '2026-11-22T03:00:00Z', notRead],
    ['02:30 +99:00', 'UTC', '2026-11-22T03:00:00Z', notRead],
  ])('%j in %s, at %s', (typed, zone, now, read) => {
    expect(readTypedTime(typed, zone, ms(now))).toEqual(read)
  })

  test('anything at all is read or refused, and what is read was not ahead of us', () => {
    const now = ms('2026-11-22T03:00:00Z')
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Pacific/Apia', '+10:00')
    fc.assert(
      fc.property(fc.oneof(fc.string(), clockWords), zones, (typed, zone) => {
        const read = readTypedTime(typed, zone, now)
        if (read.kind === 'moment') expect(ms(read.at)).toBeLessThanOrEqual(now + 120_000)
      }),
    )
  })

  test('what is shown is what would be read again, in every zone and at every moment', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', '+10:00', 'Pacific/Apia']
    const now = ms('2027-12-31T00:00:00Z')
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: ms('2010-01-01T00:00:00Z') / 60_000, max: now / 60_000 - 1 }),
        (zone, minutes) => {
          const at = new Date(minutes * 60_000).toISOString()
          const { time, offset } = shownIn(at, zone)
          expect(readTypedTime(`${time} ${offset.slice(3)}`, 'UTC', now)).toEqual({
            kind: 'moment',
            at,
          })
          const read = readTypedTime(time, zone, now)
          expect(read.kind === 'twice' ? [read.earlier, read.later] : [read]).toContainEqual(
            read.kind === 'twice' ? at : { kind: 'moment', at },
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})

const clockWords = fc
  .tuple(
    fc.constantFrom('', 'at ', 'yesterday ', 'today ', '2026-10-25 '),
    fc.nat(30),
    fc.nat(70),
    fc.constantFrom('', ' pm', ' am', 'Z', ' +05:30'),
  )
  .map(
    ([before, hour, minute, behind]) =>
      `${before}${hour}:${String(minute).padStart(2, '0')}${behind}`,
  )

test.each([
  ['Europe/Berlin', true],
  ['+10:00', true],
  ['Mars/Olympus', false],
  ['', false],
])('whether %j is a zone: %s', (zone, is) => {
  expect(isZone(zone)).toBe(is)
})
