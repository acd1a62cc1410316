import type { Surface } from '../../src/domain/incident/surface.ts'
import { describe, expect, test } from 'vitest'
import { inUtc } from '../../src/chat/text/moments.ts'
import { renderSurface, type RenderContext } from '../../src/chat/render.ts'
import { historyView } from '../../src/chat/answers/history.ts'
import { homeView } from '../../src/chat/answers/home.ts'
import { statusDraft } from '../../src/chat/cards/status-draft.ts'
import { statusView } from '../../src/chat/answers/status.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import type { StatusStage } from '../../src/domain/incident/status-page.ts'
import type { Verdict } from '../../src/domain/assessment/verdict.ts'
import { Look, type WatchState } from '../../src/domain/watch/watch.ts'
import {
  at,
  closed,
  declared,
  incidentAfter,
  opened,
  plan,
  proposed,
  requested,
  runStarted,
  signed,
  stepDone,
  taken,
} from '../support/builders.ts'
import { letter, letterEvents } from '../support/letters.ts'
import { pressable } from '../support/pressable.ts'
import { assertWithinLimits, renderedIn } from '../support/slack-limits.ts'

const context: RenderContext = {
  environment: 'production',
  open: () => [],
  approval: ApprovalSettings.parse({
    users: ['U0ANA', 'U0BO'],
    groups: ['S0DBA'],
    escalation: [
      { afterMinutes: 2, tell: [] },
      { afterMinutes: 4, tell: ['S0HEADS', 'U0HEAD'] },
    ],
  }),
  contacts: {
    onCall: [
      { role: 'Primary', name: 'Dee', phone: '+49 30 1234', slack: 'U0DEE' },
      { role: 'Secondary', name: 'Eli' },
    ],
    support: [],
    channels: [],
  },
}

function shownOf(surface: Surface, incident: Incident, changes: Partial<RenderContext> = {}) {
  const view = renderSurface(surface, incident, { ...context, ...changes })
  assertWithinLimits(view)
  const text = renderedIn(inUtc(view)).map((one) => one.text)
  return { text: text.join('\n'), spoken: view.text, buttons: pressable(view) }
}

function shown(surface: Surface, events: readonly Event[], changes: Partial<RenderContext> = {}) {
  return shownOf(surface, incidentAfter(...events), changes)
}

const story: Event[] = [opened, requested, declared]
const rolledBack: Event[] = [
  ...story,
  ...proposed(),
  signed('U0BO'),
  signed('U0CY'),
  runStarted,
  ...stepDone(0, 'backend: 3 of 3 pods ready'),
  ...stepDone(1, 'backend: healthy, runs v1.9.0', false),
  { type: 'run-ended', plan: 1, outcome: 'succeeded', says: 'done' },
  { type: 'watch-started', watch: 1, plan: 1 },
]

function looks(count: number, verdict: Verdict, from = 1): Event[] {
  const line = { probe: 'health-passing', target: 'backend', verdict, says: 'HTTP 200' }
  return Array.from({ length: count }, (_, index) => ({
    type: 'watch-looked',
    watch: 1,
    look: { due: from + index, verdict, lines: [{ ...line, version: null }] },
  }))
}

function turned(to: WatchState): Event {
  return { type: 'watch-turned', watch: 1, to }
}

