import { applyEvent } from '../../src/domain/incident/fold.ts'
import { decide } from '../../src/domain/incident/decide.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { ApprovalSettings, type Signer } from '../../src/domain/plan/gate.ts'
import { leadingPlan, newIncident, type Incident } from '../../src/domain/incident/incident.ts'
import type { Intent } from '../../src/domain/incident/intent.ts'
import { mayStart, nextAction } from '../../src/domain/incident/next-action.ts'
import type { PersonKind } from '../../src/domain/base/person.ts'
import type { PlanState } from '../../src/domain/plan/plan-state.ts'
import type { Plan } from '../../src/domain/plan/plan.ts'
import { gateCheck } from '../../src/engine/run/gate-check.ts'

/** Everybody of the model. `ana2` is a second account of Ana; `gus` may sign until he leaves the group. */
export const PEOPLE = ['req', 'ana', 'ana2', 'bo', 'gus', 'bot'] as const
export type Who = (typeof PEOPLE)[number]

const EXPIRES_MINUTES = 15
const settings = ApprovalSettings.parse({ users: ['U0'], readSeconds: 0, escalation: [] })
const rules = { approval: settings, evidenceDeadlineMs: 60_000, watchHours: 0 }

/** One moment of the model: the journal's fold, the world, and who may sign. */
export type Moment = {
  readonly incident: Incident
  readonly nowMs: number
  /** Which template runs: another one is another digest. */
  readonly world: number
  readonly gusLeft: boolean
}

export type Move =
  | { readonly kind: 'approve' | 'deny'; readonly who: Who; readonly stale: boolean }
  | {
      readonly kind:
        | 'ask'
        | 'close'
        | 'clock'
        | 'deploy'
        | 'leave'
        | 'recheck'
        | 'restart'
        | 'run'
        | 'slip'
    }

export const MOVES: readonly Move[] = [
  ...PEOPLE.flatMap((who): Move[] => [
    { kind: 'approve', who, stale: false },
    { kind: 'deny', who, stale: false },
  ]),
  { kind: 'approve', who: 'bo', stale: true },
  { kind: 'ask' },
  { kind: 'close' },
  { kind: 'clock' },
  { kind: 'deploy' },
  { kind: 'leave' },
  { kind: 'recheck' },
  { kind: 'restart' },
  { kind: 'run' },
  { kind: 'slip' },
]

function signerOf(who: Who, { gusLeft }: Pick<Moment, 'gusLeft'>): Signer {
  const kind: PersonKind = who === 'bot' ? 'bot' : 'member'
  const approvers = who !== 'bot' && !(who === 'gus' && gusLeft)
  const roles = { approvers, 'data-owners': false }
  return { id: who, kind, human: who === 'ana2' ? 'ana' : who, roles }
}

export function planFor(world: number): Plan {
  return {
    title: `world ${world}`,
    steps: [{ id: 'any', title: 'any', input: world }],
    changes: [{ what: 'backend', from: `v${world}`, to: 'v0' }],
    targets: ['deployment backend'],
    signatures: [{ count: 2, from: 'approvers' }],
    because: '',
    lost: '',
    undo: '',
    cautions: [],
    digest: `digest-${world}`,
    expectedMs: null,
  }
}

export function happen(incident: Incident, events: readonly Event[], nowMs: number): Incident {
  return events.reduce(
    (now, event) =>
      applyEvent(now, {
        incident: now.id,
        sequence: now.sequence + 1,
        at: new Date(nowMs).toISOString(),
        event,
      }),
    incident,
  )
}

function proposed(incident: Incident, world: number, nowMs: number): Incident {
  const plan = leadingPlan(incident)?.number ?? 0
  return happen(
    incident,
    [
      { type: 'plan-proposed', plan, proposal: planFor(world) },
      { type: 'plan-prepared', plan, what: 'evidence', ok: true, says: '' },
    ],
    nowMs,
  )
}

export function beginning(): Moment {
  const nowMs = Date.UTC(2026, 10, 22)
  const place = { channel: 'C0', thread: null }
  const opened = happen(
    newIncident('model'),
    [
      { type: 'incident-opened', by: 'req', place },
      {
        type: 'incident-declared',
        by: 'req',
        channel: 'C0',
        title: '',
        severity: null,
        description: '',
        services: [],
        procedure: null,
        toVersion: null,
      },
    ],
    nowMs,
  )
  return { incident: opened, nowMs, world: 1, gusLeft: false }
}

/** The wish as the engine settles it: decided by the real code, and folded. */
function wish(moment: Moment, who: Who, intent: Intent): Moment {
  const { incident, nowMs } = moment
  const person = signerOf(who, moment)
  const received = {
    delivery: `d${incident.sequence}`,
    by: who,
    place: { channel: 'C0', thread: null },
    card: null,
    intent,
  }
  const context = {
    person,
    nowMs,
    approval: settings,
    environment: 'production',
    impossible: null,
    headlineChannel: 'C0',
    watchHours: 0,
  }
  const decision = decide(incident, received, context)
  return decision.kind === 'accepted'
    ? { ...moment, incident: happen(incident, decision.events, nowMs) }
    : moment
}

