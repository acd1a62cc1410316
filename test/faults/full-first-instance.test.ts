import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { tasksOf } from '../../src/domain/verification/tasks.ts'
import type { Endpoints } from '../../src/ports/endpoints.ts'
import { ISOLATION } from '../support/isolation.ts'
import { folded, saidOn, tell, tellMore } from '../support/rollback-story.ts'
import { ON_HOSTS } from './data-deed.ts'
import { damaged, leftOnData, planAndSign, RESTORED } from './data-story.ts'

const FULL: PlanRequest = { kind: 'full', toVersion: null, backup: null }
const LOOKS = 5

/** One instance is started, and shows somebody what belongs to another organisation. */
async function leaking(platform: 'kubernetes' | 'docker') {
  const around = damaged({ isolation: ISOLATION, ...(platform === 'docker' ? ON_HOSTS : {}) })
  let asked = 0
  const counted = ({ ask, ...rest }: Endpoints): Endpoints => ({
    ...rest,
    ask: async (question) => {
      if (question.url.endsWith('/api/projects/globex-1')) asked += 1
      return ask(question)
    },
  })
  const process = around.startProcess(null, {
    world: (inner) => ({ ...inner, endpoints: counted(inner.endpoints) }),
  })
  await tell(around, process, 0, RESTORED)
  around.sandbox.change({ leaksBetweenOrganisations: true })
  await tellMore(around, process, planAndSign(FULL))
  const ended = { asked, run: saidOn('run-2', around), headline: saidOn('headline', around) }
  for (let look = 0; look < LOOKS; look += 1) {
    around.pass(10_000)
    process.engine.tick()
    // oxlint-disable-next-line no-await-in-loop -- a look follows from the one before it
    await process.engine.idle()
  }
  return { around, process, ended }
}

describe.each([
  ['kubernetes', 'only one pod of backend runs', 'scale-workloads', 3],
  ['docker', 'only one container of backend runs', 'run-containers', 2],
] as const)(
  '%s: what the first instance shows is not right',
  async (platform, between, start, all) => {
    const { around, process, ended } = await leaking(platform)
    const stopped = await leftOnData(around)
    const watched = await folded(around)
    const run = saidOn('run-2', around)
    const headline = saidOn('headline', around)
    await tellMore(around, process, planAndSign(FULL))
    const again = { run: saidOn('run-3', around), headline: saidOn('headline', around) }
    around.sandbox.change({ leaksBetweenOrganisations: false })
    await tellMore(around, process, planAndSign(FULL))
    const tasks = tasksOf((await folded(around))?.plans ?? [])
    const left = await leftOnData(around)
    await tellMore(around, process, planAndSign({ kind: 'undo', plan: 2 }))
    const undone = await leftOnData(around)
    around.end()

    test('the others are not started, maintenance stays on, and the card says what was seen', () => {
      expect(stopped).toMatchObject({ live: 'as before the release', lost: 0, maintenance: 'true' })
      expect(stopped.backend).toBe(1)
      expect(stopped.outcomes[1]).toBe('failed')
      expect(stopped.steps[1]?.slice(-4)).toEqual([
        'prove-services succeeded',
        'prove-application failed',
        `${start} pending`,
        'set-maintenance pending',
      ])
      expect(ended.run).toMatch(
        /Failed:\* “Nobody sees another organisation” is not proved: acme does not see globex: \S+ answers HTTP 200 and shows data of another organisation/,
      )
      expect(ended.run).toContain('What steps 1 to 6 wrote is not taken back')
      expect(ended.run).toContain(`as last seen:* maintenance is on; ${between}.`)
      expect(ended.run).toContain('goes on from what stands now, once the cause is removed')
      expect(ended.run).toContain('It wrote only to try; what it could not clean up is named.')
      expect(ended.run).not.toContain('Globex roadmap')
      expect(ended.headline).toContain(`🚨 production: maintenance is on, ${between}`)
    })

    test('what was seen once is not looked for again', () => {
      expect(ended.asked).toBe(1)
    })

    test('the watch sees it too, and lays no plan in the way of both that people choose from', () => {
      expect(watched?.watch).toMatchObject({ plan: 2, state: 'relapse' })
      expect(watched?.plans).toHaveLength(2)
      expect(run).toMatch(/"Undo"[^]*"Plan again"/)
      expect(headline).toContain('on the card of plan 2: it stays so until somebody does')
    })

    test('planned again before it is mended, it stops there again, and says all that stands since the first of them', () => {
      expect(again.run).toContain(`as last seen:* maintenance is on; ${between}.`)
      expect(again.headline).toContain(`🚨 production: maintenance is on, ${between}`)
      expect(again.headline).toContain('on the card of plan 3: it stays so until somebody does')
    })

    test('what people have to do because of the switch is due once the last of them has ended it', () => {
      expect(tasks).toMatchObject([
        { title: 'search index: rebuild from empty (search team)', afterPlan: 4 },
      ])
    })

    test('mended and planned again, it is proved anew, and the others are started after that', () => {
      expect(left.steps[3]).toEqual([
        'prove-services succeeded',
        'prove-application succeeded',
        `${start} succeeded`,
        'set-maintenance succeeded',
      ])
      expect(left.outcomes).toEqual(['succeeded', 'failed', 'failed', 'succeeded'])
      expect(left).toMatchObject({ live: 'as before the release', lost: 0, maintenance: null })
      expect(left.backend).toBe(all)
    })

    test('and all that the failed plan has brought is taken back as one plan', () => {
      expect(undone.outcomes.at(-1)).toBe('succeeded')
      expect(undone).toMatchObject({ live: 'damaged', lost: 0, maintenance: null, backend: all })
    })
  },
)
