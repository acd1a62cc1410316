import { Surface } from '../../../src/domain/incident/surface.ts'
import { describe, expect, test } from 'vitest'
import { type Event } from '../../../src/domain/incident/event.ts'
import { newIncident } from '../../../src/domain/incident/incident.ts'
import { isInThread, isNote, placeOf, surfacesOf } from '../../../src/domain/incident/surfaces.ts'
import { declared, incidentAfter, opened, place } from '../../support/builders.ts'
import {
  after,
  asked,
  finished,
  planVoided,
  proposed,
  running,
  runEnded,
  secondWatch,
  signed,
  stepFailed,
  stepStarted,
  watchEnded,
  watchStarted,
  watchTurned,
} from '../../support/plan-story.ts'

const channel = 'C0INCIDENTS'
const posted = (surface: Surface, ts: string): Event => {
  return { type: 'message-posted', surface, channel, ts }
}
const usual = ['headline', 'thread-card', 'checklist', 'status-page']

describe('an incident has', () => {
  test('one card of its own while it is not declared', () => {
    expect(surfacesOf(incidentAfter(opened))).toEqual(['assessment-card'])
  })

  test('a headline, and its thread below it, once it is declared', () => {
    expect(surfacesOf(incidentAfter(opened, declared))).toEqual(usual)
  })

  test('still the assessment’s card, first, where one was posted before', () => {
    const cards = surfacesOf(incidentAfter(opened, posted('assessment-card', '1.1'), declared))
    expect(cards).toEqual(['assessment-card', ...usual])
  })

  test('no card for a plan that is not resolved, one for a proposed one, two for a run', () => {
    expect(surfacesOf(after(asked))).toEqual(usual)
    expect(surfacesOf(after(proposed))).toEqual([...usual, 'plan-1'])
    expect(surfacesOf(after(running))).toEqual([...usual, 'plan-1', 'run-1'])
  })

  test('a card for what is verified, once there is something to read on it', () => {
    const toVerify: Event = {
      type: 'verification-requested',
      by: 'U0ANA',
      cause: 'asked',
      items: [{ id: 'health', title: 'Health', by: 'backout' }],
      measured: ['health'],
    }
    const found: Event = { type: 'verification-taken', results: [] }
    expect(surfacesOf(incidentAfter(opened, declared, toVerify))).toEqual(usual)
    const cards = surfacesOf(incidentAfter(opened, declared, toVerify, found))
    expect(cards).toEqual([...usual, 'verification'])
    const again = incidentAfter(opened, declared, posted('verification', '1.9'), toVerify)
    expect(surfacesOf(again)).toEqual([...usual, 'verification'])
  })

  test('all of it in the order in which it belongs, notes last', () => {
    expect(surfacesOf(after(finished, watchStarted))).toEqual([
      'headline',
      'thread-card',
      'checklist',
      'status-page',
      'plan-1',
      'run-1',
      'watch-1',
      'note-11',
    ])
  })

  test('beside the card of the status page those that stages had of their own', () => {
    const first = [opened, declared, posted('status-page-investigating', '1.2')]
    const cards = (events: readonly Event[]) =>
      surfacesOf(incidentAfter(...events)).filter((surface) => surface.startsWith('status-page'))
    // It stands there already: the same stage is not told twice.
    expect(cards(first)).toEqual(['status-page-investigating'])
    const later = [...first, ...finished.slice(2), watchStarted]
    expect(cards(later)).toEqual(['status-page-investigating', 'status-page'])
    const both = [...later, posted('status-page-monitoring', '1.3')]
    expect(cards(both)).toEqual(['status-page-investigating', 'status-page-monitoring'])
    const lost: Event = {
      type: 'outbox-released',
      kind: 'message',
      key: 'status-page-monitoring',
      because: 'somebody deleted it',
    }
    expect(cards([...both, lost])).toEqual(['status-page-investigating', 'status-page'])
  })

  test('a card for every watch there was', () => {
    const cards = surfacesOf(incidentAfter(opened, declared, watchStarted, watchEnded, secondWatch))
    expect(cards).toEqual([...usual, 'watch-1', 'watch-2'])
  })
})

describe('a note of its own', () => {
  const infeasible: Event = { type: 'plan-infeasible', plan: 1, because: 'nothing is kept' }
  const called: Event = { type: 'signatures-missing', plan: 1, call: 1 }
  const held: Event = { type: 'run-held', plan: 1, by: 'i-2' }
  const failing = [...running, stepStarted(), stepFailed()]
  const noted: readonly [readonly Event[], Event][] = [
    [[opened, declared], { type: 'backout-restarted' }],
    [asked, infeasible],
    [proposed, called],
    [proposed, planVoided],
    [signed, held],
    [failing, runEnded('failed')],
    [[opened, declared, watchStarted], watchTurned],
  ]

  test.each(noted.map(([history, event]) => [event.type, history, event] as const))(
    'is made for %s, by its number in the journal',
    (_type, history, event) => {
      const notes = surfacesOf(after(history, event)).filter(isNote)
      expect(notes).toEqual([`note-${history.length + 1}`])
    },
  )

  test('stays where it is, whatever happens after it', () => {
    const restarted: Event = { type: 'backout-restarted' }
    const notes = surfacesOf(after(finished, restarted, restarted)).filter(isNote)
    expect(notes).toEqual(['note-11', 'note-12', 'note-13'])
  })

  test('is made for nothing that a card shows already', () => {
    expect(surfacesOf(after([...running, stepStarted(), stepFailed()])).filter(isNote)).toEqual([])
  })
})

describe('a message belongs', () => {
  const elsewhere = { channel: 'C0ELSEWHERE', thread: '7.7' }
  const asking: Event = { ...opened, place: elsewhere } as Event
  const known = incidentAfter(asking, declared, posted('headline', '4.2'))

  test('where the assessment was asked for', () => {
    expect(placeOf('assessment-card', known)).toEqual(elsewhere)
    expect(placeOf('assessment-card', newIncident('i-1'))).toBeNull()
  })

  test('into the channel of the declaration, as the headline does', () => {
    expect(placeOf('headline', known)).toEqual({ channel, thread: null })
    expect(placeOf('headline', incidentAfter(opened))).toBeNull()
  })

  test('into the thread of the headline, and nowhere before that stands', () => {
    const sending: Event = { type: 'message-posting', surface: 'headline', place }
    for (const surface of ['thread-card', 'checklist', 'plan-1', 'run-1', 'note-3'] as const) {
      expect(isInThread(surface)).toBe(true)
      expect(placeOf(surface, known)).toEqual({ channel, thread: '4.2' })
      expect(placeOf(surface, incidentAfter(opened, declared))).toBeNull()
      expect(placeOf(surface, incidentAfter(opened, declared, sending))).toBeNull()
    }
  })

  test('wherever it belongs, under a name that the journal can hold', () => {
    for (const surface of surfacesOf(after(finished, watchStarted))) {
      expect(Surface.parse(surface)).toBe(surface)
    }
    for (const other of ['note-1.5', 'note-', 'plan-x', 'status-page-never', 'anything']) {
      expect(Surface.safeParse(other).success).toBe(false)
    }
  })
})
