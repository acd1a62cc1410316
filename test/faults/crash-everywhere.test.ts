import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import type { Intent } from '../../src/domain/incident/intent.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { atRest, surroundings, wish, type Surroundings } from '../support/engine-story.ts'
import type { Death, Life } from '../support/mortal.ts'

const STORY: readonly Intent[] = [
  { kind: 'assess', symptoms: [] },
  { kind: 'declare' },
  { kind: 'report-symptom', symptom: 'data-loss' },
  { kind: 'check-again' },
  { kind: 'close' },
]

/** Tells the story to one process until it dies or all is told. Slack delivers again what was not acknowledged. */
async function tell(
  around: Surroundings,
  engine: Engine,
  life: Life,
  from: number,
): Promise<number> {
  for (let at = from; at < STORY.length; at++) {
    const intent = STORY[at]
    const [first] = around.journal.recent(1e14)
    if (!intent) break
    try {
      const receipt = engine.receive(
        at === 0 ? null : (first ?? ''),
        wish(`delivery-${at}`, intent),
      )
      if (receipt.kind === 'received') engine.wake(receipt.incident)
    } catch {
      return at
    }
    await atRest(engine, life)
    if (life.dead) return at
  }
  return STORY.length
}

/** One process with this death, and a second one that lives and is told the rest. */
async function withDeath(death: Death) {
  const around = surroundings()
  const first = around.startProcess(death)
  const reached = await tell(around, first.engine, first.life, 0)
  const second = around.startProcess()
  second.engine.resume()
  await atRest(second.engine, second.life)
  await tell(around, second.engine, second.life, reached)
  await second.engine.settled()
  const ids = around.journal.recent(1e14)
  const [id = ''] = ids
  const incident = second.engine.load(id)
  const result = {
    calls: first.life.calls,
    died: first.life.dead,
    incidents: ids.length,
    surfaces: cards(around)
      .map(({ key }) => key.split(':')[0])
      .toSorted(),
    texts: cards(around)
      .map(({ view }) => withoutNumbers(view.text))
      .toSorted(),
    events: around.journal.read(id).map(({ event }) => event),
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

describe('a process killed at any call outward', async () => {
  const unharmed = await withDeath(null)
  const deaths = Array.from({ length: unharmed.calls }, (_, index) => index + 1).flatMap((at) => [
    { at, when: 'before' as const },
    { at, when: 'after' as const },
  ])

  test('the story without a death ends closed, with one message on each surface', () => {
    expect(unharmed).toMatchObject({
      died: false,
      incidents: 1,
      closed: true,
      symptoms: ['data-loss'],
      surfaces: [
        'assessment-card',
        'checklist',
        'headline',
        'status-page-investigating',
        'thread-card',
      ],
      proof: 'intact',
    })
    expect(deaths.length).toBeGreaterThan(50)
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
