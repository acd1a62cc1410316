import { describe, expect, test } from 'vitest'
import { deploymentsView } from '../../src/chat/answers/deployments.ts'
import { changeLine, changeLines } from '../../src/chat/parts/change-lines.ts'
import { renderSurface } from '../../src/chat/render.ts'
import { inUtc } from '../../src/chat/text/moments.ts'
import { assessmentTable } from '../../src/chat/text/terminal.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import type { Surface } from '../../src/domain/incident/surface.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import { CompareUrl, compared } from '../../src/domain/workload/compare-url.ts'
import { newestFirst } from '../../src/domain/workload/newest-change.ts'
import {
  assessment,
  at,
  atMs,
  declared,
  incidentAfter,
  newestChange,
  opened,
  plan,
  proposed,
  requested,
  workload,
} from '../support/builders.ts'

const compareUrl = 'https://git.example/shop/compare/{from}...{to}'
const line = (changes: Parameters<typeof newestChange>[1] = {}) =>
  inUtc(changeLine(newestChange('backend', changes), at)).mrkdwn
const ago = (ms: number, exact = true) => ({ time: new Date(atMs - ms).toISOString(), exact })

describe('what changed last', () => {
  test('is one line: what, since when, by whom, why, and what was before', () => {
    expect(line()).toBe(
      '*backend* v2.0.0 since 3 min (03:09 UTC), by ci-bot: fix login; before: v1.9.0',
    )
    expect(line({ compareUrl: 'https://git.example/c/v1.9.0...v2.0.0' })).toMatch(
      / · <https:\/\/git\.example\/c\/v1\.9\.0\.\.\.v2\.0\.0\|compare>$/,
    )
  })

  test('says what is not known, and what is only known at least', () => {
    expect(line({ since: null, by: null, cause: null, imagesBefore: null })).toBe(
      '*backend* v2.0.0 since when is not known, by whom is not told; what ran before is not kept',
    )
    expect(line({ since: ago(26 * 60 * 60_000, false) })).toContain(
      'since at least 26 h (2026-11-21 01:12 UTC)',
    )
    expect(line({ since: ago(5_000, false) })).toContain('since at least some seconds')
    expect(line({ since: ago(19 * 24 * 60 * 60_000) })).toContain('since 19 days (2026-11-03')
    expect(line({ since: ago(-5_000) })).toContain('since less than a minute')
  })

  test('a restart is not called a deploy', () => {
    expect(line({ kind: 'restart', versionSince: ago(2 * 60 * 60_000) })).toContain(
      '*backend* restarted, since 3 min (03:09 UTC), still v2.0.0 (since 2 h (01:12 UTC))',
    )
  })

  test('words of others stay words', () => {
    const hostile = line({ by: '<!channel>', cause: '*approved* <https://evil.example|x>' })
    expect(hostile).not.toMatch(/<[!h]/)
    expect(line({ source: 'https://git.example/shop' })).not.toContain('<http')
    expect(line({ compareUrl: 'javascript:alert(1)' })).not.toContain('javascript')
  })

  test('stands on a card for the newest few, and says when it is not known', () => {
    const changes = ['a', 'b', 'c', 'd', 'e', 'f'].map((service) => newestChange(service))
    const told = changeLines(assessment({ changes })).map(({ mrkdwn }) => mrkdwn)
    expect(told).toHaveLength(6)
    expect(told.at(-1)).toBe('• 2 more services, changed before these')
    expect(changeLines(assessment({ changes: null }))[0]?.mrkdwn).toContain('not known')
    expect(changeLines(assessment())).toEqual([])
  })

  test('is in the table at a terminal', () => {
    const changes = [newestChange('backend', { kind: 'restart', by: null, cause: '\u001B[31mred' })]
    const table = assessmentTable(assessment({ changes }), 'production')
    expect(table).toMatch(/^backend +v2\.0\.0 restarted +since 3 min \(03:09 UTC\) +not told/m)
    expect(table).not.toContain('\u001B')
  })

  test('comes newest first, what nobody knows the time of last', () => {
    const all = [
      newestChange('old', { since: ago(9_000) }),
      newestChange('unknown', { since: null }),
      newestChange('new', { since: ago(1_000) }),
    ]
    expect(newestFirst(all).map(({ service }) => service)).toEqual(['new', 'old', 'unknown'])
  })
})

describe('what a responder decides by stands', () => {
  const backend = newestChange('backend', { compareUrl: 'https://git.example/c/v1.9.0...v2.0.0' })
  const measured: Event = {
    type: 'assessment-taken',
    assessment: assessment({ changes: [backend] }),
  }
  const takesBack = {
    ...plan(),
    changes: [{ what: 'backend', from: 'v2.0.0', to: 'v1.9.0', takesBack: backend }],
  }
  const events = [opened, requested, measured, declared, ...proposed(takesBack)]
  const context = {
    environment: 'production',
    open: () => [],
    approval: ApprovalSettings.parse({ users: ['U0BO', 'U0CY'] }),
    contacts: { onCall: [], support: [], channels: [] },
  }

  test.each<Surface>(['assessment-card', 'thread-card', 'plan-1'])('on the %s', (surface) => {
    const view = inUtc(renderSurface(surface, incidentAfter(...events), context))
    expect(JSON.stringify(view)).toMatch(
      /v2\.0\.0 since 3 min \(03:09 UTC\), by ci-bot: fix login[^"]* · <https:[^|]*\|compare>/,
    )
  })

  test('in the answer to deployments', () => {
    const changed = newestChange('backend')
    const services = [{ name: 'backend', compareUrl }]
    const view = deploymentsView([workload('backend', { changed })], 'production', { at, services })
    expect(JSON.stringify(inUtc(view))).toMatch(
      /Newest change: v2\.0\.0 since 3 min \(03:09 UTC\), by ci-bot: fix login · <https:[^|]*\|compare>/,
    )
  })
})

describe('the link to what is different', () => {
  const services = [{ name: 'backend', compareUrl }]
  const url = (changes: Parameters<typeof newestChange>[1]) =>
    compared(newestChange('backend', changes), services).compareUrl

  test('is the address of the settings with both versions, encoded', () => {
    expect(url({})).toBe('https://git.example/shop/compare/v1.9.0...v2.0.0')
    const odd = { images: ['r/app:v2', 'r/b@sha256:1/2?x'], imagesBefore: ['r/app:v2', 'r/b:#1'] }
    expect(url(odd)).toBe('https://git.example/shop/compare/%231...sha256%3A1%2F2%3Fx')
  })

  test('is of the container that changed', () => {
    const images = ['r:5000/proxy:v3', 'r:5000/app:v2']
    expect(url({ images, imagesBefore: ['r:5000/app:v1', 'r:5000/proxy:v3'] })).toMatch(
      /v1\.\.\.v2$/,
    )
  })

  test('is none without a version before, or without an address for that service', () => {
    expect(url({ imagesBefore: null })).toBeNull()
    expect(compared(newestChange('frontend'), services).compareUrl).toBeNull()
  })

  test.each([
    'javascript:alert("{from}{to}")',
    'ftp://git.example/{from}/{to}',
    'https://user:secret@git.example/{from}/{to}',
    'https://{from}.example/{to}',
    'https://git.example/{from}|{to}',
    'https://git.example/{from}',
    '//git.example/{from}/{to}',
  ])('%s is no address for it', (wrong) => {
    expect(CompareUrl.safeParse(wrong).success).toBe(false)
  })

  test('an address with a port and a query is one', () => {
    expect(CompareUrl.parse('http://git:3000/d?from={from}&to={to}')).toContain('{to}')
  })
})
