import { expect, test } from 'vitest'
import { isOfNewerVersion } from '../../../src/domain/incident/newer-version.ts'
import { parseStored } from '../../../src/journal/stored-event.ts'
import { faultOf } from '../../support/contracts/outside.ts'
import { declared } from '../../support/builders.ts'

const stored = (event: object) => ({
  incident: 'i-1',
  sequence: 2,
  at: '2026-11-22T03:12:07.000Z',
  body: JSON.stringify(event),
})

test('an event is read as it was written', () => {
  expect(parseStored(stored(declared)).event).toEqual(declared)
})

test('a field that is not known here was written by a newer version: it may be the one that says when to stop', async () => {
  const read = async () => parseStored(stored({ ...declared, moon: 'full' }))
  const fault = await faultOf(read())
  expect(isOfNewerVersion(fault)).toBe(true)
  expect(fault.detail).toContain('does not know (incident-declared: moon)')
})
