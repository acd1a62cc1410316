import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { timelineBlock } from '../../src/chat/parts/timeline.ts'
import type { Chart } from '../../src/chat/report/contents.ts'
import { reportContents } from '../../src/chat/report/incident-report.ts'
import { asMarkdown, plain } from '../../src/chat/report/markdown.ts'
import { asPage } from '../../src/chat/report/page.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { milestones, servicesOf, timeSpent } from '../../src/domain/incident/milestones.ts'
import { foldIncident } from '../../src/domain/incident/fold.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import { worstMeasured } from '../../src/domain/incident/worst-measured.ts'
import type { WatchState } from '../../src/domain/watch/watch.ts'
import { eventsOf, storyOf } from '../support/last-version.ts'
import { livedIncident } from '../support/lived-incident.ts'
import {
  assessment,
  at,
  blind,
  closed,
  declared,
  incidentAfter,
  newestChange,
  opened,
  measurement,
  percent,
  place,
  requested,
} from '../support/builders.ts'
import {
  after,
  asked,
  finished,
  iso,
  later,
  planOf,
  planProposed,
  planRequested,
  proposed,
  runEnded,
  running,
  runStarted,
  stepStarted,
  watchStarted,
} from '../support/plan-story.ts'

const CHAPTERS = [
  'Summary',
  'Timeline',
  'Root cause',
  'Impact',
  'What was measured',
  'Resolution',
  'Approvals',
  'Time of people and of Backout',
  'Lessons learned',
  'Action items',
  'About this report',
]

const markdownOf = (incident: Incident) => asMarkdown(reportContents(incident))
const pageOf = (incident: Incident) => asPage(reportContents(incident))
const stable = { type: 'watch-turned', watch: 1, to: 'stable' } as const
const whole = after(finished, watchStarted, stable, closed)

