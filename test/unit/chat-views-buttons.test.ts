import type { Surface } from '../../src/domain/incident/surface.ts'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ACTIONS } from '../../src/chat/reading/action-ids.ts'
import { parseEditStatus, parseOpening, parsePress } from '../../src/chat/reading/parse-press.ts'
import { renderSurface } from '../../src/chat/render.ts'
import { decide } from '../../src/domain/incident/decide.ts'
import type { DecisionContext } from '../../src/domain/incident/decision-context.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import { postedAs, type Incident } from '../../src/domain/incident/incident.ts'
import { canBeRead } from '../../src/domain/plan/readable.ts'
import { signersWanted } from '../../src/domain/plan/signature-rule.ts'
import { toMs } from '../../src/domain/base/instant.ts'
import type { Intent, ReceivedIntent } from '../../src/domain/incident/intent.ts'
import { surfacesOf } from '../../src/domain/incident/surfaces.ts'
import { LIVED_IN, livedIncident } from '../support/lived-incident.ts'
import { letter } from '../support/letters.ts'
import { drafted } from '../support/status-posts.ts'
import { presses } from '../support/pressable.ts'
import { APPROVER } from '../support/plan-story.ts'

/** To a list that some histories have written to, and to one that none has. */
const letters = [
  { letter: letter(), digest: 'a'.repeat(32) },
  { letter: letter({ list: 'ba9876543210' }), digest: 'b'.repeat(32) },
]

const approval = ApprovalSettings.parse({ users: ['U0DEE'] })

/** An approver who has had nothing to do with the incident yet, and has read the card. */
function contextOf({ changedAt }: Incident): DecisionContext {
  return {
    person: { id: 'U0DEE', kind: 'member', human: 'dee', roles: APPROVER, publishes: true },
    nowMs: toMs(changedAt) + 6_000,
    approval,
    environment: 'production',
    impossible: null,
    headlineChannel: LIVED_IN,
    watchHours: 0,
  }
}

/** What comes of a press, by the way it takes through the program: payload, intent, decision. */
function pressed(incident: Incident, surface: Surface, action: string, value: string) {
  const posted = postedAs(incident, surface)
  const payload = {
    user: { id: 'U0DEE' },
    trigger_id: '1',
    container: { message_ts: posted?.ts ?? '', channel_id: LIVED_IN },
    actions: [{ action_id: action, value }],
  }
  const wish = submitted(payload) ?? parsePress(payload)
  // What takes the place of a signed plan is asked once more.
  const asked = { ...incident, toldOfSignatures: ['U0DEE'] }
  if (!wish) return null
  const { intent } = wish
  const draft = intent.kind === 'publish-status' ? drafted(incident, intent.stage) : null
  const sent =
    intent.kind === 'send-letter' ? letters.find((one) => one.letter.list === intent.list) : null
  return decide(asked, wish, { ...contextOf(incident), drafted: draft, letter: sent ?? null })
}

/** The button opens a form; what comes of it is decided when the form is sent. */
function submitted(payload: unknown): ReceivedIntent | null {
  const status = parseEditStatus(payload)
  const opening =
    status ?? parseOpening(ACTIONS.close, payload) ?? parseOpening(ACTIONS.edit, payload)
  if (!opening) return null
  const { by, place } = opening
  return { delivery: '1', by, place, card: null, intent: intentOf() }

  function intentOf(): Intent {
    if (status) return { kind: 'edit-status', stage: status.stage, text: 'We know.' }
    return parseOpening(ACTIONS.close, payload)
      ? { kind: 'close', closing: { outcome: 'resolved' } }
      : { kind: 'edit', edit: { title: 'It is slow' } }
  }
}

function offered(incident: Incident) {
  const shown = {
    environment: 'production',
    open: () => [],
    approval,
    contacts: {
      onCall: [],
      support: [],
      channels: [],
      customers: [{ name: 'Enterprise', to: ['ops@acme.example'] }],
    },
    drafted,
    letters: () => letters,
  }
  return surfacesOf(incident).flatMap((surface) =>
    presses(renderSurface(surface, incident, shown)).map((press) => ({ surface, ...press })),
  )
}

/** Hundreds of long histories are made for each: on a busy machine that takes its time. */
const AT_MOST = { timeout: 60_000 }

test('every button of every card is granted, in whatever state the incident is', AT_MOST, () => {
  const met = new Set<string>()
  fc.assert(
    fc.property(livedIncident, (incident) => {
      for (const { surface, action, value } of offered(incident)) {
        met.add(action)
        // It only opens what there is to read.
        if (action === ACTIONS.showEvidence) {
          expect(incident.assessment).not.toBeNull()
          continue
        }
        if (action === ACTIONS.showPlan) {
          const number = Number(value.split('/')[1])
          const { plan } = incident.plans[number - 1] ?? {}
          expect(plan && canBeRead(plan) && value.endsWith(`/${plan.digest}`)).toBe(true)
          continue
        }
        const decision = pressed(incident, surface, action, value)
        expect(decision, `${action} of ${surface} with ${value}`).toMatchObject({
          kind: 'accepted',
        })
      }
    }),
    { numRuns: 600 },
  )
  // The histories lead to every button there is; the others are not on these cards, or hardly ever.
  const { declare, refreshHome, planPageBefore, planPageNext, fixDeployed, confirmEnrolment } =
    ACTIONS
  const pages: string[] = [planPageBefore, planPageNext]
  const elsewhere: string[] = [declare, refreshHome, ...pages, fixDeployed, confirmEnrolment]
  expect([...new Set([...met, ...elsewhere])].toSorted()).toEqual(Object.values(ACTIONS).toSorted())
})

test(
  'a plan that waits can be denied, and signed as long as it can be read and signatures are missing',
  AT_MOST,
  () => {
    let seen = 0
    fc.assert(
      fc.property(livedIncident, (incident) => {
        const state = incident.plans.at(-1)
        if (!state?.plan || state.ended || state.run || incident.closed) return
        seen += 1
        const actions = offered(incident)
          .filter(({ surface }) => surface === `plan-${state.number}`)
          .map(({ action }) => action)
        const humans = new Set(state.approvals.map(({ human }) => human))
        expect(actions).toContain(ACTIONS.deny)
        expect(actions.includes(ACTIONS.approve)).toBe(
          canBeRead(state.plan) && humans.size < signersWanted(state.plan.signatures),
        )
      }),
      { numRuns: 600 },
    )
    expect(seen).toBeGreaterThan(10)
  },
)
