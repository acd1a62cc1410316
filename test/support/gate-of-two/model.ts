import { leadingPlan } from '../../../src/domain/incident/incident.ts'
import { START_MS, STEP_MS, withProcess, type Moment, type Moved, type Which } from './moment.ts'
import { decided, signed } from './people.ts'
import { arrived, begun, checked, sent } from './process.ts'

export type Move =
  | { readonly kind: 'sign' | 'sign-outside'; readonly who: string }
  | { readonly kind: 'abort' | 'deploy' | 'leave' | 'slip' }
  | { readonly kind: 'slack-goes' | 'slack-comes' | 'kept-too-long' }
  /** The first process, which acts at the beginning. */
  | { readonly kind: 'freeze' | 'take-over' | 'thaw' }
  | { readonly kind: 'begin' | 'check' | 'send' | 'arrive'; readonly by: Which }

const ONES: readonly Which[] = [0, 1]

export const MOVES: readonly Move[] = [
  { kind: 'sign', who: 'U0ANA' },
  { kind: 'sign', who: 'U0BO' },
  ...['U0GUS', 'U0REQ'].map((who) => ({ kind: 'sign-outside', who }) as const),
  ...(['abort', 'deploy', 'leave', 'slip'] as const).map((kind) => ({ kind })),
  ...(['slack-goes', 'slack-comes', 'kept-too-long'] as const).map((kind) => ({ kind })),
  ...(['freeze', 'take-over', 'thaw'] as const).map((kind) => ({ kind })),
  ...ONES.flatMap((by) =>
    (['begin', 'check', 'send', 'arrive'] as const).map((kind) => ({ kind, by })),
  ),
]

export async function moved(moment: Moment, move: Move): Promise<Moved> {
  const quiet = (next: Moment): Moved => ({ moment: next, wrong: [], happened: null })
  const { incident, nowMs, away } = moment
  switch (move.kind) {
    case 'sign':
    case 'sign-outside':
      return quiet(await signed(moment, move))
    case 'abort':
      return quiet(decided(moment, 'U0BO', { kind: 'abort', plan: null }))
    case 'deploy':
      return quiet(moment.world === 1 ? { ...moment, world: 2 } : moment)
    case 'leave':
      return quiet({ ...moment, gusLeft: true })
    // Nobody has written down yet what it did.
    case 'slip':
      return quiet(nowMs > START_MS ? moment : { ...moment, nowMs: nowMs + STEP_MS })
    case 'slack-goes':
      if (away) return quiet(moment)
      return quiet({ ...moment, away: { gusIn: !moment.gusLeft, isOld: false } })
    case 'slack-comes':
      return quiet({ ...moment, away: null })
    case 'kept-too-long':
      return quiet({ ...moment, away: away && { gusIn: false, isOld: true } })
    case 'freeze': {
      const [first] = moment.processes
      // Before anything is signed there is nothing that it could do.
      const isSoon = (leadingPlan(incident)?.approvals.length ?? 0) < 2
      if (first.isFrozen || first.saw || isSoon) return quiet(moment)
      return quiet(withProcess(moment, 0, { ...first, saw: incident, isFrozen: true }))
    }
    case 'take-over':
      return quiet(moment.processes[0].saw ? { ...moment, acting: 1 } : moment)
    case 'thaw':
      return quiet(withProcess(moment, 0, { ...moment.processes[0], isFrozen: false }))
    case 'arrive':
      return arrived(moment, move.by)
    case 'begin':
    case 'check':
    case 'send':
      // The second one does nothing before it acts; the first may not have noticed that it does not.
      if (moment.processes[move.by].isFrozen || (move.by === 1 && moment.acting === 0)) {
        return quiet(moment)
      }
      if (move.kind === 'begin') return quiet(begun(moment, move.by))
      return move.kind === 'check' ? checked(moment, move.by) : sent(moment, move.by)
    default:
      return move satisfies never
  }
}
