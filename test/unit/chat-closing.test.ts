import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headline } from '../../src/chat/cards/headline.ts'
import { note } from '../../src/chat/cards/note.ts'
import { threadCard } from '../../src/chat/cards/thread-card.ts'
import { closeModal, parseClosing } from '../../src/chat/forms/close-modal.ts'
import { editModal, parseEdit } from '../../src/chat/forms/edit-modal.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { leftOpen } from '../../src/domain/incident/left-open.ts'
import { closed } from '../support/builders.ts'
import {
  after,
  approval,
  finished,
  planProposed,
  planRequested,
  proposed,
  runEnded,
  runStarted,
  stepStarted,
  stepSucceeded,
  watchStarted,
} from '../support/plan-story.ts'

const about = {
  incident: 'i-1',
  card: '17.0',
  place: { channel: 'C0INCIDENTS', thread: '16.0' },
}
const metadata = JSON.stringify(about)
const fixDeployed: Event = { type: 'fix-deployed', by: 'U0BO' }
const IMAGES = { from: ['pipeshub/backend:v2.0.0'], to: ['pipeshub/backend:v1.9.0'] }
const CHANGES = [{ what: 'backend', from: 'v2.0.0', to: 'v1.9.0', images: IMAGES }]
/** A rollback of a service, carried out and proved. */
const rolledBack: readonly Event[] = finished.map((event) =>
  event.type === 'plan-proposed' ? planProposed({ changes: CHANGES }) : event,
)
const undone: readonly Event[] = [
  ...rolledBack,
  planRequested({ kind: 'undo', plan: 1 }, 2),
  planProposed({ changes: [{ ...CHANGES[0]!, images: { from: IMAGES.to, to: IMAGES.from } }] }, 2),
  { ...runStarted, plan: 2 } as Event,
  { ...stepStarted(), plan: 2 } as Event,
  { ...stepSucceeded(), plan: 2 } as Event,
  { ...stepSucceeded(1, false), plan: 2 } as Event,
  { ...runEnded(), plan: 2 } as Event,
]
const ended: readonly Event[] = [...rolledBack, watchStarted]

/** A plan that turns maintenance on, or off, carried out. */
const maintained = (on: boolean): readonly Event[] => [
  ...finished,
  planRequested({ kind: 'maintenance', on }, 2),
  planProposed(
    {
      changes: [{ what: 'maintenance', from: on ? 'off' : 'on', to: on ? 'on' : 'off' }],
      steps: [{ id: 'set-maintenance', title: 'Turn maintenance', input: {} }],
    },
    2,
  ),
  { ...runStarted, plan: 2 } as Event,
  { ...stepStarted(), plan: 2 } as Event,
  { ...stepSucceeded(), plan: 2 } as Event,
  { ...runEnded(), plan: 2 } as Event,
]

const KEPT = 'the containers that were replaced'
const swap = { id: 'swap-containers', title: 'Swap', input: {}, keeps: KEPT }
const prove = { id: 'prove-services', title: 'Prove', input: {} }
const withSwap = (history: readonly Event[]) =>
  history.map((event) =>
    event.type === 'plan-proposed' ? planProposed({ steps: [swap, prove] }) : event,
  )
const keeping = withSwap(finished)
const neverKept = withSwap(proposed)
const tidied: readonly Event[] = [
  planRequested({ kind: 'tidy-up' }, 2),
  planProposed(
    { steps: [{ id: 'remove-kept', title: 'Remove', input: {}, removesKept: KEPT }] },
    2,
  ),
  { ...runStarted, plan: 2 } as Event,
  { ...stepStarted(), plan: 2 } as Event,
  { ...stepSucceeded(), plan: 2 } as Event,
  { ...runEnded(), plan: 2 } as Event,
]

const words = (blocks: unknown) => JSON.stringify(blocks)

describe('what is left open', () => {
  const kinds = (history: readonly Event[]) => leftOpen(after(history)).map(({ what }) => what)

  test.each<[string, readonly Event[], string, boolean]>([
    ['a plan that waits', proposed, 'plan', true],
    ['a plan that was carried out', finished, 'plan', false],
    ['a watch that goes on', ended, 'watch', true],
    ['no watch', finished, 'watch', false],
    ['a watch of a closed incident that never became stable', [...ended, closed], 'watch', true],
    ['maintenance that was turned on', maintained(true), 'maintenance', true],
    ['maintenance that was turned off', maintained(false), 'maintenance', false],
    ['the lock of what was rolled back from', rolledBack, 'deploy-lock', true],
    [
      'the lock once a fixed version is deployed',
      [...rolledBack, fixDeployed],
      'deploy-lock',
      false,
    ],
    ['the lock of what was brought back', undone, 'deploy-lock', false],
    ['what a plan has kept for a way back', keeping, 'kept', true],
    ['what was kept, once a plan has removed it', [...keeping, ...tidied], 'kept', false],
    ['what a plan would have kept that wrote nothing', neverKept, 'kept', false],
    ['a status page that nobody was told of', ended, 'status-page', true],
    ['a checklist that nobody ticked', ended, 'checklist', true],
  ])('%s', (_, history, kind, isLeft) => {
    expect(kinds(history).includes(kind as never)).toBe(isLeft)
  })
})

