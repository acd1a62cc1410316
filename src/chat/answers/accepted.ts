import { actorParts } from '../../domain/base/actor.ts'
import { wordsOf } from '../../domain/plan/about-request.ts'
import type { Event } from '../../domain/incident/event.ts'
import { postedAs, type Incident } from '../../domain/incident/incident.ts'
import type { ReceivedIntent } from '../../domain/incident/intent.ts'
import type { Posted } from '../../domain/outbox/outbox.ts'
import type { View } from '../../domain/base/view.ts'
import { section, view } from '../parts/blocks.ts'
import { link } from '../text/links.ts'
import { mrk, oneLine } from '../text/text.ts'

/** What a typed wish has led to. */
export type Granted = { readonly received: ReceivedIntent; readonly events: readonly Event[] }

/**
 * Whether somebody who typed a wish sees nothing of what comes of it where they typed it. An assessment
 * posts its card there.
 */
export function wantsAnswer({ received, events }: Granted, incident: Incident): boolean {
  const { by, card, place } = received
  if (card !== null || actorParts(by).kind !== 'person') return false
  const headline = postedAs(incident, 'headline')
  if (place.thread !== null && place.thread === headline?.ts) return false
  return wordsFor(events) !== null
}

/** The message that somebody is led to: inside the thread, so that the thread opens; `null`: not there yet. */
export function leadsTo({ events }: Granted, incident: Incident): Posted | null {
  const waits = events.find((event) => event.type === 'plan-asked-again')
  if (waits) return postedAs(incident, `plan-${waits.plan}`)
  const stopped = events.find((event) => event.type === 'abort-requested')
  const run = stopped ? postedAs(incident, `run-${stopped.plan}`) : null
  const verifies = events.some(({ type }) => type === 'verification-requested')
  const list = verifies ? postedAs(incident, 'verification') : null
  return run ?? list ?? postedAs(incident, 'thread-card')
}

/** Shown only to the person who typed it. */
export function acceptedView({ events }: Granted, incident: Incident, url: string | null): View {
  const words = wordsFor(events)
  const { title, says } = words ?? { title: 'It is being done', says: 'It appears here' }
  const where = `the thread of incident ${oneLine(incident.declared?.title ?? incident.id, 80)}`
  return view(`${title}. ${says}: ${where}.`, [
    section(mrk`*${title}.* ${says}: ${link(url, where)}.`),
  ])
}

function wordsFor(
  events: readonly Event[],
): { readonly title: string; readonly says: string } | null {
  for (const event of events) {
    switch (event.type) {
      case 'plan-requested': {
        const { name } = wordsOf(event.request.kind)
        return {
          title: `Plan ${event.plan} is being made, ${name}`,
          says: 'It appears here, to be read and signed',
        }
      }
      case 'plan-asked-again':
        return {
          title: `Plan ${event.plan} for this is there already, with its signatures`,
          says: 'It is looked at once more, and waits here to be read and signed',
        }
      case 'abort-requested':
        return {
          title: `Plan ${event.plan} stops after the step in flight`,
          says: 'What it leaves is said here',
        }
      case 'lead-taken':
        return { title: 'You lead this incident now', says: 'Its headline says so' }
      case 'verification-requested':
        return { title: 'It is being verified', says: 'What is found is shown on a card here' }
      case 'moment-added':
        return { title: 'It stands in the timeline', says: 'It is shown here' }
      case 'report-requested':
        return { title: 'The report is being written', says: 'It appears here' }
      case 'watch-started':
        return { title: 'Production is watched from now on', says: 'What is seen is shown here' }
      default:
    }
  }
  return null
}
