import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maintenanceModal, parseMaintenance } from '../../src/chat/forms/maintenance-modal.ts'
import { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { words } from '../support/chat-arbitraries.ts'
import { assertWithinLimits } from '../support/slack-limits.ts'
import { dicts } from '../support/slack/json.ts'
import { stateValues, type Filled } from '../support/slack/modal-values.ts'

const values = (message: unknown, state: unknown = { value: 'on' }) => ({
  state: { state: { selected_option: state } },
  message: { message: { value: message } },
})

/** What a person fills in and submits, with the rules of Slack's own client. */
function submitted(filled: Filled = {}) {
  return parseMaintenance(stateValues(dicts(maintenanceModal('{}').blocks), filled))
}

describe('the form for maintenance', () => {
  test('is what Slack takes', () => {
    assertWithinLimits(maintenanceModal('{"channel":"C0INCIDENTS","thread":null}'))
  })

  test('switches it on with the usual message when nothing is changed in it', () => {
    expect(submitted()).toEqual({ kind: 'maintenance', on: true })
  })

  test('takes a message, as one line', () => {
    expect(submitted({ message: ' Back at\n04:00 UTC ' })).toEqual({
      kind: 'maintenance',
      on: true,
      message: 'Back at 04:00 UTC',
    })
  })

  test('switches it off, which nobody reads a message of', () => {
    expect(parseMaintenance(values(null, { value: 'off' }))).toEqual({
      kind: 'maintenance',
      on: false,
    })
    expect(parseMaintenance(values('x', { value: 'off' }))).toEqual({
      errors: { message: expect.any(String) },
    })
  })

  test('takes no more than 300 characters', () => {
    const most = 'x'.repeat(300)
    expect(parseMaintenance(values(most))).toMatchObject({ message: most })
    expect(parseMaintenance(values(`${most}x`))).toEqual({
      errors: { message: expect.any(String) },
    })
  })

  test('never throws, and asks for nothing that the journal does not take', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          words.map((one) => values(one)),
          fc.anything(),
        ),
        (sent) => {
          const request = parseMaintenance(sent)
          if ('kind' in request) expect(PlanRequest.parse(request)).toEqual(request)
        },
      ),
    )
  })
})