describe('the report of an incident', () => {
  test('fills in what the journal knows, and leaves open what only people know', () => {
    const report = markdownOf(whole)
    expect(report).toMatch(/^# Incident report: /)
    const chapters = [...report.matchAll(/^## (.*)$/gm)].map(([, title]) => title)
    expect(chapters).toEqual(CHAPTERS)
    expect(report).toMatch(/- \*\*Duration:\*\* (?!it is open)/)
    for (const what of ['detected', 'notified', 'decision made', 'initiated', 'restored']) {
      expect(report).toMatch(
        new RegExp(String.raw`^- \d{4}-\d\d-\d\d \d\d:\d\d UTC - .*${what}$`, 'm'),
      )
    }
    expect(report).toMatch(/^\| [\d: -]{19} \| U0BO signed plan 1 \|$/m)
    expect(report).toMatch(
      /^- \*\*Plan 1:\*\* .*, asked for by U0ANA at [\d -]{11}\d\d:\d\d UTC; to read all of it takes about \d+ s$/m,
    )
    expect(report).toMatch(
      /^\| Plan 1 \| U0BO \| signed it after (?:under )?\d+ s \| [\d -]{11}\d\d:\d\d UTC \| digest-1 \|$/m,
    )
    expect(report).toMatch(/\*\*Revenue impact:\*\* _Nobody has said\._/)
    expect(report).toMatch(/\*\*SLA impact:\*\* _Nobody has said\._/)
    expect(report).toMatch(/^- \[ \] Fix identified bug \(owner: _to be named_\)$/m)
  })

  test('says what did not come about, and names no moment that was not', () => {
    const report = markdownOf(after(proposed))
    expect(report).toMatch(/- \*\*Duration:\*\* it is open/)
    expect(report).toMatch(/- not recorded - Rollback initiated/)
    expect(report).toMatch(/- not recorded - Alert triggered/)
    expect(report).toMatch(/Backout carried out no plan\. _To be filled in\._/)
    expect(report).toMatch(/The incident is open: this is not its last report\./)
    expect(milestones(after(asked))).toMatchObject({ decided: null, begun: null, stable: null })
    expect(timeSpent(after(proposed))).toEqual({ people: 0, machine: 0 })
  })

  test('has what whoever closed it has said, and names who publishes it', () => {
    const closing = { outcome: 'handed-on', revenue: '4,000 EUR', reportBy: 'U0CY' } as const
    const report = markdownOf(after(finished, { ...closed, closing } as Event))
    expect(report).toMatch(/^- \*\*How it ended:\*\* not resolved, handed on$/m)
    expect(report).toMatch(/^- \*\*Revenue impact:\*\* 4,000 EUR$/m)
    expect(report).toMatch(/^- \*\*SLA impact:\*\* _Nobody has said\._$/m)
    expect(report).toMatch(/^- \[ \] Publish the report \(owner: U0CY\)$/m)
  })

  test('lists what is not as it should stay, before what is always to be done', () => {
    const images = { from: ['web:v2'], to: ['web:v1'] }
    const changes = [{ what: 'web', from: 'v2', to: 'v1', images }]
    const history = finished.map((event) =>
      event.type === 'plan-proposed' ? planProposed({ changes }) : event,
    )
    const tasks = markdownOf(after(history, watchStarted, closed)).match(/^- \[ \] .*$/gm)
    expect(tasks?.[0]).toMatch(/Look at production: the last watch saw it not yet stable/)
    expect(tasks?.join()).toMatch(
      /Deploy a fixed version: the one that plan 1 rolled back from is locked/,
    )
    expect(tasks?.at(-1)).toMatch(/Review deployment process/)
  })

  test('says when an alert opened it', () => {
    const alert = incidentAfter({ type: 'incident-opened', by: 'alert:HighErrorRate', place })
    expect(milestones(alert).alerted).toBe(milestones(alert).detected)
    expect(markdownOf(alert)).toMatch(/^- \d{4}-\d\d-\d\d \d\d:\d\d UTC - Alert triggered$/m)
  })

  test('calls a step that is under way neither done nor not begun', () => {
    const report = markdownOf(after([...running, stepStarted()]))
    expect(report).toMatch(/^Plan 1, .*, is being carried out\.$/m)
    expect(report).toMatch(/^\| 1 \| Return backend \| under way \| not yet \|$/m)
    expect(report).toMatch(/^\| 2 \| Prove it \| not begun \| not yet \|$/m)
  })

  test('names the worst that was measured with its query, and calls nothing measured that was not', () => {
    const measured = (...measurements: ReturnType<typeof measurement>[]) => [
      requested,
      { type: 'assessment-taken', assessment: assessment({ measurements }) } as const,
    ]
    const incident = incidentAfter(
      opened,
      ...measured(measurement({ value: 62, summary: '62 % failed', query: 'errors[5m]' })),
      ...measured(
        measurement({ value: 3, summary: '3 % failed' }),
        percent('logins-succeeding', 0),
      ),
      ...measured(blind('error-ratio-low')),
    )
    expect(worstMeasured(incident, 'error-ratio-low')?.value).toBe(62)
    const report = markdownOf(incident)
    expect(report).toMatch(
      /^\| Errors \| 62 % failed \| [\d -]{11}\d\d:\d\d UTC \| errors\\\[5m\\\] \|$/m,
    )
    expect(report).toMatch(/^\| Latency \| not measured \| - \| - \|$/m)
  })

  test('puts what a person added where it happened, and says who added it', () => {
    const added = {
      type: 'moment-added',
      by: 'U0ANA',
      at: '2026-11-22T02:30:00.000Z',
      text: 'The first customer called',
      link: 'https://team.slack.test/archives/C1/p1',
    } as const
    const incident = after([...finished, closed], added)
    const card = JSON.stringify(timelineBlock(incident, 100))
    expect(card.indexOf('The first customer called (added by <@U0ANA>)')).toBeGreaterThan(0)
    expect(card.indexOf('The first customer')).toBeLessThan(card.indexOf('declared the incident'))
    const rows = markdownOf(incident).match(/^\| 2026.*$/gm)
    expect(rows?.[0]).toBe(
      String.raw`| 2026-11-22 02:30:00 | The first customer called (added by U0ANA, from https\://team.slack.test/archives/C1/p1) |`,
    )
  })

  test('hides what looks like a credential, wherever somebody wrote it', () => {
    const secret = 'postgres://app:hunter2secret@db.internal/es'
    const incident = after([...asked, { type: 'plan-infeasible', plan: 1, because: secret }])
    expect(markdownOf(incident)).toContain('is not possible')
    expect(markdownOf(incident)).not.toContain('hunter2secret')
    expect(pageOf(incident)).not.toContain('hunter2secret')
  })

  test('says the same as Markdown and as a page', () => {
    const contents = reportContents(whole)
    const shown = contents.sections.flatMap(({ title, blocks }) => [title, ...textsOf(blocks)])
    const page = unescaped(asPage(contents))
    for (const text of shown) expect(page).toContain(text)
    const markdown = asMarkdown(contents).replace(/\\(?=[^\w\s])/g, '')
    for (const text of shown) expect(markdown).toContain(text)
  })
})

describe('what did not happen', () => {
  const told = (name: string) => {
    const story = storyOf(name)
    const incident = foldIncident(story.id, eventsOf(story))
    return { incident, report: markdownOf(incident) }
  }

  test('is not called changed: a run that was aborted may have changed it in part', () => {
    const { incident, report } = told('aborted')
    expect(report).toContain('May have been changed in part: ')
    expect(report).not.toContain('Changed: ')
    expect(report).toMatch(
      /^- \*\*Data loss:\*\* Plan 1 was begun and is not finished\. To its end it means: /m,
    )
    expect(servicesOf(incident)).toEqual(incident.declared?.services)
    expect(markdownOf(whole)).toContain('Changed: ')
    expect(markdownOf(whole)).not.toContain('in part')
  })

  test('is not called a rollback: what clears a cache is none, and production is stable all the same', () => {
    const { incident, report } = told('cleared-cache')
    expect(report).toContain('- not recorded - Rollback decision made')
    expect(report).toContain('- not recorded - Rollback initiated')
    expect(milestones(incident)).toMatchObject({ decided: null, begun: null })
    const watched = after([opened, declared, secondWatchAsFirst, stable])
    expect(milestones(watched)).toMatchObject({ begun: null, stable: iso(later(3)) })
  })

  test('is not called lost: a gate that closed before the first write leaves it to be filled in', () => {
    const incident = after(running, runEnded('gate-closed'))
    const report = markdownOf(incident)
    expect(report).toMatch(/^- \*\*Data loss:\*\* _To be filled in\._$/m)
    expect(report).not.toMatch(/Changed: |changed in part/)
    expect(milestones(incident)).toMatchObject({ decided: null, begun: null })
  })
})

const secondWatchAsFirst = { type: 'watch-started', watch: 1, plan: null } as const

describe('the times of an incident', () => {
  /** Each event an hour after the one before. */
  const hourly = (...events: readonly Event[]) =>
    foldIncident(
      'i-1',
      events.map((event, index) => ({
        incident: 'i-1',
        sequence: index + 1,
        at: new Date(Date.UTC(2026, 10, 22, 20 + index)).toISOString(),
        event,
      })),
    )
  const turned = (to: WatchState, watch = 1) => ({ type: 'watch-turned', watch, to }) as const
  const watching = [opened, declared, secondWatchAsFirst] as const
  const reopened = { type: 'incident-reopened', by: 'U0ANA' } as const

  test.each<[string, readonly Event[], string | null]>([
    ['the first time', [turned('stable')], '2026-11-22T23:00:00.000Z'],
    [
      'the last time, when it was worse in between',
      [turned('stable'), turned('relapse'), turned('stable')],
      '2026-11-23T01:00:00.000Z',
    ],
    ['never, when it was worse after that', [turned('stable'), turned('relapse')], null],
    ['never, when nothing could be seen after that', [turned('stable'), turned('blind')], null],
    ['never, when it was reopened after that', [turned('stable'), closed, reopened], null],
    [
      'the first time of two without trouble between them',
      [
        turned('stable'),
        { type: 'watch-ended', watch: 1, because: 'over' },
        { type: 'watch-started', watch: 2, plan: null },
        turned('stable', 2),
      ],
      '2026-11-22T23:00:00.000Z',
    ],
  ])('services were restored %s', (_when, then, restored) => {
    expect(milestones(hourly(...watching, ...then)).stable).toBe(restored)
  })

  test('say their day: it may be over midnight', () => {
    const report = markdownOf(hourly(...watching, turned('settling'), turned('stable'), closed))
    expect(report).toContain('- 2026-11-22 20:00 UTC - Issue first detected')
    expect(report).toContain('- 2026-11-23 00:00 UTC - Services restored')
    expect(report).toContain(
      'from 2026-11-22 20:00 UTC (first detected) to 2026-11-23 00:00 UTC (a watch saw it stable)',
    )
    expect(report).toContain('to 2026-11-23 01:00 UTC (closed)')
  })

  test('say when it was closed in between', () => {
    const once = hourly(...watching, turned('stable'), closed, reopened)
    const between = 'it was closed in between, from 2026-11-23 00:00 UTC to 2026-11-23 01:00 UTC'
    expect(markdownOf(once)).toContain(`- **Duration:** it is open; ${between}\n`)
    const again = hourly(...watching, turned('stable'), closed, reopened, closed)
    expect(markdownOf(again)).toMatch(
      new RegExp(String.raw`^- \*\*Duration:\*\* 6 h.*; ${between}$`, 'm'),
    )
    expect(markdownOf(hourly(...watching, turned('stable'), closed))).not.toContain('in between')
  })

  test('count the turns of the newest watch alone', () => {
    const report = markdownOf(
      hourly(
        ...watching,
        turned('stable'),
        turned('relapse'),
        { type: 'watch-ended', watch: 1, because: 'stopped' },
        { type: 'watch-started', watch: 2, plan: null },
        turned('stable', 2),
      ),
    )
    expect(report).toContain('- **Looks:** 0 taken, 0 missed; it told of 1 turn\n')
  })
})

describe('the page', () => {
  const page = pageOf(whole)

  test('allows nothing to be loaded or to run', () => {
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
    )
    expect(page).not.toMatch(/<script|<link|<iframe|<a |href=|url\(|@import|\son\w+=/i)
  })

  test('has a language, a title, and headings in order', () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(page).toMatch(/<title>Incident report: [^<]+<\/title>/)
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level))
    expect(levels[0]).toBe(1)
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    for (const [index, level] of levels.entries()) {
      expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1)
    }
  })

  test('names the columns and the rows of every table', () => {
    const tables = page.split('<table>').slice(1)
    expect(tables.length).toBeGreaterThan(3)
    for (const table of tables) {
      expect(table).toMatch(
        /^\n<caption>[^<]+<\/caption>\n<thead><tr>(<th scope="col">[^<]+<\/th>)+/,
      )
      const rows = table.split('</tbody>')[0]?.split('<tr>').slice(2) ?? []
      for (const row of rows) expect(row).toMatch(/^<th scope="row">/)
    }
  })

  test('carries its picture within it, and only what is one', () => {
    const chart = { kind: 'beside', file: 'chart.png', alt: 'Errors fell to 0 %' } as const
    const contents = reportContents(whole, { chart })
    const shown = asPage(contents, { 'chart.png': 'iVBORw0KGgo=' })
    expect(shown).toContain(
      '<img src="data:image/png;base64,iVBORw0KGgo=" alt="Errors fell to 0 %">',
    )
    expect(asMarkdown(contents)).toContain('![Errors fell to 0 %](chart.png)')
    const none = asPage(contents, { 'chart.png': '" onerror="alert(1)' })
    expect(none).not.toContain('<img')
    expect(none).toContain('stands beside this page, as chart.png. Errors fell to 0 %')
  })
})

