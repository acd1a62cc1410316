import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ACTIONS } from '../../src/chat/reading/action-ids.ts'
import {
  parseConfirmation,
  parseEditStatus,
  parsePress,
  parseOpening,
  WISHES,
} from '../../src/chat/reading/parse-press.ts'
import { Intent } from '../../src/domain/incident/intent.ts'
import { words } from '../support/chat-arbitraries.ts'

const DIGEST = 'a1'.repeat(32)

/** A press as Slack sends it, with more in it than anybody should read. */
function press(action: string, value: string, changes: object = {}): object {
  return {
    type: 'block_actions',
    user: { id: 'U0ANA', name: 'admin', team_id: 'T0' },
    team: { id: 'T0' },
    trigger_id: '1.2.3',
    container: {
      type: 'message',
      message_ts: '1700.2',
      channel_id: 'C0INCIDENTS',
      thread_ts: '1700.1',
    },
    channel: { id: 'C0INCIDENTS', name: 'incidents' },
    message: { ts: '1700.2', thread_ts: '1700.1', text: 'anything' },
    actions: [{ type: 'button', action_id: action, block_id: 'b', value }],
    ...changes,
  }
}

const PRESSES: readonly [string, string, Intent][] = [
  [ACTIONS.declare, 'i-1', { kind: 'declare' }],
  [ACTIONS.checkAgain, 'i-1', { kind: 'check-again' }],
  [ACTIONS.reportSymptom, 'i-1/data-loss', { kind: 'report-symptom', symptom: 'data-loss' }],
  [ACTIONS.reopen, 'i-1', { kind: 'reopen' }],
  [ACTIONS.fixDeployed, 'i-1', { kind: 'fix-deployed' }],
  [ACTIONS.takeLead, 'i-1', { kind: 'take-lead' }],
  [ACTIONS.reportPublished, 'i-1', { kind: 'report-published' }],
  [
    ACTIONS.prepareRollback,
    'i-1',
    { kind: 'plan', request: { kind: 'kubernetes', toVersion: null } },
  ],
  [ACTIONS.approve, `i-1/2/${DIGEST}`, { kind: 'approve', plan: 2, digest: DIGEST }],
  [ACTIONS.deny, `i-1/2/${DIGEST}`, { kind: 'deny', plan: 2, digest: DIGEST }],
  [ACTIONS.planAgain, 'i-1/12', { kind: 'plan-again', plan: 12 }],
  [ACTIONS.abort, 'i-1', { kind: 'abort', plan: null }],
  [ACTIONS.undo, 'i-1/3', { kind: 'plan', request: { kind: 'undo', plan: 3 } }],
  [ACTIONS.stepDone, 'i-1/3/0', { kind: 'step-done', plan: 3, step: 0 }],
  [ACTIONS.stopWatching, 'i-1', { kind: 'watch', on: false }],
  [ACTIONS.verify, 'i-1', { kind: 'verify' }],
  [ACTIONS.tickVerified, 'i-1/users-log-in', { kind: 'tick-verified', item: 'users-log-in' }],
  [ACTIONS.tick, 'i-1/on-call-alerted', { kind: 'tick', item: 'on-call-alerted' }],
  [
    ACTIONS.publishStatus,
    `i-1/identified/${DIGEST}`,
    { kind: 'publish-status', stage: 'identified', digest: DIGEST },
  ],
  [
    ACTIONS.sendLetter,
    `i-1/0123456789ab/${DIGEST}`,
    { kind: 'send-letter', list: '0123456789ab', digest: DIGEST },
  ],
  [
    ACTIONS.statusPublished,
    'i-1/rolling-back',
    { kind: 'decide-status', stage: 'rolling-back', decision: 'published' },
  ],
  [
    ACTIONS.statusSkipped,
    'i-1/resolved',
    { kind: 'decide-status', stage: 'resolved', decision: 'skipped' },
  ],
]

