import { Fault } from '../../../src/domain/base/fault.ts'
import type { Via } from '../../../src/domain/base/via.ts'
import { decide } from '../../../src/domain/incident/decide.ts'
import { leadingPlan } from '../../../src/domain/incident/incident.ts'
import type { Intent } from '../../../src/domain/incident/intent.ts'
import { NO_ROLES_ASKED, type Signer } from '../../../src/domain/plan/gate.ts'
import type { EngineDeps } from '../../../src/engine/engine-types.ts'
import { rightsOf } from '../../../src/engine/rights-outside.ts'
import { happen } from '../gate-model.ts'
import { approval, emailOf, rules, SIGNERS, type Moment } from './moment.ts'

const DAY_MS = 24 * 3_600_000

/** Whom Slack would name now, or has named when it last answered; `null`: that is too long ago. */
export function known({ gusLeft, away }: Moment): readonly string[] | null {
  if (away?.isOld) return null
  const gusIn = away === null ? !gusLeft : away.gusIn
  return SIGNERS.filter((one) => one !== 'U0GUS' || gusIn)
}

/** The real questions about people, over a Slack that answers or does not. */
export function rightsAt(moment: Moment) {
  const { away, nowMs } = moment
  const silent = async (): Promise<never> => {
    throw new Fault({ kind: 'retryable', dependency: 'slack', detail: 'no answer' })
  }
  const member = async (user: string) => ({ kind: 'member', email: emailOf(user) }) as const
  const atMs = nowMs - (away?.isOld ? DAY_MS + 1 : 1)
  const deps: Pick<EngineDeps, 'people' | 'keptAnswers' | 'clock' | 'log' | 'rules' | 'hash'> = {
    people: away
      ? { accountOf: silent, membersOf: silent }
      : { accountOf: member, membersOf: async () => known(moment) ?? [] },
    keptAnswers: {
      async keep() {},
      async kept(key) {
        const [, user = ''] = key.split(' ')
        const answer = key.startsWith('account')
          ? await member(user)
          : SIGNERS.filter((one) => one !== 'U0GUS' || away?.gusIn)
        return { answer, atMs }
      },
    },
    clock: { now: () => nowMs, reach() {} },
    log: { info() {}, warn() {}, error() {} },
    rules,
    hash: (text) => text,
  }
  return rightsOf(deps as EngineDeps)
}

export function decided(moment: Moment, by: string | Signer, intent: Intent, via?: Via): Moment {
  const person = typeof by === 'string' ? nobody(by) : by
  const { incident, nowMs } = moment
  const place = { channel: 'C0', thread: null }
  const delivery = `d${incident.sequence}`
  const received = { delivery, by: person.id, place, card: null, intent, ...(via && { via }) }
  const decision = decide(incident, received, {
    person,
    nowMs,
    approval,
    environment: 'production',
    impossible: null,
    headlineChannel: 'C0',
    watchHours: 0,
  })
  if (decision.kind !== 'accepted') return moment
  return { ...moment, incident: happen(incident, decision.events, nowMs) }
}

function nobody(id: string): Signer {
  return { id, kind: 'member', human: emailOf(id), roles: NO_ROLES_ASKED }
}

export async function signed(
  moment: Moment,
  { kind, who }: { readonly kind: 'sign' | 'sign-outside'; readonly who: string },
): Promise<Moment> {
  // Nobody clicks in a Slack that is away. What is signed later, a process that acts has read: the other model has it.
  if ((kind === 'sign' && moment.away) || moment.processes[0].saw || moment.acting) return moment
  const rights = rightsAt(moment)
  const signer = await (kind === 'sign' ? rights : rights.outside).approver(who)
  const digest = leadingPlan(moment.incident)?.plan?.digest ?? ''
  const intent = { kind: 'approve', plan: 1, digest } as const
  return decided(moment, signer, intent, kind === 'sign' ? undefined : 'page')
}
