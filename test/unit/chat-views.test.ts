import { describe, expect, test } from 'vitest'
import { inUtc } from '../../src/chat/text/moments.ts'
import { COMMANDS } from '../../src/chat/reading/commands.ts'
import { contactsView } from '../../src/chat/answers/contacts.ts'
import { deploymentsView } from '../../src/chat/answers/deployments.ts'
import { failedView } from '../../src/chat/answers/failed.ts'
import { helpView } from '../../src/chat/answers/help.ts'
import { historyView } from '../../src/chat/answers/history.ts'
import { homeView } from '../../src/chat/answers/home.ts'
import { logsView } from '../../src/chat/answers/logs.ts'
import { metricsView } from '../../src/chat/answers/metrics.ts'
import { pingView } from '../../src/chat/answers/ping.ts'
import { statusView } from '../../src/chat/answers/status.ts'
import { targetsView } from '../../src/chat/answers/targets.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import { newIncident } from '../../src/domain/incident/incident.ts'
import type { Measurement } from '../../src/domain/assessment/measurement.ts'
import type { Workload } from '../../src/domain/workload/workload.ts'
import { renderedIn } from '../support/slack-limits.ts'
import { at } from '../support/builders.ts'

function shown(view: { readonly blocks: readonly object[]; readonly type?: 'home' }): string {
  const screen = { type: 'home' as const, blocks: view.blocks }
  return renderedIn(inUtc(screen))
    .map(({ text }) => text)
    .join('\n')
}

function workload(differences: Partial<Workload> = {}): Workload {
  const revision = {
    uid: 'u',
    templateHash: 'h',
    content: 'c',
    needs: [],
    createdAt: '2026-03-01T00:00:00.000Z',
  }
  return {
    service: 'backend',
    name: 'deployment/backend',
    desired: 3,
    ready: 3,
    updated: 3,
    restarts: 0,
    troubles: [],
    paused: false,
    ownedBy: null,
    servedBy: null,
    templateIsOurs: false,
    managedBy: [],
    current: { ...revision, number: 2, images: ['pipeshub/backend:v2.0.0'] },
    previous: [{ ...revision, number: 1, images: ['pipeshub/backend:v1.9.0'] }],
    changed: null,
    ...differences,
  }
}

function incident(differences: Partial<Incident> = {}): Incident {
  const by = 'U012'
  return {
    ...newIncident('inc-1'),
    opened: {
      by,
      at: '2026-03-01T03:12:07.000Z',
      place: { channel: 'C012', thread: null },
      environment: null,
    },
    declared: {
      by,
      at: '2026-03-01T03:13:00.000Z',
      channel: 'C012',
      title: 'Logins fail',
      severity: 'critical',
      description: '',
      services: [],
      procedure: null,
      toVersion: null,
    },
    ...differences,
  }
}

describe('help', () => {
  test('shows every command with its usage, and no other', () => {
    const text = shown(helpView('production'))
    const usages = Object.values(COMMANDS).map(({ usage }) => usage.replaceAll('<', '&lt;'))
    for (const usage of usages) expect(text).toContain(usage.replaceAll('>', '&gt;'))
    const named = [...text.matchAll(/\/rollback ([\w-]+)/g)].map(([, name]) => name)
    expect(new Set(named)).toEqual(new Set(Object.keys(COMMANDS)))
  })
})

describe('deployments', () => {
  test('all ready is said in words', () => {
    const view = deploymentsView([workload()], 'production', { at })
    expect(view.text).toBe('The only deployment in production is ready.')
    expect(shown(view)).toContain('All 3 pods are ready.\nRuns v2.0.0. Before: v1.9.0.')
  })

  test('what is not ready comes first, with its troubles and owners', () => {
    const sick = workload({
      service: 'frontend',
      ready: 1,
      restarts: 7,
      troubles: ['CrashLoopBackOff'],
      managedBy: ['Argo CD'],
    })
    const view = deploymentsView([workload(), sick], 'production', { at })
    expect(view.text).toBe('1 of 2 deployments in production not ready: frontend.')
    const text = shown(view)
    expect(text.indexOf('*frontend*')).toBeLessThan(text.indexOf('*backend*'))
    expect(text).toContain('Not ready: 1 of 3 pods are. 7 restarts.')
    expect(text).toContain('• CrashLoopBackOff\nAlso changed by: Argo CD.')
  })

  test.each<[string, Partial<Workload>]>([
    ['Scaled to zero', { desired: 0, ready: 0, updated: 0 }],
    ['A rollout is under way: 1 of 3 updated', { updated: 1 }],
    ['Paused', { paused: true }],
  ])('%s is not ready, even when every pod is', (words, differences) => {
    const view = deploymentsView([workload(differences)], 'production', { at })
    expect(view.text).toContain('not ready')
    expect(shown(view)).toContain(words)
  })

  test('an unknown revision is not taken for a version', () => {
    const view = deploymentsView([workload({ current: null, previous: [] })], 'production', { at })
    expect(shown(view)).toContain('Runs an unknown version. Before: nothing that still exists.')
  })

  test('none is not all ready', () => {
    expect(deploymentsView([], 'production', { at }).text).toContain(
      'None of the configured services',
    )
  })
})

