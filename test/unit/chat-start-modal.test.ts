import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseStartSubmission, startModal } from '../../src/chat/forms/start-modal.ts'
import { Symptom } from '../../src/domain/assessment/symptom.ts'
import { words } from '../support/chat-arbitraries.ts'
import { dicts } from '../support/slack/json.ts'
import { stateValues, type Filled } from '../support/slack/modal-values.ts'

const offered = { services: ['backend', 'frontend'], procedures: ['kubernetes' as const] }

type Prefill = Parameters<typeof startModal>[0]['prefill']

function modal(prefill: Prefill = {}) {
  return startModal({ ...offered, prefill, metadata: '{"channel":"C012","thread":null}' })
}

/** What a person sees, fills in and submits, with the rules of Slack's own client. */
function submitted(filled: Filled, prefill: Prefill = {}) {
  return parseStartSubmission(stateValues(dicts(modal(prefill).blocks), filled), offered)
}

describe('a filled form', () => {
  test('needs only the description', () => {
    expect(submitted({ description: '  Login fails\nsince 3:10  ' })).toEqual({
      description: 'Login fails\nsince 3:10',
      services: [],
      symptoms: [],
      procedure: null,
      toVersion: null,
    })
  })

  test('gives back everything chosen', () => {
    expect(
      submitted({
        description: 'x',
        services: ['backend', 'frontend'],
        symptoms: ['data-loss'],
        procedure: 'kubernetes',
        version: ' v1.9.0 ',
      }),
    ).toEqual({
      description: 'x',
      services: ['backend', 'frontend'],
      symptoms: ['data-loss'],
      procedure: 'kubernetes',
      toVersion: 'v1.9.0',
    })
  })

  test('submits what was filled in beforehand and left alone', () => {
    const prefill = {
      description: 'see <https://x.example/a|x.example/a> &amp; &lt;b&gt;',
      procedure: 'kubernetes' as const,
      toVersion: 'v1.9.0',
    }
    expect(submitted({}, prefill)).toMatchObject({
      description: 'see x.example/a & <b>',
      procedure: 'kubernetes',
      toVersion: 'v1.9.0',
    })
  })

  test('offers every symptom', () => {
    expect(submitted({ description: 'x', symptoms: [...Symptom.options] })).toMatchObject({
      symptoms: Symptom.options,
    })
  })

  test('a way back that is not configured is not chosen, and that is said', () => {
    const prefill = { procedure: 'docker' as const }
    expect(submitted({ description: 'x' }, prefill)).toMatchObject({ procedure: null })
    expect(JSON.stringify(modal(prefill))).toContain('docker is not configured here')
  })

  test('has no empty list of services, which Slack refuses', () => {
    const { blocks } = startModal({ services: [], procedures: [], prefill: {}, metadata: '' })
    expect(blocks.map(({ block_id }) => block_id)).not.toContain('services')
  })
})

const text = (value: string) => ({ type: 'plain_text_input', value })
const options = (value: string) => ({ type: 'checkboxes', selected_options: [{ value }] })

describe('a submission that the form could not have made', () => {
  const good = stateValues(dicts(modal().blocks), { description: 'x' })

  test.each([
    ['description', { description: text('   ') }],
    ['description', { description: text('x'.repeat(2001)) }],
    ['services', { services: options('payments') }],
    ['symptoms', { symptoms: options('sabotage') }],
    ['procedure', { procedure: { type: 'static_select', selected_option: { value: 'docker' } } }],
    ['version', { version: text('v1 && reboot') }],
  ])('is refused at its field: %s', (field, element) => {
    const result = parseStartSubmission({ ...good, [field]: element }, offered)
    expect(Object.keys('errors' in result ? result.errors : {})).toEqual([field])
  })

  test('is told all of its errors at once', () => {
    const bad = {
      ...good,
      description: { description: text('') },
      services: { services: options('payments') },
    }
    const result = parseStartSubmission(bad, offered)
    expect(result).toEqual({
      errors: { description: expect.any(String), services: expect.any(String) },
    })
  })

  test('never throws, and names only fields that the form has', () => {
    const fields = modal().blocks.map(({ block_id }) => block_id)
    const anything = fc.oneof(fc.anything(), words)
    const near = fc.record(
      {
        description: fc.record({ description: fc.oneof(fc.record({ value: anything }), anything) }),
        services: fc.record({ services: fc.record({ selected_options: anything }) }),
        version: fc.oneof(fc.record({ version: fc.record({ value: words }) }), anything),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(anything, near), (values) => {
        const result = parseStartSubmission(values, offered)
        if ('errors' in result) {
          expect(Object.keys(result.errors).length).toBeGreaterThan(0)
          for (const field of Object.keys(result.errors)) expect(fields).toContain(field)
        }
      }),
      { numRuns: 500 },
    )
  })
})
