import { expect, test } from 'vitest'
import { lookAt } from '../../../src/assess/look.ts'
import type { LookPart } from '../../../src/domain/watch/schedule.ts'
import type { Metrics, ScrapeTarget } from '../../../src/ports/metrics.ts'
import type { Production } from '../../../src/sandbox/production.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { atMs } from '../../support/builders.ts'
import { patience } from '../../support/contracts/outside.ts'
import { assessSettings } from '../../support/contracts/settings.ts'
import { ISOLATION } from '../../support/isolation.ts'
import { inVirtualTime } from '../../support/virtual-timers.ts'

const settings = { ...assessSettings, deadlineMs: 200 }

/** A healthy production, and what was asked of its Prometheus; which lists these targets. */
function worldWith(targets: Metrics['targets']) {
  const clock = { now: () => atMs }
  const { world } = sandboxWorld({ scenario: 'healthy', clock, settings })
  const asked: string[] = []
  const metrics: Metrics = {
    ...world.metrics!,
    targets,
    async instant(query) {
      asked.push(query)
      if (query === 'time()') return { kind: 'value', value: atMs / 1000 }
      if (query === settings.metrics.sampleAge) return { kind: 'value', value: 5 }
      // Of a rate over less than four minutes there are not two samples.
      const { 1: seconds } = /\[(\d+)s\]/.exec(query) ?? []
      if (seconds !== undefined && Number(seconds) < 240) return { kind: 'no-data' }
      return { kind: 'value', value: query.includes('5..') && !query.includes('1-5') ? 0 : 50 }
    },
  }
  return { world: { ...world, metrics }, asked }
}

const target = (scrapeIntervalMs: number | null): ScrapeTarget => {
  return { job: 'backend', instance: 'b:1', health: 'up', lastError: '', scrapeIntervalMs }
}

const errorsIn = ({ lines }: Awaited<ReturnType<typeof lookAt>>) =>
  lines.find(({ probe }) => probe === 'error-ratio-low')

test('scraped once a minute, a look sees what the assessment sees, and says from when it counts', async () => {
  const { world, asked } = worldWith(async () => [target(15_000), target(60_000)])
  const look = await inVirtualTime(() => lookAt(world, settings, patience()))
  expect(errorsIn(look)).toMatchObject({ verdict: 'healthy' })
  expect(asked.filter((query) => query.includes('[240s]'))).toHaveLength(2)
  expect(look).toMatchObject({ verdict: 'healthy', settling: { untilMs: 360_000 } })
})

test.each<[string, Metrics['targets']]>([
  ['lists none', async () => []],
  ['does not say how often', async () => [target(60_000), target(null)]],
  [
    'has no such list',
    async () => {
      throw new Error('404')
    },
  ],
  ['never lists them', () => new Promise(() => {})],
])('a Prometheus that %s is asked in the windows of the settings', async (_, targets) => {
  const { world, asked } = worldWith(targets)
  const look = await inVirtualTime(() => lookAt(world, settings, patience()))
  expect(errorsIn(look)).toMatchObject({ verdict: 'healthy' })
  expect(asked).toContain(settings.metrics.errors)
  expect(asked).toContain(settings.metrics.traffic)
  expect(look.settling).toMatchObject({ untilMs: 330_000 })
})

test('scraped often, the errors speak of now as soon as all else does', async () => {
  const clock = { now: () => atMs }
  const { world } = sandboxWorld({ scenario: 'healthy', clock, settings })
  expect(await inVirtualTime(() => lookAt(world, settings, patience()))).not.toHaveProperty(
    'settling',
  )
})

test('what is bad at once is told apart from what was measured over a time', async () => {
  const clock = { now: () => atMs }
  const sandbox = sandboxWorld({ scenario: 'errors-62', clock, settings })
  const metrics: Metrics = { ...sandbox.world.metrics!, targets: async () => [target(null)] }
  const look = await inVirtualTime(() =>
    lookAt({ ...sandbox.world, metrics }, settings, patience()),
  )
  expect(look.verdict).toBe('degraded')
  expect(look.settling?.verdict).toBe('healthy')
  expect(errorsIn(look)?.verdict).toBe('degraded')
})

async function lookWhere(change: Partial<Production>, part: LookPart) {
  const apart = { ...settings, isolation: ISOLATION }
  const clock = { now: () => atMs }
  const { world, change: becomes } = sandboxWorld({ scenario: 'healthy', clock, settings: apart })
  becomes(change)
  return inVirtualTime(() => lookAt(world, apart, patience(), { part }))
}

test.each(['half-hour', 'day'] as const)(
  'somebody of one organisation asks for a page of another with every look of the %s',
  async (part) => {
    const apart = await lookWhere({}, part)
    expect(apart).not.toHaveProperty('leak')
    expect(apart.lines).toContainEqual({
      probe: 'tenants-apart',
      target: 'acme does not see globex',
      verdict: 'healthy',
      says: '/api/projects/globex-1 answers HTTP 404 without data of another organisation',
      version: null,
    })
    const leaking = await lookWhere({ leaksBetweenOrganisations: true }, part)
    expect(leaking).toMatchObject({ verdict: 'degraded', leak: true })
  },
)

test('what cannot be asked as somebody of an organisation is no leak, and not well', async () => {
  const look = await lookWhere({ services: 'refusing' }, 'half-hour')
  expect(look).not.toHaveProperty('leak')
  const line = look.lines.find(({ probe }) => probe === 'tenants-apart')
  expect(line).toMatchObject({ verdict: 'unreachable' })
})
