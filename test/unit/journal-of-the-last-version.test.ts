import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ACTIONS } from '../../src/chat/reading/action-ids.ts'
import { parseEditStatus, parseOpening, parsePress } from '../../src/chat/reading/parse-press.ts'
import { renderSurface } from '../../src/chat/render.ts'
import { Event } from '../../src/domain/incident/event.ts'
import { applyEvent, foldIncident } from '../../src/domain/incident/fold.ts'
import { newIncident, type Incident } from '../../src/domain/incident/incident.ts'
import type { Surface } from '../../src/domain/incident/surface.ts'
import { surfacesOf } from '../../src/domain/incident/surfaces.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import { canonical, canonicalAs } from '../../src/domain/plan/canonical.ts'
import type { Draft } from '../../src/domain/plan/plan.ts'
import type { SignatureRule } from '../../src/domain/plan/signature-rule.ts'
import { targetIn } from '../../src/domain/plan/target.ts'
import { cardWords, type Card } from '../support/card-words.ts'
import { eventsOf, PRESSES, STORIES, type Story } from '../support/last-version.ts'

const approval = ApprovalSettings.parse({ groups: ['S0APPROVERS'], readSeconds: 0 })

/*
 * What is meant to be said otherwise than by the last version. Everything else on every card is equal,
 * word for word. Whoever changes a text adds a line here: what it is about, and why it is better.
 */

/** Lines that may be other ones, or none. */
const OTHER_LINES: readonly { readonly on: RegExp; readonly line: RegExp; readonly why: string }[] =
  [
    {
      on: /^(assessment-card|thread-card)$/,
      line: /^⚠️ A rollback of code brings no data back/,
      why: 'it says what a rollback of code does not do, where data is lost',
    },
    {
      on: /^headline$/,
      line: /^(\S+ production: |\*(Verdict|Last look|Now|Next|Plan \d+|Carried out last|Procedure)\b)/,
      why: 'it says how production is now, and not what it was before anything was done',
    },
    {
      on: /^note-/,
      line: /^(Nothing was written\. )?Next: |^Nothing was written\.$/,
      why: 'a note has buttons of its own, and what to do next names them',
    },
    {
      on: /^(run|note)-/,
      line: /^\*Next:\* decide\. /,
      why: 'what has failed goes on only once its cause is removed',
    },
    {
      on: /^watch-/,
      line: /looks? taken|^\*Stable\* since /,
      why: 'it says how many looks were too early to count',
    },
    {
      on: /^(thread-card|assessment-card)$/,
      line: /^\*(Every rule|How it was asked)\*$|^(yes|no|not known) · |^[A-Z][^:]*: `.*`$/,
      why: 'every rule and every question stand behind a button',
    },
    {
      on: /^(thread-card|assessment-card)$/,
      line: /^(🔴|⚪|⚫) |^\*(Bad|Good|Not reached|Not clear|Ways back)\*$|^[a-z-]+: (not )?possible, |^Not configured: |^(Health|Errors|Logins|Latency|Active users|Pods|Database|Cache|Scrape targets|Metrics|Version)(, \w+)?: /,
      why: 'what was measured, and every way back, stand behind Details: the first screen has the next button',
    },
    {
      on: /^status-page-/,
      line: /^\*Out of date:\* a later draft is below\.$/,
      why: 'a plan is a stage of its own: the cause is seen',
    },
    {
      on: /^status-page-/,
      line: /^- Affected: /,
      why: 'it names what a rollback is planned to change',
    },
    {
      on: /^status-page-/,
      line: /^- Affected users: /,
      why: 'it tells how many were active, where that was measured',
    },
    {
      on: /^checklist$/,
      line: /^[⬜✅] Update the status page: |^Before the rollback: \d of 8$/,
      why: 'the draft moves on with the incident, and what was published later counts too',
    },
    {
      on: /^thread-card$/,
      line: /^As it was before plan \d+\./,
      why: 'it tells to press Check again only where that is there to press',
    },
    {
      on: /^headline$/,
      line: /^\*Left open:\*$|^• (Nobody has said that|Not ticked:|The version that plan)/,
      why: 'whoever comes back to a closed incident sees what was left',
    },
    {
      on: /^headline$/,
      line: /^Backout has not resumed it[.:]/,
      why: 'it tells to type resume only when that would not be refused',
    },
  ]

