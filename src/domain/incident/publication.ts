import { deliveryOf, type Delivery } from '../outbox/outbox.ts'
import { isOver, sendingOf, type Sending } from '../outbox/sending.ts'
import type { StatusPost } from '../outbox/status-post.ts'
import type { Incident } from './incident.ts'
import { StatusStage, type Publication } from './status-page.ts'

/** How far something is that a person had published. */
export type PublicationState = Sending<'status-post'>

/** The newest publication of a stage; `null`: nobody has had it published. */
export function publicationOf(
  incident: Incident,
  stage: StatusStage,
): { readonly publication: Publication; readonly state: PublicationState } | null {
  const publication = incident.statusPage[stage]?.publications.at(-1)
  return publication ? { publication, state: stateOf(incident, publication) } : null
}

function stateOf({ outbox }: Incident, { key }: Publication): PublicationState {
  return sendingOf<'status-post'>(deliveryOf(outbox, 'status-post', key))
}

/**
 * What should stand on the page by now, in the order in which people decided it. A later one waits for
 * the one before it, as long as that is on its way: the page tells what happened in order.
 */
export function owedPosts(
  incident: Incident,
): readonly { readonly key: string; readonly to: StatusPost }[] {
  const decided = StatusStage.options.flatMap((stage) => {
    const prompt = incident.statusPage[stage]
    return (prompt?.publications ?? []).flatMap((publication) => {
      // A person has said what became of it: that it is there, or that it is not wanted any more.
      const dropped = prompt?.decided && !isOver(stateOf(incident, publication).kind)
      return dropped ? [] : [publication]
    })
  })
  const inOrder = decided.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  const waiting = inOrder.findIndex((publication) => !isOver(stateOf(incident, publication).kind))
  const due = waiting < 0 ? inOrder : inOrder.slice(0, waiting + 1)
  return due.map(({ key, post }) => ({ key, to: post }))
}

/** What the page calls this incident, where it has taken something of it: the newest that is known. */
export function idOnPage(incident: Incident): string | null {
  const posts = Object.values<Delivery<'status-post'> | undefined>(incident.outbox['status-post'])
  const taken = posts.flatMap((one) => (one?.kind === 'delivered' ? [one.receipt] : []))
  return taken.at(-1)?.id ?? null
}

/** Whose publication it is that this key names. */
export function stageOfKey(key: string): StatusStage | null {
  return StatusStage.safeParse(key.split('/')[0]).data ?? null
}
