import { expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import type { ContainerWrite } from '../../src/ports/containers.ts'
import { imageId } from '../../src/sandbox/docker/images.ts'
import { atRest, type Surroundings, type Ways } from '../support/engine-story.ts'
import { ASKED, folded, tell, tellMore } from '../support/rollback-story.ts'
import { containersOn, dataDeed, ON_HOSTS, SMALL, wrongIn } from './data-deed.ts'
import { damaged, leftOnData, planAndSign, RESTORED } from './data-story.ts'

const FULL: PlanRequest = { kind: 'full', toVersion: null, backup: null }
const UNDO: PlanRequest = { kind: 'undo', plan: 2 }
const DOCKER: PlanRequest = { kind: 'docker', toVersion: null }

type Day = {
  readonly before?: typeof RESTORED
  readonly given?: (around: Surroundings) => void
  /** What a host answers to a write of the first plan in place of doing it. */
  readonly refuses?: (write: ContainerWrite) => string | null
  readonly asked?: PlanRequest
  readonly next?: PlanRequest
}

/** A plan over containers on a day on which something is in the way, and what people ask for then. */
async function day({ before = RESTORED, given, refuses, asked = FULL, next }: Day) {
  const around = damaged({ database: SMALL, ...ON_HOSTS })
  let isFirst = true
  const ways: Ways = {
    world: (world) => ({
      ...world,
      containers: world.containers && {
        ...world.containers,
        async write(write, signal) {
          const because = isFirst ? refuses?.(write) : null
          if (because) return { kind: 'refused', because }
          return world.containers!.write(write, signal)
        },
      },
    }),
  }
  const process = around.startProcess(null, ways)
  await tell(around, process, 0, before)
  given?.(around)
  await tellMore(around, process, planAndSign(asked))
  isFirst = false
  if (next) await tellMore(around, process, planAndSign(next))
  await atRest(process.engine, process.life)
  const { plan } = (await folded(around))?.plans.at(-1) ?? {}
  const left = await leftOnData(around)
  const stands = (await containersOn(around)).map((one) => one.replace(/^.*: /, ''))
  around.end()
  return { ...left, stands, plan }
}

const running = (version: string) => [version, version, version].map((one) => `${one} running`)
const GOOD = { maintenance: null, stands: running('v1.9.0') }
const BAD = { maintenance: null, stands: running('v2.0.0') }

const FULL_DISK = 'no space left on device'

const noneMade =
  (...hosts: readonly string[]) =>
  (write: ContainerWrite): string | null => {
    const isIt = write.kind === 'create' && write.role === 'serving' && hosts.includes(write.host)
    return isIt ? FULL_DISK : null
  }
const noneStarted = ({ kind, host }: ContainerWrite): string | null =>
  kind === 'start' && host === 'shop-2' ? 'no such network' : null

test('where nothing can be made in place of them, and no data was switched, what was stopped starts again', async () => {
  const left = await day({ before: ASKED.slice(0, -1), refuses: noneMade('shop-1', 'shop-2') })
  expect(left).toMatchObject({ ...BAD, outcomes: ['failed'] })
  expect(left.says).toContain(FULL_DISK)
})

test('where it goes back on one host alone, everything stays stopped, and says so', async () => {
  const left = await day({ refuses: noneMade('shop-2') })
  expect(left.stands).toEqual(['v1.9.0 created', 'v2.0.0 exited', 'v2.0.0 running'])
  expect(left).toMatchObject({ maintenance: 'true', outcomes: ['succeeded', 'failed'] })
  expect(left.says).toBe(`backend on shop-2: ${FULL_DISK}; backend on shop-1 was swapped`)
})

test.each([
  ['planned again it goes on there', FULL, GOOD],
  ['it is taken back where it went', UNDO, BAD],
] as const)('and %s', async (_what, next, whole) => {
  const left = await day({ refuses: noneMade('shop-2'), next })
  expect(left).toMatchObject(whole)
  expect(left.outcomes.at(-1)).toBe('succeeded')
})

test('the same without data, of a rollback of the code alone', async () => {
  const left = await day({
    before: ASKED.slice(0, -1),
    refuses: noneMade('shop-2'),
    asked: DOCKER,
    next: DOCKER,
  })
  expect(left).toMatchObject({ ...GOOD, outcomes: ['failed', 'succeeded'] })
})

test.each([
  ['starts it', FULL, GOOD],
  ['takes all of it back', UNDO, BAD],
] as const)(
  'where the second one cannot be started, the next plan %s',
  async (_what, next, whole) => {
    const left = await day({ refuses: noneStarted, next })
    expect(left).toMatchObject(whole)
    expect(left.outcomes.slice(-2)).toEqual(['failed', 'succeeded'])
  },
)

test.each([
  ['goes on', FULL, 'v1.9.0'],
  ['takes all of it back', UNDO, 'v2.0.0'],
] as const)(
  'where the replaced one could not be removed until its time was over, the next plan %s',
  async (_what, next, version) => {
    let isFirst = true
    const left = await dataDeed('full', {
      platform: 'docker',
      async through(call, make) {
        if (!isFirst || call.name !== 'remove backend on shop-1') return make()
        throw new Fault({ kind: 'retryable', dependency: 'docker', detail: 'no answer' })
      },
      later() {
        isFirst = false
      },
      more: [next],
    })
    expect(left.outcomes.slice(-2)).toEqual(['failed', 'succeeded'])
    expect(left).toMatchObject({ maintenance: null, backend: 2 })
    const inPlace = left.stands.filter((one) => !one.includes('-old-'))
    expect(inPlace.map((one) => one.replace(/^.*: /, ''))).toEqual(running(version))
    expect(left.stands.filter((one) => one.includes('-old-')).join()).toMatch(/ exited$/)
  },
)

/** They end soon after each start, and no host starts them again. */
function endedByThemselves(around: Surroundings): void {
  around.sandbox.onHosts.deploy('backend', { restart: 'no' })
  around.sandbox.change({ sickVersions: { 'v2.0.0': 'exits' } })
  around.pass(60_000)
}

test('what has ended by itself is not stopped and not started; what takes its place is', async () => {
  const left = await day({ given: endedByThemselves })
  expect(left).toMatchObject(GOOD)
  expect(left.plan?.steps.map(({ title }) => title)).toEqual([
    'Turn maintenance on',
    'Switch projects, organizations',
    'Return backend to v1.9.0, frontend to v1.9.0',
    'Clear the cache: every key that begins with cache:',
    'Start what takes the place of pipeshub-backend-1 on shop-1',
    expect.stringMatching(/^Prove that health/),
    expect.stringMatching(/^Prove through/),
    'Start what takes the place of pipeshub-backend-1 on shop-2',
    'Turn maintenance off',
  ])
})

test('and is started by the next plan where this one could not', async () => {
  const left = await day({ given: endedByThemselves, refuses: noneStarted, next: FULL })
  expect(left).toMatchObject(GOOD)
  expect(left.plan?.steps.map(({ title }) => title)).toContain('Start pipeshub-backend-1 on shop-2')
})

test('an image that is not there is pulled before anything is stopped', async () => {
  const left = await day({
    given({ sandbox }) {
      sandbox.onHosts.removeImage(imageId('pipeshub/backend:v1.9.0'))
    },
  })
  expect(left).toMatchObject(GOOD)
  expect(left.plan?.preparation).toMatch(/^Pull backend v1\.9\.0 on shop-1/)
})

test('while somebody writes, nothing is switched, and the same containers start again', async () => {
  const left = await dataDeed('full', {
    platform: 'docker',
    server: { fence: 'none' },
    async through(call, make, around) {
      if (call.name === 'quiet') around.sandbox.onHosts.restart('pipeshub-backend-1')
      return make()
    },
  })
  expect(wrongIn(left)).toEqual([])
  expect(left).toMatchObject({ live: 'damaged', maintenance: null, backend: 2 })
  expect(left.says).toMatch(/somebody still writes .* all of it stands as before/)
  expect(left.stands.join()).not.toContain('v1.9.0')
})
