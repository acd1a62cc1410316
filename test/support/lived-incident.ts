import { IllegalEvent } from '../../src/domain/incident/illegal-event.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import * as fc from 'fast-check'
import { applyEvent } from '../../src/domain/incident/fold.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { newIncident, type Incident } from '../../src/domain/incident/incident.ts'
import { pageKey } from '../../src/domain/outbox/page.ts'
import type { Plan } from '../../src/domain/plan/plan.ts'
import { Applied, Outcome } from '../../src/domain/plan/run.ts'
import { StatusStage } from '../../src/domain/incident/status-page.ts'
import { StatusPostKey } from '../../src/domain/outbox/status-post.ts'
import { stageNow, surfacesOf } from '../../src/domain/incident/surfaces.ts'
import { ItemVerdict, VerificationCause } from '../../src/domain/verification/item.ts'
import { Verdict } from '../../src/domain/assessment/verdict.ts'
import { WatchState } from '../../src/domain/watch/watch.ts'
import { ONE, TWO } from './builders.ts'
import { letterEvents } from './letters.ts'
import { post } from './status-posts.ts'
import { assessment, declared, many, words } from './chat-arbitraries.ts'

const anyStep = { id: words, title: words, input: fc.constant(null) }

const proposal: fc.Arbitrary<Plan> = fc.record({
  title: words,
  steps: fc.array(
    fc.oneof(
      { weight: 9, arbitrary: fc.record(anyStep) },
      { weight: 1, arbitrary: fc.record({ ...anyStep, byPeople: words }) },
    ),
    { minLength: 1, maxLength: 25 },
  ),
  changes: many(fc.record({ what: words, from: words, to: words }), 40),
  targets: fc.array(words, { minLength: 1, maxLength: 3 }),
  signatures: fc.constantFrom(ONE, TWO),
  because: words,
  lost: words,
  undo: words,
  cautions: many(words, 40),
  digest: fc.stringMatching(/^[0-9a-f]{64}$/),
  expectedMs: fc.option(fc.nat()),
})

const request: fc.Arbitrary<PlanRequest> = fc.oneof(
  fc.record({ kind: fc.constant('kubernetes' as const), toVersion: fc.option(words) }),
  fc.record({ kind: fc.constantFrom('scale-down' as const, 'restart' as const), service: words }),
  fc.constant({ kind: 'clear-cache' as const }),
  fc.record({ kind: fc.constant('maintenance' as const), on: fc.boolean() }),
  fc.record({ kind: fc.constant('undo' as const), plan: fc.integer({ min: 1, max: 2 }) }),
)

const look = fc.record({
  verdict: fc.constantFrom(...Verdict.options),
  lines: many(
    fc.record({
      probe: fc.oneof(fc.constant('health-passing'), words),
      target: words,
      verdict: fc.constantFrom(...Verdict.options),
      says: words,
      version: fc.option(words),
    }),
    30,
  ),
})

/** What people and systems say in one history: hostile or huge, and the same again and again. */
const materials = fc.record({
  said: words,
  proposal,
  requests: fc.array(request, { minLength: 1, maxLength: 4 }),
  look,
  assessment,
  because: fc.array(words, { minLength: 1, maxLength: 30 }),
})
type Materials = typeof materials extends fc.Arbitrary<infer M> ? M : never

const turn = fc.record({
  by: fc.constantFrom('U0ANA', 'U0BO', 'U0CY'),
  ok: fc.boolean(),
  on: fc.integer({ min: 1, max: 3 }),
  pick: fc.nat(1000),
  /** Whether the plan goes on, or something else happens. */
  onward: fc.boolean(),
})
/** Short ones meet the beginnings, long ones what only comes late. */
const turns = fc.oneof(
  fc.array(turn, { maxLength: 8 }),
  fc.array(turn, { minLength: 20, maxLength: 50 }),
)
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never

/** One of the events that may follow; what the fold refuses cannot. */
function happening(incident: Incident, drawn: Turn, from: Materials): Event {
  const wanted = drawn.onward ? onwards(incident, drawn, from) : asides(incident, drawn, from)
  const possible = wanted.filter((event) => follows(incident, event))
  return possible[drawn.pick % possible.length] ?? { type: 'backout-restarted' }
}

function planNow({ plans }: Incident) {
  const state = plans.at(-1)
  const open = ({ kind }: { kind: string }) => kind === 'pending' || kind === 'started'
  return { plan: plans.length, state, step: state?.run?.steps.findIndex(open) ?? -1 }
}