describe('a press on a card', () => {
  test.each(PRESSES)('%s with %s', (action, value, intent) => {
    expect(parsePress(press(action, value))).toEqual({
      incident: 'i-1',
      by: 'U0ANA',
      delivery: 'press:1.2.3',
      place: { channel: 'C0INCIDENTS', thread: '1700.1' },
      card: '1700.2',
      intent,
    })
  })

  test('every button there is means a wish, or opens something', () => {
    const opening = [
      ACTIONS.refreshHome,
      ACTIONS.editStatus,
      ACTIONS.deny,
      ACTIONS.showEvidence,
      ACTIONS.showPlan,
      ACTIONS.close,
      ACTIONS.edit,
      ACTIONS.planPageBefore,
      ACTIONS.planPageNext,
      ACTIONS.confirmEnrolment,
    ]
    expect([...WISHES, ...opening].toSorted()).toEqual(Object.values(ACTIONS).toSorted())
    // A denial asks for its reason; where it cannot, the press alone counts.
    const wishes = [...WISHES, ACTIONS.deny]
    expect(PRESSES.map(([action]) => action).toSorted()).toEqual(wishes.toSorted())
  })

  test('a confirmation names whose enrolment, and which one', () => {
    const id = '3f2a91c0-1111-4222-8333-444455556666'
    const by = 'U0ANA'
    expect(parseConfirmation(press(ACTIONS.confirmEnrolment, `U0BO/${id}`))).toMatchObject({
      user: 'U0BO',
      id,
      by,
      card: '1700.2',
    })
    for (const value of ['U0BO', `U0BO/${id}/x`, 'U0BO/x', `<U>/${id}`, '']) {
      expect(parseConfirmation(press(ACTIONS.confirmEnrolment, value)), value).toBeNull()
    }
    expect(parseConfirmation(press(ACTIONS.approve, `U0BO/${id}`))).toBeNull()
  })

  test('a choice from a list is read like a button', () => {
    const actions = [
      { action_id: ACTIONS.reportSymptom, selected_option: { value: 'i-1/ui-issue' } },
    ]
    const parsed = parsePress(press(ACTIONS.reportSymptom, '', { actions }))
    expect(parsed?.intent).toEqual({ kind: 'report-symptom', symptom: 'ui-issue' })
  })

  test('the place is read from the container where there is no channel', () => {
    const changes = { channel: undefined, message: undefined }
    const parsed = parsePress(press(ACTIONS.reopen, 'i-1', changes))
    expect(parsed?.place).toEqual({ channel: 'C0INCIDENTS', thread: '1700.1' })
  })
})

describe('a value that no button of ours has means nothing', () => {
  test.each([
    [ACTIONS.approve, 'i-1'],
    [ACTIONS.approve, 'i-1/2'],
    [ACTIONS.approve, `i-1/0/${DIGEST}`],
    [ACTIONS.approve, `i-1/-2/${DIGEST}`],
    [ACTIONS.approve, `i-1/02/${DIGEST}`],
    [ACTIONS.approve, `i-1/2e1/${DIGEST}`],
    [ACTIONS.approve, `i-1/9999999/${DIGEST}`],
    [ACTIONS.approve, `i-1/٢/${DIGEST}`],
    [ACTIONS.approve, 'i-1/2/'],
    [ACTIONS.approve, 'i-1/2/a1'],
    [ACTIONS.approve, `i-1/2/${DIGEST.toUpperCase()}`],
    [ACTIONS.approve, `i-1/2/${'a'.repeat(129)}`],
    [ACTIONS.approve, `i-1/2/${DIGEST}/3`],
    [ACTIONS.approve, `i-1/2/${DIGEST}\n`],
    [ACTIONS.deny, `/2/${DIGEST}`],
    [ACTIONS.undo, 'i-1'],
    [ACTIONS.undo, 'i-1/1.5'],
    [ACTIONS.planAgain, 'i-1/'],
    [ACTIONS.abort, 'i-1/0'],
    [ACTIONS.prepareRollback, 'i-1/everything'],
    [ACTIONS.abort, ''],
    [ACTIONS.close, '../../journal'],
    [ACTIONS.close, 'a b'],
    [ACTIONS.close, 'i'.repeat(65)],
    [ACTIONS.tick, 'i-1/__proto__'],
    [ACTIONS.tickVerified, 'i-1/__proto__'],
    [ACTIONS.stepDone, 'i-1/3'],
    [ACTIONS.stepDone, 'i-1/3/-1'],
    [ACTIONS.tickVerified, 'i-1'],
    [ACTIONS.verify, 'i-1/more'],
    [ACTIONS.tick, 'i-1/coffee'],
    [ACTIONS.statusPublished, 'i-1/explained'],
    [ACTIONS.publishStatus, 'i-1/identified'],
    [ACTIONS.sendLetter, 'i-1/0123456789ab'],
    [ACTIONS.sendLetter, `i-1/Enterprise/${DIGEST}`],
    [ACTIONS.publishStatus, `i-1/explained/${DIGEST}`],
    [ACTIONS.reportSymptom, 'i-1/sabotage'],
    [ACTIONS.editStatus, 'i-1/resolved'],
    [ACTIONS.refreshHome, 'i-1'],
    [ACTIONS.showEvidence, 'i-1'],
    [ACTIONS.close, 'i-1'],
    [ACTIONS.edit, 'i-1'],
    ['constructor', 'i-1'],
    ['__proto__', 'i-1'],
  ])('%s with %j', (action, value) => {
    expect(parsePress(press(action, value))).toBeNull()
  })
})

