import { Fault } from '../../domain/base/fault.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { idOnPage, owedPosts } from '../../domain/incident/publication.ts'
import type { StatusReceipt } from '../../domain/outbox/status-post.ts'
import type { Clock } from '../../ports/clock.ts'
import type { StatusPages, StatusUpdate } from '../../ports/status-pages.ts'
import type { Courier, Owed } from './couriers.ts'

/**
 * For a minute after it was sent it may still be under way on the other side. Only then "it is not there"
 * means that it will not come (J4). It is counted from where the looking begins, two minutes before.
 */
const SETTLES_MS = 180_000

type StatusCourier = Courier<'status-post'>

/** How what people had published comes to the status page. `open`: when it is first needed. */
export function statusCourier({
  open,
  canBeAsked,
  clock,
}: {
  readonly open: () => Promise<StatusPages>
  readonly canBeAsked: boolean
  readonly clock: Clock
}): StatusCourier {
  async function find(
    incident: Incident,
    owed: Owed<'status-post'>,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<StatusReceipt | null> {
    const pages = await open()
    const found = (await pages.find?.(updateOf(incident, owed), signal)) ?? null
    if (found || Math.abs(clock.now() - sinceMs) >= SETTLES_MS) return found
    throw new Fault({
      kind: 'unknown-outcome',
      dependency: 'status page',
      detail: 'it is not there, and may be on its way',
    })
  }
  return {
    kind: 'status-post',
    owed: owedPosts,
    send: async (incident, owed, signal) =>
      (await open()).publish(updateOf(incident, owed), signal),
    ...(canBeAsked && { find }),
  }
}

function updateOf(incident: Incident, { key, to }: Owed<'status-post'>): StatusUpdate {
  return { ...to, incident: incident.id, key, page: idOnPage(incident) }
}
