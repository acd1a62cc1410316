import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { assess } from '../../src/assess/assess.ts'
import type { Assessment } from '../../src/domain/assessment/assessment.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { incidentId } from '../../src/domain/incident/incident-id.ts'
import type { Intent } from '../../src/domain/incident/intent.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { assessSettings as settings } from '../support/contracts/settings.ts'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'

const clock = { now: Date.now }

/** A journal with this many declared incidents. Their messages are not posted yet: the bot will. */
export const writeOpenIncidents = async (file: string, count: number): Promise<void> => {
  const { world } = sandboxWorld({ scenario: 'errors-62', clock, settings })
  const assessment = await assess(world, settings, [], async () => [])
  const journal = sqliteJournal({ file, clock })
  for (let index = 0; index < count; index += 1) {
    const random = new Uint8Array([1, index >> 8, index & 255])
    const id = incidentId(new Date(clock.now()).toISOString(), random)
    const events = declaredEvents(id, assessment)
    const written = await journal.append({
      incident: id,
      seen: 0,
      events,
      delivery: `${id}:assess`,
    })
    if (written.kind !== 'appended') throw new Error(`${id}: ${written.kind}`)
  }
  journal.close()
}

/** One command and one click. */
export const declaredEvents = (id: string, assessment: Assessment): readonly Event[] => {
  const place = { channel: INCIDENTS, thread: null }
  const wish = (intent: Intent): Event => ({
    type: 'intent-received',
    received: { delivery: `${id}:${intent.kind}`, by: ANA, place, card: null, intent },
  })
  return [
    wish({ kind: 'assess', symptoms: [] }),
    { type: 'intent-accepted', delivery: `${id}:assess` },
    { type: 'incident-opened', by: ANA, place },
    { type: 'assessment-requested', by: ANA },
    { type: 'assessment-taken', assessment },
    wish({ kind: 'declare' }),
    { type: 'intent-accepted', delivery: `${id}:declare` },
    {
      type: 'incident-declared',
      by: ANA,
      channel: INCIDENTS,
      title: `errors of service ${id}`,
      severity: 'critical',
      description: '',
      services: [],
      procedure: null,
      toVersion: null,
    },
  ]
}