/** The same said better, or what is true now. */
const REWORDED: readonly (readonly [before: string, now: string])[] = [
  [
    'The 5xx ratio over five minutes still holds the time before.',
    'The 5xx ratio covers five minutes, so it still counts the time before.',
  ],
  [
    'what it has written stays, and is not waited for. Nothing',
    'what it writes is finished first. Nothing',
  ],
  [
    'it: `/rollback resume` looks, and gives it back.',
    'it. To plan that, type `/rollback resume`.',
  ],
  ['Drafted from the journal.', 'A draft.'],
  ['Rolling back was stopped: step 2 of 4', 'Rolling back was stopped after step 1 of 4'],
  // A draft is plain text.
  ['```# ', '```'],
  ['**Current Status:**', 'Current Status:'],
  ['**What Happened:**', 'What Happened:'],
  ['**Impact:**', 'Impact:'],
  ['**Next Steps:**', 'Next Steps:'],
  ['Rehearsal', 'Tried without changing anything'],
  ['nothing to rehearse', 'there is nothing to try'],
  ['being tried, without changing anything…', 'under way…'],
  [
    'Nothing is published by Backout.',
    'Nothing is published by Backout: publish it yourself, then say so here.',
  ],
]

function reworded(text: string): string {
  return REWORDED.reduce((words, [before, now]) => words.replace(before, now), text)
}

/** Cards on which there is more to press than there was. */
const MORE_BUTTONS = /^(headline|note-|thread-card|assessment-card)/

/** What a button sends now, where that is more than it was. */
const NOW_SENDS: Readonly<Record<string, (sent: string, surface: Surface) => string>> = {
  // Several plans may be carried out at once.
  'abort-run': (sent, surface) => `${sent}/${surface.replace('run-', '')}`,
  // There will be other ways back.
  'prepare-rollback': (sent) => `${sent}/kubernetes`,
}

/** The spoken sentence, as far as it is not a line of the card once more. */
function shortened(surface: Surface, text: string): string {
  if (surface === 'headline') return text.slice(0, text.indexOf('. '))
  return surface === 'checklist' ? text.replace(/\d of 8\..*$/, '') : text
}

function comparable(surface: Surface, { text, says, buttons }: Card): Card {
  const others = OTHER_LINES.filter(({ on }) => on.test(surface))
  const lines = says.flatMap((one) => one.split('\n'))
  return {
    text: shortened(surface, text),
    says: lines.filter((line) => !others.some((other) => other.line.test(line))),
    buttons,
  }
}

/** What asked for a yes, and opens a form that says more. */
const ASKS_IN_A_FORM: ReadonlySet<string> = new Set([ACTIONS.close])

/** The buttons of the last version, with what they send now. */
function asNow(surface: Surface, { buttons }: Card): Card['buttons'] {
  return buttons.map(({ value, confirm, ...button }) => {
    const sends = NOW_SENDS[button.action]
    return {
      ...button,
      ...(value === undefined ? {} : { value: sends ? sends(value, surface) : value }),
      ...(confirm === undefined || ASKS_IN_A_FORM.has(button.action)
        ? {}
        : { confirm: reworded(confirm) }),
    }
  })
}

/** What was reported can be taken back by now. */
function withoutTakingBack<Button extends Card['buttons'][number]>(button: Button): Button {
  const { options } = button
  return options
    ? { ...button, options: options.filter(({ value }) => !value.endsWith('/back')) }
    : button
}

/** A draft is out of date once a plan is proposed, and no button of it is stressed. */
function withoutStress(surface: Surface, button: Card['buttons'][number]) {
  if (!surface.startsWith('status-page-')) return button
  const { style: _, ...others } = button
  return others
}

function cardNow(surface: Surface, incident: Incident): Card {
  const contacts = { onCall: [], support: [], channels: [] }
  const shown = { environment: 'production', open: () => [], approval, contacts }
  return cardWords(renderSurface(surface, incident, shown))
}

/** Every card whose words were kept, with the incident as it is folded now. */
function cardsIn(story: Story) {
  const events = eventsOf(story)
  return story.said.flatMap(({ after, cards }) => {
    const incident = foldIncident(story.id, events.slice(0, after))
    return Object.entries(cards).flatMap(([name, before]) => {
      const surface = name as Surface
      if (!before) return []
      return { after, surface, before, now: cardNow(surface, incident), incident }
    })
  })
}