describe('the picture of the report', () => {
  const told = (chart: Chart | null) => asMarkdown(reportContents(whole, { chart }))
  const alt = 'Errors fell from 62 % to 0 %.'

  test('is told where it is read in the thread, and said to stand there only where it does', () => {
    const there = told({ kind: 'in-thread', alt, stands: true })
    expect(there).toContain(`\n\n${alt}\n\nThe picture stands in this thread.\n\n`)
    expect(there).not.toContain('![')
    const away = told({ kind: 'in-thread', alt, stands: false })
    expect(away).toContain(alt)
    expect(away).not.toContain('The picture stands')
    const unread = told({ kind: 'in-thread', alt: null, stands: true })
    expect(unread).toContain('## What was measured\n\nThe picture stands in this thread.\n')
  })

  test('is said to be missing, and why; without numbers there is not a word of it', () => {
    const chart = { kind: 'none', because: 'connection refused' } as const
    expect(told(chart)).toContain('## What was measured\n\nNo picture: connection refused.\n')
    expect(asPage(reportContents(whole, { chart }))).toContain(
      '<p>No picture: connection refused.</p>',
    )
    expect(told(null)).not.toMatch(/picture/i)
    expect(pageOf(whole)).not.toMatch(/<img|picture/i)
  })

  test('has no credential in its words, and nothing that is rendered', () => {
    const words = 'postgres://app:hunter2secret@db.internal/es ![p](https://evil.test)"><script>'
    const contents = reportContents(whole, {
      chart: { kind: 'beside', file: 'incident.png', alt: words },
    })
    const lines = asMarkdown(contents).match(/^!\[.*$/gm)
    expect(lines).toEqual([expect.stringMatching(/^!\[(?:[^\]\\]|\\.)*\]\(incident\.png\)$/)])
    const page = asPage(contents, { 'incident.png': 'iVBORw0KGgo=' })
    expect(page).toMatch(/<img src="data:image\/png;base64,iVBORw0KGgo=" alt="[^"<>]*">/)
    for (const shown of [page, asMarkdown(contents)]) expect(shown).not.toContain('hunter2secret')
    expect(page).not.toContain('<script')
  })
})

