import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { homeView } from '../../src/chat/answers/home.ts'
import { readinessView } from '../../src/chat/answers/readiness.ts'
import { readinessNote } from '../../src/chat/cards/readiness-note.ts'
import { inUtc } from '../../src/chat/text/moments.ts'
import { answer } from '../../src/compose/answer.ts'
import { ProcedureName } from '../../src/domain/plan/requests.ts'
import {
  CheckName,
  ReadinessState,
  type Leg,
  type Reading,
  type WayBackReadiness,
} from '../../src/domain/readiness/readiness.ts'
import type { Lost } from '../../src/domain/readiness/standing.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { at, atMs } from '../support/builders.ts'
import { many, words } from '../support/chat-arbitraries.ts'
import { assessSettings } from '../support/contracts/settings.ts'
import { assertWithinLimits, renderedIn } from '../support/slack-limits.ts'

const MINUTE = 60_000

const check = fc.record({
  name: fc.constantFrom(...CheckName.options),
  state: fc.constantFrom(...ReadinessState.options),
  because: words,
})
const way = fc.record({
  procedure: fc.constantFrom(...ProcedureName.options),
  services: many(words),
  does: fc.option(words),
  legs: fc.constant<Leg[]>([]),
  state: fc.constantFrom(...ReadinessState.options),
  because: words,
  checks: many(check, 20),
  checkedAt: fc.constant(at),
})
const reading = fc.record({ at: fc.constant(at), waysBack: many(way, 60), beside: many(check, 5) })
const lost = fc.record({
  procedure: fc.constantFrom(...ProcedureName.options),
  services: many(words),
  version: fc.option(words),
  readyAt: fc.option(fc.constant(at)),
  because: words,
  instead: fc.option(words),
})

describe('whatever is found fits into Slack, and nobody’s words become markup', () => {
  test('the answer and the home page', () => {
    fc.assert(
      fc.property(fc.option(reading), words, (found, environment) => {
        assertWithinLimits(readinessView(found, environment, atMs))
        const readiness = { reading: found, nowMs: atMs }
        assertWithinLimits(
          homeView([{ environment, open: [], targets: { kind: 'asking' }, readiness }]),
        )
      }),
    )
  })

  test('what is told in the channel', () => {
    const regained = fc.record({
      procedure: fc.constantFrom(...ProcedureName.options),
      services: many(words),
      does: fc.option(words),
    })
    fc.assert(
      fc.property(many(lost, 30), many(regained, 30), words, (gone, back, environment) => {
        assertWithinLimits(readinessNote({ lost: [...gone], regained: [...back] }, environment))
      }),
    )
  })
})

const ready: WayBackReadiness = {
  procedure: 'kubernetes',
  services: ['backend'],
  does: 'backend back to v1.9.0',
  legs: [],
  state: 'ready',
  because: 'it ran for 6 days',
  checks: [{ name: 'plan', state: 'ready', because: 'it ran for 6 days' }],
  checkedAt: at,
}
const gone: WayBackReadiness = {
  ...ready,
  services: ['frontend'],
  does: null,
  state: 'not-ready',
  because: 'frontend: no earlier revision is kept',
  checks: [
    { name: 'plan', state: 'not-ready', because: 'frontend: no earlier revision is kept' },
    { name: 'signers', state: 'ready', because: '3 approvers can sign' },
  ],
}
const found: Reading = { at, waysBack: [ready, gone], beside: [] }
const linesOf = (view: Parameters<typeof renderedIn>[0]) =>
  renderedIn(inUtc(view)).flatMap(({ text }) => text.split('\n').map((line) => line.trim()))

