import { closeModal } from '../../src/chat/forms/close-modal.ts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headline } from '../../src/chat/cards/headline.ts'
import { threadCard } from '../../src/chat/cards/thread-card.ts'
import { verificationCard } from '../../src/chat/cards/verification-card.ts'
import { verifyView } from '../../src/chat/answers/verify.ts'
import { inUtc } from '../../src/chat/text/moments.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import {
  ItemVerdict,
  VerificationCause,
  type ItemResult,
  type VerificationItem,
} from '../../src/domain/verification/item.ts'
import { configuredItems, VerificationSettings } from '../../src/domain/verification/settings.ts'
import { closed, declared, incidentAfter, opened } from '../support/builders.ts'
import { cardWords } from '../support/card-words.ts'
import { words } from '../support/chat-arbitraries.ts'
import {
  approval,
  finished,
  after,
  stepStarted,
  runStarted,
  signed,
} from '../support/plan-story.ts'
import { pressable, presses } from '../support/pressable.ts'
import { assertWithinLimits, renderedIn } from '../support/slack-limits.ts'

const TWELVE: readonly VerificationItem[] = configuredItems(VerificationSettings.parse({})).map(
  ({ id, title, by }) => ({ id, title, by }),
)
const AUTOMATIC = TWELVE.filter(({ by }) => by === 'backout').map(({ id }) => id)

const asked: Event = {
  type: 'verification-requested',
  by: 'U0ANA',
  cause: 'rolled-back',
  items: [...TWELVE],
  measured: AUTOMATIC,
}
const result = (item: string, verdict: ItemVerdict, says: string): ItemResult => {
  return { item, kind: 'http', verdict, says, tookMs: 12 }
}
const taken: Event = {
  type: 'verification-taken',
  results: AUTOMATIC.map((id) =>
    id === 'no-server-errors'
      ? result(id, 'failed', '0.4 5xx/s of 42 requests/s; expected at most 0/s')
      : id === 'no-security-alerts'
        ? result(id, 'not-measured', 'Alertmanager is not configured')
        : result(id, 'passed', 'HTTP 200'),
  ),
}
const looked: Event = {
  type: 'verification-ticked',
  item: 'users-log-in',
  title: 'Users can log in',
  by: 'U0BO',
}

const open = [opened, declared]
const lines = (incident: Incident) =>
  renderedIn(inUtc(verificationCard(incident))).flatMap(({ text }) => text.split('\n'))
const lineOf = (incident: Incident, title: string) =>
  lines(incident).find((line) => line.includes(title))

