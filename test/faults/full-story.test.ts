import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { leftInWords, leftMeanwhile } from '../../src/domain/plan/left-meanwhile.ts'
import type { Plan } from '../../src/domain/plan/plan.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import type { Surroundings } from '../support/engine-story.ts'
import { ASKED, folded, saidOn, tell, tellMore, type Telling } from '../support/rollback-story.ts'
import { damaged, leftOnData, planAndSign, RESTORED } from './data-story.ts'
import { ON_HOSTS, stopRun } from './data-deed.ts'

const FULL: PlanRequest = { kind: 'full', toVersion: null, backup: null }
const signal = new AbortController().signal

/** `given`: what happens before the last of them is asked for. */
async function story(before = RESTORED, ...requests: readonly PlanRequest[]) {
  const around = damaged()
  const process = around.startProcess()
  await tell(around, process, 0, before)
  for (const request of requests) await tellMore(around, process, planAndSign(request))
  const left = await leftOnData(around)
  const releases = await around.sandbox.world.deployments!.releases(['backend', 'frontend'], signal)
  const plans = (await folded(around))?.plans ?? []
  around.end()
  const runs = releases.map(({ current, replicas }) => `${current?.images.join()} ${replicas}`)
  const rehearsals = plans.map(({ rehearsal }) => rehearsal)
  const cautions = plans.at(-1)?.plan?.cautions.join(' ') ?? ''
  return { ...left, runs, rehearsals, cautions }
}

const BACK = ['pipeshub/backend:v1.9.0 3', 'pipeshub/frontend:v1.9.0 2']
const BAD = BACK.map((one) => one.replace('v1.9.0', 'v2.0.0'))

test('data, code and caches go back as one plan, while nobody works with them', async () => {
  const left = await story(RESTORED, FULL)
  expect(left.steps[1]).toEqual([
    'set-maintenance succeeded',
    'scale-workloads succeeded',
    'switch-collections succeeded',
    'restore-revisions succeeded',
    'clear-cache succeeded',
    'scale-workloads succeeded',
    'prove-services succeeded',
    'prove-application succeeded',
    'scale-workloads succeeded',
    'set-maintenance succeeded',
  ])
  expect(left).toMatchObject({ live: 'as before the release', lost: 0, maintenance: null })
  expect(left.runs).toEqual(BACK)
  // What starts and gives back later stands on what was not done yet when it was tried.
  expect(left.rehearsals[1]).toMatchObject({ ok: true })
  expect(left.cautions).not.toContain('runs still')
})

describe('people have something to do on the way', () => {
  const people = [
    { what: 'drain the load balancer', by: 'edge team', before: 'stop' },
    { what: 'tell the call centre', by: 'support', before: 'end' },
  ] as const

  async function until(stop: 'done' | 'aborted' | 'killed') {
    const around = damaged({ people })
    const first = around.startProcess()
    await tell(around, first, 0, RESTORED)
    await tellMore(around, first, planAndSign(FULL))
    const waits = await folded(around)
    const said = saidOn('run-2', around)
    if (stop === 'killed') first.life.dead = true
    const process = stop === 'killed' ? around.startProcess() : first
    await process.engine.resume()
    const says = (step: number): Telling => ({
      by: 'U0CY',
      intent: () => ({ kind: 'step-done', plan: 2, step }),
    })
    const abort: Telling = { by: 'U0CY', intent: () => ({ kind: 'abort', plan: 2 }) }
    await tellMore(around, process, stop === 'aborted' ? [abort] : [says(1), says(10)])
    const left = await leftOnData(around)
    const headline = saidOn('headline', around)
    around.end()
    return { left, said, headline, steps: waits?.plans[1]?.run?.steps.map(({ kind }) => kind) }
  }

  test('before the services stop: nothing is stopped until they say that it is done', async () => {
    const { steps, said, left } = await until('done')
    expect(steps?.slice(0, 3)).toEqual(['succeeded', 'pending', 'pending'])
    expect(said).toContain('edge team: drain the load balancer')
    expect(said).toContain('Waits for people since')
    expect(left.steps[1]?.filter((step) => step.startsWith('people'))).toHaveLength(2)
    expect(left).toMatchObject({ live: 'as before the release', maintenance: null })
    expect(left.outcomes).toEqual(['succeeded', 'succeeded'])
  })

  test('and Backout is killed meanwhile: another process goes on with their word (J6)', async () => {
    const { left } = await until('killed')
    expect(left).toMatchObject({ live: 'as before the release', maintenance: null })
    expect(left.outcomes).toEqual(['succeeded', 'succeeded'])
  })

  test('and somebody stops it: what stands then is said', async () => {
    const { left, headline } = await until('aborted')
    expect(left).toMatchObject({ live: 'damaged', outcomes: ['succeeded', 'aborted'] })
    expect(headline).toContain('left so: maintenance is on')
  })
})