/** What follows; `began`: the plan whose first write would be made now. */
export async function moved(
  moment: Moment,
  move: Move,
): Promise<{ readonly moment: Moment; readonly began: PlanState | null }> {
  const { incident, nowMs, world } = moment
  const state = incident.plans.at(-1) ?? null
  const still = (next: Moment) => ({ moment: next, began: null })
  switch (move.kind) {
    case 'approve':
    case 'deny': {
      const digest = move.stale ? 'digest-old' : (state?.plan?.digest ?? '')
      return still(wish(moment, move.who, { kind: move.kind, plan: state?.number ?? 1, digest }))
    }
    case 'ask': {
      // Two plans tell everything that more of them would.
      if (incident.plans.length >= 2) return still(moment)
      // Asked for once more, the same plan would stand as it is.
      const toVersion = incident.plans.length === 0 ? null : 'v0'
      const request = { kind: 'kubernetes', toVersion } as const
      const asked = wish(moment, 'req', { kind: 'plan', request })
      if (asked.incident.plans.length === incident.plans.length) return still(moment)
      return still({ ...asked, incident: proposed(asked.incident, world, nowMs) })
    }
    case 'close':
      return still(wish(moment, 'bo', { kind: 'close' }))
    case 'clock': {
      const later = { ...moment, nowMs: nowMs + (EXPIRES_MINUTES / 2) * 60_000 }
      const action = nextAction(incident, later.nowMs, rules)
      const events = action.kind === 'record' ? action.events : []
      return still({ ...later, incident: happen(incident, events, later.nowMs) })
    }
    // Time passes, and nobody has written down yet what it did.
    case 'slip':
      return still({ ...moment, nowMs: nowMs + (EXPIRES_MINUTES / 2) * 60_000 })
    case 'deploy':
      return still({ ...moment, world: Math.min(world + 1, 2) })
    case 'leave':
      return still({ ...moment, gusLeft: true })
    case 'restart':
      return still({
        ...moment,
        incident: happen(incident, [{ type: 'backout-restarted' }], nowMs),
      })
    case 'recheck': {
      const plan = state?.number ?? 0
      const drifted =
        state?.plan && !state.ended && !state.run && state.plan.digest !== `digest-${world}`
      if (!drifted) return still(moment)
      const voided = happen(incident, [{ type: 'plan-voided', plan, because: ['drift'] }], nowMs)
      return still({ ...moment, incident: voided })
    }
    case 'run': {
      if (!state || !mayStart(state, nowMs, rules)) return still(moment)
      const plan = state.number
      const started = happen(incident, [{ type: 'run-started', plan }], nowMs)
      const running = leadingPlan(started)
      if (!running) return still(moment)
      const closed = await checkOf(moment).whole(started, running, new AbortController().signal)
      if (!closed) {
        const written = happen(started, [{ type: 'step-started', plan, step: 0 }], nowMs)
        return { moment: { ...moment, incident: written }, began: running }
      }
      const stopped = happen(
        started,
        [
          { type: 'plan-voided', plan, because: [...closed.because] },
          { type: 'run-ended', plan, outcome: 'gate-closed', says: '' },
        ],
        nowMs,
      )
      return still({ ...moment, incident: stopped })
    }
    default:
      return move satisfies never
  }
}

/** The real last question before the first write, over this moment's world and people. */
function checkOf(moment: Moment) {
  const rights = {
    signer: async (id: string) => signerOf(id as Who, moment),
    approver: async (id: string) => signerOf(id as Who, moment),
  }
  return gateCheck({
    approval: settings,
    clock: { now: () => moment.nowMs },
    rights: { ...rights, outside: rights },
    planning: {
      drift: async (_, { plan }) =>
        plan?.digest === `digest-${moment.world}` ? null : { because: ['drift'], proposal: null },
    },
  })
}

/** What must hold whenever a first write would be made (quality of the gate: J7). Empty: all does. */
export function violations(moment: Moment, began: PlanState): string[] {
  // Counted here, and not by the code that is on trial.
  const standing = began.approvals.filter(({ expiresAt }) => Date.parse(expiresAt) > moment.nowMs)
  const signers = standing.map(({ by }) => signerOf(by as Who, moment))
  const humans = new Set(signers.map(({ human }) => human))
  const found: string[] = []
  if (humans.size < 2) found.push('fewer than two humans')
  if (signers.some(({ kind }) => kind !== 'member')) found.push('a bot signed')
  if (humans.has('req')) found.push('the requester signed')
  if (signers.some(({ roles }) => roles.approvers !== true)) found.push('somebody lost the right')
  if (began.plan?.digest !== `digest-${moment.world}`) found.push('another world than was signed')
  if (standing.some(({ digest }) => digest !== began.plan?.digest)) found.push('another digest')
  if (began.ended) found.push('a plan that had ended')
  if (moment.incident.closed) found.push('a closed incident')
  return found
}

/** Two moments that nothing can tell apart any more. Of a plan that is over, only how it ended counts. */
export function fingerprint({ incident, nowMs, world, gusLeft }: Moment): string {
  const plans = incident.plans.map(({ plan, ended, run, approvals }) => {
    if (ended || run) return [ended?.kind, run?.steps.map(({ kind }) => kind), run?.ended?.outcome]
    const signed = approvals.map(
      ({ by, expiresAt }) => `${by} ${Math.max(0, Date.parse(expiresAt) - nowMs)}`,
    )
    return [plan?.digest === `digest-${world}`, signed.toSorted()]
  })
  return JSON.stringify([plans, incident.closed !== null, world, gusLeft])
}
