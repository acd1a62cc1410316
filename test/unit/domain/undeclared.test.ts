import { expect, test } from 'vitest'
import {
  intentsToPlan,
  UNDECLARED_SHOWN_MS,
  waitsForDeclaring,
} from '../../../src/domain/incident/undeclared.ts'
import { toMs } from '../../../src/domain/base/instant.ts'
import {
  closed,
  declared,
  incidentAfter,
  opened,
  requested,
  taken,
} from '../../support/builders.ts'

const assessed = incidentAfter(opened, requested, taken)

test.each([
  ['one that was assessed', assessed, true],
  ['one that is declared', incidentAfter(opened, declared), false],
  ['one that is closed', incidentAfter(opened, declared, closed), false],
  ['one that nobody was allowed to open', incidentAfter(), false],
])('%s waits to be declared: %s', (_, incident, waits) => {
  expect(waitsForDeclaring(incident, toMs(assessed.changedAt))).toBe(waits)
})

test('one of which nothing was heard for six hours is not listed any more', () => {
  const nowMs = toMs(assessed.changedAt) + UNDECLARED_SHOWN_MS
  expect(waitsForDeclaring(assessed, nowMs - 1)).toBe(true)
  expect(waitsForDeclaring(assessed, nowMs)).toBe(false)
})

test('a plan of it is asked for after it is declared; of another one alone', () => {
  expect(intentsToPlan(assessed).map(({ kind }) => kind)).toEqual(['declare', 'plan'])
  expect(intentsToPlan(incidentAfter(opened, declared)).map(({ kind }) => kind)).toEqual(['plan'])
})