describe('stopped once the services are down, and planned again', () => {
  const people = [
    { what: 'drain the load balancer', by: 'edge team', before: 'stop' },
    { what: 'tell the call centre', by: 'support', before: 'end' },
  ] as const

  /** Somebody stops it while it stops the first service. */
  const stoppedBy = (around: Surroundings, stop: () => Promise<void>) => {
    let isStopped = false
    const before =
      <Args extends readonly unknown[], Answer>(write: (...args: Args) => Promise<Answer>) =>
      async (...args: Args): Promise<Answer> => {
        // What is only tried beforehand is no run.
        if (!isStopped && (await folded(around))?.plans[1]?.run) {
          isStopped = true
          await stop()
        }
        return write(...args)
      }
    const { deployments, containers } = around.sandbox.world
    return {
      ...around.sandbox.world,
      deployments: deployments && { ...deployments, write: before(deployments.write) },
      containers: containers && { ...containers, write: before(containers.write) },
    }
  }
  const says = (plan: number, step: number): Telling => ({
    by: 'U0CY',
    intent: () => ({ kind: 'step-done', plan, step }),
  })

  async function again(platform: 'kubernetes' | 'docker') {
    const around = damaged({ people, ...(platform === 'docker' ? ON_HOSTS : {}) })
    const process = around.startProcess(null, {
      world: () => stoppedBy(around, () => stopRun(around, process.engine)),
    })
    await tell(around, process, 0, RESTORED)
    await tellMore(around, process, [...planAndSign(FULL), says(2, 1)])
    const stopped = saidOn('headline', around)
    await tellMore(around, process, [...planAndSign(FULL), says(3, 7)])
    const left = await leftOnData(around)
    const [, , plan] = (await folded(around))?.plans ?? []
    const headline = saidOn('headline', around)
    around.end()
    return { left, stopped, headline, plan: plan?.plan ?? null }
  }

  test.each([
    ['kubernetes', 'scale-workloads', 'only one pod of backend runs'],
    ['docker', 'run-containers', 'only one container of backend runs'],
  ] as const)(
    '%s: one is started first, and proved before the others',
    async (platform, start, between) => {
      const { left, stopped, headline, plan } = await again(platform)
      expect(left).toMatchObject({
        outcomes: ['succeeded', 'aborted', 'succeeded'],
        maintenance: null,
      })
      expect(left).toMatchObject({ live: 'as before the release', lost: 0 })
      expect(stopped).toMatch(/🚨 production: maintenance is on, backend is stopped/)
      expect(stopped).toMatch(/Next:\* Decide in the thread, on the card of plan 2/)
      expect(headline).not.toMatch(/Decide in the thread|is stopped/)
      const ids = left.steps[2]?.map((one) => one.split(' ')[0]) ?? []
      const from = ids.indexOf(start)
      expect(ids.slice(from, from + 4)).toEqual([
        start,
        'prove-services',
        'prove-application',
        start,
      ])
      expect(plan?.steps[from]?.meanwhile).toBe(between)
      expect(plan?.steps[from + 3]?.endsMeanwhile).toBe(between)
    },
  )

  test('what people have done already is not asked for again, and what they have not is', async () => {
    const { plan } = await again('kubernetes')
    expect(plan?.steps.flatMap(({ byPeople, title }) => (byPeople ? [title] : []))).toEqual([
      'support: tell the call centre',
    ])
  })

  test('its card does not say that they stay down: this very plan starts them', async () => {
    const { plan } = await again('kubernetes')
    expect(plan?.steps.map(({ id }) => id)).toContain('scale-workloads')
    expect(plan?.cautions.join(' ')).not.toMatch(/until it is scaled up/)
  })
})

