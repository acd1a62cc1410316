import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { incidentReport } from '../../src/chat/report/incident-report.ts'
import { plain } from '../../src/chat/report/markdown.ts'
import { milestones, timeSpent } from '../../src/domain/incident/milestones.ts'
import { livedIncident } from '../support/lived-incident.ts'
import { closed } from '../support/builders.ts'
import {
  after,
  asked,
  finished,
  proposed,
  running,
  stepStarted,
  watchStarted,
} from '../support/plan-story.ts'

const CHAPTERS = [
  'Summary',
  'Timeline',
  'Root cause',
  'Impact',
  'Resolution',
  'Approvals',
  'Lessons learned',
  'Action items',
]

describe('the report of an incident', () => {
  test('fills in what the journal knows, and leaves open what only people know', () => {
    const stable = { type: 'watch-turned', watch: 1, to: 'stable' } as const
    const report = incidentReport(after(finished, watchStarted, stable, closed))
    expect(report).toMatch(/^# Incident report: /)
    expect([...report.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(CHAPTERS)
    expect(report).toMatch(/- \*\*Duration:\*\* (?!it is open)/)
    for (const what of ['detected', 'notified', 'decision made', 'initiated', 'restored']) {
      expect(report).toMatch(new RegExp(String.raw`^- \d\d:\d\d:\d\d UTC - .*${what}$`, 'm'))
    }
    expect(report).toMatch(/^\| [\d: -]{19} \| U0BO signed plan 1 \|$/m)
    expect(report).toMatch(/^- Plan 1, asked for by U0ANA: signed by U0BO and U0CY, digest /m)
    expect(report).toMatch(/\*\*Revenue impact:\*\* _To be filled in\._/)
    expect(report).toMatch(/^- \[ \] Fix identified bug$/m)
  })

  test('says what did not come about, and names no moment that was not', () => {
    const report = incidentReport(after(proposed))
    expect(report).toMatch(/- \*\*Duration:\*\* it is open/)
    expect(report).toMatch(/- not recorded - Rollback initiated/)
    expect(report).toMatch(/Backout carried out no plan\. _To be filled in\._/)
    expect(milestones(after(asked))).toMatchObject({ decided: null, begun: null, stable: null })
    expect(timeSpent(after(proposed))).toEqual({ people: 0, machine: 0 })
  })

  test('calls a step that is under way neither done nor not begun', () => {
    const report = incidentReport(after([...running, stepStarted()]))
    expect(report).toMatch(/^- Plan 1, .*, is being carried out\.$/m)
    expect(report).toMatch(/^ {4}1\. Return backend: under way$/m)
    expect(report).toMatch(/^ {4}2\. Prove it: not begun$/m)
  })

  test('renders nobody’s words as markup: no heading, row, picture, link or page of theirs', () => {
    fc.assert(
      fc.property(livedIncident, (incident) => {
        const report = incidentReport(incident)
        const headings = [...report.matchAll(/^#+ .*$/gm)]
        expect(headings.length).toBeLessThanOrEqual(CHAPTERS.length + 1)
        for (const line of report.split('\n')) {
          expect(line).toMatch(/^(?:$|# |## |- |\d\. | {4}\d+\. |\| |\|---|Backout |_To be)/)
          const own = line.replaceAll('[ ]', '').replaceAll(/\\./g, '')
          expect(own).not.toMatch(/[<>`[\]!~&]/)
          expect(own).not.toMatch(/\w:\/\/|\bwww\.|\S@\S/i)
        }
      }),
      { numRuns: 40 },
    )
  })

  test.each([
    ['https://evil.test/x', String.raw`https\://evil.test/x`],
    ['![a](b) <img src=x> `c` | d', String.raw`\!\[a\](b) \<img src=x\> \`c\` \| d`],
    ['two\nlines # and more', String.raw`two lines \# and more`],
    ['mail me@evil.test', 'mail me @ evil.test'],
  ])('%j is shown as %s', (said, shown) => {
    expect(plain(said).markdown).toBe(shown)
  })
})