describe('the watch card', () => {
  const stopped: Event = { type: 'watch-ended', watch: 1, because: 'stopped' }

  test.each<[string, readonly Event[], RegExp, boolean]>([
    ['no look yet', [], /No look has been taken yet\./, true],
    [
      'settling',
      looks(3, 'healthy'),
      /\*Not yet stable\* since .*\. That takes 10 good looks/,
      true,
    ],
    ['stable', looks(18, 'healthy'), /\*Stable\* since .*\. 10 good looks in a row\./, true],
    [
      'a relapse',
      looks(2, 'degraded', 20),
      /\*Production is bad\* since.*Nothing was started/,
      true,
    ],
    ['blind', looks(4, 'unreachable', 20), /cannot see production.*no good news/, true],
    ['missed looks', looks(1, 'healthy', 9), /8 looks missed, and not counted as good/, true],
    [
      'stopped',
      [...looks(3, 'healthy'), stopped],
      /stopped at .*\*not yet stable\*\. 3 looks/,
      false,
    ],
    ['the incident closed', [...looks(3, 'healthy'), closed], /ended with the incident/, false],
  ])('%s is said, and can be stopped while it lasts', (_, events, says, stoppable) => {
    const card = shown('watch-1', [...rolledBack, ...events])
    expect(card.text).toMatch(says)
    expect(card.buttons).toEqual(stoppable ? ['Stop watching'] : [])
  })

  test('says how many looks were too early to count, while it lasts and at its end', () => {
    // Those of the first minute and a half.
    const stable = [...rolledBack, ...looks(18, 'healthy'), turned('stable')]
    const early =
      'in a row. The first 8 looks still measured the time before, and counted neither way.'
    expect(shown('watch-1', stable).text).toContain(early)
    expect(shown('watch-1', [...stable, ...looks(3, 'healthy', 19)]).text).toContain(early)
    expect(shown('watch-1', [...stable, stopped]).text).toContain(
      '*stable*. 18 looks taken, of which 8 too early to count, 0 missed.',
    )
  })

  test('shows each thing looked at, in words and with until when', () => {
    const { text } = shown('watch-1', [...rolledBack, ...looks(1, 'degraded')])
    expect(text).toContain('🔴 Health, backend: HTTP 200')
    expect(text).toMatch(/Look 1 of 180, at .*One every 10 s until 03:42:\d\d UTC\./)
  })

  test.each([
    [330_000, /speak of now from 03:17:\d\d UTC on; until then nothing counts as good\./],
    [3_630_000, /as long as this watch: it cannot become stable, so look by hand\./],
  ])('says from when its numbers speak of now: %i ms after the run', (untilMs, words) => {
    const slow = looks(1, 'healthy').map((event): Event => {
      if (event.type !== 'watch-looked') return event
      const settling = { untilMs, verdict: 'healthy' } as const
      return { ...event, look: { ...event.look, settling } }
    })
    expect(shown('watch-1', [...rolledBack, ...slow]).text).toMatch(words)
    const usual = shown('watch-1', [...rolledBack, ...looks(1, 'healthy')]).text
    expect(usual).not.toContain('longer time')
  })

  test.each<[string, object | undefined, string]>([
    [
      'by whom',
      { since: { time: at, exact: true }, by: 'ci-bot' },
      '; changed by ci-bot (03:12 UTC)',
    ],
    [
      'by nobody',
      { since: { time: at, exact: false }, by: null },
      '; changed by somebody whom nothing names (at the latest 03:12 UTC)',
    ],
    [
      'since nobody knows when',
      { since: null, by: 'ci-bot' },
      '; changed by ci-bot, when is not known',
    ],
    ['in an old journal', undefined, ''],
  ])('says of a version that should not run: %s', (_, changed, words) => {
    const line = { probe: 'version-known', target: 'backend', says: 'runs v2.0.0, not v1.9.0' }
    const look = Look.parse({
      due: 1,
      verdict: 'degraded',
      lines: [{ ...line, verdict: 'degraded', version: 'v2.0.0', changed }],
    })
    const { text } = shown('watch-1', [...rolledBack, { type: 'watch-looked', watch: 1, look }])
    expect(text.split('\n')).toContain(`🔴 Version, backend: runs v2.0.0, not v1.9.0${words}`)
  })

  test.each<Verdict>(['inconclusive', 'unreachable'])(
    '%s looks are never called good',
    (verdict) => {
      for (let count = 0; count < 15; count += 1) {
        const { text, spoken } = shown('watch-1', [...rolledBack, ...looks(count, verdict, 20)])
        expect(`${spoken} ${text}`).not.toMatch(/\*Stable|: stable|🟢|healthy/)
      }
    },
  )

  test('one look more that says the same changes nothing on the card', () => {
    const three = shown('watch-1', [...rolledBack, ...looks(3, 'healthy')])
    expect(shown('watch-1', [...rolledBack, ...looks(4, 'healthy')])).toEqual(three)
  })

  test('an earlier one says what it last was, and that another goes on', () => {
    const again: Event[] = [
      turned('stable'),
      stopped,
      { type: 'watch-started', watch: 2, plan: null },
    ]
    const { text, buttons } = shown('watch-1', [...rolledBack, ...again])
    expect(text).toMatch(/Watch 1 is over\.\* It last turned at .*: stable\. Watch 2 has taken/)
    expect(buttons).toEqual([])
  })
})