function onwards(incident: Incident, { by, ok, pick }: Turn, from: Materials): Event[] {
  const { plan, step, state } = planNow(incident)
  const { said } = from
  const digest = state?.plan?.digest ?? ''
  const expiresAt = new Date(LIVED_AT + 15 * 60_000).toISOString()
  const wanted = from.requests[pick % from.requests.length] ?? { kind: 'clear-cache' }
  if (state?.run && step >= 0 && !state.run.ended && pick % 5 > 0) {
    return [
      { type: 'step-started', plan, step },
      { type: 'people-asked', plan, step },
      { type: 'step-succeeded', plan, step, applied: ok, says: said },
      { type: 'step-succeeded', plan, step, applied: false, says: said, by },
    ]
  }
  return [
    { type: 'plan-requested', plan: plan + 1, by, human: by, request: wanted },
    { type: 'plan-proposed', plan, proposal: from.proposal },
    { type: 'plan-approved', plan, by, human: by, digest, expiresAt },
    { type: 'run-started', plan },
    { type: 'run-ended', plan, outcome: Outcome.options[pick % 4] ?? 'failed', says: said },
  ]
}

function asides(incident: Incident, { by, ok, on, pick }: Turn, from: Materials): Event[] {
  const { plan, step } = planNow(incident)
  const { said, because } = from
  const watch = incident.watch?.number ?? 0
  const due = (incident.watch?.last?.due ?? 0) + on
  const stage = StatusStage.options[on - 1] ?? 'investigating'
  const item = ok ? 'on-call-alerted' : 'customers-told'
  const what = ok ? 'evidence' : 'rehearsal'
  return [
    { type: 'plan-infeasible', plan, because: said },
    { type: 'plan-prepared', plan, what, ok: on > 1, says: said },
    { type: 'approval-expired', plan, by },
    { type: 'plan-denied', plan, by },
    { type: 'plan-voided', plan, because },
    { type: 'plan-withdrawn', plan, by },
    { type: 'signatures-missing', plan, call: on },
    { type: 'run-held', plan, by: said },
    { type: 'people-asked', plan, step },
    { type: 'step-succeeded', plan, step, applied: false, says: said, by },
    { type: 'step-waiting', plan, step, because: said },
    { type: 'step-progressed', plan, step, says: said },
    { type: 'step-failed', plan, step, applied: Applied.options[on - 1] ?? 'unknown', says: said },
    { type: 'abort-requested', plan, by },
    { type: 'watch-started', watch: watch + 1, plan: ok && plan > 0 ? plan : null },
    { type: 'watch-looked', watch, look: { ...from.look, due } },
    { type: 'watch-turned', watch, to: WatchState.options[on] ?? 'settling' },
    { type: 'watch-ended', watch, because: ok ? 'over' : 'stopped' },
    ...verifying(said, { by, pick }),
    { type: 'item-ticked', item, by },
    { type: 'status-draft-edited', stage, by, text: said },
    { type: 'status-decided', stage, by, decision: ok ? 'published' : 'skipped' },
    ...publishing(incident, { by, ok, on, said }),
    { type: 'assessment-requested', by },
    { type: 'assessment-taken', assessment: from.assessment },
    ...pageEvents(said, ok),
    ...letterTurn(incident, { by, ok, said }),
    { type: 'moment-added', by, at: new Date(LIVED_AT - on * 60_000).toISOString(), text: said },
    { type: 'report-missed' },
    {
      type: 'checkpoint-taken',
      checkpoint: { of: 'signed', plan: plan || 1, position: pick + 1, hash: 'a'.repeat(64) },
    },
    { type: 'report-requested', by },
    { type: 'report-written', report: incident.report.written + 1, ok, says: said },
    ...(pick % 4 === 0 ? [{ type: 'incident-closed', by } as const] : []),
  ]
}

