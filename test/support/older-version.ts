import type { Event, JournaledEvent } from '../../src/domain/incident/event.ts'
import { parseFollowed, parseStored } from '../../src/journal/stored-event.ts'
import type { Journal } from '../../src/ports/journal.ts'

/** The journal as an older version reads it, to which events are what `asRead` makes of them. What it writes is as it is. */
export function readByOlder(journal: Journal, asRead: (event: Event) => object): Journal {
  const asStored = ({ event, ...row }: JournaledEvent) => {
    return { ...row, body: JSON.stringify(asRead(event)) }
  }
  return {
    ...journal,
    async read(...of) {
      return (await journal.read(...of)).map((one) => parseStored(asStored(one)))
    },
    async follow(after) {
      const { position, events } = await journal.follow(after)
      return { position, ...parseFollowed(events.map(asStored)) }
    },
  }
}

/** It has never heard of somebody taking the lead: that is a kind of event that this version does not know either. */
export function withoutTheLead(event: Event): object {
  const asked = event.type === 'intent-received' && event.received.intent.kind === 'take-lead'
  return asked || event.type === 'lead-taken' ? { ...event, type: `later-${event.type}` } : event
}

/** The steps of each plan say more than it knows. */
export function withNewerSteps(event: Event): object {
  if (event.type !== 'plan-proposed') return event
  const { proposal } = event
  const steps = proposal.steps.map((step) => {
    const { input } = step
    const isFields = typeof input === 'object' && !Array.isArray(input)
    return { ...step, input: isFields ? { ...input, moon: 'full' } : input }
  })
  return { ...event, proposal: { ...proposal, steps } }
}
