import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  drillBeganView,
  drillElsewhereView,
  drillListView,
  drillRefusedView,
  drillScoresView,
} from '../../src/chat/answers/drill.ts'
import { closeModal } from '../../src/chat/forms/close-modal.ts'
import { drillNote } from '../../src/chat/cards/drill-note.ts'
import { asDrill, asDrillForm, DRILL_MARK } from '../../src/chat/parts/drill-mark.ts'
import { context, section, view } from '../../src/chat/parts/blocks.ts'
import { trusted } from '../../src/chat/text/text.ts'
import { OFFERED, WORDS, wishedDrill } from '../../src/compose/drills/wished-drill.ts'
import { DrillEnd, type Drill, type Score } from '../../src/domain/drill/score.ts'
import { StatusStage } from '../../src/domain/incident/status-page.ts'
import { PHASES } from '../../src/domain/incident/whose-time.ts'
import { at, atMs, declared, incidentAfter, opened } from '../support/builders.ts'
import { many, words } from '../support/chat-arbitraries.ts'
import { assertWithinLimits, renderedIn } from '../support/slack-limits.ts'

const ms = fc.nat(90 * 60_000)
const drill: fc.Arbitrary<Drill> = fc.record({
  id: fc.constant('drill-1'),
  scenario: words,
  wanted: fc.constantFrom('roll-back', 'do-not', 'person-decides'),
  fault: fc.option(words),
  secret: fc.boolean(),
  by: fc.constant('U0ANA'),
  startedAt: fc.constant(at),
})
const overlooked: fc.Arbitrary<Score['overlooked'][number]> = fc.oneof(
  fc.record({ what: fc.constant('spoke-against' as const), says: words }),
  fc.constantFrom(
    { what: 'said-do-not' as const },
    { what: 'not-stable' as const },
    { what: 'maintenance' as const },
  ),
  fc.record({
    what: fc.constant('signed-unread' as const),
    plan: fc.constant(1),
    by: fc.constant('U0BO'),
    afterMs: ms,
    readingMs: ms,
  }),
  fc.record({ what: fc.constant('verification' as const), titles: many(words) }),
  fc.record({
    what: fc.constant('status-page' as const),
    stages: fc.subarray([...StatusStage.options]),
  }),
  fc.record({ what: fc.constant('suspended' as const), owner: words }),
)
const score: fc.Arbitrary<Score> = fc.record({
  drill,
  end: fc.constantFrom(...DrillEnd.options),
  endedAt: fc.constant(at),
  incident: fc.option(fc.constant('drill-20261122-abcd')),
  did: fc.constantFrom('rolled-back', 'tried', 'nothing'),
  decision: fc.constantFrom('right', 'wrong', 'undecided'),
  phases: fc
    .subarray([...PHASES])
    .chain((names) =>
      fc.tuple(
        ...names.map((until) =>
          fc.record({ until: fc.constant(until), peopleMs: ms, machineMs: ms }),
        ),
      ),
    ),
  signatures: many(fc.record({ by: fc.constant('U0BO'), afterMs: ms }), 5),
  overlooked: many(overlooked, 30),
})

describe('whatever is said of a drill fits into Slack, marked, and nobody’s words become markup', () => {
  test('that it began, and how it went', () => {
    fc.assert(
      fc.property(drill, score, fc.option(score), (begun, ended, before) => {
        for (const told of [
          { kind: 'started' as const, drill: begun },
          { kind: 'ended' as const, score: ended, before },
          { kind: 'left' as const, drill: begun, end: ended.end },
        ]) {
          const note = asDrill(drillNote({ told }, WORDS))
          assertWithinLimits(note)
          expect(note.text).toMatch(/^DRILL: simulated production\. /)
          for (const { text } of renderedIn(note)) expect(text).not.toMatch(/<!|<@U0ATTACKER>/)
        }
      }),
    )
  })

  test('the answers', () => {
    fc.assert(
      fc.property(fc.option(drill), many(score, 30), (running, scores) => {
        for (const answer of [
          drillListView(OFFERED, running),
          drillScoresView(scores),
          ...(running ? [drillBeganView(running)] : []),
        ]) {
          assertWithinLimits(asDrill(answer))
        }
      }),
    )
    assertWithinLimits(drillElsewhereView(null))
    expect(drillElsewhereView('C0DRILLS').text).toContain('<#C0DRILLS>')
    expect(drillRefusedView('It is <!channel>').text).not.toContain('<!channel>')
  })
})

describe('the mark', () => {
  test('finds room in a message that is full, and takes no button', () => {
    const blocks = Array.from({ length: 50 }, (_, index) =>
      index === 20 ? context(trusted('Only words.')) : section(trusted(`${index}`)),
    )
    const marked = asDrill(view('Full.', blocks))
    assertWithinLimits(marked)
    expect(marked.blocks).toHaveLength(50)
    expect(JSON.stringify(marked.blocks[0])).toContain(DRILL_MARK)
    expect(marked.blocks.filter(({ type }) => type === 'section')).toHaveLength(49)
  })

  test('stands there once in what a notification says, and first in a form', () => {
    const once = asDrill(asDrill({ text: 'Roll back.', blocks: [] }))
    expect(once.text).toBe(`${DRILL_MARK}. Roll back.`)
    const about = { incident: 'i-1', card: '1.0', place: { channel: 'C1', thread: null } }
    const form = asDrillForm(closeModal(about, incidentAfter(opened, declared)))
    expect(JSON.stringify(form.blocks[0])).toContain(DRILL_MARK)
    assertWithinLimits(form)
  })
})

describe('which drill is wished for', () => {
  const wish = (scenario: string, fault: string | null = null) =>
    wishedDrill({ what: 'start', scenario, fault }, 'U0ANA', atMs)

  test('one by its name, or one that nobody knows', () => {
    expect(wish('slow-60', 'lost-reply')).toMatchObject({
      scenario: 'slow-60',
      fault: 'lost-reply',
      wanted: 'roll-back',
      secret: false,
      startedAt: at,
    })
    const secret = wish('any')
    expect(secret).toMatchObject({ secret: true, fault: null })
    if (typeof secret === 'string') throw new Error(secret)
    const note = drillNote({ told: { kind: 'started', drill: secret } }, WORDS)
    expect(JSON.stringify(note)).not.toContain(secret.scenario)
  })

  test('what there is not is told with what is meant', () => {
    expect(wish('slow-6')).toMatch(/^There is no scenario.*Did you mean slow-60\?/)
    expect(wish('errors-62', 'cluster-awy')).toMatch(/^There is no fault.*cluster-away\?/)
    expect(wish('zzzzzzzzzzzzz')).toMatch(/There are: complete-outage, /)
    expect(wish('../../etc')).toMatch(/^There is no scenario/)
  })
})
