import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { incidentPage, incidentsPage, planViews } from '../../src/chat/outside/incident-page.ts'
import { atTerminal, paragraphs, shownAtTerminal } from '../../src/chat/outside/shown.ts'
import { refusedInWords, verdictInWords } from '../../src/chat/outside/words.ts'
import { mrk } from '../../src/chat/text/text.ts'
import { RefusalReason, refused } from '../../src/domain/base/refusal.ts'
import { planOf } from '../../src/domain/incident/incident.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import { words } from '../support/chat-arbitraries.ts'
import { after, proposed, running } from '../support/plan-story.ts'

const nobody = () => null
const nameOf = (id: string) => (id === 'U0BO' ? 'Bo & <i>' : null)

const OURS = /<\/?(p|strong|em|code|pre)>|<br>/g

describe('what people see without Slack', () => {
  test('marks of ours are kept, people have names, moments are UTC, links are their words', () => {
    const said =
      '*Plan 1* by <@U0BO> and <@U0CY>\nat <!date^1700000000^{time}|02:10 UTC>, `code`, _it_, <https://x.example/y|its card>, <#C0INCIDENTS>'
    expect(paragraphs(said, nameOf).markup.trim()).toBe(
      '<p><strong>Plan 1</strong> by Bo &amp; &lt;i&gt; and U0CY<br>at 02:10 UTC, <code>code</code>, <em>it</em>, its card, C0INCIDENTS</p>',
    )
    expect(atTerminal(said, nameOf)).toBe(
      'Plan 1 by Bo & <i> and U0CY\nat 02:10 UTC, code, it, its card, C0INCIDENTS',
    )
  })

  test('whatever anybody wrote becomes neither markup nor a code of a terminal', () => {
    fc.assert(
      fc.property(words, (text) => {
        const { mrkdwn } = mrk`*Ours* ${text}`
        const page = paragraphs(mrkdwn, nobody).markup
        expect(page.replace(OURS, '')).not.toMatch(/[<>"']/)
        expect(atTerminal(mrkdwn, nobody)).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u)
      }),
    )
  })

  const shown = {
    environment: 'production',
    notice: null,
    nameOf: nobody,
    approval: ApprovalSettings.parse({ users: ['U0BO', 'U0CY'] }),
    open: () => [],
    seal: () => 'seal',
    signedIn: { name: 'k7qf2mab', token: 'token' },
  }

  test('only what is open is signed, and only what runs is stopped', () => {
    const waits = incidentPage(after(proposed), shown)
    expect(waits).toMatch(/action="\/incident\/i-1\/sign"/)
    expect(waits).not.toMatch(/\/abort"/)
    const runs = incidentPage(after(running), shown)
    expect(runs).toMatch(/action="\/incident\/i-1\/abort"/)
    expect(runs).not.toMatch(/\/sign"/)
    const nothing = { open: [], undeclared: [], unreadable: [] }
    expect(incidentsPage(nothing, shown)).toMatch(/No incident is open/)
  })

  test('a plan is shown to its last word before it is signed', () => {
    const incident = after(proposed)
    const state = planOf(incident, 1)
    if (!state?.plan) throw new Error('no plan')
    const said = planViews(incident, state, shown).map((view) => shownAtTerminal(view, nobody))
    for (const { title } of state.plan.steps) expect(said.join('\n')).toContain(title)
    expect(said.join('\n')).toMatch(/0 of 2 signatures[^]*What is lost[^]*What will be done/)
  })

  test.each(RefusalReason.options)('the refusal %s has words that fit', (reason) => {
    const { mrkdwn } = refusedInWords(refused(reason))
    expect(mrkdwn.length).toBeGreaterThan(20)
  })

  test('a code that does not count is told apart, and what to do', () => {
    const said = [
      verdictInWords({ kind: 'wrong', left: 1 }),
      verdictInWords({ kind: 'used', left: 0 }),
      verdictInWords({ kind: 'locked', untilMs: 0 }),
      verdictInWords({ kind: 'too-early', fromMs: null }),
      verdictInWords({ kind: 'too-early', fromMs: 0 }),
    ]
    expect(new Set(said).size).toBe(5)
    expect(said[0]).toMatch(/1 more wrong code and it is locked for 15 min/)
    for (const one of said) expect(one).toMatch(/[Nn]othing was done/)
  })
})
