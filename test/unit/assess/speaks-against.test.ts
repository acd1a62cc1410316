import { describe, expect, test } from 'vitest'
import { assess, type ReadFeasibility } from '../../../src/assess/assess.ts'
import type { Metrics } from '../../../src/ports/metrics.ts'
import type { World } from '../../../src/ports/world.ts'
import { causeLines } from '../../../src/chat/parts/cause-lines.ts'
import { inUtc } from '../../../src/chat/text/moments.ts'
import { MatrixSettings } from '../../../src/domain/assessment/settings.ts'
import type { Production } from '../../../src/sandbox/production.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { worstRouteQueries } from '../../../src/promql/worst-route.ts'
import { wayBack } from '../../../src/chat/parts/answer-parts.ts'
import { mrk } from '../../../src/chat/text/text.ts'
import type { Feasibility } from '../../../src/domain/plan/feasibility.ts'
import { assessment, atMs, feasible } from '../../support/builders.ts'
import { assessSettings, waysBackOver } from '../../support/contracts/settings.ts'
import { inVirtualTime } from '../../support/virtual-timers.ts'

const DATABASE_UP = 'min(database_up)'
const settings = {
  ...assessSettings,
  metrics: { ...assessSettings.metrics, databaseUp: DATABASE_UP },
  deadlineMs: 150,
}
const MINUTE = 60_000

type Counted = readonly [labels: Record<string, string>, failed: number, requests: number]

/** Like the simulated one, but for who answered how. */
function withCounts(
  metrics: Metrics,
  counted: readonly Counted[],
  route: Counted | undefined,
): Metrics {
  const { failedApart, requestsApart } = settings.metrics
  const ofRoute = worstRouteQueries(settings.metrics)
  const answer = (index: 1 | 2, of = counted) => {
    const result = of.map((one) => ({ metric: one[0], values: [[1, String(one[index])]] }))
    return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })
  }
  const range: Metrics['range'] = async (query, over) => {
    if (query === failedApart) return answer(1)
    if (route && query === ofRoute?.failed) return answer(1, [route])
    if (route && query === ofRoute?.requests) return answer(2, [route])
    return query === requestsApart ? answer(2) : metrics.range(query, over)
  }
  return { ...metrics, range }
}

function withUp(metrics: Metrics, up: readonly number[]): Metrics {
  const range: Metrics['range'] = async (query, over) => {
    if (query !== DATABASE_UP) return metrics.range(query, over)
    const at = (index: number) => over.toMs / 1_000 - 60 * (up.length - 1 - index)
    const values = up.map((value, index) => [at(index), String(value)])
    const result = up.length > 0 ? [{ metric: {}, values }] : []
    return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })
  }
  return { ...metrics, range }
}

async function look(
  changes: Partial<Production>,
  more: {
    readonly counted?: readonly Counted[]
    /** The one on which most failed. */
    readonly route?: Counted
    readonly matrix?: Partial<MatrixSettings>
    readonly minutesLater?: number
    readonly changedAgo?: number
    /** When what ran before that came. */
    readonly cameAgo?: number
    readonly symptoms?: readonly 'data-loss'[]
    readonly ways?: ReadFeasibility
    /** What the database's exporter told in each of the last minutes. */
    readonly up?: readonly number[]
  } = {},
) {
  const { counted = [], matrix = {}, minutesLater = 0, changedAgo, cameAgo, symptoms = [] } = more
  const { ways = waysBackOver(settings) } = more
  let nowMs = atMs
  const { world, change } = sandboxWorld({
    scenario: 'healthy',
    clock: { now: () => nowMs },
    settings,
  })
  nowMs += minutesLater * MINUTE
  change(changes)
  const since = (ago: number) => ({
    time: new Date(nowMs - ago * MINUTE).toISOString(),
    exact: true,
  })
  const { workloads } = world
  if (!workloads || !world.metrics) throw new Error('the sandbox has both')
  const moved: NonNullable<World['workloads']> = {
    ...workloads,
    list: async (...asked) => {
      const all = await workloads.list(...asked)
      if (changedAgo === undefined) return all
      return all.map((one) => {
        const changed = one.changed && { ...one.changed, since: since(changedAgo) }
        if (cameAgo === undefined) return { ...one, changed }
        const previous = one.previous.map((before) => {
          return { ...before, createdAt: since(cameAgo).time }
        })
        return { ...one, changed, previous }
      })
    },
  }
  const metrics = withUp(withCounts(world.metrics, counted, more.route), more.up ?? [])
  const limits = { ...settings, matrix: MatrixSettings.parse({ ...settings.matrix, ...matrix }) }
  const found = await inVirtualTime(() =>
    assess({ ...world, workloads: moved, metrics }, limits, symptoms, ways),
  )
  const against = found.against ?? []
  return {
    ...found,
    kinds: against.map(({ kind }) => kind),
    card: inUtc(
      causeLines(found)
        .map(({ mrkdwn }) => mrkdwn)
        .join('\n'),
    ),
  }
}

