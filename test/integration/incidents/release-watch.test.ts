import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { prometheusMetrics } from '../../../src/adapters/prometheus/metrics.ts'
import { assess } from '../../../src/assess/assess.ts'
import { openWorld } from '../../../src/compose/open-world.ts'
import { watchReleases } from '../../../src/compose/release-watch/watch-releases.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import type { Assessment } from '../../../src/domain/assessment/assessment.ts'
import { newReleases } from '../../../src/domain/watch/new-releases.ts'
import { judgedLook } from '../../../src/domain/watch/release-watch.ts'
import { startApp } from '../../servers/app/start.ts'
import { missingAllowed } from '../../servers/find.ts'
import { startPrometheus } from '../../servers/prometheus.ts'
import { freshFolder } from '../../servers/spawn.ts'
import { newestChange, workload } from '../../support/builders.ts'
import { clusterThatRan } from './cluster-that-ran.ts'
import { corpus } from './corpus.ts'
import type { Incident, Ran, Served } from './incident.ts'
import { pinnedAt } from './pinned.ts'
import { WRITING_MS } from './written-down.ts'
import { writtenIncidents } from './written-incidents.ts'

/** Every trouble of the corpus, moved to begin so many seconds before the end of what was written down. */
const BEGAN = 420
const WATCHED_SECONDS = 400
const TURN_SECONDS = 5
/** Where in its minute the trouble begins: right after a look, in between, and right before one. */
const PHASES = [5, 30, 55] as const

/** So much later at most is it told: from when the rules call for a person, which for most of them is soon after it began. */
const TARGET_SECONDS = 120

/** So little fails that minutes of it pass before the rules, which look at five, call for anybody. */
const SLOW = /^(errors-5|logins-3|frontend-ended)$/

const EACH_MS = 180_000

const BAD =
  /^(errors-(5|46|62|100)|one-service-(46|54)|logins-(3|12|60)|p95-plus-150|p95-times-10|small-service-dead|all-down-190|one-down-190|frontend-ended|crash-loop(-of-all)?|production-fails|seldom-scraped-and-bad)$/
const WELL =
  /^(all-well(-and-busy)?|nothing-ever-failed|errors-4|logins-(1|always-12|always-5)|p95-(down|plus-3)|one-restart|staging-fails|four-always|small-service-well|frontend-not-counted-on-purpose|nothing-new-since)$/

const moved = (incident: Incident): Incident => {
  const change = (served: Served): Served => {
    const entries = Object.entries(served).map(([key, value]: [string, unknown]) => {
      if (key === 'startedAgo') return [key, BEGAN + 10]
      if (key.endsWith('Ago')) return [key, BEGAN]
      if (key === 'crashLoop' && typeof value === 'object') {
        return [key, { ...value, sinceAgo: BEGAN }]
      }
      const isSince = Array.isArray(value) && value.length === 2 && Array.isArray(value[1])
      return [key, isSince ? [value[0], [BEGAN, value[1][1]]] : value]
    })
    return { ...Object.fromEntries(entries), closelySeconds: 1_500 }
  }
  const { backend = {}, frontend = {}, others = [] } = incident
  return {
    ...incident,
    backend: change(backend),
    frontend: frontend && change(frontend),
    others: others.map(change),
  }
}

/** All pods are replaced, and what takes their place does like this. */
const replacedBy = (name: string, right: Incident['right'], served: Served): Incident => ({
  name,
  right,
  backend: { endedAgo: BEGAN, closelySeconds: 1_500 },
  others: [
    {
      named: 'new',
      firstSeenAgo: BEGAN - 15,
      startedAgo: BEGAN - 2,
      closelySeconds: 1_500,
      ...served,
    },
  ],
})

const bad = [
  ...corpus.filter(({ name }) => BAD.test(name)).map(moved),
  replacedBy('all-pods-are-replaced-by-bad-ones', 'roll-back', { errorPercent: 95 }),
]
const well = [
  ...corpus.filter(({ name }) => WELL.test(name)).map(moved),
  replacedBy('all-pods-are-replaced', 'do-not', {}),
]