/* Whatever people and systems say. */

const HOSTILE = [
  '# heading',
  '## Approvals',
  '- item',
  '1. one',
  '> quoted',
  '---',
  '===',
  '| a | b |\n|---|---|\n| c | d |',
  '\n\n# own heading\n\n',
  '```\ncode',
  '[link](https://evil.test)',
  '![p](https://evil.test/p.png)',
  '[x]: https://evil.test',
  'https://evil.test/x www.evil.test me@evil.test @ana',
  '+@',
  '$x^2$ ~~gone~~ **bold** _it_ `c`',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  `' onmouseover='alert(1)`,
  '</style><script>',
  '</title></h1><a href="javascript:alert(1)">',
  '<!-- ',
  ']]>',
  '&lt;script&gt; &#60;b&#62; &amp;',
  '\u202Eevil\u2066',
  '\u2028\u2029\u0085',
  '\u0000\u001B[31m',
  '\uD800',
  'x'.repeat(1_000_000),
  '<'.repeat(1_000_000),
  '\\',
  '\\|',
]

/** An incident in which every field that anybody fills in says the same. */
function sayingEverywhere(text: string): Incident {
  const said = assessment({
    measurements: [
      measurement({ value: 62, summary: text, query: text, target: text, unit: text }),
      measurement({ probe: text, value: text, summary: text }),
    ],
    closestFlip: text,
    changes: [newestChange(text, { by: text, cause: text, images: [text] })],
  })
  const proposal = planOf({
    title: text,
    steps: [{ id: 'x', title: text, input: null }],
    changes: [{ what: text, from: text, to: text, details: [text, text] }],
    because: text,
    lost: text,
    cautions: [text],
    digest: text.slice(0, 64),
  })
  return incidentAfter(
    { type: 'incident-opened', by: text.slice(0, 200), place, environment: text },
    {
      type: 'incident-declared',
      by: `alert:${text}`,
      channel: 'C0INCIDENTS',
      title: text,
      severity: 'high',
      description: text,
      services: [text],
      procedure: null,
      toVersion: text,
    },
    { type: 'lead-taken', by: `command-line:${text}` },
    requested,
    { type: 'assessment-taken', assessment: said },
    planRequested(),
    { type: 'plan-proposed', plan: 1, proposal },
    { type: 'plan-cautioned', plan: 1, cautions: [text] },
    runStarted,
    stepStarted(),
    { type: 'step-failed', plan: 1, step: 0, applied: 'unknown', says: text },
    { type: 'run-ended', plan: 1, outcome: 'failed', says: text },
    planRequested(undefined, 2),
    { type: 'plan-proposed', plan: 2, proposal },
    { type: 'plan-denied', plan: 2, by: 'U0BO', reason: text },
    { type: 'moment-added', by: text.slice(0, 200), at, text, link: text },
    closed,
  )
}

