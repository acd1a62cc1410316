import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { hasRunWell } from '../../../src/domain/workload/ledger.ts'
import type { World } from '../../../src/ports/world.ts'
import { runbookOver } from '../../../src/runbook/runbook.ts'
import { imageId } from '../../../src/sandbox/docker/images.ts'
import { declared, incidentAfter, opened } from '../../support/builders.ts'
import { patience } from '../../support/contracts/outside.ts'
import { hostSettings, onHosts, TWO_HOSTS } from './on-hosts.ts'
import { writeContextOn } from './write-context.ts'

const request: PlanRequest = { kind: 'docker', toVersion: 'v1.9.0', service: 'backend' }
const imageOf = (version: string) => imageId(`pipeshub/backend:${version}`)

type Given = {
  /** Versions of which the images are for a platform that is not the host's, `linux/amd64`. */
  readonly foreign: readonly string[]
  /** What is recorded to have run well, each on these hosts; all else ended after a minute. */
  readonly ranWell?: Readonly<Record<string, readonly string[]>>
  /** The image lies in its registry alone. */
  readonly toPull?: readonly string[]
}

/** Two hosts that run v2.0.0, and how the way back to v1.9.0 looks. */
function given({ foreign, ranWell = {}, toPull = [] }: Given) {
  const hosts = onHosts({ placement: TWO_HOSTS })
  if (toPull.length > 0) hosts.onHosts.removeImage(imageOf('v1.9.0'), toPull)
  const { containers, ledger } = hosts.world
  if (!containers || !ledger) throw new Error('the sandbox has hosts')
  const ids = new Set(foreign.map((version) => imageOf(version).id))
  const world: World = {
    ...hosts.world,
    containers: {
      ...containers,
      async imageAt(...asked) {
        const at = await containers.imageAt(...asked)
        return at.id !== null && ids.has(at.id) ? { ...at, platform: 'linux/386' } : at
      },
    },
    ledger: {
      ...ledger,
      entries: async (services) =>
        (await ledger.entries(services)).map((entry) => {
          const where = ranWell[entry.labels.version ?? ''] ?? []
          const isProved = where.includes(entry.host)
          return { ...entry, ranMs: 60_000, healthyMs: isProved ? 30_000 : 0 }
        }),
    },
  }
  const runbook = runbookOver(world, hostSettings)
  return {
    resolved: () => runbook.resolve(request, incidentAfter(opened, declared), patience()),
    /** The step of a plan that was made when nothing was known of platforms. */
    async step() {
      const bound = runbook.bind((await hosts.drafted(request)).steps[0]!)
      const context = writeContextOn(world, 'i-1/plan-1')
      return {
        rehearsed: () => bound.rehearse(context),
        prepared: () => bound.prepare?.(context, () => undefined),
      }
    },
  }
}

const BOTH = ['shop-1', 'shop-2']
const whyOn = (host: string) =>
  `backend on ${host}: v1.9.0 is for linux/386, and the host is linux/amd64, which is not known to run that`
const RUNS_IT: readonly (readonly [string, Given])[] = [
  ['what runs now is for it, too', { foreign: ['v1.9.0', 'v2.0.0'] }],
  ['it ran well there itself', { foreign: ['v1.9.0'], ranWell: { 'v1.9.0': BOTH } }],
  [
    'another version for it ran well there',
    { foreign: ['v1.9.0', 'v1.8.3'], ranWell: { 'v1.8.3': BOTH } },
  ],
]
const RUNS_IT_NOT: readonly (readonly [string, Given, readonly string[]])[] = [
  ['nothing for it runs there, nor ran there well', { foreign: ['v1.9.0', 'v1.8.3'] }, BOTH],
  [
    'what ran well there was for the host',
    { foreign: ['v1.9.0'], ranWell: { 'v1.8.3': BOTH } },
    BOTH,
  ],
  [
    'it ran well on another host alone',
    { foreign: ['v1.9.0'], ranWell: { 'v1.9.0': ['shop-1'] } },
    ['shop-2'],
  ],
]

test.each([
  ['was healthy for a moment', { ranMs: 60_000, healthyMs: 1 }, true],
  ['ran for ten minutes, whatever its health check said', { ranMs: 600_000, healthyMs: 0 }, true],
  ['ended before', { ranMs: 599_999, healthyMs: 0 }, false],
])('whether what %s has run well', (_, entry, expected) => {
  expect(hasRunWell(entry)).toBe(expected)
})

describe('an image for another platform than its host', () => {
  test.each(RUNS_IT)('is a way back where %s', async (_, what) => {
    const { resolved, step } = given(what)
    expect(await resolved()).toMatchObject({ kind: 'feasible' })
    const { rehearsed } = await step()
    expect(await rehearsed()).toEqual({ kind: 'accepted', says: 'every image is on its host' })
  })

  test.each(RUNS_IT_NOT)('is none where %s', async (_, what, hosts) => {
    const { resolved, step } = given(what)
    const why = hosts.map(whyOn).join('; ')
    expect(await resolved()).toMatchObject({ kind: 'infeasible', because: why })
    const { rehearsed } = await step()
    expect(await rehearsed()).toEqual({ kind: 'refused', says: why })
  })

  test.each(RUNS_IT)('is pulled where %s', async (_, what) => {
    const { prepared } = await given({ ...what, toPull: ['shop-2'] }).step()
    expect(await prepared()).toEqual({
      ok: true,
      says: 'backend v1.9.0 on shop-1 was there; backend v1.9.0 on shop-2 was pulled',
    })
  })

  test('is known only when it was pulled, and ends the plan before anything is stopped', async () => {
    const { prepared } = await given({ foreign: ['v1.9.0'], toPull: ['shop-2'] }).step()
    expect(await prepared()).toEqual({ ok: false, says: whyOn('shop-2') })
  })
})
