import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import type { Surroundings } from '../support/engine-story.ts'
import { eventsOf } from '../support/rollback-story.ts'
import { damagedData, dataDeed, DEEDS, wrongIn, type Options } from './data-deed.ts'
import { outward, type Call } from './outward.ts'

const MINUTE_MS = 60_000

/** What goes away, and how it is called where people read of it. */
const DEPENDENCIES = {
  'the API server': { ports: ['cluster', 'owners'], words: /cluster/ },
  MongoDB: { ports: ['data'], words: /data/ },
  Redis: { ports: ['cache'], words: /cache/ },
  Slack: { ports: ['slack', 'people'], words: /slack|people/ },
  'every host': { ports: ['hosts'], words: /hosts/ },
  'each service': { ports: ['endpoints'], words: /connection refused/ },
} as const satisfies Readonly<
  Record<string, { readonly ports: readonly Call['port'][]; readonly words: RegExp }>
>
type Dependency = keyof typeof DEPENDENCIES

/** Back before the time of any step is over, and long after the time of every step. */
const LASTS = { 'for two minutes': 2, 'for an hour and a half': 90 } as const

/** While nobody can be told, the run is long over and users work on: of the documents there were some are left. */
const MANY = damagedData({ organizations: 60, projects: 400 })

type Outage = {
  readonly of: Dependency
  /** The step, counted from 0, with whose turn it begins. */
  readonly step: number
  readonly minutes: number
}

/** Whose turn it is, counted from 0, while it is carried out; -1: it is not. */
async function turnOf(around: Surroundings): Promise<number> {
  const events = await eventsOf(around)
  const types = events.map(({ event }) => event.type)
  const from = types.lastIndexOf('run-started')
  if (from <= types.lastIndexOf('run-ended')) return -1
  return types.slice(from).filter((type) => type === 'step-succeeded').length
}

async function into(
  { of, step, minutes }: Outage,
  { more = [], platform }: Pick<Options, 'more' | 'platform'> = {},
) {
  let untilMs: number | null = null
  let isBack = false
  let met = 0
  let around: Surroundings | null = null
  const ports: readonly string[] = DEPENDENCIES[of].ports
  const left = await dataDeed('full', {
    ...(platform && { platform }),
    ...(of === 'Slack' && { database: MANY }),
    given(one) {
      around = one
    },
    ways: outward(async (call, make) => {
      if (isBack || !around) return make()
      if (untilMs === null && (await turnOf(around)) === step) {
        untilMs = around.clock.now() + minutes * MINUTE_MS
      }
      if (untilMs === null || around.clock.now() >= untilMs || !ports.includes(call.port)) {
        return make()
      }
      met += 1
      const detail = 'connection refused'
      throw new Fault({ kind: 'retryable', dependency: call.port, code: 'ECONNREFUSED', detail })
    }),
    later() {
      isBack = true
    },
    more,
  })
  return { ...left, met }
}

type Left = Awaited<ReturnType<typeof into>>

/** What is said of the steps, held against what stands there. */
function claimedInVain({ steps, live, maintenance, backend, backends }: Left): readonly string[] {
  const ran = steps[1] ?? []
  const is = (step: string, at: 'first' | 'last' = 'first'): boolean => {
    const all = ran.filter((one) => one.startsWith(`${step} `))
    return all.at(at === 'first' ? 0 : -1) === `${step} succeeded`
  }
  const claims = [
    [is('switch-collections'), live === 'restored', 'the data is switched'],
    [is('set-maintenance', 'last'), maintenance === null, 'maintenance is off'],
    [
      is('scale-workloads', 'last') || is('run-containers', 'last'),
      backend === backends,
      'all of it runs',
    ],
  ] as const
  return claims.flatMap(([claimed, so, what]) => (claimed && !so ? [what] : []))
}

const WAYS: readonly PlanRequest[] = [DEEDS.full.request, DEEDS['undo of full'].request]

/** Which steps ask what, when all goes well: where nobody asks it, it may be away. */
async function askedBySteps(options: Pick<Options, 'platform'>) {
  let around: Surroundings | null = null
  const asked = new Set<string>()
  const left = await dataDeed('full', {
    ...options,
    given(one) {
      around = one
    },
    ways: outward(async (call, make) => {
      const step = around ? await turnOf(around) : -1
      for (const [of, { ports }] of Object.entries(DEPENDENCIES)) {
        if (ports.some((port) => port === call.port)) asked.add(`${of} ${step}`)
      }
      return make()
    }),
  })
  const names = (left.steps[1] ?? []).map((one) => one.replace(/ succeeded$/, ''))
  return { names, isAsked: (of: Dependency, step: number) => asked.has(`${of} ${step}`) }
}

async function outagesOn(platform: 'kubernetes' | 'docker', dependencies: readonly Dependency[]) {
  const options = platform === 'docker' ? ({ platform } as const) : {}
  const { names, isAsked } = await askedBySteps(options)
  const all = dependencies.flatMap((of) =>
    Object.entries(LASTS).flatMap(([lasts, minutes]) =>
      names.map((name, step) => ({ of, lasts, minutes, name, step, options })),
    ),
  )
  const cells = all.filter(({ of, step }) => isAsked(of, step))
  return { cells, notAsked: all.length - cells.length }
}

/** Each of them away for a while, from each step of the whole procedure on that asks it. */
export function triedAway(
  platform: 'kubernetes' | 'docker',
  dependencies: readonly Dependency[],
): void {
  const met = new Map<string, number>()

  describe(`full over ${platform}, and something is away`, async () => {
    const { cells, notAsked } = await outagesOn(platform, dependencies)

    test.each(cells)(
      '$of is away $lasts from step $step ($name) on: it ends in words, and goes on from there',
      async ({ options, ...outage }) => {
        const left = await into(outage, options)
        const ended = left.outcomes[1]
        const cell = `${platform}: ${outage.of} ${outage.lasts}: ${ended}`
        met.set(cell, (met.get(cell) ?? 0) + 1)
        expect(wrongIn(left)).toEqual([])
        expect(claimedInVain(left)).toEqual([])
        if (ended === 'succeeded') {
          expect(left).toMatchObject({
            live: 'restored',
            backend: left.backends,
            maintenance: null,
          })
          return
        }
        expect(left.met).toBeGreaterThan(0)
        expect(['failed', 'gate-closed']).toContain(ended)
        expect(left.says).toMatch(DEPENDENCIES[outage.of].words)
        expect(left.said).not.toMatch(/Every step was carried out/)
        // What has written nothing is planned again; everything else also goes back.
        const isUntouched = left.maintenance === null && left.live === 'damaged'
        const way = WAYS[isUntouched ? 0 : outage.step % WAYS.length]!
        const after = await into(outage, { ...options, more: [way] })
        expect(wrongIn(after)).toEqual([])
        expect(after.outcomes.at(-1)).toBe('succeeded')
        expect(after).toMatchObject({ maintenance: null, backend: after.backends })
        expect(after.live).toBe(way.kind === 'full' ? 'restored' : 'damaged')
      },
    )

    test('each dependency is asked somewhere', () => {
      const rows = [...met].map((one) => one.join(' '))
      console.log([...rows, `${platform}: nobody asks it then ${notAsked}`].join('\n'))
      expect(new Set(cells.map(({ of }) => of)).size).toBe(dependencies.length)
    })
  })
}