describe('the card of what is verified', () => {
  const measured = incidentAfter(...open, asked, taken)

  test('counts in its title', () => {
    expect(verificationCard(measured).text).toBe('6 of 12 verified, 5 wait for a person, 1 failed.')
    const more = incidentAfter(...open, asked, taken, looked)
    expect(verificationCard(more).text).toBe('7 of 12 verified, 4 wait for a person, 1 failed.')
  })

  test('says of each item what was seen, by whom, and when', () => {
    expect(lineOf(measured, 'Health checks')).toMatch(
      /^✅ \*Health checks passing\*: HTTP 200\. _Backout, [\d:]+ UTC_$/,
    )
    expect(lineOf(measured, 'No 5xx')).toMatch(
      /^❌ .*: 0\.4 5xx\/s .*; expected at most 0\/s\. _Back/,
    )
    expect(lineOf(measured, 'No security')).toBe(
      '⬜ *No security alerts*: a person looks; Backout could not measure it: Alertmanager is not configured',
    )
    expect(lineOf(measured, 'Users can')).toBe('⬜ *Users can log in*: a person looks')
    expect(lineOf(incidentAfter(...open, asked, taken, looked), 'Users can')).toMatch(
      /^✅ \*Users can log in\*: seen by <@U0BO>, [\d:]+ UTC$/,
    )
    expect(lineOf(incidentAfter(...open, asked), 'Health checks')).toContain('Backout is measuring')
  })

  test('offers a tick for exactly what a person has to say', () => {
    const ticks = presses(verificationCard(measured))
      .filter(({ action }) => action === 'tick-verified')
      .map(({ value }) => value.split('/')[1])
    expect(ticks).toEqual([
      'users-log-in',
      'data-accessible',
      'search-works',
      'uploads-work',
      'no-security-alerts',
    ])
    expect(pressable(verificationCard(measured)).at(-1)).toBe('Verify again')
  })

  test('says that nobody has looked, once the incident is closed', () => {
    const line = lineOf(incidentAfter(...open, asked, taken, closed), 'Users can')
    expect(line).toBe('⬜ *Users can log in*: nobody has looked')
  })

  test('offers nothing once the incident is closed, and no second round while one is under way', () => {
    expect(pressable(verificationCard(incidentAfter(...open, asked, taken, closed)))).toEqual([])
    const busy = pressable(verificationCard(incidentAfter(...open, asked)))
    expect(busy).not.toContain('Verify again')
  })

  test('says that it is of before, once a plan changes something', () => {
    const begun = after([...open, asked, taken, ...signed.slice(2), runStarted, stepStarted()])
    const { text, says } = cardWords(verificationCard(begun))
    expect(text).toBe('Not verified since plan 1 began.')
    expect(says.join('\n')).toContain('Below is what was found before it')
    expect(presses(verificationCard(begun))).toEqual([])
  })

  test('is what Slack takes, whatever was found and however things are called', () => {
    const one = fc.record({
      title: words,
      by: fc.constantFrom('backout' as const, 'person' as const),
      verdict: fc.option(fc.constantFrom(...ItemVerdict.options)),
      says: words,
    })
    const cause = fc.constantFrom(...VerificationCause.options)
    fc.assert(
      fc.property(fc.array(one, { maxLength: 24 }), cause, words, (all, why, by) => {
        const items = all.map(({ title, by: whom }, index) => ({
          id: `i${index}`,
          title,
          by: whom,
        }))
        const results = all.flatMap(({ verdict, says }, index) =>
          verdict ? [result(`i${index}`, verdict, says)] : [],
        )
        const request: Event = { ...asked, cause: why, by, items, measured: ['i0'] }
        const incident = incidentAfter(...open, request, { type: 'verification-taken', results })
        assertWithinLimits(verificationCard(incident))
      }),
    )
  })
})

describe('an incident that is closed with open items', () => {
  const history = [...finished, asked, taken]

  const notVerified =
    'Not verified: No 5xx errors in last 5 minutes, Users can log in, Data is accessible, Search functionality works, File uploads work, No security alerts.'

  test('is asked about them before', () => {
    const about = { incident: 'i-1', card: '1.0', place: { channel: 'C0INCIDENTS', thread: null } }
    expect(JSON.stringify(closeModal(about, after(history)))).toContain(notVerified)
  })

  test('names them in its headline afterwards, and one that is verified names none', () => {
    const said = (incident: Incident) =>
      cardWords(headline(incident, 'production', approval)).says.join('\n')
    expect(said(after(history))).not.toContain('Not verified')
    expect(said(after(history, closed))).toContain(notVerified)
    expect(said(after(finished, closed))).not.toContain('Not verified')
  })

  test('tells the rounds and the ticks in its timeline', () => {
    const said = cardWords(threadCard(after([...history, looked]), approval)).says.join('\n')
    expect(said).toContain('Backout verified: 6 passed, 1 failed, 1 could not be measured')
    expect(said).toContain('<@U0BO> verified: Users can log in')
  })
})

test('what is verified without an incident is what Slack takes, and counts only what passed', () => {
  const item = fc.record({
    title: words,
    verdict: fc.constantFrom(...ItemVerdict.options),
    says: words,
  })
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 24 }), words, (list, where) => {
      const view = verifyView([], where, list)
      assertWithinLimits(view)
      const passed = list.filter(({ verdict }) => verdict === 'passed').length
      const said = cardWords(view).says.join('\n')
      expect(said).toContain(`*The list of the runbook:* ${passed} of ${list.length} verified`)
    }),
  )
})
