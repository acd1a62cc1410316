import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { editStatusModal, parseStatusEdit } from '../../src/chat/forms/edit-status-modal.ts'
import { StatusStage } from '../../src/domain/incident/status-page.ts'
import { words } from '../support/chat-arbitraries.ts'
import { assertWithinLimits } from '../support/slack-limits.ts'
import { dicts } from '../support/slack/json.ts'
import { stateValues, type Filled } from '../support/slack/modal-values.ts'

const about = { incident: '20261122-k7qf', stage: 'rolling-back' as const }
const metadata = JSON.stringify(about)

/** What a person sees, edits and submits, with the rules of Slack's own client. */
function submitted(draft: string, filled: Filled = {}) {
  const { blocks, private_metadata = '' } = editStatusModal(about, draft)
  return parseStatusEdit(stateValues(dicts(blocks), filled), private_metadata)
}

describe('a form that is filled in', () => {
  test('gives back the draft when nothing was changed', () => {
    const draft = 'We are rolling back.\nMore in 15 minutes.'
    expect(submitted(draft)).toEqual({ ...about, text: draft })
  })

  test('gives back what was typed, without the blanks around it', () => {
    expect(submitted('old', { text: '  new\n' })).toEqual({ ...about, text: 'new' })
  })

  test.each(['', '   \n '])('is not taken empty: %j', (text) => {
    const values = { text: { text: { value: text } } }
    expect(parseStatusEdit(values, metadata)).toEqual({ errors: { text: expect.any(String) } })
  })

  test('is not taken with more than 2,000 characters', () => {
    const of = (length: number) => ({ text: { text: { value: 'x'.repeat(length) } } })
    expect(parseStatusEdit(of(2000), metadata)).toMatchObject({ text: 'x'.repeat(2000) })
    expect(parseStatusEdit(of(2001), metadata)).toMatchObject({ errors: {} })
  })
})

describe('what the form is about', () => {
  const values = { text: { text: { value: 'x' } } }

  test.each([
    ['nothing', ''],
    ['no JSON', '{"incident":'],
    ['another stage', '{"incident":"i-1","stage":"explained"}'],
    ['no incident', '{"stage":"resolved"}'],
    ['a path', '{"incident":"../i-1","stage":"resolved"}'],
    ['more than that', '{"incident":"i-1","stage":"resolved","by":"U0BOSS"}'],
    ['a list', '["i-1","resolved"]'],
  ])('is not taken from the payload when it is %s', (_, given) => {
    expect(parseStatusEdit(values, given)).toEqual({ errors: { text: expect.any(String) } })
  })
})

test('whatever the draft is, Slack takes the form', () => {
  fc.assert(
    fc.property(fc.constantFrom(...StatusStage.options), words, (stage, draft) => {
      assertWithinLimits(editStatusModal({ ...about, stage }, draft))
    }),
  )
})

test('whatever is submitted is not thrown at, and text that is taken is short', () => {
  const near = fc.record({ text: fc.record({ text: fc.record({ value: fc.anything() }) }) })
  const given = fc.oneof(fc.constant(metadata), words, fc.json())
  fc.assert(
    fc.property(fc.oneof(fc.anything(), near), given, (values, sent) => {
      const edit = parseStatusEdit(values, sent)
      if ('errors' in edit) expect(Object.keys(edit.errors)).toEqual(['text'])
      else expect(edit.text.length).toBeLessThanOrEqual(2000)
    }),
    { numRuns: 500 },
  )
})
