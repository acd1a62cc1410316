import { postedAs, type Incident } from '../domain/incident/incident.ts'
import type { Conversations } from '../ports/conversations.ts'

/** What is not answered by then is shown without its link. */
const DEADLINE_MS = 1_500

/** Where each incident's thread opens, by the incident's id; what cannot be had is left out. */
export async function threadLinks(
  incidents: readonly Incident[],
  linkTo: Conversations['linkTo'],
): Promise<ReadonlyMap<string, string>> {
  const links = new Map<string, string>()
  const asked = incidents.slice(0, MOST).map(async (incident) => {
    const posted = postedAs(incident, 'thread-card') ?? postedAs(incident, 'assessment-card')
    const url = posted && (await linkTo(posted))
    if (url) links.set(incident.id, url)
  })
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, DEADLINE_MS)
  await Promise.race([Promise.all(asked), late])
  clearTimeout(timer)
  return new Map(links)
}

const MOST = 20