describe('the form that closes an incident', () => {
  test('says what is still open, and takes nothing for granted', () => {
    const modal = closeModal(about, after(ended))
    expect(words(modal.blocks)).toMatch(/Still open[^]*status page[^]*Not ticked[^]*locked/)
    expect(JSON.stringify(modal)).not.toContain('initial_option')
  })

  const filled = (changes: object = {}) => ({
    outcome: { outcome: { selected_option: { value: 'resolved' } } },
    revenue: { revenue: { value: ' 4,000 € \n' } },
    sla: { sla: { value: null } },
    reportBy: { reportBy: { selected_user: 'U0CY' } },
    ...changes,
  })

  test('is read as it was filled in', () => {
    expect(parseClosing(filled(), metadata)).toEqual({
      ...about,
      closing: { outcome: 'resolved', revenue: '4,000 €', reportBy: 'U0CY' },
    })
  })

  test.each<[string, unknown, string]>([
    ['nothing chosen', filled({ outcome: { outcome: { selected_option: null } } }), metadata],
    [
      'another outcome',
      filled({ outcome: { outcome: { selected_option: { value: 'x' } } } }),
      metadata,
    ],
    ['too much text', filled({ sla: { sla: { value: 'x'.repeat(201) } } }), metadata],
    ['no form at all', null, metadata],
    ['metadata of somebody else', filled(), '{"incident":"../x"}'],
    ['metadata that is no JSON', filled(), '{'],
  ])('%s is told, and closes nothing', (_, values, given) => {
    expect(parseClosing(values, given)).toHaveProperty('errors')
  })

  test('no form of any shape does more than be read or be refused', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (values, given) => {
        expect(parseClosing(values, given)).toHaveProperty('errors')
        expect(parseEdit(values, given)).toHaveProperty('errors')
      }),
    )
  })
})

describe('the form that edits an incident', () => {
  const filled = (title: string, severity = 'high', summary = '') => ({
    title: { title: { value: title } },
    severity: { severity: { selected_option: { value: severity } } },
    summary: { summary: { value: summary } },
  })

  test('remembers what it showed, so that what others change meanwhile stays', () => {
    const { private_metadata = '' } = editModal(about, after(finished))
    const form = parseEdit(filled('5xx above 50 %', 'as-measured'), private_metadata)
    expect(form).toMatchObject({ shown: { severity: null, description: '' } })
    const long = '"'.repeat(2_000)
    const wordy = after([
      ...finished,
      { type: 'incident-edited', by: 'U0BO', edit: { description: long } },
    ])
    expect(editModal(about, wordy).private_metadata?.length).toBeLessThan(3_000)
  })

  test('holds what is said now', () => {
    const modal = JSON.stringify(editModal(about, after(finished)))
    expect(modal).toContain('As the newest assessment says')
  })

  test('is read as it was filled in; what is measured is a severity too', () => {
    expect(parseEdit(filled(' Checkout  fails '), metadata)).toMatchObject({
      edit: { title: 'Checkout fails', severity: 'high', description: '' },
    })
    expect(parseEdit(filled('x', 'as-measured'), metadata)).toMatchObject({
      edit: { severity: null },
    })
  })

  test.each([
    ['no title', filled('  ')],
    ['a title that is too long', filled('x'.repeat(121))],
    ['a summary that is too long', filled('x', 'high', 'x'.repeat(2_001))],
  ])('%s is told', (_, values) => {
    expect(parseEdit(values, metadata)).toHaveProperty('errors')
  })
})

describe('what people changed', () => {
  const edited = (edit: Extract<Event, { type: 'incident-edited' }>['edit']): Event => {
    return { type: 'incident-edited', by: 'U0BO', edit }
  }
  const says = (history: readonly Event[]) =>
    words(headline(after(history), 'production', approval).blocks)

  test('stands on the headline; a person’s severity goes before the measured one', () => {
    const changed = says([...finished, edited({ title: 'Checkout fails', severity: 'low' })])
    expect(changed).toMatch(/Checkout fails/)
    expect(changed).toMatch(/severity low/)
    const back = says([...finished, edited({ severity: 'low' }), edited({ severity: null })])
    expect(back).not.toMatch(/severity low/)
  })
})

describe('the end of the story', () => {
  const thread = (history: readonly Event[]) => words(threadCard(after(history), approval).blocks)

  test('a closed incident can be reopened, and says what is left', () => {
    const history = [...ended, closed]
    expect(thread(history)).toMatch(/Reopen/)
    expect(words(headline(after(history), 'production', approval).blocks)).toMatch(
      /Left open:[^]*locked/,
    )
  })

  test('what was kept is named with how it goes, in the form and once it is closed', () => {
    const line = /Kept since plan 1 for a way back: the containers that were replaced.*tidy-up/
    expect(words(closeModal(about, after(keeping)).blocks)).toMatch(line)
    const closedWith = [...keeping, closed]
    expect(words(headline(after(closedWith), 'production', approval).blocks)).toMatch(line)
  })

  test('that a fixed version runs can be said once something was rolled back, also when it is closed', () => {
    expect(thread(proposed)).not.toMatch(/Fixed version deployed/)
    expect(thread(rolledBack)).toMatch(/Fixed version deployed/)
    expect(thread([...rolledBack, closed])).toMatch(/Fixed version deployed/)
    const said = after([...rolledBack, closed, fixDeployed])
    expect(words(threadCard(said, approval).blocks)).not.toMatch(/Fixed version deployed/)
    const shown = {
      environment: 'production',
      open: () => [],
      approval,
      contacts: { onCall: [], support: [], channels: [] },
    }
    expect(words(note(said, said.sequence, shown).blocks)).toMatch(
      /<@U0BO> says that a fixed version runs[^]*Still open/,
    )
  })
})
