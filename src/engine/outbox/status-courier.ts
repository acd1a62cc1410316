import type { Incident } from '../../domain/incident/incident.ts'
import { idOnPage, owedPosts } from '../../domain/incident/publication.ts'
import type { StatusPages, StatusUpdate } from '../../ports/status-pages.ts'
import type { Courier, Owed } from './couriers.ts'

/** On the other side. */
const ON_ITS_WAY = { forMs: 60_000 } as const

type StatusCourier = Courier<'status-post'>

/** How what people had published comes to the status page. `open`: when it is first needed. */
export function statusCourier({
  open,
  canBeAsked,
}: {
  readonly open: () => Promise<StatusPages>
  readonly canBeAsked: boolean
}): StatusCourier {
  return {
    kind: 'status-post',
    owed: owedPosts,
    onItsWay: ON_ITS_WAY,
    send: async (incident, owed, signal) =>
      (await open()).publish(updateOf(incident, owed), signal),
    ...(canBeAsked && {
      async find(incident, owed, _sinceMs, signal) {
        const pages = await open()
        return (await pages.find?.(updateOf(incident, owed), signal)) ?? null
      },
    }),
  }
}

function updateOf(incident: Incident, { key, to }: Owed<'status-post'>): StatusUpdate {
  return { ...to, incident: incident.id, key, page: idOnPage(incident) }
}
