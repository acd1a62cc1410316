import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { denyModal, parseDenial } from '../../src/chat/forms/deny-modal.ts'
import { words } from '../support/chat-arbitraries.ts'
import { assertWithinLimits } from '../support/slack-limits.ts'
import { dicts } from '../support/slack/json.ts'
import { stateValues, type Filled } from '../support/slack/modal-values.ts'

const about = {
  incident: '20261122-k7qf',
  plan: 2,
  digest: 'ab'.repeat(32),
  card: '1700.5',
  place: { channel: 'C0INCIDENTS', thread: '1700.1' },
}
const metadata = JSON.stringify(about)

function submitted(filled: Filled = {}) {
  const view = denyModal(about)
  assertWithinLimits(view)
  return parseDenial(stateValues(dicts(view.blocks), filled), view.private_metadata ?? '')
}

describe('the form of a denial', () => {
  test('gives back what was pressed, and no reason when none was typed', () => {
    expect(submitted()).toEqual({ ...about, reason: null })
    expect(submitted({ reason: '   ' })).toEqual({ ...about, reason: null })
  })

  test('gives back the reason on one line', () => {
    expect(submitted({ reason: ' the flag  is off ' })).toEqual({
      ...about,
      reason: 'the flag is off',
    })
    const values = { reason: { reason: { value: 'one\ntwo' } } }
    expect(parseDenial(values, metadata)).toMatchObject({ reason: 'one two' })
  })

  test('takes no more than 200 characters', () => {
    const of = (length: number) => ({ reason: { reason: { value: 'x'.repeat(length) } } })
    expect(parseDenial(of(200), metadata)).toMatchObject({ reason: 'x'.repeat(200) })
    expect(parseDenial(of(201), metadata)).toMatchObject({ errors: { reason: expect.any(String) } })
  })

  test.each([
    ['nothing', ''],
    ['no JSON', '{"incident":'],
    ['no digest', JSON.stringify({ ...about, digest: 'all' })],
    ['no plan', JSON.stringify({ ...about, plan: 0 })],
    ['a path', JSON.stringify({ ...about, incident: '../i-1' })],
    ['more than that', JSON.stringify({ ...about, by: 'U0BOSS' })],
  ])('is refused where it is about %s', (_, given) => {
    expect(parseDenial({}, given)).toMatchObject({ errors: {} })
  })

  test('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), words, (values, given) => {
        expect(parseDenial(values, given)).toHaveProperty('errors')
      }),
    )
  })
})