test('what somebody has to see to comes first, with every check and its age', () => {
  const view = readinessView(found, 'production', atMs + 12 * MINUTE)
  expect(view.text).toBe('production: 1 of 2 ways back ready: 1 not ready.')
  const lines = linesOf(view)
  expect(lines.slice(1, 4)).toEqual([
    '🔴 *kubernetes, frontend:* not ready',
    '🔴 Plan: frontend: no earlier revision is kept',
    '• Who signs: 3 approvers can sign',
  ])
  expect(lines).toContain('🟢 *kubernetes:* ready, backend back to v1.9.0')
  expect(lines.join(' ')).toContain('12 minutes ago')
})

test('what the newest rollbacks took shows whether people become faster', () => {
  const times = [3, 5, 9, 8, 7, 6].map((minutes, index) => ({
    incident: `i-${6 - index}`,
    endedAt: at,
    peopleMs: minutes * MINUTE,
    machineMs: 30_000,
  }))
  const lines = linesOf(readinessView(found, 'production', atMs, { rollbacks: times }))
  expect(lines.filter((line) => line.includes('people *'))).toHaveLength(5)
  expect(lines.join('\n')).toMatch(
    /\*What the newest rollbacks took, until each had ended\*\n2026-\S+ \S+ UTC: people \*3 min\*, Backout 30 s \(i-6\)/,
  )
  expect(linesOf(readinessView(found, 'production', atMs)).join('\n')).not.toContain(
    'rollbacks took',
  )
})

test('the home page says it in short', () => {
  const readiness = { reading: found, nowMs: atMs }
  const home = homeView([
    {
      environment: 'production',
      open: [],
      targets: { kind: 'asking' },
      readiness,
    },
  ])
  const said = JSON.stringify(home)
  expect(said).toContain('1 of 2 ways back ready: 1 not ready.')
  expect(said).toContain('no earlier revision is kept')
  expect(said).not.toContain('Who signs')
})

test('before anybody has looked nothing is claimed', () => {
  expect(readinessView(null, 'production', atMs).text).toBe(
    'Nobody has looked yet whether the ways back would work.',
  )
  const readiness = { reading: null, nowMs: atMs }
  const home = homeView([{ environment: 'p', open: [], targets: { kind: 'asking' }, readiness }])
  expect(JSON.stringify(home)).toContain('Not known: nobody has looked yet.')
})

test.each<[string, Partial<Lost>, RegExp]>([
  [
    'nothing is left',
    {},
    /^production: the way back is lost \(docker, backend; it led to v1\.9\.0\)\.$/,
  ],
  [
    'an older one is left',
    { instead: 'backend back to v1.8.3' },
    /^production: v1\.9\.0 can no longer be reached \(docker, backend\)\.$/,
  ],
  [
    'no version is known',
    { version: null, services: [] },
    /^production: the way back is lost \(docker\)\.$/,
  ],
])('the notification says by itself what was lost: %s', (_, changes, says) => {
  const one: Lost = {
    procedure: 'docker',
    services: ['backend'],
    version: 'v1.9.0',
    readyAt: at,
    because: 'backend on shop-2: v1.9.0 can no longer be reached',
    instead: null,
    ...changes,
  }
  const view = readinessNote({ lost: [one], regained: [] }, 'production')
  expect(view.text).toMatch(says)
  expect(linesOf(view)).toContain('backend on shop-2: v1.9.0 can no longer be reached.')
})

const healthy = sandboxWorld({
  scenario: 'healthy',
  clock: { now: () => atMs },
  settings: assessSettings,
})

test('the command is answered by a look that is made for it', async () => {
  const patience: number[] = []
  const kept = {
    shown: () => null,
    fresh: async (ms: number) => {
      patience.push(ms)
      return found
    },
  }
  const view = await answer(
    { kind: 'readiness' },
    {
      world: async () => healthy.world,
      settings: assessSettings,
      environment: 'production',
      contacts: { onCall: [], support: [], channels: [] },
      incident: async () => null,
      declared: async () => [],
      open: () => [],
      unreadable: () => [],
      linkTo: async () => null,
      readiness: kept,
    },
  )
  expect(view.text).toBe('production: 1 of 2 ways back ready: 1 not ready.')
  expect(patience).toHaveLength(1)
})