/** What becomes of what somebody has had published. */
function publishing(
  incident: Incident,
  { by, ok, on, said }: Pick<Turn, 'by' | 'ok' | 'on'> & { readonly said: string },
): Event[] {
  const stage = stageNow(incident) ?? 'investigating'
  const key = incident.statusPage[stage]?.publications.at(-1)?.key
  const to = post({ stage, body: said || 'We look.' })
  const sent = { kind: 'status-post' as const, key: StatusPostKey.parse(key ?? stage) }
  const at = new Date(LIVED_AT).toISOString()
  const link = ok ? 'https://status.example/1' : null
  const ends: Event[] = [
    { type: 'outbox-delivered', ...sent, receipt: { id: 'p-1', link, at } },
    { type: 'outbox-unknown', ...sent, because: said },
    { type: 'outbox-refused', ...sent, because: said },
  ]
  return [
    { type: 'status-publishing', stage, by, post: to },
    { type: 'status-overdue', stage },
    ...(key === undefined
      ? []
      : [
          { type: 'outbox-claimed' as const, ...sent, to },
          { type: 'outbox-released' as const, ...sent, because: said },
          ends[on - 1] ?? { type: 'backout-restarted' as const },
        ]),
  ]
}

/** Somebody is called, and what comes of it is told in somebody else's words. */
function pageEvents(said: string, ok: boolean): Event[] {
  const since = new Date(LIVED_AT).toISOString()
  const parts = {
    occasion: 'declared',
    deed: ok ? 'trigger' : 'resolve',
    pager: 'webhook',
  } as const
  const page = { kind: 'page', key: pageKey(parts) } as const
  const receipt = { acceptedAt: since, since, id: said, link: said, tells: ok }
  return [
    { type: 'outbox-claimed', ...page, to: { ...parts, since } },
    { type: 'outbox-delivered', ...page, receipt },
    { type: 'outbox-refused', ...page, because: said },
    { type: 'outbox-released', ...page, because: said },
    { type: 'page-acknowledged', key: page.key, by: said, at: since },
  ]
}

/** A letter to key customers, whose names and refusals are somebody else's words. */
function letterTurn(
  incident: Incident,
  { by, ok, said }: Pick<Turn, 'by' | 'ok'> & { readonly said: string },
): Event[] {
  const number = Object.values(incident.letters).flat().length + 1
  const events = letterEvents(number, { name: said, subject: said, text: said })
  return [
    { ...events.sending, by },
    events.claimed,
    ok ? { ...events.unknown, because: said } : { ...events.refused, because: said },
  ]
}

/** What is verified: one item by people, one by Backout, with whatever it finds. */
function verifying(said: string, { by, pick }: Pick<Turn, 'by' | 'pick'>): Event[] {
  const verdict = ItemVerdict.options[pick % 3] ?? 'not-measured'
  return [
    {
      type: 'verification-requested',
      by,
      cause: VerificationCause.options[pick % 4] ?? 'asked',
      items: [
        { id: 'seen', title: said, by: 'person' },
        { id: 'measured', title: said, by: 'backout' },
      ],
      measured: ['measured'],
    },
    {
      type: 'verification-taken',
      results: [{ item: 'measured', kind: 'http', verdict, says: said, tookMs: 1 }],
    },
    { type: 'verification-ticked', item: pick % 2 ? 'seen' : 'measured', title: said, by },
  ]
}

const LIVED_AT = Date.UTC(2026, 10, 22, 3, 12, 7)

/** As the next event of the journal. */
function next(incident: Incident, event: Event): Incident {
  const sequence = incident.sequence + 1
  const at = new Date(LIVED_AT + sequence * 1000).toISOString()
  return applyEvent(incident, { incident: incident.id, sequence, at, event })
}

function follows(incident: Incident, event: Event): boolean {
  try {
    next(incident, event)
    return true
  } catch (error) {
    if (error instanceof IllegalEvent) return false
    throw error
  }
}

/** Every card stands in the channel, as a person would press it. */
function posted(incident: Incident): Incident {
  return surfacesOf(incident).reduce(
    (one, surface, index) =>
      next(one, { type: 'message-posted', surface, channel: LIVED_IN, ts: `${index + 1}.0` }),
    incident,
  )
}

export const LIVED_IN = 'C0INCIDENTS'

/** A declared incident after a history that the journal could hold, with all its cards posted. */
export const livedIncident: fc.Arbitrary<Incident> = fc
  .tuple(declared, materials, turns)
  .map(([declaration, from, taken]) => {
    const place = { channel: LIVED_IN, thread: null }
    const { by, title, severity, description, services, procedure, toVersion } = declaration
    const said = { by, title, severity, description, services, procedure, toVersion }
    const start: Event[] = [
      { type: 'incident-opened', by: 'U0ANA', place },
      { type: 'incident-declared', ...said, channel: LIVED_IN },
    ]
    const begun = start.reduce(next, newIncident('20261122-k7qf'))
    return posted(taken.reduce((one, drawn) => next(one, happening(one, drawn, from)), begun))
  })
