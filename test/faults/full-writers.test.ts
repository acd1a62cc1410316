import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import type { Surroundings } from '../support/engine-story.ts'
import { dataDeed, DEEDS, wrongIn, type DataCall, type Options } from './data-deed.ts'

const signal = new AbortController().signal

/** Somebody, or something, that starts what writes to the database, or writes itself. */
type Writer = {
  readonly what: string
  readonly starts: (around: Surroundings) => Promise<void> | void
  /** Not once: from then on at every call of the run. */
  readonly goesOn?: true
}

let written = 0
const CRON_JOB: Writer = {
  what: 'a cron job begins to write',
  starts({ sandbox }) {
    written += 1
    const id = `cron-${written}`
    sandbox.onData?.write('projects', { _id: id, name: id, organization: 'org-1' })
  },
  goesOn: true,
}

const WRITERS: Readonly<Record<'kubernetes' | 'docker', readonly Writer[]>> = {
  kubernetes: [
    {
      what: 'somebody scales the backend to 3',
      starts: ({ sandbox }) => sandbox.others.scale('backend', 3),
    },
    {
      what: 'KEDA keeps three of the backend',
      async starts({ sandbox }) {
        const [backend] = await sandbox.world.deployments!.releases(['backend'], signal)
        if ((backend?.replicas ?? 0) < 3) sandbox.others.scale('backend', 3)
      },
      goesOn: true,
    },
    CRON_JOB,
  ],
  docker: [
    {
      what: 'somebody starts the containers of the backend',
      starts: ({ sandbox }) => sandbox.onHosts.restart('pipeshub-backend-1'),
    },
    {
      what: 'somebody deploys the backend anew with compose',
      starts: ({ sandbox }) => sandbox.onHosts.composeUp('backend'),
    },
    CRON_JOB,
  ],
}

/** Before these: one for each phase, and where it matters most each call. */
const PHASES = {
  kubernetes: /^(changeTexts|write|fence up|quiet|setExpiry|rename|fence down|clear)$/,
  docker:
    /^(changeTexts|stop backend on shop-1|fence up|quiet|rename|fence down|(create serving|rename|remove|start) backend on shop-1|start backend on shop-2|clear)$/,
}

function pointsOf(made: readonly DataCall[], platform: 'kubernetes' | 'docker') {
  const phases = made.filter(({ name }) => PHASES[platform].test(name))
  // Where two of a kind follow one another, there is nothing between them but their own replies.
  return phases.filter(({ name }, at) => name === 'rename' || name !== phases[at - 1]?.name)
}

/** The writer begins right before that call of the run; `fenced`: what users wrote behind the fence. */
async function withWriter(
  { starts, goesOn }: Writer,
  nth: number,
  { platform, fence, more = [] }: Pick<Options, 'platform' | 'more'> & { fence: 'real' | 'none' },
) {
  let isOver = false
  let isUp = false
  let behind = 0
  const left = await dataDeed('full', {
    server: { fence },
    ...(platform && { platform }),
    async through(call, make, around) {
      const all = () => around.sandbox.onData?.written().length ?? 0
      const before = all()
      if (!isOver && (call.nth === nth || (goesOn && call.nth > nth))) await starts(around)
      const answer = await make()
      if (isUp) behind += all() - before
      if (call.name === 'fence up') isUp = true
      if (call.name === 'fence down') isUp = false
      return answer
    },
    later() {
      isOver = true
    },
    more,
  })
  return { ...left, behind }
}

const AGAIN: readonly PlanRequest[] = [DEEDS.full.request, DEEDS['undo of full'].request]

describe.each(['kubernetes', 'docker'] as const)('writers start while %s goes back', async (on) => {
  const platform = on === 'docker' ? ({ platform: on } as const) : {}
  const { made } = await dataDeed('full', platform)
  const cases = WRITERS[on].flatMap((writer) =>
    pointsOf(made, on).map(({ nth, name }) => ({ ...writer, nth, name })),
  )

  test('there are phases to start them in', () => {
    console.log(`writers that start while ${on} goes back: ${cases.length}`)
    expect(cases.length).toBeGreaterThan(30)
  })

  test.each(cases)(
    '$what before $name ($nth): wholly before or after, and the run says it',
    async ({ nth, ...writer }) => {
      const left = await withWriter(writer, nth, { ...platform, fence: 'real' })
      expect(wrongIn(left)).toEqual([])
      expect(left.behind).toBe(0)
      const ended = left.outcomes.at(-1)
      if (ended === 'succeeded') {
        expect(left).toMatchObject({ live: 'restored', backend: left.backends, maintenance: null })
        return
      }
      expect(ended).toBe('failed')
      expect(left.says).toMatch(/somebody|removed or made anew/)
      // What runs again is not said to be stopped now.
      if ((left.backend ?? 0) > 0) {
        expect(left.said).toMatch(/as last seen|whether backend is stopped|^(?!.*is stopped)/)
      }
      const [again, undo] = AGAIN
      const way = nth % 2 === 0 ? again! : undo!
      const after = await withWriter(writer, nth, { ...platform, fence: 'real', more: [way] })
      expect(wrongIn(after)).toEqual([])
      expect(after.outcomes.slice(-2)).toEqual(['failed', 'succeeded'])
      expect(after).toMatchObject({ maintenance: null, backend: after.backends })
      expect(after.live).toBe(way === again ? 'restored' : 'damaged')
    },
  )
})

test.each([
  ['kubernetes', /backend: 3 of 3 pods ready, which somebody else has started meanwhile/],
  ['docker', /backend on shop-1 was started by somebody else meanwhile, and stopped again/],
] as const)('a backend that ran over data that was switched is told, on %s', async (on, told) => {
  const platform = on === 'docker' ? ({ platform: on } as const) : {}
  const { made } = await dataDeed('full', platform)
  const { nth = 0 } = made.findLast(({ name }) => name === 'rename') ?? {}
  const [writer] = WRITERS[on]
  expect((await withWriter(writer!, nth, { ...platform, fence: 'real' })).told).toMatch(told)
})

describe('a server that cannot refuse writes', async () => {
  const { made } = await dataDeed('full', { server: { fence: 'none' } })
  const switching = made.filter(({ name }) => /^(quiet|setExpiry|rename)$/.test(name))

  test.each(switching)(
    'and a cron job before $name ($nth): what it wrote is told, or nothing is switched',
    async ({ nth }) => {
      const { starts, what } = CRON_JOB
      const left = await withWriter({ starts, what }, nth, { fence: 'none' })
      expect(wrongIn(left)).toEqual([])
      expect(left).toMatchObject({ backend: 3, maintenance: null })
      if (left.outcomes.at(-1) === 'succeeded') expect(left.live).toBe('restored')
      else expect(left.says).toMatch(/somebody still writes/)
    },
  )
})