describe('logs', () => {
  const many = Array.from({ length: 500 }, (_, index) => `line ${index} ${'x'.repeat(100)}`)

  test('the newest lines stay, and the others are counted', () => {
    const view = logsView('backend', [{ source: 'backend-1/app', lines: many }])
    const text = shown(view)
    const kept = many.filter((line) => text.includes(line))
    expect(kept).toEqual(many.slice(-kept.length))
    expect(kept.length).toBeGreaterThan(50)
    expect(text).toContain(`the newest ${kept.length} of 500 lines`)
    expect(view.text).toContain(`${500 - kept.length} lines did not fit.`)
  })

  test('a short container is shown whole beside a long one, in the order given', () => {
    const view = logsView('backend', [
      { source: 'long/app', lines: many },
      { source: 'short/app', lines: ['one', 'two'] },
    ])
    const text = shown(view)
    expect(text).toContain('*short/app*: 2 lines\n```one\ntwo```')
    expect(text.indexOf('long/app')).toBeLessThan(text.indexOf('short/app'))
  })

  test('nothing logged and nothing running are two answers', () => {
    expect(logsView('backend', [{ source: 'a', lines: [] }]).text).toContain('has logged nothing')
    expect(logsView('backend', []).text).toContain('Nothing of backend runs')
  })

  test('a line cannot leave the code block', () => {
    const view = logsView('backend', [{ source: 'a', lines: ['``` <!channel> *x*', '`'] }])
    expect(shown(view)).toContain('```\u02CB\u02CB\u02CB &lt;!channel&gt; *x*\n\u02CB```')
  })
})

describe('ping', () => {
  test('tells an answer, a failure and a question not asked apart', () => {
    const failed = { kind: 'failed' as const, because: 'connection refused' }
    expect(pingView({ database: { kind: 'answered', ms: 3.6 }, cache: failed }).text).toBe(
      'The database answers, in 4 ms; the cache does not answer: connection refused.',
    )
    const view = pingView({ database: { kind: 'not-configured' }, cache: failed })
    expect(view.text).toContain('The database is not configured, so it was not asked')
  })
})

describe('targets', () => {
  const target = { job: 'backend', instance: '10.0.0.1:80', health: 'up' as const, lastError: '' }

  test('down ones come first, by name and with their error; up ones are counted', () => {
    const down = {
      ...target,
      instance: '10.0.0.2:80',
      health: 'down' as const,
      lastError: 'refused',
    }
    const view = targetsView([target, target, down, { ...target, health: 'unknown' }])
    expect(view.text).toBe('Prometheus targets: 1 down, 1 not known, 2 up, of 4.')
    expect(shown(view)).toMatch(/^\*Down:\* backend, 10\.0\.0\.2:80\n\s+refused\n\*Not known:\*/)
    expect(shown(view)).toContain('*Up:* backend, 2 targets')
  })

  test('no targets is no good news', () => {
    expect(targetsView([]).text).toContain('measures nothing')
  })
})

describe('metrics', () => {
  const good: Measurement = {
    probe: 'error-ratio-low',
    target: 'all services',
    class: 'value',
    verdict: 'healthy',
    value: 0.1,
    unit: '%',
    query: 'up',
    tookMs: 4,
    summary: '5xx 0.1 % of 40 requests/s',
  }
  const silent: Measurement = {
    ...good,
    probe: 'logins-succeeding',
    class: 'no-traffic',
    verdict: 'inconclusive',
    value: null,
    summary: 'only 0 logins/s',
  }

  test('the worst come first, and what is no number says why', () => {
    const text = shown(metricsView([good, silent], 'production'))
    expect(text).toMatch(/Good\*\n.*5xx 0\.1 % of 40 requests\/s$/m)
    expect(text).toContain('only 0 logins/s (no traffic to measure)')
    expect(text.indexOf('logins/s')).toBeLessThan(text.indexOf('requests/s'))
  })

  test('silence is not called healthy', () => {
    expect(metricsView([good, silent], 'production').text).not.toMatch(/healthy/)
    expect(metricsView([], 'production').text).not.toMatch(/healthy/)
    expect(metricsView([good], 'production').text).toContain('healthy')
  })
})

