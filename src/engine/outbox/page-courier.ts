import { Fault } from '../../domain/base/fault.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { pagesOwed, type PagingRules } from '../../domain/incident/pages.ts'
import { deliveryOf } from '../../domain/outbox/outbox.ts'
import {
  pageName,
  type Occasion,
  type PageAccepted,
  type PageTo,
} from '../../domain/outbox/page.ts'
import { PAGER_NAMES, type PagerName } from '../../domain/text/product-names.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Call, Pager, Taken } from '../../ports/pager.ts'
import type { Courier } from './couriers.ts'
import { Unknowable } from './send-once.ts'

/** What is said of an occasion, and by whom something was taken on. */
export type PageWords = {
  call(incident: Incident, occasion: Occasion): Pick<Call, 'summary' | 'detail' | 'severity'>
  lead(incident: Incident): string
}

/**
 * For so long the same call is made again while no answer to it comes. Later it might call anew: whoever
 * was called may have closed it in the pager by then, and a call after that is another one.
 */
const REPEATED_FOR_MS = 10 * 60_000

/** Tells every pager what it should know of an incident: that somebody is wanted, has it, is not wanted any more. */
export function pageCourier(deps: {
  readonly pagers: readonly Pager[]
  readonly occasions: PagingRules['occasions']
  readonly environment: string
  readonly words: PageWords
  /** The address of the incident's thread, if it is to be had at once. Never throws. */
  readonly linkTo: (incident: string, signal: AbortSignal) => Promise<string | null>
  readonly clock: Clock
}): Courier<'page'> {
  const { pagers, occasions, clock, words, environment } = deps
  const rules: PagingRules = {
    occasions,
    pagers: pagers.map(({ name, acknowledge }) => {
      return { name, takesAcknowledgement: acknowledge !== undefined }
    }),
  }

  function pagerOf(name: PagerName): Pager {
    const pager = pagers.find((one) => one.name === name)
    if (pager) return pager
    const detail = `${PAGER_NAMES[name]} is not in the settings any more`
    throw new Fault({ kind: 'terminal', dependency: name, detail })
  }

  async function told(incident: Incident, to: PageTo, signal: AbortSignal): Promise<Taken> {
    const pager = pagerOf(to.pager)
    const { id } = incident
    const key = pageName(id, to.occasion)
    switch (to.deed) {
      case 'trigger': {
        const link = await deps.linkTo(id, signal)
        const said = words.call(incident, to.occasion)
        const call = { ...said, key, environment, incident: id, since: to.since, link }
        return pager.trigger(call, signal)
      }
      case 'acknowledge':
        return pager.acknowledge?.(key, words.lead(incident), signal) ?? NOTHING
      case 'resolve':
        return pager.resolve(key, signal)
      default:
        return to.deed satisfies never
    }
  }

  function received(taken: Taken, { pager, deed, since }: PageTo): PageAccepted {
    const tells = deed === 'trigger' && pagerOf(pager).answeredBy !== undefined
    return { ...taken, since, acceptedAt: new Date(clock.now()).toISOString(), tells }
  }

  return {
    kind: 'page',
    owed: (incident) => pagesOwed(incident, rules),
    async send(incident, { key, to }, signal) {
      // Called once already, and the answer was lost: whatever comes of calling again, it may ring.
      const mayRing =
        to.deed === 'trigger' && deliveryOf(incident.outbox, 'page', key)?.kind === 'claimed'
      try {
        return received(await told(incident, to, signal), to)
      } catch (error) {
        throw mayRing && error instanceof Fault ? stillUnknown(error) : error
      }
    },
    async find(incident, { to }, sinceMs, signal) {
      const pager = pagerOf(to.pager)
      // Said twice, these wake nobody.
      if (to.deed !== 'trigger') return null
      const taken = await pager.find?.(pageName(incident.id, to.occasion), signal).catch(forbidden)
      if (taken) return received(taken, to)
      // Asked, and it is not there: nobody was called (J4).
      if (taken === null) return null
      const name = PAGER_NAMES[to.pager]
      if (pager.repeat === 'may-ring') {
        return new Unknowable(`the answer was lost, and ${name} might ring twice`)
      }
      // The pager knows the call by its key: while that is open, the same call is none.
      if (clock.now() - sinceMs < REPEATED_FOR_MS) return null
      return new Unknowable(`${name} was told, and did not answer for too long`)
    },
  }
}

/** Whoever may never ask is as if there were nobody to ask. */
function forbidden(error: unknown): undefined {
  if (error instanceof Fault && error.kind === 'terminal') return undefined
  throw error
}

function stillUnknown(error: Fault): Fault {
  const { dependency, detail, code, retryAfterMs } = error
  const kind = 'unknown-outcome'
  return new Fault({ kind, dependency, detail, code, retryAfterMs, cause: error })
}

const NOTHING: Taken = { id: null, link: null }
