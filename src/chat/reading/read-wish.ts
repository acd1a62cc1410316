import { procedureRequest } from '../../domain/plan/about-request.ts'
import { isAnyRunning, type Incident } from '../../domain/incident/incident.ts'
import type { Intent } from '../../domain/incident/intent.ts'
import { refused, type Refusal, type RefusalReason } from '../../domain/base/refusal.ts'
import { BEFORE_OTHERS, type ProcedureName } from '../../domain/plan/requests.ts'
import { hasWritten } from '../../domain/plan/run.ts'
import type { Wish } from './command.ts'
import { namesUpTo, oneLine } from '../text/text.ts'

/** Where a wish was typed, and what it can mean there. */
type Typed = {
  /** The ways back that are configured, the cheapest first. */
  readonly procedures: readonly ProcedureName[]
  /** The incident in whose thread it was typed. */
  readonly thread: Incident | null
  readonly open: () => readonly Incident[]
}

/** `incident` is `null` for a wish that opens one. */
type Meant = { readonly incident: string | null; readonly intent: Intent }

/** What a typed wish wants of which incident. Between several open ones nobody guesses. */
export function readWish(wish: Wish, { thread, open, procedures }: Typed): Meant | Refusal {
  if (wish.kind === 'write-report' && wish.incident !== null) {
    return { incident: wish.incident, intent: { kind: 'write-report' } }
  }
  // Whoever types it in the channel asks about production as it is now.
  if (wish.kind === 'assess' || thread) return meant(wish, thread, procedures)
  const [only = null, ...others] = open()
  return others.length > 0 && only ? whichOf([only, ...others]) : meant(wish, only, procedures)
}

function meant(
  wish: Wish,
  incident: Incident | null,
  procedures: readonly ProcedureName[],
): Meant | Refusal {
  switch (wish.kind) {
    case 'assess':
      return aimed(incident, { kind: 'assess', symptoms: [...wish.symptoms] })
    case 'plan':
      return aimed(incident, wish)
    case 'roll-back': {
      const fits = incident?.assessment?.recommended ?? procedures[0] ?? BEFORE_OTHERS
      const request = procedureRequest(wish.procedure ?? fits, wish)
      return aimed(incident, { kind: 'plan', request })
    }
    case 'resume':
      return incident
        ? aimed(incident, { kind: 'plan', request: { kind: 'resume' } })
        : refused('nothing-to-resume')
    case 'undo':
      return incident ? undoing(incident) : refused('nothing-to-undo')
    case 'abort':
      return incident ? aimed(incident, wish) : refused('nothing-to-abort')
    case 'watch':
    case 'take-lead':
      return incident ? aimed(incident, wish) : refused('not-declared')
    case 'write-report':
      return incident ? aimed(incident, { kind: 'write-report' }) : refused('which-report')
    default:
      return wish satisfies never
  }
}

function aimed(incident: Incident | null, intent: Intent): Meant {
  return { incident: incident?.id ?? null, intent }
}

/** The newest plan that changed something; a later one that wrote nothing left nothing to undo. */
function undoing(incident: Incident): Meant | Refusal {
  const newest = incident.plans.findLast(({ run }) => run !== null && hasWritten(run))
  if (!newest) return refused(whyNotUndo(incident))
  return aimed(incident, { kind: 'plan', request: { kind: 'undo', plan: newest.number } })
}

function whyNotUndo(incident: Incident): RefusalReason {
  if (incident.closed) return 'incident-closed'
  return isAnyRunning(incident) ? 'run-in-progress' : 'nothing-to-undo'
}

function whichOf(incidents: readonly Incident[]): Refusal {
  const names = incidents.map(({ id, declared }) => `${id} (${oneLine(declared?.title ?? '', 40)})`)
  return refused('which-incident', namesUpTo(4, names))
}