describe.skipIf(missingAllowed('prometheus'))('a release is watched', () => {
  let close = async (): Promise<void> => undefined
  let moment = 0
  let now = 0
  let assessedAt: (incident: Incident, ago: number) => Promise<Assessment>

  beforeAll(async () => {
    await using opening = new AsyncDisposableStack()
    now = Math.floor(Date.now() / 1_000)
    const folder = opening.use(await freshFolder('release-watch')).path
    const apps = await Promise.all([startApp(), startApp()])
    const prometheus = await startPrometheus({
      openmetrics: writtenIncidents([...bad, ...well], now),
    })
    for (const server of [...apps, prometheus]) opening.defer(() => server.stop())
    const { url } = opening.use(await pinnedAt(prometheus.url, () => moment))
    const known = new Map<string, Promise<Assessment>>()
    assessedAt = (incident, ago) => {
      const key = `${incident.name} ${ago}`
      const answer = known.get(key) ?? anew(incident, ago)
      known.set(key, answer)
      return answer
    }
    const anew = async ({ name, settings = {}, match }: Incident, ago: number) => {
      const file = join(folder, `${name}.yaml`)
      const [backend, frontend] = apps
      writeFileSync(
        file,
        stringify({
          environment: name,
          // That this machine is busy is not what is tried.
          deadlineSeconds: 20,
          slack: { channels: ['C0INCIDENTS'] },
          services: [
            { name: 'backend', url: backend.url },
            { name: 'frontend', url: frontend.url },
          ],
          prometheus: {
            match: [`case="${name}"`, ...(match ? [match] : [])].join(),
            clockSkewLimitSeconds: 3_600,
            ...settings,
          },
        }),
      )
      const config = loadConfig({ file, variables: { PROMETHEUS_URL: url }, needs: [] })
      const { world: real, close: closeWorld } = await openWorld(config)
      moment = now - ago
      const clock = { now: () => 1_000 * (now - ago) }
      const metrics = prometheusMetrics({ url, endpoints: real.endpoints, now: clock.now })
      try {
        const world = { ...real, clock, metrics }
        return await assess(world, config.assess, [], async () => [])
      } finally {
        await closeWorld()
      }
    }
    const running = opening.move()
    close = () => running.disposeAsync()
  }, WRITING_MS)
  afterAll(() => close())

  /** When the rules first call for somebody, in seconds after the trouble began; `null`: never. */
  async function turned(incident: Incident): Promise<number | null> {
    for (let after = 0; after < WATCHED_SECONDS; after += 2 * TURN_SECONDS) {
      const look = judgedLook(await assessedAt(incident, BEGAN - after), [])
      if (look === 'bad' || look === 'not-judged') return after
    }
    return null
  }

  /** When an incident is opened, in seconds after the trouble began; the release came right before it. */
  async function opened(
    incident: Incident,
    phase: number,
    looks: Set<string> = new Set(),
  ): Promise<number | null> {
    let after = -phase
    const told: number[] = []
    const nowMs = () => 1_000 * (now - BEGAN + after)
    const since = { time: new Date(1_000 * (now - BEGAN - 60)).toISOString(), exact: true }
    const running = workload('backend', { changed: newestChange('backend', { since }) })
    const turns: (() => Promise<void>)[] = []
    const watch = watchReleases({
      settings: { minutes: 30, everySeconds: 60 },
      channel: 'C0INCIDENTS',
      list: async () => [running],
      assess: () => assessedAt(incident, BEGAN - after),
      lately: async () => [],
      async open() {
        told.push(after)
        return { kind: 'received', incident: 'one' }
      },
      everyTurn(turn) {
        turns.push(turn)
        return { stop: async () => undefined }
      },
      acts: () => true,
      count: (turn) => void looks.add(turn),
      clock: { now: nowMs },
      log: { info() {}, warn() {}, error() {} },
    })
    for (; after < WATCHED_SECONDS && told.length === 0; after += TURN_SECONDS) {
      for (const turn of turns) await turn()
    }
    await watch.stop()
    return told[0] ?? null
  }

  test.each(bad)(
    '$name is told within two minutes',
    async (incident) => {
      const turn = await turned(incident)
      const each = []
      for (const phase of PHASES) each.push(await opened(incident, phase))
      console.log(
        `${incident.name}: the rules turn after ${turn} s, told after ${each.join(', ')} s`,
      )
      expect(turn).not.toBeNull()
      for (const told of each) {
        expect(told).not.toBeNull()
        expect(told! - turn!).toBeLessThanOrEqual(TARGET_SECONDS)
        if (!SLOW.test(incident.name)) expect(told).toBeLessThanOrEqual(TARGET_SECONDS)
      }
    },
    EACH_MS,
  )

  test.each(well)(
    '$name is left alone',
    async (incident) => {
      const looks = new Set<string>()
      expect(await opened(incident, 30, looks)).toBeNull()
      expect(looks).toContain('well')
      expect(looks).not.toContain('no-answer')
    },
    EACH_MS,
  )
})

test.each<readonly [string, Ran, readonly string[]]>([
  [
    'a version of now',
    [
      ['v1.9.0', 90_000],
      ['v2.0.0', 700],
    ],
    ['backend v2.0.0'],
  ],
  [
    'a version of an hour ago',
    [
      ['v1.9.0', 90_000],
      ['v2.0.0', 3_600],
    ],
    [],
  ],
  [
    'other settings',
    [
      ['v2.0.0', 90_000],
      ['v2.0.0', 600, 'other'],
    ],
    ['backend v2.0.0 with other settings'],
  ],
])('as a cluster tells of %s', async (_what, backend, watched) => {
  const seconds = Math.floor(Date.now() / 1_000)
  await using cluster = await clusterThatRan({ backend }, seconds)
  await using folder = await freshFolder('release-watch')
  const file = join(folder.path, 'backout.yaml')
  writeFileSync(
    file,
    stringify({
      environment: 'cluster',
      slack: { channels: ['C0INCIDENTS'] },
      services: [{ name: 'backend', url: 'http://backend.invalid' }],
      releaseWatch: {},
      ...cluster.settings,
    }),
  )
  const config = loadConfig({ file, variables: cluster.variables, needs: [] })
  const { world, close } = await openWorld(config)
  const { workloads } = world
  const running = await workloads?.list(['backend'], AbortSignal.timeout(20_000))
  await close()
  const found = newReleases(
    running ?? [],
    1_000 * seconds,
    config.settings.releaseWatch?.minutes ?? 0,
  )
  expect(found.map(({ service, version }) => `${service} ${version}`)).toEqual(watched)
})
