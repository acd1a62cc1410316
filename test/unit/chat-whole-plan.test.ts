import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planModal } from '../../src/chat/answers/plan-modal.ts'
import { parsePlanPage, parseShowPlan } from '../../src/chat/reading/parse-show-plan.ts'
import { renderSurface, type RenderContext } from '../../src/chat/render.ts'
import { clipped, inPieces } from '../../src/chat/text/text.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import type { Plan } from '../../src/domain/plan/plan.ts'
import { canBeRead } from '../../src/domain/plan/readable.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import { declared, incidentAfter, opened, plan, proposed, requested } from '../support/builders.ts'
import { words } from '../support/chat-arbitraries.ts'
import { pressable, presses, pressesNamed } from '../support/pressable.ts'
import { assertWithinLimits, renderedIn } from '../support/slack-limits.ts'

const shown: RenderContext = {
  environment: 'production',
  open: () => [],
  approval: ApprovalSettings.parse({ users: ['U0BO', 'U0CY'] }),
  contacts: { onCall: [], support: [], channels: [] },
}
const place = { channel: 'C0INCIDENTS', thread: '1700.1' }

const proposing = (changes: Partial<Plan>) =>
  incidentAfter(opened, requested, declared, ...proposed(plan(changes)))

function cardOf(incident: Incident) {
  const card = renderSurface('plan-1', incident, shown)
  assertWithinLimits(card)
  return { card, text: read(card), buttons: pressable(card) }
}

const read = (view: { readonly text?: string; readonly blocks: readonly object[] }) =>
  renderedIn({ text: '', ...view })
    .map(({ text }) => text)
    .join('\n')

const about = { incident: 'i-1', plan: 1, digest: plan().digest, place }

function pageOf({ plans: [state] }: Incident, page: number) {
  if (!state?.plan) throw new Error('nothing is proposed')
  return planModal(state, state.plan, about, page)
}

/** Every page, in the order in which a person turns them with *Next*. */
function pagesOf(incident: Incident) {
  const pages = [pageOf(incident, 1)]
  for (;;) {
    const [next] = pressesNamed(pages.at(-1)!, 'Next')
    if (!next) return pages
    const actions = [{ action_id: next.action, value: next.value }]
    const view = { id: 'V1', private_metadata: pages.at(-1)?.private_metadata ?? '' }
    const press = parsePlanPage({ user: { id: 'U0BO' }, view, actions })
    expect(press).toMatchObject({ by: 'U0BO', view: 'V1', about })
    pages.push(pageOf(incident, press?.page ?? 0))
  }
}

/** Without line breaks: a long text may go on in the next line, or on the next page. */
const running = (text: string) => text.replace(/\s+/g, '')

/** A plan of so many services, each with details that are longer than a card shows. */
function services(count: number): Partial<Plan> {
  const names = Array.from({ length: count }, (_, index) => `service-${index}`)
  return {
    title: `${names.join(' and ')} back to v1.9.0`,
    changes: names.map((what) => ({
      what,
      from: `v2.0.0 (revision 43 of ${what})`,
      to: `v1.9.0 (revision 42 of ${what}), 3 pods`,
      details: Array.from(
        { length: 25 },
        (_, index) => `${what} sets LIMIT-${index} back to ${index}00 of what it was`,
      ),
    })),
    steps: names.map((what) => ({ id: 'a', title: `Return ${what} to v1.9.0`, input: {} })),
    cautions: names.map((what) => `${what}: Argo CD may put the newer version back. Revert there.`),
    lost: `What ${names.join(' and ')} have written since stays.`,
    undo: `Yes: ${names.join(', ')} back to what runs now.`,
    because: `v1.9.0 ran in ${names.join(', ')} for a day.`,
    finish: { withinMs: 60_000, safeStop: `what ${names.join(', ')} run then stays` },
    preparation: `Pull v1.9.0 of ${names.join(', ')}`,
  }
}

/** Everything in it that is written for people, as Slack gets it. */
function wordsIn({ changes = [], steps = [], cautions = [], ...facts }: Partial<Plan>): string[] {
  const { title = '', lost = '', undo = '', because = '', finish, preparation = '' } = facts
  return [
    ...changes.flatMap(({ what, from, to, details = [] }) => [what, from, to, ...details]),
    ...steps.map((step) => step.title),
    ...cautions,
    title,
    lost,
    undo,
    because,
    finish?.safeStop ?? '',
    preparation,
  ].map((text) => clipped(text, Infinity).mrkdwn)
}