describe.each(STORIES)('the journal of the last version: $name', (story) => {
  test('is read by today’s schema, every event with all that it says', () => {
    for (const { event } of story.written) {
      // What is new has a default, and what is old is not thrown away.
      expect(Event.parse(event)).toMatchObject(withoutCounts(event))
    }
  })

  test('folds, event by event', () => {
    const incident = eventsOf(story).reduce(applyEvent, newIncident(story.id))
    expect(incident.sequence).toBe(story.written.length)
  })

  test('has the same messages', () => {
    for (const { surface, incident } of cardsIn(story)) {
      expect(surfacesOf(incident)).toContain(surface)
    }
  })

  test('says the same on every card', () => {
    for (const { after, surface, before, now } of cardsIn(story)) {
      const { text, says } = comparable(surface, now)
      expect({ after, surface, text, says }).toEqual({
        after,
        surface,
        text: reworded(comparable(surface, before).text),
        says: comparable(surface, before).says.map(reworded),
      })
    }
  })

  test('has the same buttons on every card', () => {
    for (const { after, surface, before, now } of cardsIn(story)) {
      const buttons = asNow(surface, before).map((one) => withoutStress(surface, one))
      const expected = MORE_BUTTONS.test(surface) ? expect.arrayContaining(buttons) : buttons
      const shown = now.buttons.map((one) => withoutTakingBack(withoutStress(surface, one)))
      expect({ after, surface, buttons: shown }).toEqual({
        after,
        surface,
        buttons: expected,
      })
    }
  })
})

test('what was signed is the same deed in the words of today', () => {
  const proposed = STORIES.flatMap(eventsOf).flatMap(({ event }) =>
    event.type === 'plan-proposed' ? [event.proposal] : [],
  )
  expect(proposed.length).toBeGreaterThan(15)
  for (const plan of proposed) {
    const targets = plan.targets.map((target) => targetIn('production', target))
    const now = { ...plan, targets }
    const owner: SignatureRule = { count: 1, from: 'data-owners' }
    expect(hash(canonicalAs(plan, now))).toBe(plan.digest)
    expect(hash(canonical(now))).not.toBe(plan.digest)
    // A step that has learned to do more is carried out without it.
    const more = plan.steps.map((step) => ({
      ...step,
      input: { ...(step.input as object), marks: true },
    }))
    expect(hash(canonicalAs(plan, { ...now, steps: more }))).toBe(plan.digest)
    const other: readonly Partial<Draft>[] = [
      { targets: [...targets, 'production: redis cache of others'] },
      { signatures: [...plan.signatures, owner] },
      { signatures: [{ count: 2, from: 'data-owners' }] },
      { finish: { withinMs: 60_000, safeStop: 'it stays as it is' } },
      { steps: plan.steps.slice(1) },
      { steps: plan.steps.map((step) => ({ ...step, input: {} })) },
    ]
    for (const changed of other) {
      expect(hash(canonicalAs(plan, { ...now, ...changed }))).not.toBe(plan.digest)
    }
  }
})

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** How many have to sign was a number, and is a rule. */
function withoutCounts(event: unknown): object {
  return JSON.parse(JSON.stringify(event), (key, value: unknown) =>
    key === 'signatures' && typeof value === 'number' ? undefined : value,
  ) as object
}

test('the stories tell of everything that the last version could show', () => {
  const shown = new Set(
    STORIES.flatMap(({ said }) => said.flatMap(({ cards }) => Object.keys(cards))),
  )
  const kinds = [...shown].map((surface) => surface.replace(/-\d+$/, ''))
  expect(new Set(kinds)).toEqual(
    new Set([
      'assessment-card',
      'headline',
      'thread-card',
      'checklist',
      'plan',
      'run',
      'watch',
      'note',
      'status-page-investigating',
      'status-page-rolling-back',
      'status-page-monitoring',
      'status-page-resolved',
    ]),
  )
})

describe('a press on a card that the last version posted', () => {
  test.each(PRESSES)('$action with $value means what it meant', (before) => {
    const payload = {
      user: { id: 'U0ANA' },
      trigger_id: '1.2',
      container: { message_ts: '3.0', channel_id: 'C0INCIDENTS' },
      actions: [{ action_id: before.action, value: before.value }],
    }
    if (before.edits) {
      expect(parseEditStatus(payload)).toMatchObject({
        incident: before.incident,
        stage: before.edits,
      })
    } else if (before.action === ACTIONS.close) {
      expect(parseOpening(ACTIONS.close, payload)).toMatchObject({ incident: before.incident })
    } else {
      const now = parsePress(payload)
      expect(now).toMatchObject({ incident: before.incident, intent: before.intent })
    }
  })
})
