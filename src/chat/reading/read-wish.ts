import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Intent } from '../../domain/incident/intent.ts'
import { refused, type Refusal, type RefusalReason } from '../../domain/base/refusal.ts'
import { hasWritten } from '../../domain/plan/run.ts'
import type { Wish } from './command.ts'
import { namesUpTo, oneLine } from '../text/text.ts'

/** Where a wish was typed, and what it can mean there. */
type Typed = {
  /** The incident in whose thread it was typed. */
  readonly thread: Incident | null
  readonly open: () => readonly Incident[]
}

/** `incident` is `null` for a wish that opens one. */
type Meant = { readonly incident: string | null; readonly intent: Intent }

/** What a typed wish wants of which incident. Between several open ones nobody guesses. */
export function readWish(wish: Wish, { thread, open }: Typed): Meant | Refusal {
  // Whoever types it in the channel asks about production as it is now.
  if (wish.kind === 'assess') return meant(wish, thread)
  if (thread) return meant(wish, thread)
  const [only = null, ...others] = open()
  return others.length > 0 && only ? whichOf([only, ...others]) : meant(wish, only)
}

function meant(wish: Wish, incident: Incident | null): Meant | Refusal {
  switch (wish.kind) {
    case 'assess':
      return aimed(incident, { kind: 'assess', symptoms: [...wish.symptoms] })
    case 'plan':
      return wish.request.kind === 'resume' && !incident
        ? refused('nothing-to-resume')
        : aimed(incident, wish)
    case 'undo':
      return incident ? undoing(incident) : refused('nothing-to-undo')
    case 'abort':
      return incident ? aimed(incident, wish) : refused('nothing-to-abort')
    case 'watch':
      return incident ? aimed(incident, wish) : refused('not-declared')
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
  const can = incidentCan.plan(incident)
  return can === true ? 'nothing-to-undo' : can
}

function whichOf(incidents: readonly Incident[]): Refusal {
  const names = incidents.map(({ id, declared }) => `${id} (${oneLine(declared?.title ?? '', 40)})`)
  return refused('which-incident', namesUpTo(4, names))
}