const bad = { errorPercent: 62 }

describe('when it began', () => {
  test('right after the deploy: that is said, and nothing speaks against', async () => {
    const { kinds, card, decision } = await look(bad)
    expect([decision, kinds]).toEqual(['roll-back', []])
    expect(card).toMatch(
      /^\*Errors began\* \d\d:\d\d UTC, ±1 min, right after (backend|frontend) v2\.0\.0\.\n\*Failed\* with v2\.0\.0, 62 % of [\d,]+ requests in 5 min, 0\.2 % of [\d,]+ in the hour before the deploy\.$/,
    )
  })

  test('before the newest change: it is said right below the decision, which stays the matrix’s', async () => {
    const { kinds, card, decision } = await look(bad, { changedAgo: 3 })
    expect([decision, kinds]).toEqual(['roll-back', ['began-before-change']])
    expect(card).toMatch(/\*Against a rollback:\*\n• It began before the newest change: /)
  })

  describe('and the way back follows', () => {
    const says = 'It began after backend v1.9.1: what ran before that is the way back.'
    const takesBack = { says, isCause: true }
    const newest: Feasibility = { ...feasible('kubernetes'), to: 'v1.9.1' }
    const following: ReadFeasibility = async (_, began) => {
      return [began ? { ...newest, to: 'v1.9.0', takesBack } : newest]
    }

    test('to before the change that precedes it: then nothing speaks against it', async () => {
      const { kinds, procedures, recommended } = await look(bad, {
        changedAgo: 3,
        cameAgo: 25,
        ways: following,
      })
      expect([kinds, recommended]).toEqual([[], 'kubernetes'])
      expect(procedures).toEqual([{ ...newest, to: 'v1.9.0', takesBack }])
      expect(wayBack(assessment({ procedures, recommended, decision: 'roll-back' }))).toEqual(
        mrk`*Way back:* kubernetes to *v1.9.0*. ${says}`,
      )
    })

    test('not where everything that runs is older: it is asked for once', async () => {
      let asked = 0
      const counting: ReadFeasibility = (...args) => {
        asked += 1
        return following(...args)
      }
      const { procedures } = await look(bad, { changedAgo: 60, ways: counting })
      expect([asked, procedures]).toEqual([1, [newest]])
    })

    test('as far as it can be looked at in time: else it is the newest change, and that is said', async () => {
      const slow: ReadFeasibility = (world, began) =>
        began ? new Promise(() => {}) : following(world)
      const { procedures, kinds } = await look(bad, { changedAgo: 3, ways: slow })
      expect(procedures[0]).toMatchObject({ to: 'v1.9.1', takesBack: { isCause: false } })
      expect(kinds).toEqual(['began-before-change'])
    })
  })

  test('days after the newest change', async () => {
    const { kinds, card, decision } = await look(bad, { changedAgo: 3 * 24 * 60 })
    expect([decision, kinds]).toEqual(['roll-back', ['ran-long-without']])
    expect(card).toMatch(/ v2\.0\.0 ran 3 days without this\./)
  })

  test('where nothing is wrong nothing began', async () => {
    const { onset, kinds, card } = await look({})
    expect([onset, kinds, card]).toEqual([null, [], ''])
  })

  test('is not known where Prometheus does not tell', async () => {
    const { onset, kinds } = await look({ ...bad, prometheus: 'refusing' })
    expect([onset, kinds]).toEqual([null, []])
  })
})

