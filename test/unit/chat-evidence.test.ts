import * as fc from 'fast-check'
import { inUtc } from '../../src/chat/text/moments.ts'
import { describe, expect, test } from 'vitest'
import { evidenceModal } from '../../src/chat/answers/evidence-modal.ts'
import { metricsView } from '../../src/chat/answers/metrics.ts'
import { assessmentCard } from '../../src/chat/cards/assessment-card.ts'
import { threadCard } from '../../src/chat/cards/thread-card.ts'
import { watchCard } from '../../src/chat/cards/watch-card.ts'
import { assess } from '../../src/assess/assess.ts'
import { lookAt } from '../../src/assess/look.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { atMs, declared, incidentAfter, opened, requested, taken } from '../support/builders.ts'
import { assessment } from '../support/chat-arbitraries.ts'
import { assessSettings, waysBackOver } from '../support/contracts/settings.ts'
import { approval, watchStarted } from '../support/plan-story.ts'
import { pressable } from '../support/pressable.ts'
import { assertWithinLimits, renderedIn } from '../support/slack-limits.ts'
import { inVirtualTime } from '../support/virtual-timers.ts'

const settings = { ...assessSettings, deadlineMs: 150 }
const read = (view: { readonly blocks: readonly object[] }) =>
  renderedIn(inUtc({ text: '', ...view }))
    .map(({ text }) => text)
    .join('\n')

describe('every rule and every question', () => {
  const incident = incidentAfter(opened, requested, taken)
  const inThread = incidentAfter(opened, requested, taken, declared)

  test('stand behind a button, and not on the cards', () => {
    for (const card of [
      assessmentCard(incident, 'production', []),
      threadCard(inThread, approval),
    ]) {
      expect(pressable(card)).toContain('Details')
      expect(read(card)).not.toMatch(
        /\*Every rule\*|How it was asked|complete-outage|\*Ways back\*|\*Good\*/,
      )
    }
  })

  test('are all there once it is pressed', () => {
    const { assessment: answer } = incident
    if (!answer) throw new Error('it was assessed')
    const modal = evidenceModal(answer)
    assertWithinLimits(modal)
    for (const { rule } of answer.rules) expect(read(modal)).toContain(`*${rule}*`)
    for (const { query } of answer.measurements) expect(read(modal)).toContain(query.slice(0, 40))
  })

  test('fit, whatever was measured', () => {
    fc.assert(
      fc.property(assessment, (answer) => assertWithinLimits(evidenceModal(answer))),
      { numRuns: 100 },
    )
  })
})

describe('numbers that are too old', () => {
  const clock = { now: () => atMs }
  const stale = () => sandboxWorld({ scenario: 'prometheus-stale', clock, settings }).world
  const sentences = (text: string) =>
    text.match(/the newest sample in Prometheus is \d min \d+ s old, more than 1 min/g) ?? []

  test('are called so once on the card, in people’s units', async () => {
    const answer = await inVirtualTime(() => assess(stale(), settings, [], waysBackOver(settings)))
    const event: Event = { type: 'assessment-taken', assessment: answer }
    const incident = incidentAfter(opened, requested, event, declared)
    for (const card of [
      assessmentCard(incident, 'production', []),
      threadCard(incident, approval),
    ]) {
      const text = read(card)
      expect(sentences(text)).toHaveLength(1)
    }
    expect(sentences(read(evidenceModal(answer)).split('*Ways back*')[0] ?? '')).toHaveLength(1)
    expect(sentences(read(metricsView(answer.measurements, 'production')))).toHaveLength(1)
  })

  test('and once on the card of a watch', async () => {
    const look = await lookAt(stale(), settings, AbortSignal.timeout(5_000))
    const looked: Event = { type: 'watch-looked', watch: 1, look: { ...look, due: 1 } }
    const incident = incidentAfter(opened, declared, watchStarted, looked)
    expect(sentences(read(watchCard(incident, 1)))).toHaveLength(1)
  })
})
