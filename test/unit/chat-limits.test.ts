import { ProcedureName } from '../../src/domain/plan/requests.ts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderSurface } from '../../src/chat/render.ts'
import { assessmentCard } from '../../src/chat/cards/assessment-card.ts'
import { contactsView } from '../../src/chat/answers/contacts.ts'
import { deploymentsView } from '../../src/chat/answers/deployments.ts'
import { failedView, notConfiguredView } from '../../src/chat/answers/failed.ts'
import { headline } from '../../src/chat/cards/headline.ts'
import { helpView } from '../../src/chat/answers/help.ts'
import { historyView } from '../../src/chat/answers/history.ts'
import { homeView } from '../../src/chat/answers/home.ts'
import { logsView } from '../../src/chat/answers/logs.ts'
import { metricsView } from '../../src/chat/answers/metrics.ts'
import { pingView } from '../../src/chat/answers/ping.ts'
import { refusalView } from '../../src/chat/answers/refusal.ts'
import { startModal } from '../../src/chat/forms/start-modal.ts'
import { statusView } from '../../src/chat/answers/status.ts'
import { targetsView } from '../../src/chat/answers/targets.ts'
import { threadCard } from '../../src/chat/cards/thread-card.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import { RefusalReason } from '../../src/domain/base/refusal.ts'
import { surfacesOf } from '../../src/domain/incident/surfaces.ts'
import { incident, many, measurement, words, workload } from '../support/chat-arbitraries.ts'
import { livedIncident } from '../support/lived-incident.ts'
import { assertWithinLimits, renderedIn } from '../support/slack-limits.ts'
import { at } from '../support/builders.ts'

const answer = fc.oneof(
  fc.record({
    kind: fc.constant('answered' as const),
    ms: fc.double({ noNaN: true, min: 0, max: 1e6 }),
  }),
  fc.record({ kind: fc.constant('failed' as const), because: words }),
  fc.record({ kind: fc.constant('not-configured' as const) }),
)
const target = fc.record({
  job: words,
  instance: words,
  health: fc.constantFrom('up' as const, 'down' as const, 'unknown' as const),
  lastError: words,
})
const contacts = fc.record({
  onCall: many(
    fc.record(
      { role: words, name: words, phone: words, email: words, slack: words },
      { requiredKeys: ['role', 'name'] },
    ),
  ),
  support: many(fc.record({ name: words, address: words })),
  channels: many(fc.record({ name: words, address: words })),
})
const tails = many(fc.record({ source: words, lines: many(words, 200) }), 14)
const targets = fc.oneof(
  fc.record({
    kind: fc.constant('known' as const),
    up: fc.nat(),
    all: fc.nat(),
    down: many(words),
  }),
  fc.record({ kind: fc.constant('unknown' as const), because: words }),
  fc.record({ kind: fc.constant('asking' as const) }),
)
const reads = ['deployments', 'logs', 'targets', 'metrics', 'incidents'] as const

/** Names as the configuration allows them: Slack takes no option value over 150 characters. */
const service = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)

const approval = fc
  .record({
    users: fc.subarray(['U0ANA', 'U0BO']),
    groups: fc.subarray(['S0DBA', 'S0HEADS']),
    requesterMayApprove: fc.boolean(),
  })
  .map((given) => ApprovalSettings.parse(given))

/** A card of an incident that has lived; a number picks which one. */
function surface(kind: RegExp) {
  const context = fc.record({ environment: words, approval, contacts, other: incident })
  return fc
    .tuple(livedIncident, context, fc.nat(1000))
    .filter(([one]) => surfacesOf(one).some((name) => kind.test(name)))
    .map(([one, { other, ...shown }, pick]) => {
      const all = surfacesOf(one).filter((name) => kind.test(name))
      const name = all[pick % all.length] ?? 'headline'
      return renderSurface(name, one, { ...shown, open: () => [other] })
    })
}

const declaredIncident = incident.filter(({ declared }) => declared !== null)