/** What a stop after each step leaves, as the steps themselves say it. */
function whereItStops({ steps }: Plan): readonly string[] {
  const done = { kind: 'succeeded', startedAt: '', at: '', applied: true, says: '' } as const
  const open = { kind: 'pending', waiting: null } as const
  return steps.map(({ title, whenStopped }, at) => {
    const left = leftMeanwhile(
      { steps: steps.map((_, one) => (one <= at ? done : open)) },
      steps,
    ).map(leftInWords)
    const named = title.replaceAll(/es-\d{8}-\d{4}/g, 'the backup')
    return `| ${named} | ${whenStopped ?? 'it is finished first'} | ${left.join(', ') || 'nothing'} |`
  })
}

test('the table of where it can be stopped says what the steps say', async () => {
  const around = damaged()
  const process = around.startProcess()
  await tell(around, process, 0, RESTORED)
  await tellMore(around, process, planAndSign(FULL))
  const plan = (await folded(around))?.plans[1]?.plan
  around.end()
  const told = readFileSync(join(import.meta.dirname, '../../docs/full.md'), 'utf8')
  const rows = told.split('\n').filter((line) => /^\| .* \| .* \| .* \|$/.test(line))
  const from = rows.findIndex((row) => row.startsWith('| step |')) + 1
  const expected = plan ? whereItStops(plan) : []
  expect(expected.length).toBeGreaterThan(8)
  expect(rows.slice(from, from + expected.length)).toEqual(expected)
})

test('a CDN forgets its copies once all of it runs, and again when it is taken back', async () => {
  const around = damaged({ cdn: true })
  const process = around.startProcess()
  await tell(around, process, 0, RESTORED)
  await tellMore(around, process, planAndSign(FULL))
  await tellMore(around, process, planAndSign({ kind: 'undo', plan: 2 }))
  const plans = (await folded(around))?.plans ?? []
  around.end()
  for (const { plan, run } of plans.slice(1)) {
    const ids = plan?.steps.map(({ id }) => id) ?? []
    expect(ids.slice(-2)).toEqual(['purge-caches', 'set-maintenance'])
    expect(run?.ended?.outcome).toBe('succeeded')
    expect(run?.steps.at(-2)).toMatchObject({
      kind: 'succeeded',
      says: expect.stringContaining('the CDN: POST /cdn/purge: HTTP 202'),
    })
  }
})

test('where nothing stands beside, the data stays, and the card says so', async () => {
  const left = await story(ASKED.slice(0, -1), FULL)
  expect(left.cautions).toContain('The database stays as it is: nothing is restored beside')
  expect(left.steps[0]).not.toContain('switch-collections succeeded')
  expect(left).toMatchObject({ live: 'damaged', maintenance: null, outcomes: ['succeeded'] })
  expect(left.runs).toEqual(BACK)
})

test('and is taken back like the whole', async () => {
  const left = await story(ASKED.slice(0, -1), FULL, { kind: 'undo', plan: 1 })
  expect(left).toMatchObject({ maintenance: null, outcomes: ['succeeded', 'succeeded'] })
  expect(left.runs).toEqual(BAD)
})

test('and all of it back again, as one plan', async () => {
  const left = await story(RESTORED, FULL, { kind: 'undo', plan: 2 })
  expect(left.steps[2]).toEqual([
    'set-maintenance succeeded',
    'scale-workloads succeeded',
    'switch-collections succeeded',
    'restore-revisions succeeded',
    'clear-cache succeeded',
    'scale-workloads succeeded',
    'prove-services succeeded',
    'prove-application succeeded',
    'set-maintenance succeeded',
  ])
  expect(left).toMatchObject({ live: 'damaged', lost: 0, maintenance: null })
  expect(left.runs).toEqual(BAD)
})