describe('drafts for those outside', () => {
  const contacts = {
    ...context.contacts,
    support: [{ name: 'Database support', address: 'https://support.example' }],
    customers: [{ name: 'Enterprise <b>', to: ['ops@acme.example', 'cto@initech.example'] }],
  }
  const checklistOf = (...events: readonly Event[]) => shown('checklist', events, { contacts }).text

  test('are there for a critical incident, with whom they are for, until somebody has told them', () => {
    const text = checklistOf(...story)
    expect(text).toMatch(
      /\*A draft for key customers\.\* Send it yourself, then press Done:\n• Enterprise/,
    )
    expect(text).toContain('ops@acme.example, cto@initech.example')
    expect(text).toMatch(/```Subject: Issue affecting backend\n[^]*since 2026-11-22 03:12 UTC/)
    expect(text).toMatch(/\*A draft for external support\*.*\n.*https:\/\/support\.example/)
    expect(text).toMatch(/```Priority: critical[^]*Environment: production/)
    const told: Event = { type: 'item-ticked', item: 'customers-told', by: 'U0BO' }
    expect(checklistOf(...story, told)).not.toContain('A draft for')
  })

  test('are not there for a lesser incident, or where nobody is named', () => {
    const lesser = { ...declared, severity: 'medium' } as Event
    expect(checklistOf(opened, requested, lesser)).not.toContain('A draft for')
    expect(shown('checklist', story).text).not.toContain('A draft for')
  })

  test('promise no more than the journal holds', () => {
    expect(checklistOf(...story)).toContain('We are investigating it.')
    expect(checklistOf(...story, ...proposed())).toContain('we are preparing to roll it back')
    expect(checklistOf(...rolledBack)).toContain('We are rolling back a recent update')
  })

  test('carry nothing of the incident that was written for colleagues', () => {
    const named = { ...declared, title: 'ACME lost data', description: 'ask Bob' } as Event
    expect(checklistOf(opened, requested, named)).not.toMatch(/ACME lost|Bob/)
  })
})