const anyIncident = fc.oneof(
  livedIncident,
  fc
    .oneof(
      fc.constantFrom(...HOSTILE),
      fc
        .array(fc.constantFrom(...HOSTILE.filter((one) => one.length < 99)))
        .map((all) => all.join('')),
      fc.string(),
    )
    .map(sayingEverywhere),
)

describe('nobody’s words are rendered as markup', () => {
  test('as Markdown: no heading, row, picture, link or page of theirs', () => {
    fc.assert(
      fc.property(anyIncident, (incident) => {
        const report = markdownOf(incident)
        const headings = [...report.matchAll(/^#{1,2} .*$/gm)]
        expect(headings.length).toBeLessThanOrEqual(CHAPTERS.length + 1)
        for (const line of report.split('\n')) {
          expect(line).toMatch(
            /^(?:$|#{1,3} |- |\| |\|---|Plan \d|Backout |_To be|The |No |Nobody )/,
          )
          const own = line.replace(/^- \[ \] /, '').replaceAll(/\\./g, '')
          expect(own).not.toMatch(/[<>`[\]!~&$\u202A-\u202E\u2066-\u2069\u2028\u2029]/)
          expect(own).not.toMatch(/\w:\/\/|\bwww\.|\S@\S|@\w/i)
          expect(line).not.toMatch(/^- (?:[-+=]|\d+[.)])/)
        }
      }),
      { numRuns: 60, examples: HOSTILE.map((text) => [sayingEverywhere(text)]) },
    )
  })

  test('as a page: no tag, attribute or entity of theirs', () => {
    fc.assert(
      fc.property(anyIncident, (incident) => {
        const page = pageOf(incident)
        const body = page.slice(page.indexOf('<body>'))
        const left = body.replaceAll(OUR_TAGS, '')
        expect(left).not.toMatch(/[<>"']/)
        expect(left.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&')
        expect(page).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/)
        expect(page).not.toContain('\0')
        expect(page.match(/<title>/g)).toHaveLength(1)
        expect(page.isWellFormed()).toBe(true)
        expect(page.length).toBeLessThan(2_000_000)
      }),
      { numRuns: 60, examples: HOSTILE.map((text) => [sayingEverywhere(text)]) },
    )
  })

  test.each([
    ['https://evil.test/x', String.raw`https\://evil.test/x`],
    ['![a](b) <img src=x> `c` | d', String.raw`\!\[a\](b) \<img src=x\> \`c\` \| d`],
    ['# and more', String.raw`\# and more`],
    ['mail me@evil.test', 'mail me @ evil.test'],
    ['@ana', '@ ana'],
  ])('%j is shown as %s', (said, shown) => {
    expect(plain(said)).toBe(shown)
  })
})

/** The tags of the page, with all that may stand in them. */
const OUR_TAGS =
  /<\/?(?:body|main|header|p|h1|h2|h3|dl|dt|dd|ul|li|table|caption|thead|tbody|tr|th|td|span|em|section|html|figure|figcaption)(?: id="section-\d+"| aria-labelledby="section-\d+"| class="(?:new-page|tasks|box|owner|open|time)"| scope="(?:col|row)"| data-column="[A-Za-z ]*"| aria-hidden="true")*>/g

type Blocks = ReturnType<typeof reportContents>['sections'][number]['blocks']

function textsOf(blocks: Blocks): readonly string[] {
  return blocks.flatMap((block) => {
    switch (block.kind) {
      case 'words':
        return block.said.map(({ text }) => text)
      case 'heading':
        return [block.title]
      case 'facts':
        return block.rows.flatMap(({ name, said }) => [name, ...said.map(({ text }) => text)])
      case 'list':
        return block.items.flat().map(({ text }) => text)
      case 'table':
        return [...block.columns, ...block.rows.flat(2).map(({ text }) => text)]
      case 'tasks':
        return block.tasks.flatMap(({ what }) => what.map(({ text }) => text))
      default:
        return []
    }
  })
}

function unescaped(page: string): string {
  return page
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