describe.each([20, 100])('a plan of %i services', (count) => {
  const changes = services(count)
  const incident = proposing(changes)

  test('can be signed, and its card says how much of it is elsewhere', () => {
    const { text, buttons } = cardOf(incident)
    expect(buttons).toEqual(['Show all of it', 'Approve', 'Deny'])
    const on = (pattern: RegExp) => new Set(text.match(pattern)).size
    const left = {
      changes: count - on(/• \*service-\d+\*/g),
      cautions: count - on(/⚠️ service-\d+/g),
      steps: count - on(/\d+\. Return service-\d+/g),
    }
    expect(left.changes).toBeGreaterThan(0)
    const sentence = text.slice(text.indexOf('*Not all of the plan is on this card:*'))
    const told = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(sentence)?.[1] ?? 0)
    expect({
      changes: told('change'),
      cautions: told('caution'),
      steps: told('step'),
    }).toEqual(left)
    expect(text).toMatch(/\d+ texts are shortened\. _Show all of it_ opens the whole plan\./)
  })

  test('is whole behind the button, page by page, within what Slack takes', () => {
    const pages = pagesOf(incident)
    for (const page of pages) assertWithinLimits(page)
    const all = running(pages.map(read).join('\n'))
    for (const said of wordsIn(changes)) expect(all).toContain(running(said))
    expect(all).not.toMatch(/…|didnotfit/)
    expect(pages.length).toBeGreaterThan(1)
    expect(read(pages[0]!)).toContain(`Page 1 of ${pages.length}`)
    expect(pressable(pages[0]!)).toEqual(['Next'])
    expect(pressable(pages[1]!)).toContain('Back')
    expect(pressable(pages.at(-1)!)).toEqual(['Back'])
  })
})

describe('the button', () => {
  test('is not there where the card holds all of the plan', () => {
    const { text, buttons } = cardOf(proposing({}))
    expect(buttons).toEqual(['Approve', 'Deny'])
    expect(text).not.toContain('Not all of the plan')
  })

  const long = 'one word after another '.repeat(40)
  const change = { what: 'backend', from: 'v2.0.0', to: 'v1.9.0' }
  test.each<[string, Partial<Plan>]>([
    ['the name of a change', { changes: [{ ...change, what: long }] }],
    ['a version', { changes: [{ ...change, to: long }] }],
    ['the details of a change', { changes: [{ ...change, details: [long] }] }],
    ['a step', { steps: [{ id: 'a', title: long, input: {} }] }],
    ['a caution', { cautions: [long] }],
    ['what is lost', { lost: long }],
    ['how it is undone', { undo: long }],
    ['why', { because: long }],
    ['what stands after the time limit', { finish: { withinMs: 1000, safeStop: long } }],
    ['what is made ready', { preparation: long }],
  ])('is there where %s is shortened, and opens it', (_, changes) => {
    const incident = proposing(changes)
    const { card, text } = cardOf(incident)
    expect(text).toContain('*Not all of the plan is on this card:* 1 text is shortened.')
    const [press] = pressesNamed(card, 'Show all of it')
    const payload = {
      user: { id: 'U0BO' },
      trigger_id: 't.1',
      container: { message_ts: '1700.2', channel_id: place.channel, thread_ts: place.thread },
      actions: [{ action_id: press?.action, value: press?.value }],
    }
    expect(parseShowPlan(payload)).toEqual({ by: 'U0BO', trigger: 't.1', about })
    expect(running(pagesOf(incident).map(read).join(''))).toContain(running(long))
  })
})

describe('a plan that is too long to be read', () => {
  const incident = proposing(services(1000))

  test('cannot be signed, and its card says why', () => {
    const { card, text, buttons } = cardOf(incident)
    expect(buttons).toEqual(['Deny'])
    expect(text).toContain('*Nobody can sign it:* it is too long to be read whole.')
    expect(text).not.toContain('Asked to sign')
    expect(presses(card)).toHaveLength(1)
  })

  test('asks nobody for a signature in the headline', () => {
    const { text } = renderSurface('headline', incident, shown)
    expect(text).toContain('Deny plan 1 in the thread: it is too long to be read whole.')
  })

  test('calls nobody for the signatures that it lacks', () => {
    const events = [opened, requested, declared, ...proposed(plan(services(1000)))]
    const missing: Event = { type: 'signatures-missing', plan: 1, call: 1 }
    const after = incidentAfter(...events, missing)
    const note = renderSurface(`note-${events.length + 1}`, after, shown)
    expect(read(note)).toContain('Next: deny it, there or here. It is too long to be read whole')
    expect(read(note)).not.toMatch(/<@U0(BO|CY)>/)
    expect(pressable(note)).toEqual(['Deny'])
  })

  test('is too long with thousands of entries that say nothing, too', () => {
    expect(canBeRead(plan({ cautions: Array.from({ length: 15_001 }, () => '') }))).toBe(false)
  })
})

describe('anybody’s words', () => {
  test('are whole in their pieces, and within Slack’s limit for one text', () => {
    fc.assert(
      fc.property(words, (text) => {
        const pieces = inPieces(text, 1200)
        for (const { mrkdwn } of pieces) expect(mrkdwn.length).toBeLessThan(2500)
        const plain = (given: string) => given.replace(/[\s\u200B]/g, '')
        const all = plain(pieces.map(({ mrkdwn }) => mrkdwn).join(''))
        expect(all).toBe(plain(clipped(text, Infinity).mrkdwn))
      }),
    )
  })

  test(
    'open within what Slack takes, on the first page and on the last',
    { timeout: 30_000 },
    () => {
      fc.assert(
        fc.property(words, (said) => {
          const change = { what: said, from: said, to: said, details: [said, said] }
          const steps = [{ id: 'a', title: said, input: {} }]
          const facts = { title: said, lost: said, undo: said, because: said }
          const incident = proposing({ ...facts, changes: [change], steps, cautions: [said] })
          for (const page of [1, 999]) assertWithinLimits(pageOf(incident, page))
        }),
        { numRuns: 30 },
      )
    },
  )
})
