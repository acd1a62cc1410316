import { Fault } from '../../../src/domain/base/fault.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { leadingPlan, type Incident } from '../../../src/domain/incident/incident.ts'
import { mayStart } from '../../../src/domain/incident/next-action.ts'
import { signedUntilMs } from '../../../src/domain/plan/gate.ts'
import type { PlanState } from '../../../src/domain/plan/plan-state.ts'
import { isRunning } from '../../../src/domain/plan/run.ts'
import { gateCheck } from '../../../src/engine/run/gate-check.ts'
import { gateClosed } from '../../../src/engine/run/gate-closed.ts'
import {
  appended,
  approval,
  EMPTY,
  rules,
  withProcess,
  type Moment,
  type Moved,
  type Which,
} from './moment.ts'
import { known, rightsAt } from './people.ts'

export function begun(moment: Moment, by: Which): Moment {
  const { incident, nowMs, processes } = moment
  const mayIn = (seen: Incident) => {
    const state = leadingPlan(seen)
    return state !== null && mayStart(state, nowMs, rules)
  }
  if (!mayIn(processes[by].saw ?? incident)) return moment
  const events = mayIn(incident) ? [{ type: 'run-started', plan: 1 } as const] : []
  return appended(moment, by, processes[by].hands, events)
}

/** The run of the plan while its only step may still write. */
function openRun(incident: Incident) {
  const state = leadingPlan(incident)
  if (!state || !isRunning(state.run)) return null
  const [step] = state.run.steps
  return step?.kind === 'pending' || step?.kind === 'started'
    ? { state, run: state.run, step }
    : null
}

/** The real last question, by what this process has seen of the journal. */
export async function checked(moment: Moment, by: Which): Promise<Moved> {
  const quiet = (next: Moment): Moved => ({ moment: next, wrong: [], happened: null })
  const { incident, nowMs, processes, world } = moment
  const process = processes[by]
  const seen = process.saw ?? incident
  const turn = openRun(seen)
  // What stands there already is proved, and asks nobody.
  if (!turn || world === 'back' || process.hands.kind === 'sent') return quiet(moment)
  const check = gateCheck({
    approval,
    clock: { now: () => nowMs },
    rights: rightsAt(moment),
    planning: {
      drift: async (_, { plan }) =>
        plan?.digest === `digest-${world}` ? null : { because: ['drift'], proposal: null },
    },
  })
  try {
    const closed = await check.whole(seen, turn.state, new AbortController().signal)
    if (!closed) {
      const hands = { kind: 'checked', world, untilMs: signedUntilMs(turn.state) } as const
      const next = withProcess(moment, by, { ...process, hands })
      return {
        moment: next,
        wrong: [...wrongWith(turn.state, moment), ...strangers(turn.state, moment)],
        happened: null,
      }
    }
    const now = openRun(incident)
    const events = now ? gateClosed(now, incident, 0, { closed, nowMs }) : []
    return quiet(appended(moment, by, { kind: 'empty' }, events))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return quiet(moment)
  }
}

/** Its start is durable, if nobody has stopped the run; and it is sent, if it is not too late and it may act. */
export function sent(moment: Moment, by: Which): Moved {
  const { hands } = moment.processes[by]
  if (hands.kind !== 'checked') return { moment, wrong: [], happened: null }
  const turn = openRun(moment.incident)
  const isFresh = turn?.step.kind === 'pending' && !turn.run.abort
  const events: readonly Event[] = isFresh ? [{ type: 'step-started', plan: 1, step: 0 }] : []
  const next = appended(moment, by, { kind: 'empty' }, events)
  const now = openRun(next.incident)
  const mayWrite = now?.step.kind === 'started' && !now.run.abort && moment.nowMs < hands.untilMs
  if (!now || !mayWrite) return { moment: next, wrong: [], happened: null }
  if (moment.acting !== by) return { moment: next, wrong: [], happened: 'may not act' }
  const isOutside = now.state.approvals.some(({ via }) => via !== undefined)
  return {
    moment: withProcess(next, by, { ...EMPTY, hands: { kind: 'sent', world: hands.world } }),
    wrong: wrongWith(now.state, { ...moment, world: hands.world }),
    happened: isOutside ? 'sent without Slack' : 'sent',
  }
}

/** What must hold whenever it is asked, and for whatever is sent (J7). Counted here, and not by the code on trial. */
function wrongWith(state: PlanState, moment: Moment): string[] {
  const { nowMs, incident, world } = moment
  const standing = state.approvals.filter(({ expiresAt }) => Date.parse(expiresAt) > nowMs)
  const signers = new Set(standing.map(({ by }) => by))
  const found: string[] = []
  if (signers.size < 2) found.push('fewer than two people')
  if (signers.has('U0REQ')) found.push('the requester signed')
  if (standing.some(({ digest }) => digest !== `digest-${world}`)) found.push('another world')
  if (state.ended || incident.closed) found.push('it had ended')
  return found
}

/** Who signed and might not, as far as it is known at that moment. */
function strangers({ approvals }: PlanState, moment: Moment): string[] {
  const entitled = known(moment) ?? []
  const standing = approvals.filter(({ expiresAt }) => Date.parse(expiresAt) > moment.nowMs)
  const isLive = !standing.some(({ via }) => via !== undefined)
  if (isLive && moment.away) return ['nobody has said who may sign']
  return standing.flatMap(({ by }) => (entitled.includes(by) ? [] : [`${by} may not sign`]))
}

/** At the target: what was seen has to stand there still. */
export function arrived(moment: Moment, by: Which): Moved {
  const process = moment.processes[by]
  const { hands } = process
  if (hands.kind !== 'sent') return { moment, wrong: [], happened: null }
  const next = withProcess(moment, by, { ...process, hands: { kind: 'empty' } })
  if (moment.world !== hands.world) return { moment: next, wrong: [], happened: 'came too late' }
  const written = moment.written + 1
  const wrong = written > 1 ? ['written twice'] : []
  return { moment: { ...next, world: 'back', written }, wrong, happened: 'written' }
}