describe('letters to key customers by mail', () => {
  const names = Array.from({ length: 20 }, (_, index) => `List ${index + 1} <!channel>`)
  const drafts = names.map((name, index) => ({
    letter: letter({ name, list: `0123456789${String(index + 10)}` }),
    digest: 'd'.repeat(32),
  }))
  const lists = (count: number): Partial<RenderContext> => ({
    contacts: {
      ...context.contacts,
      customers: names.slice(0, count).map((name) => ({ name, to: ['ops@acme.example'] })),
    },
    letters: () => drafts.slice(0, count),
  })
  const one = { list: '012345678910' }
  const { sending, claimed, waits, refused, unknown, there } = letterEvents(1, one)
  const sent: Event = { ...there, receipt: { ...there.receipt, accepted: 10, rejected: 2 } }
  const sendButtons = (events: readonly Event[], count = 1) =>
    shown('checklist', [...story, ...events], lists(count))

  test.each<[string, readonly Event[], RegExp, string | null]>([
    ['is written', [], /\(12 addresses\): not written to/, 'Send to List 1 <!channel>'],
    ['is on its way', [sending], /⏳ on its way\. <@U0BO> pressed Send at/, null],
    ['waits', [sending, claimed, waits], /⏳ not sent yet: it is away, since .* by itself/, null],
    ['was refused', [sending, claimed, refused], /🚫 refused: 550 not from you/, 'Send again'],
    [
      'may have arrived',
      [sending, claimed, unknown],
      /❓ not known whether it arrived: the answer was lost\..*begins with i-1\.012345678910\.1\./,
      'Send again',
    ],
    [
      'is sent',
      [sending, claimed, sent],
      /sent to 10 addresses by <@U0BO> at .*, and 2 addresses were refused by the mail server/,
      null,
    ],
  ])('one that %s says so', (_, events, says, label) => {
    const { text, buttons } = sendButtons(events)
    expect(text).toMatch(says)
    const labels = buttons.filter((given) => given.startsWith('Send'))
    expect(labels).toEqual(label === null ? [] : [label])
  })

  test('ask before they go how many get it, and that it cannot be taken back', () => {
    const view = JSON.stringify(
      renderSurface('checklist', incidentAfter(...story), { ...context, ...lists(1) }),
    )
    expect(view).toContain(
      'This letter goes to List 1 <!channel>, 12 addresses, now. It cannot be taken back.',
    )
    expect(view).not.toContain('acme.example')
  })

  test('of twenty lists stay within what Slack takes, and all come in turn', () => {
    const all = sendButtons([], 20)
    expect(all.text).toContain('14 more lists are shown here once these are sent.')
    expect(all.text).not.toContain('does not fit')
    // Those that cannot be sent stand in nobody's way.
    const stuck = drafts.slice(0, 8).flatMap((draft) => {
      const events = letterEvents(1, draft.letter)
      return [events.sending, events.claimed, events.unknown]
    })
    const others = sendButtons(stuck, 20)
    expect(others.text).not.toContain('does not fit')
    expect(others.buttons).toContain('Send to List 9 <!channel>')
    // However long the names, and whatever the mail server says.
    const longest = '<&'.repeat(40)
    const loud = drafts.flatMap((draft) => {
      const events = letterEvents(1, draft.letter)
      return [events.sending, events.claimed, { ...events.unknown, because: '<&>'.repeat(200) }]
    })
    const named = drafts.map((draft) => ({ ...draft, letter: { ...draft.letter, name: longest } }))
    const worst = shown('checklist', [...story, ...loud], { ...lists(20), letters: () => named })
    expect(worst.text).not.toContain('does not fit')
    expect(worst.buttons.filter((label) => label === 'Send again')).toHaveLength(6)
    const done = drafts.slice(0, 19).flatMap((draft) => {
      const events = letterEvents(1, draft.letter)
      return [events.sending, events.claimed, events.there]
    })
    const last = sendButtons(done, 20)
    expect(last.text).not.toContain('does not fit')
    const labels = last.buttons.filter((label) => label.startsWith('Send'))
    expect(labels).toEqual(['Send to List 20 <!channel>'])
  })
})