const messages = {
  help: words.map(helpView),
  deployments: fc
    .tuple(many(workload), words)
    .map(([all, where]) => deploymentsView(all, where, { at })),
  logs: fc.tuple(words, tails).map(([name, all]) => logsView(name, all)),
  ping: fc.record({ database: answer, cache: answer }).map(pingView),
  targets: many(target, 300).map(targetsView),
  metrics: fc.tuple(many(measurement), words).map(([all, where]) => metricsView(all, where)),
  contacts: contacts.map(contactsView),
  status: fc.tuple(many(incident), words).map(([all, where]) => statusView(all, where)),
  history: many(incident).map(historyView),
  failed: fc.tuple(fc.constantFrom(...reads), words).map(([what, why]) => failedView(what, why)),
  'not configured': fc
    .tuple(fc.constantFrom(...reads), words)
    .map(([what, missing]) => notConfiguredView(what, missing)),
  refusal: fc
    .record({
      kind: fc.constant('refused' as const),
      reason: fc.constantFrom(...RefusalReason.options),
      detail: fc.option(words),
    })
    .map(refusalView),
  'assessment card': fc
    .tuple(incident, words, fc.array(incident, { maxLength: 3 }))
    .map(([one, where, open]) => assessmentCard(one, where, open)),
  'approval card': surface(/^plan-/),
  'run card': surface(/^run-/),
  'watch card': surface(/^watch-/),
  checklist: surface(/^checklist$/),
  'status page card': surface(/^status-page/),
  note: surface(/^note-/),
  'headline of a plan': surface(/^headline$/),
  'thread card of a plan': surface(/^thread-card$/),
  headline: fc
    .tuple(declaredIncident, words, approval)
    .map(([one, where, who]) => headline(one, where, who)),
  'thread card': fc.tuple(incident, approval).map(([one, who]) => threadCard(one, who)),
}

const screens = {
  home: fc
    .array(fc.record({ environment: words, open: many(incident), targets }), {
      minLength: 1,
      maxLength: 21,
    })
    .map(homeView),
  'start form': fc
    .record({
      services: fc.uniqueArray(service, { maxLength: 150 }),
      procedures: fc.subarray(ProcedureName.options),
      prefill: fc.record(
        {
          description: words,
          procedure: fc.constantFrom(null, ...ProcedureName.options),
          toVersion: words,
        },
        { requiredKeys: [] },
      ),
      metadata: fc.string({ maxLength: 3000 }),
    })
    .map(startModal),
}

/** The only marks with brackets that we write: moments, people and channels by id, and contacts' addresses. */
const OURS =
  /<!date\^\d+\^[^<>^|]+\|[^<>^|]+>|<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>|<#[CG][A-Z0-9]+>|<(?:https?:|mailto:)[^<>|\s]+(?:\|[^<>|]+)?>|<tel:\+?\d+\|[^<>|]+>/g

function assertNobodysMarkup(view: Parameters<typeof renderedIn>[0]): void {
  for (const { text, verbatim } of renderedIn(view)) {
    expect(verbatim).toBe(true)
    expect(text).not.toContain('[object')
    expect(text.replace(OURS, '')).not.toMatch(/[<>]/)
    const formatted = text.replace(/```[^]*?```|`[^`\n]*`|<[^<>|]*/g, '')
    expect(formatted).not.toMatch(/\*approved\*|_approved_|~approved~|:white_check_mark:\B/)
    expect(text.split('```').length % 2, `a code block stays open in ${text}`).toBe(1)
  }
}

/** Each view is made once for all that is asked of it: making it is what takes the time. */
const AT_MOST = { timeout: 60_000 }

describe.each(Object.entries(screens))('%s', AT_MOST, (_, arbitrary) => {
  test('is what Slack takes, and renders nobody’s words as markup', () => {
    fc.assert(
      fc.property(arbitrary, (view) => {
        assertWithinLimits(view)
        assertNobodysMarkup(view)
      }),
      { numRuns: 100 },
    )
  })
})

describe.each(Object.entries(messages))('%s', AT_MOST, (name, arbitrary) => {
  test('is what Slack takes, renders nobody’s words as markup, and notifies without mention or link', () => {
    fc.assert(
      fc.property(arbitrary, (view) => {
        assertWithinLimits(view)
        assertNobodysMarkup(view)
        const { text } = view
        // But for who is called.
        const called = name === 'note' ? text.replace(OURS, '') : text
        expect(called.replace(/<#[CG][A-Z0-9]+>/g, '')).not.toMatch(/[<>\n]/)
        expect(text).toMatch(name === 'refusal' ? /\w+ \w+/ : /[.…?]$/)
      }),
      { numRuns: 100 },
    )
  })
})
