import { describe, expect, test } from 'vitest'
import type { TroubleBegan } from '../../../src/domain/assessment/onset.ts'
import type { LedgerEntry } from '../../../src/domain/workload/ledger.ts'
import type { Container } from '../../../src/ports/containers.ts'
import { judgeWays } from '../../../src/runbook/docker/judge.ts'
import { at, deployed, draftOf, leadsTo, planned, template } from '../../support/kubernetes-days.ts'
import { before, containerAt, DAY, entry, image, MINUTE } from '../../support/ledger.ts'

const HOUR = 60 * MINUTE
const began: TroubleBegan = { after: at('28T00:08'), by: at('28T00:10') }
const env = (value: string) => ({ env: [{ name: 'DB_POOL', value }] })

const made = (name: string, created: string, version: string, settings = '20') => ({
  name,
  created: at(created),
  template: template(`shop/backend:${version}`, env(settings)),
})
const monday = made('r1', '23T10:00', 'v1.9.0')
const bad = made('r2', '28T00:05', 'v1.9.1')
const newest = made('r3', '28T03:00', 'v2.0.0')
const frontend = (...versions: readonly (readonly [string, string])[]) =>
  deployed(
    'frontend',
    versions.map(([created, version], index) => ({
      name: `f${index + 1}`,
      created: at(created),
      template: template(`shop/frontend:${version}`, { app: 'frontend' }),
    })),
  )

describe('a rollback of Deployments follows when the trouble began', () => {
  test('it goes back to before the change that precedes it, and its card says so first', async () => {
    const draft = await draftOf([deployed('backend', [monday, bad, newest])], {}, { began })
    expect(leadsTo(draft)).toEqual({ backend: 'uid-r1' })
    expect(draft.cautions[0]).toBe(
      'The trouble began between 2026-11-28 00:08 and 00:10 UTC, after backend v1.9.1 (2026-11-28 00:05 UTC): what ran before that is the way back. backend v2.0.0 (2026-11-28 03:00 UTC) came only later, and is not the cause.',
    )
    expect(draft.because).toMatch(/^v1\.9\.0 is the newest version of before the trouble that ran/)
  })

  test('where no trouble was measured it goes one change back, and says nothing of it', async () => {
    const draft = await draftOf([deployed('backend', [monday, bad, newest])])
    expect(leadsTo(draft)).toEqual({ backend: 'uid-r2' })
    expect(draft.cautions.join()).not.toContain('trouble')
  })

  test('where it is not known when it began it goes one change back, and says so', async () => {
    const draft = await draftOf([deployed('backend', [monday, bad, newest])], {}, { began: null })
    expect(leadsTo(draft)).toEqual({ backend: 'uid-r2' })
    expect(draft.cautions[0]).toBe(
      'When the trouble began is not known: the newest change is taken back.',
    )
  })

  test('a person’s --to goes before it, without a word about it', async () => {
    const parts = [deployed('backend', [monday, bad, newest])]
    const draft = await draftOf(parts, { toVersion: 'v1.9.1' }, { began })
    expect(leadsTo(draft)).toEqual({ backend: 'uid-r2' })
    expect(draft.cautions.join()).not.toContain('trouble')
  })

  test('a change of settings alone is taken back like a release', async () => {
    const parts = [deployed('backend', [monday, made('r2', '28T00:05', 'v1.9.0', '2'), newest])]
    const draft = await draftOf(parts, {}, { began })
    expect(leadsTo(draft)).toEqual({ backend: 'uid-r1' })
    expect(draft.cautions[0]).toContain('after backend v1.9.0 with other settings (')
  })

  test('a service that changed only later stays, and another one goes back', async () => {
    const parts = [
      deployed('backend', [monday, bad]),
      frontend(['20T10:00', 'v1.9.0'], ['28T03:00', 'v2.0.0']),
    ]
    const draft = await draftOf(parts, {}, { began })
    expect(leadsTo(draft)).toEqual({ backend: 'uid-r1' })
    expect(draft.cautions).toContain(
      'frontend: it stays at v2.0.0, released 2026-11-28 03:00 UTC, which came after the trouble began.',
    )
    expect(leadsTo(await draftOf(parts))).toEqual({ frontend: 'uid-f1' })
  })

  test('what came with a newer change of the same service goes back with it', async () => {
    const parts = [
      deployed('backend', [monday, bad, newest]),
      frontend(['20T10:00', 'v1.9.0'], ['28T03:02', 'v2.0.0']),
    ]
    const draft = await draftOf(parts, {}, { began })
    expect(leadsTo(draft)).toEqual({ backend: 'uid-r1', frontend: 'uid-f1' })
  })

  test('what runs since before the trouble has no way back to take', async () => {
    expect(await planned([deployed('backend', [bad, newest, monday])], {}, { began })).toEqual({
      because: 'backend: it runs v1.9.0, of before the trouble, already',
    })
  })
})

describe('a rollback of containers follows when the trouble began', () => {
  const seen = (version: string, fromMs: number, untilMs: number): LedgerEntry =>
    entry({
      image: image(`shop/backend:${version}`),
      firstSeenAt: before(fromMs),
      startedAt: before(fromMs),
      lastSeenAt: before(untilMs),
      ranMs: fromMs - untilMs,
    })
  const entries = [
    seen('v2.0.0', 12 * MINUTE, 0),
    seen('v1.9.1', 3 * HOUR, 13 * MINUTE),
    seen('v1.9.0', 3 * DAY, 3 * HOUR + MINUTE),
  ]
  const running = (version: string): Container =>
    containerAt({ image: image(`shop/backend:${version}`), createdAt: before(13 * MINUTE) })
  const team = {
    services: ['backend'],
    containers: [running('v2.0.0')],
    entries,
    releaseWindowMs: 30 * MINUTE,
  }
  const when = { after: before(3 * HOUR - 2 * MINUTE), by: before(3 * HOUR - 4 * MINUTE) }

  test.each([
    ['to before the change that precedes it', when, 'v1.9.0', true],
    ['one change back where the newest one precedes it', soon(), 'v1.9.1', undefined],
    ['one change back where that is not known', null, 'v1.9.1', false],
  ])('it leads %s', (_, told, to, isCause) => {
    const judged = judgeWays({ ...team, began: told }, { toVersion: null }, [])
    expect(judged).toMatchObject({ kind: 'feasible', to })
    expect(judged.kind === 'feasible' ? judged.takesBack?.isCause : null).toBe(isCause)
  })

  test('a person’s --to goes before it', () => {
    const judged = judgeWays({ ...team, began: when }, { toVersion: 'v1.9.1' }, [])
    expect(judged).toMatchObject({ kind: 'feasible', to: 'v1.9.1', takesBack: null })
  })

  test('what runs since before the trouble has no way back to take', () => {
    const back = [
      seen('v1.9.0', 3 * DAY, 0),
      seen('v1.9.1', 3 * HOUR, 13 * MINUTE),
      seen('v1.8.0', 9 * DAY, 3 * DAY),
    ]
    const now = { ...team, containers: [running('v1.9.0')], entries: back, began: when }
    expect(judgeWays(now, { toVersion: null }, [])).toMatchObject({
      because: 'backend: it runs v1.9.0, of before the trouble, already',
    })
  })

  function soon(): TroubleBegan {
    return { after: before(12 * MINUTE), by: before(10 * MINUTE) }
  }
})