describe('the checklist', () => {
  const posted: Event = {
    type: 'message-posted',
    surface: 'headline',
    channel: 'C0INCIDENTS',
    ts: '1',
  }
  const tick: Event = { type: 'item-ticked', item: 'on-call-alerted', by: 'U0BO' }
  const evidence = (ok: boolean): Event => {
    return { type: 'plan-prepared', plan: 1, what: 'evidence', ok, says: '12 files, 3 MB' }
  }
  const published: Event = {
    type: 'status-decided',
    stage: 'investigating',
    by: 'U0BO',
    decision: 'published',
  }

  test.each<[string, readonly Event[], string]>([
    [
      'an assessment that is under way',
      story,
      '⬜ Assess the situation: Backout is looking since 03:12:08 UTC…',
    ],
    ['an assessment taken', [...story, taken], '✅ Assess the situation: Backout, 03:12:07 UTC'],
    ['on-call', story, '⬜ Alert on-call: a person does it'],
    ['who alerted on-call', [...story, tick], '✅ Alert on-call: <@U0BO>, 03:12:10 UTC'],
    ['the status page', story, '⬜ Update the status page: the draft is in this thread'],
    [
      'who published, at whatever stage',
      [...story, ...proposed(), { ...published, stage: 'identified' }],
      '✅ Update the status page: published by <@U0BO>',
    ],
    ['who published', [...story, published], 'status page: published by <@U0BO>, 03:12:10 UTC'],
    ['key customers of a critical one', story, '⬜ Notify key customers: a person does it'],
    [
      'key customers of a lesser one',
      [opened, requested, { ...declared, severity: 'medium' } as Event],
      '➖ Notify key customers: only if critical; this is medium',
    ],
    ['the headline', [...story, posted], '✅ Post in the incident channel: Backout, 03:12:10'],
    ['logs before a plan', story, '⬜ Save current logs: Backout does it with the next plan'],
    ['logs under way', [...story, ...proposed()], '⬜ Save current logs: Backout is collecting…'],
    [
      'logs kept',
      [...story, ...proposed(), evidence(true)],
      '✅ Save current logs: Backout, 03:12:12 UTC: 12 files, 3 MB\n✅ Capture a metrics snapshot',
    ],
    [
      'logs not kept',
      [...story, ...proposed(), evidence(false)],
      '⚠️ Save current logs: not all of it, 03:12:12 UTC: 12 files, 3 MB\n⚠️',
    ],
    [
      'logs that came too late',
      rolledBack,
      '⚠️ Save current logs: not kept when plan 1 began\n⚠️ Capture a metrics snapshot',
    ],
    ['the journal', story, '✅ Document the issue: Backout’s journal since 03:12:09 UTC'],
  ])('says who did %s, or what is left', (_, events, says) => {
    expect(shown('checklist', events).text).toContain(says)
  })

  test('people tick what only they can do, once, and as long as it is wanted', () => {
    expect(shown('checklist', story).buttons).toEqual(['Done', 'Done'])
    expect(shown('checklist', [...story, tick]).buttons).toEqual(['Done'])
    expect(shown('checklist', [...story, closed]).buttons).toEqual([])
  })

  test('names whom to call, without calling them through Slack', () => {
    const { text } = shown('checklist', story)
    expect(text).toContain('Primary: *Dee*, <tel:+49301234|+49 30 1234>\nSecondary: *Eli*')
    expect(text).not.toContain('U0DEE')
  })
})

describe('the status page', () => {
  test('a draft can be published, edited or skipped, until somebody did', () => {
    const edited: Event = {
      type: 'status-draft-edited',
      stage: 'investigating',
      by: 'U0BO',
      text: 'We know.',
    }
    const decided: Event = {
      type: 'status-decided',
      stage: 'investigating',
      by: 'U0CY',
      decision: 'published',
    }
    const buttons = ['I have published it', 'Edit', 'Skip']
    const first = shown('status-page', story)
    expect(first.text).toContain('```Investigating an Issue')
    expect(first.buttons).toEqual(buttons)
    const second = shown('status-page', [...story, edited])
    expect(second.text).toContain('```We know.```')
    expect(second.buttons).toEqual(buttons)
    const third = shown('status-page', [...story, edited, decided])
    expect(third.text).toContain('published by <@U0CY> at 03:12:11 UTC.\n```We know.```')
    expect(third.buttons).toEqual([])
  })

  const draft = (stage: StatusStage, ...events: Event[]) =>
    statusDraft(stage, incidentAfter(...events), 'production')

  test.each<StatusStage>(['investigating', 'rolling-back', 'monitoring', 'resolved'])(
    'nobody has computed what was lost, so %s does not say that nothing was',
    (stage) => {
      expect(draft(stage, ...rolledBack)).toContain('Data loss: not yet determined')
      expect(draft(stage, ...rolledBack)).not.toContain('None')
    },
  )

  test('the times are the journal’s', () => {
    const stable = [...rolledBack, ...looks(18, 'healthy')]
    expect(draft('resolved', ...stable)).toContain(
      '- Issue detected at 2026-11-22 03:12 UTC\n- Rollback initiated at 2026-11-22 03:12 UTC\n- Rollback completed at 2026-11-22 03:12 UTC\n- Services restored at 2026-11-22 03:12 UTC\n',
    )
    expect(draft('resolved', ...stable)).toContain('- Duration: 1 minute\n')
    expect(draft('rolling-back', ...rolledBack)).not.toContain('restored')
  })

  test('a rollback that is complete does not yet mean that services are restored', () => {
    for (const stage of ['monitoring', 'resolved'] as const) {
      const text = draft(stage, ...rolledBack, ...looks(3, 'healthy'))
      expect(text).toContain('- Rollback completed at 2026-11-22 03:12 UTC\n')
      expect(text).toContain('- Services restored at: not yet determined\n')
    }
    expect(draft('resolved', ...rolledBack)).toContain('- Duration: not yet determined\n')
  })

  test('all systems are called operational only after they were seen to be stable', () => {
    expect(draft('resolved', ...rolledBack)).toContain('⚠️ Being confirmed')
    expect(draft('resolved', ...rolledBack, ...looks(18, 'healthy'))).toContain(
      '✅ All systems operational',
    )
  })

  test('one card moves on, and keeps what was said of the stages before', () => {
    const published: Event = {
      type: 'status-decided',
      stage: 'investigating',
      by: 'U0CY',
      decision: 'published',
    }
    const { text, buttons } = shown('status-page', [
      ...story,
      published,
      ...rolledBack.slice(story.length),
    ])
    expect(text).toContain('```Monitoring\n')
    expect(text).toContain('Before, investigating: published by <@U0CY> at ')
    expect(text).toContain('Before, rolling back: nobody said that it was published')
    expect(text).not.toContain('Investigating an Issue')
    expect(buttons).toEqual(['I have published it', 'Edit', 'Skip'])
  })

  test('a card of its own, as an older version posted it, says that a later draft is below', () => {
    const late = shown('status-page-rolling-back', rolledBack)
    expect(late.text).toContain('*Out of date:* a later draft is below.')
    // And what is pressed on it counts.
    expect(late.buttons).toEqual(['I have published it', 'Edit', 'Skip'])
  })

  test('without a rollback none is claimed', () => {
    const failed: Event[] = [
      ...story,
      ...proposed(),
      signed('U0BO'),
      runStarted,
      { type: 'run-ended', plan: 1, outcome: 'failed', says: 'no' },
    ]
    expect(draft('resolved', ...failed)).not.toMatch(/rolled back|restored/i)
    expect(draft('monitoring', ...failed)).not.toMatch(/rolled back|restored/i)
  })
})