describe('what else explains it', () => {
  test.each([
    [[1, 1, 0, 0], / since 2026-11-22 03:11 UTC, which/],
    [[0, 0, 0, 0], / for longer than since 2026-11-22 03:09 UTC, which/],
    [[1, 0, 0, 1], /^MongoDB is in trouble, which/],
    [[], /^MongoDB is in trouble, which/],
  ])('a database since when, as its exporter tells: %j', async (up, says) => {
    const { against } = await look({ ...bad, mongodb: 'refusing' }, { up })
    expect(against?.find(({ kind }) => kind === 'dependency-down')?.says).toMatch(says)
  })

  test('a database that does not answer', async () => {
    const { kinds, card } = await look({ ...bad, mongodb: 'refusing' })
    expect(kinds).toEqual(['dependency-down'])
    expect(card).toMatch(/MongoDB is in trouble, which explains it: /)
  })

  test('but not where nothing is wrong: then it is a trouble of its own', async () => {
    expect((await look({ mongodb: 'refusing' })).kinds).toEqual([])
  })

  const instance = (name: string, failed: number, requests: number, version = ''): Counted => [
    { instance: name, ...(version ? { version } : {}) },
    failed,
    requests,
  ]

  test('one instance alone', async () => {
    const counted = [instance('b-1', 600, 640), instance('b-2', 1, 620), instance('b-3', 0, 610)]
    const { kinds, card } = await look({ errorPercent: 33 }, { counted })
    expect(kinds).toEqual(['one-instance'])
    expect(card).toContain('Only one instance fails: b-1 93.8 % of 640, b-2 0.2 % of 620.')
  })

  test.each([
    [
      'two of three fail',
      [instance('b-1', 600, 640), instance('b-2', 500, 620), instance('b-3', 0, 610)],
    ],
    ['there is no other one', [instance('b-1', 600, 640)]],
    ['the others were hardly asked', [instance('b-1', 600, 640), instance('b-2', 0, 12)]],
    [
      'it is the one with the new version',
      [instance('b-1', 600, 640, 'v2.0.0'), instance('b-2', 0, 620, 'v1.9.0')],
    ],
  ])('not where %s', async (_, counted) => {
    expect((await look({ errorPercent: 33 }, { counted })).kinds).toEqual([])
  })

  const even = [instance('b-1', 300, 1_000), instance('b-2', 300, 1_000)]
  const ofRoute = (route: string, failed: number, requests: number): Counted => [
    { route },
    failed,
    requests,
  ]

  test('one route alone', async () => {
    const route = ofRoute('/api/export', 598, 620)
    const { kinds, card } = await look({ errorPercent: 30 }, { counted: even, route })
    expect(kinds).toEqual(['one-route'])
    expect(card).toContain(
      'Only one route fails: /api/export 96.5 % of 620, and hardly any of 1,380 other requests.',
    )
    const odd = { counted: even, route: ofRoute('<!channel> *x*', 598, 620) }
    expect((await look({ errorPercent: 30 }, odd)).card).toContain('one of them 96.5 % of 620')
  })

  test.each([
    ['others fail as well', ofRoute('/api/export', 560, 620)],
    ['it is most of what is asked', ofRoute('/api/export', 600, 1_100)],
    ['nothing tells routes apart', undefined],
  ])('not of one route where %s', async (_, route) => {
    const found = await look({ errorPercent: 30 }, { counted: even, ...(route ? { route } : {}) })
    expect(found.kinds).toEqual([])
  })

  test('the new version against the old one, over the same minutes, with their counts', async () => {
    const counted = [instance('b-1', 744, 1_200, 'v2.0.0'), instance('b-2', 1, 1_310, 'v1.9.0')]
    const { versions, card, kinds } = await look(bad, { counted })
    expect(kinds).toEqual([])
    expect(versions).toHaveLength(2)
    expect(card).toContain(
      '*Failed in the same 5 minutes:* v1.9.0 0.1 % of 1,310; v2.0.0 62 % of 1,200 requests.',
    )
  })

  test('the version before fails as well: that speaks against', async () => {
    const counted = [instance('b-1', 744, 1_200, 'v2.0.0'), instance('b-2', 720, 1_310, 'v1.9.0')]
    const { kinds, card } = await look(bad, { counted })
    expect(kinds).toEqual(['old-version-too'])
    expect(card).toContain(
      'The version before fails too: v2.0.0 62 % of 1200, v1.9.0 55 % of 1310.',
    )
  })

  test('pods tell their version by the name of their template', async () => {
    const { workloads } = sandboxWorld({
      scenario: 'healthy',
      clock: { now: () => atMs },
      settings,
    }).world
    const [backend] = (await workloads?.list(['backend'], AbortSignal.timeout(1_000))) ?? []
    const [now, before] = [backend?.current, backend?.previous[0]]
    const pod = (hash: string, failed: number): Counted => [
      { pod: `backend-${hash}-x2x4z` },
      failed,
      900,
    ]
    const counted = [pod(now?.templateHash ?? '', 500), pod(before?.templateHash ?? '', 2)]
    const { versions } = await look(bad, { counted })
    expect(versions?.map(({ name }) => name).toSorted()).toEqual(['v1.9.0', 'v2.0.0'])
  })
})

describe('matrix.requireCause', () => {
  const matrix = { requireCause: true }

  test('leaves "roll back" to a person where something speaks against, and says so', async () => {
    const { decision, reasons, card } = await look(bad, { matrix, changedAgo: 3 })
    expect([decision, reasons[0]]).toEqual(['person-decides', 'errors-critical'])
    expect(card).toContain(
      'The rule says roll back. A person decides, because this speaks against it:',
    )
  })

  test('changes nothing where nothing does', async () => {
    expect((await look(bad, { matrix })).decision).toBe('roll-back')
  })

  test('asks no cause of what a person has reported', async () => {
    const { decision } = await look(bad, { matrix, changedAgo: 3, symptoms: ['data-loss'] })
    expect(decision).toBe('roll-back')
  })
})