describe('the button that opens the form for the status page', () => {
  test('names the incident and the stage', () => {
    expect(parseEditStatus(press(ACTIONS.editStatus, 'i-1/monitoring'))).toEqual({
      incident: 'i-1',
      by: 'U0ANA',
      place: { channel: 'C0INCIDENTS', thread: '1700.1' },
      trigger: '1.2.3',
      stage: 'monitoring',
    })
  })

  test.each([
    [ACTIONS.editStatus, 'i-1'],
    [ACTIONS.editStatus, 'i-1/soon'],
    [ACTIONS.editStatus, 'i-1/monitoring/now'],
    [ACTIONS.editStatus, '/monitoring'],
    [ACTIONS.statusSkipped, 'i-1/monitoring'],
  ])('%s with %j opens nothing', (action, value) => {
    expect(parseEditStatus(press(action, value))).toBeNull()
  })
})

test('the button that opens every rule names the incident, and nothing more', () => {
  const opened = { incident: 'i-1', by: 'U0ANA', trigger: '1.2.3' }
  expect(parseOpening(ACTIONS.showEvidence, press(ACTIONS.showEvidence, 'i-1'))).toMatchObject(
    opened,
  )
  expect(parseOpening(ACTIONS.showEvidence, press(ACTIONS.showEvidence, 'i-1/2'))).toBeNull()
  expect(parseOpening(ACTIONS.showEvidence, press(ACTIONS.showEvidence, '../x'))).toBeNull()
  expect(parseOpening(ACTIONS.showEvidence, press(ACTIONS.close, 'i-1'))).toBeNull()
})

const part = fc.oneof(
  fc.constantFrom('i-1', '2', DIGEST, 'data-loss', 'resolved', 'on-call-alerted', '', '..'),
  words,
)

describe('whatever is sent', () => {
  test('it is not thrown at, and what comes out is an intent of the domain', () => {
    const action = fc.oneof(fc.constantFrom(...Object.values(ACTIONS)), words)
    const value = fc.array(part, { maxLength: 4 }).map((parts) => parts.join('/'))
    let meant = 0
    fc.assert(
      fc.property(action, value, (id, text) => {
        parseEditStatus(press(id, text))
        const parsed = parsePress(press(id, text))
        if (!parsed) return
        meant += 1
        expect(Intent.parse(parsed.intent)).toEqual(parsed.intent)
        expect(parsed.incident).toMatch(/^[\w-]{1,64}$/)
      }),
      { numRuns: 2000 },
    )
    expect(meant).toBeGreaterThan(5)
  })

  test('a payload of any shape is none of ours, unless it is one', () => {
    const broken = fc
      .tuple(
        fc.constantFrom('user', 'trigger_id', 'container', 'channel', 'actions'),
        fc.oneof(fc.anything(), words),
      )
      .map(([field, value]) => press(ACTIONS.reopen, 'i-1', { [field]: value }))
    fc.assert(
      fc.property(fc.oneof(fc.anything(), broken), (payload) => {
        const parsed = parsePress(payload)
        if (parsed) expect(parsed).toMatchObject({ incident: 'i-1', intent: { kind: 'reopen' } })
      }),
      { numRuns: 1000 },
    )
  })
})