describe('contacts', () => {
  const ana = { role: 'Primary', name: 'Ana' }

  test('a number can be tapped, and is in the notification', () => {
    const view = contactsView({
      onCall: [{ ...ana, phone: '+49 (30) 1234-5', slack: 'U012' }],
      support: [],
      channels: [{ name: 'Status page', address: 'https://status.example/a?b&c' }],
    })
    expect(view.text).toBe('Call first: Ana (Primary), +49 (30) 1234-5.')
    expect(shown(view)).toContain('<tel:+493012345|+49 (30) 1234-5>, <@U012>')
    expect(shown(view)).toContain('<https://status.example/a?b&amp;c>')
  })

  test.each(['call me', '+49|<!channel>', 'javascript:x'])('%j is no number', (phone) => {
    const view = contactsView({ onCall: [{ ...ana, phone }], support: [], channels: [] })
    expect(shown(view)).not.toContain('<')
  })

  test('nobody configured is said', () => {
    const none = contactsView({ onCall: [], support: [], channels: [] })
    expect(none.text).toContain('No contacts are configured')
  })
})

describe('incidents', () => {
  const closed = incident({
    id: 'inc-0',
    closed: { by: 'U9', at: '2026-03-01T04:00:00.000Z', closing: null },
  })

  test('status says what each one is and where to go', () => {
    const view = statusView([incident()], 'production')
    expect(view.text).toBe('production: 🚨 Open, severity critical: Logins fail.')
    expect(shown(view)).toContain('Open, severity critical, since 2026-03-01 03:13 UTC.')
    expect(shown(view)).toContain('Next: its thread in <#C012>.')
    expect(shown(statusView([closed], 'production'))).toContain('by <@U9>')
  })

  test('for those who may not be able to open Slack it sends nobody there', () => {
    const said = shown(statusView([incident()], 'production', null))
    expect(said).toContain('Its thread is in <#C012>.')
    const assessed = shown(statusView([incident({ declared: null })], 'production', null))
    expect(assessed).toMatch(/It is not declared\. Its card is in <#/)
    const none = shown(statusView([], 'production', null))
    expect(none).toContain('run backout assess where Backout runs')
    for (const text of [said, assessed, none]) expect(text).not.toMatch(/Next:|\/rollback/)
  })

  test('status says that nothing is open, and what to type', () => {
    expect(statusView([], 'production').text).toBe('No incident is open in production.')
    expect(shown(statusView([], 'production'))).toContain('/rollback assess')
  })

  test('an assessment that nobody declared is not called open', () => {
    const view = statusView([incident({ declared: null })], 'production')
    expect(shown(view)).toContain('Only assessed')
    expect(shown(view)).not.toMatch(/\bOpen\b/)
  })

  test('history shows the newest 15, the newest first, and counts the rest', () => {
    const incidents = Array.from({ length: 20 }, (_, day) =>
      incident({
        id: `inc-${day}`,
        opened: {
          by: 'U012',
          at: `2026-03-${String(day + 1).padStart(2, '0')}T03:00:00.000Z`,
          place: { channel: 'C012', thread: null },
          environment: null,
        },
      }),
    )
    const text = shown(historyView(incidents))
    expect(text.match(/\(inc-\d+\)/g)).toEqual(
      Array.from({ length: 15 }, (_, index) => `(inc-${19 - index})`),
    )
    expect(text).toContain('5 older ones not shown.')
  })

  test('home shows only what is open, and does not call an unasked Prometheus fine', () => {
    const asking = homeView([
      {
        environment: 'production',
        open: [incident(), closed],
        targets: { kind: 'asking' },
      },
    ])
    expect(shown(asking)).toContain('*1 incident open.*')
    expect(shown(asking)).toContain('Asking Prometheus')
    const blind = homeView([
      {
        environment: 'production',
        open: [],
        targets: { kind: 'unknown', because: 'connection refused' },
      },
    ])
    expect(shown(blind)).toContain('Not known: connection refused.')
    expect(shown(blind)).toContain('*No incident is open.*')
  })
})

test('a source that did not answer is named, and no empty list is shown instead', () => {
  const view = failedView('deployments', 'Kubernetes refused our credentials.')
  expect(view.text).toBe('Could not read the deployments: Kubernetes refused our credentials.')
  expect(shown(view)).toContain('Next: try again.')
})