describe('a note', () => {
  const last = (events: readonly Event[], changes?: Partial<RenderContext>) => {
    return shown(`note-${events.length}`, events, changes)
  }
  const missing = (call: number): Event => ({ type: 'signatures-missing', plan: 1, call })
  const open = [...story, ...proposed()]
  const voided: Event = { type: 'plan-voided', plan: 1, because: ['backend: was a, is b'] }
  const started: Event = { type: 'step-started', plan: 1, step: 0 }
  const failed: Event[] = [
    ...open,
    signed('U0BO'),
    runStarted,
    started,
    { type: 'step-failed', plan: 1, step: 0, applied: 'unknown', says: 'no answer' },
    { type: 'run-ended', plan: 1, outcome: 'failed', says: 'no answer' },
  ]

  test.each<[string, readonly Event[], RegExp]>([
    [
      'a restart',
      [...open, { type: 'backout-restarted' }],
      /^🔁 Backout was restarted and carries on\. Plan 1: 0 of 2 signatures\.$/,
    ],
    [
      'a void plan',
      [...open, voided],
      /^🚫 Plan 1 is void.*\n• backend: was a, is b\nNext: plan again/,
    ],
    [
      'an impossible plan',
      [...open.slice(0, -1), { type: 'plan-infeasible', plan: 1, because: 'it is paused' }],
      /^🚫 Plan 1 is not possible now: it is paused\.\nNothing was written\./,
    ],
    [
      'a failed run',
      failed,
      /^❌ Plan 1 failed: backend.*\n\*Failed:\* no answer\.\nIt is \*not known\*/,
    ],
    ['a good run', rolledBack.slice(0, -1), /^✅ Plan 1 was carried out: .*\n[^]*\*Not proved:\*/],
    [
      'a relapse',
      [...rolledBack, turned('relapse')],
      /^🔴 <@U0DEE> Production is bad: 2 bad looks in a row\.\nNothing was started\..*\nNext:/,
    ],
    [
      'blindness',
      [...rolledBack, turned('blind')],
      /^⚫ Backout cannot see.*\nThat is no good news/,
    ],
    ['stability', [...rolledBack, turned('stable')], /^🟢 Production is stable: 10 good looks/],
  ])('of %s says what happened and what is next', (_, events, says) => {
    expect(last(events).text).toMatch(says)
  })

  test('of a target that is held names the incident that holds it', () => {
    const other = { ...incidentAfter(...story), id: 'i-9' }
    const { text } = last([...open, { type: 'run-held', plan: 1, by: 'i-9' }], {
      open: () => [other],
    })
    expect(text).toMatch(/waits for incident i-9 \(5xx above 50 %\)\.\n.*begins by itself, if/)
  })

  test('of missing signatures calls who can still sign: first the approvers, then the configured', () => {
    const first = last([...open, signed('U0BO'), missing(1)])
    expect(first.text).toMatch(/^🔔 <!subteam\^S0DBA> Plan 1 waits for a signature: 1 of 2/)
    expect(first.spoken).toContain('<!subteam^S0DBA>')
    const second = last([...open, missing(1), missing(2)])
    expect(second.text).toMatch(/^🔔 <!subteam\^S0HEADS> <@U0HEAD> Plan 1/)
    expect(second.text).toContain('*What is lost:* Nothing is deleted.')
  })

  test('of a void plan points to the one that has taken its place', () => {
    const events = [...open, voided]
    const incident = incidentAfter(...events, ...proposed(plan(), undefined, 2))
    expect(shownOf(`note-${events.length}`, incident).text).toContain('read and sign plan 2')
  })
})

