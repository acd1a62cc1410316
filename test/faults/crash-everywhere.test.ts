import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import type { Intent } from '../../src/domain/incident/intent.ts'
import { atRest, surroundings, type Surroundings } from '../support/engine-story.ts'
import { deathsBetween, type Death } from '../support/mortal.ts'
import { tell } from '../support/rollback-story.ts'

const WISHES: readonly Intent[] = [
  { kind: 'assess', symptoms: [] },
  { kind: 'declare' },
  { kind: 'report-symptom', symptom: 'data-loss' },
  { kind: 'check-again' },
  { kind: 'close' },
]
const STORY = WISHES.map((wanted) => ({ by: 'U0ANA', intent: () => wanted }))

/** One process with this death, and a second one that lives and is told the rest. */
async function withDeath(death: Death) {
  const around = surroundings()
  const first = around.startProcess(death)
  const reached = await tell(around, first, 0, STORY)
  const second = around.startProcess()
  await second.engine.resume()
  await atRest(second.engine, second.life)
  await tell(around, second, reached, STORY)
  await second.engine.idle()
  const ids = await around.journal.recent(1e14)
  const [id = ''] = ids
  const incident = await second.engine.load(id)
  const result = {
    effects: first.life.effects,
    died: first.life.dead,
    incidents: ids.length,
    surfaces: cards(around)
      .map(({ key }) => key.split(':')[0])
      .toSorted(),
    texts: cards(around)
      .map(({ view }) => withoutNumbers(view.text).replace(id, 'the incident'))
      .toSorted(),
    events: (await around.journal.read(id)).map(({ event }) => event),
    closed: incident?.closed !== null,
    symptoms: incident?.symptoms,
    proof: verifyJournal(around.file).kind,
  }
  around.end()
  return result
}

/** That a process was started again is told in a note of its own. */
function cards({ slack }: Surroundings) {
  return slack.messages.filter(({ key }) => !key.startsWith('note-'))
}

/** The simulated production is never quite still: a later look measures another percentage. */
function withoutNumbers(text: string): string {
  return text.replace(/\d+\.\d %/g, 'N %')
}

describe('a process killed between any two things it changes', async () => {
  const unharmed = await withDeath(null)
  const deaths = deathsBetween(unharmed.effects)

  test('the story without a death ends closed, with one message on each surface', () => {
    expect(unharmed).toMatchObject({
      died: false,
      incidents: 1,
      closed: true,
      symptoms: ['data-loss'],
      surfaces: ['assessment-card', 'checklist', 'headline', 'status-page', 'thread-card'],
      proof: 'intact',
    })
    expect(deaths.length).toBeGreaterThan(40)
    console.log(`crash points: ${deaths.length}`)
  })

  test.each(deaths)(
    'call $at, $when its effect: the next process ends at the same state (J1, J4)',
    async (death) => {
      const result = await withDeath(death)
      expect(result.died).toBe(true)
      expect(result).toMatchObject({
        incidents: 1,
        closed: true,
        symptoms: unharmed.symptoms,
        surfaces: unharmed.surfaces,
        texts: unharmed.texts,
        proof: 'intact',
      })
      const count = (type: string) => result.events.filter((event) => event.type === type).length
      expect(count('incident-declared')).toBe(1)
      expect(count('intent-accepted')).toBe(STORY.length)
      expect(count('intent-received')).toBe(STORY.length)
    },
  )
})