test.each<[string, readonly Event[], string]>([
  ['looks', story, 'Looking at production since 03:12:08 UTC…'],
  // As an older version left it: nothing is under way that a person could wait for.
  ['does not look', story.toSpliced(1, 1), 'Not measured yet.'],
])('while there is no verdict, the thread card says when Backout %s', (_, events, says) => {
  const { text, spoken } = shown('thread-card', events)
  expect(text.split('\n')).toContain(`*${says}*`)
  expect(spoken).toContain(says.slice(0, 12))
})

describe('status and home say how production is now, as the headline does', () => {
  test.each<[string, readonly Event[], string]>([
    ['nothing was measured', story.toSpliced(1, 1), 'Not measured yet.'],
    ['it is being measured', story, 'Looking at production since 03:12:08 UTC…'],
    ['a plan is carried out', rolledBack.slice(0, -6), 'Plan 1 is being carried out'],
    ['it was measured', [opened, requested, taken, declared], 'measured at'],
    ['a plan has changed it', rolledBack.slice(0, -1), 'nobody has looked since'],
    ['it is stable', [...rolledBack, ...looks(18, 'healthy'), turned('stable')], 'Stable since'],
    ['it is bad again', [...rolledBack, ...looks(2, 'degraded', 20)], 'Bad since'],
  ])('where %s', (_, events, says) => {
    const incident = incidentAfter(...events)
    const home = homeView([{ environment: 'p', open: [incident], targets: { kind: 'asking' } }])
    const headline = shownOf('headline', incident).text.split('\n')
    const now = headline.find((line) => line.startsWith('*Now:* '))?.replaceAll('*', '') ?? ''
    expect(now).toContain(says)
    for (const view of [statusView([incident], 'p'), home]) {
      expect(renderedIn(inUtc(view)).flatMap(({ text }) => text.split('\n'))).toContain(now)
    }
  })
})

test('status leads into the thread of each incident', () => {
  const link = 'https://acme.slack.test/archives/C1/p170?thread_ts=16'
  const incident = incidentAfter(...story)
  const view = statusView([incident], 'p', new Map([[incident.id, link]]))
  expect(JSON.stringify(view)).toContain(`<${link}|its thread>`)
})

test('status, history and home say where the plan stands', () => {
  const incident = incidentAfter(...story, ...proposed())
  const home = homeView([{ environment: 'p', open: [incident], targets: { kind: 'asking' } }])
  for (const view of [statusView([incident], 'p'), historyView([incident]), home]) {
    expect(JSON.stringify(view)).toContain('Plan 1: 0 of 2 signatures.')
  }
})
