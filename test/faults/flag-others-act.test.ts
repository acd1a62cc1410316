import { describe, expect, test } from 'vitest'
import { FLAG } from '../../src/sandbox/production.ts'
import { surroundings, type Surroundings, type Ways } from '../support/engine-story.ts'
import { CHECKED, flagSettings, IN_CONFIG_MAP } from '../support/flag.ts'
import { ASKED, folded, saidOn, tell, tellMore } from '../support/rollback-story.ts'
import { planAndSign } from './data-story.ts'
import { left, SWITCH, UNDO } from './flag-story.ts'
import { outward } from './outward.ts'

const STORE = `flag ${FLAG} of production in Unleash`
const HOLDER = 'the client API'
const MINUTE_MS = 60_000

/** The flag in Unleash alone: nobody asks what the pods go by. */
const inUnleash = () =>
  surroundings({
    scenario: 'tenant-flag',
    featureFlag: flagSettings({
      safe: 'off',
      values: ['on', 'off'],
      places: [{ in: 'unleash', environment: 'production' }],
    }),
    flags: { [STORE]: { value: 'on', holders: [HOLDER] } },
  })

const inConfigMap = () =>
  surroundings({
    scenario: 'tenant-flag',
    featureFlag: flagSettings({ ...CHECKED, ...IN_CONFIG_MAP.settings }),
    configMaps: IN_CONFIG_MAP.maps,
  })

/** Looks and writes of the store, counted from the begin of the run. */
function atStore(
  around: Surroundings,
  happens: (call: { readonly name: string; readonly nth: number }) => void,
): Ways {
  let nth = 0
  return {
    world: ({ flagStores, ...world }) => ({
      ...world,
      flagStores: flagStores && {
        ...flagStores,
        async look(...asked) {
          if ((await isRunning(around)) && (nth += 1)) happens({ name: 'look', nth })
          return flagStores.look(...asked)
        },
        async write(...asked) {
          if ((await isRunning(around)) && (nth += 1)) happens({ name: 'write', nth })
          const answer = await flagStores.write(...asked)
          happens({ name: 'written', nth })
          return answer
        },
      },
    }),
  }
}

async function isRunning(around: Surroundings): Promise<boolean> {
  const run = (await folded(around))?.plans.at(-1)?.run
  return run !== null && run !== undefined && run.ended === null
}

async function switched(around: Surroundings, ways: Ways = {}) {
  const process = around.startProcess(null, ways)
  await tell(around, process, 0, ASKED.slice(0, -1))
  await tellMore(around, process, planAndSign(SWITCH))
  return process
}

/** How the newest plan, or that one, came to its end. */
async function ended(around: Surroundings, number = 0) {
  const incident = await folded(around)
  const { run, ended: came } = incident?.plans.at(number - 1) ?? {}
  return {
    outcome: run?.ended?.outcome ?? came?.kind,
    says: run?.ended?.says ?? (came && 'because' in came ? String(came.because) : ''),
    told: (run?.steps ?? []).flatMap((one) => ('says' in one ? [one.says] : [])).join('\n'),
    plan: incident?.plans.at(-1)?.plan,
    said: saidOn(`run-${incident?.plans.length}`, around),
  }
}

describe('two people switch one flag at once', () => {
  const SAME = /is "off" already|it says "off"/
  const OTHER = /was "on", is "beta"/
  test.each([
    ['to the same value before the write', 'off', 'look', 'off', 'gate-closed', SAME],
    ['to another value before the write', 'beta', 'look', 'beta', 'gate-closed', OTHER],
    ['to the same value right before the write', 'off', 'write', 'off', 'succeeded', SAME],
    ['to another value right before the write', 'beta', 'write', 'beta', 'failed', OTHER],
    // What two people have signed is written again: who switched it back has not read the thread.
    ['back after the write', 'on', 'written', 'off', 'succeeded', SAME],
  ] as const)('%s: it is seen', async (_, value, at, stands, outcome, says) => {
    const around = inUnleash()
    let has = false
    const process = await switched(
      around,
      atStore(around, ({ name }) => {
        if (has || name !== at) return
        has = true
        around.sandbox.onFlags.set(STORE, value)
      }),
    )
    await process.engine.idle()
    const now = await around.sandbox.world.flagStores?.look(
      STORE,
      stands,
      AbortSignal.timeout(5_000),
    )
    const came = await ended(around, 1)
    around.end()
    expect(has).toBe(true)
    expect(came.outcome).toBe(outcome)
    expect(`${came.says}\n${came.told}`).toMatch(says)
    expect(now?.value).toBe(stands)
  })

  test('through Backout, in one incident: the second plan finds that it is done', async () => {
    const around = inUnleash()
    const process = await switched(around)
    await tellMore(around, process, planAndSign(SWITCH))
    const came = await ended(around)
    around.end()
    expect(came).toMatchObject({ outcome: 'infeasible' })
    expect(came.says).toContain('is "off" already wherever it is kept')
  })
})

describe('the store is away', () => {
  test.each([
    ['before the write, and comes back', 'look', 2, 'succeeded', /it says "off"/],
    ['after the write, and comes back', 'written', 2, 'succeeded', /it says "off"/],
    ['before the write, for good', 'look', 90, 'failed', /not finished in time: flag store/],
    ['after the write, for good', 'written', 90, 'failed', /not finished in time: flag store/],
  ] as const)(
    '%s: it ends in words, and nothing is said that was not seen',
    async (_, at, minutes, outcome, says) => {
      const around = inUnleash()
      let untilMs: number | null = null
      const comesBack = outward(async (_call, make) => {
        if (untilMs !== null && around.clock.now() >= untilMs) {
          around.sandbox.change({ flagStores: {} })
        }
        return make()
      })
      const ways = atStore(around, ({ name }) => {
        const now = around.clock.now()
        if (untilMs === null && name === at) {
          untilMs = now + minutes * MINUTE_MS
          around.sandbox.change({ flagStores: { [STORE]: 'refusing' } })
        }
        if (untilMs !== null && now >= untilMs) around.sandbox.change({ flagStores: {} })
      })
      const process = await switched(around, { ...comesBack, ...ways })
      const came = await ended(around)
      expect(came.outcome).toBe(outcome)
      expect(`${came.says}\n${came.told}`).toMatch(says)
      if (outcome === 'failed') {
        expect(came.said).not.toMatch(/it says "off"/)
        around.sandbox.change({ flagStores: {} })
        await tellMore(around, process, planAndSign(SWITCH))
        const again = await ended(around)
        expect(['succeeded', 'infeasible']).toContain(again.outcome)
        expect(
          (await around.sandbox.world.flagStores?.look(STORE, 'off', AbortSignal.timeout(5_000)))
            ?.value,
        ).toBe('off')
      }
      around.end()
    },
  )

  test('while it is planned: that it could not be asked is said, and not that it cannot be done', async () => {
    const around = inUnleash()
    around.sandbox.change({ flagStores: { [STORE]: 'refusing' } })
    await switched(around)
    const came = await ended(around)
    around.end()
    expect(came.outcome).toBe('infeasible')
    expect(came.says).toMatch(/flag store could not be asked: connection refused/)
  })
})

test.each([
  ['hears of it a moment later', 3, 'succeeded', /it says "off", and so do 1 of 1/],
  ['never hears of it', Number.POSITIVE_INFINITY, 'failed', /the client API still has "on"/],
] as const)(
  'who has the flag from the store %s: done is when it has',
  async (_, looks, outcome, says) => {
    const around = inUnleash()
    let since = 0
    const ways = atStore(around, ({ name }) => {
      if (name === 'written') around.sandbox.onFlags.setHolder(STORE, HOLDER, 'on')
      if (name === 'written' || since > 0) since += 1
      if (since > looks) around.sandbox.onFlags.setHolder(STORE, HOLDER, 'off')
    })
    await switched(around, ways)
    const came = await ended(around)
    around.end()
    expect(came.outcome).toBe(outcome)
    expect(`${came.says}\n${came.told}`).toMatch(says)
  },
)

describe('somebody has set the flag by hand, and half of the instances began since', () => {
  function half(): Surroundings {
    const around = inConfigMap()
    around.sandbox.others.configMaps.set(IN_CONFIG_MAP.name, FLAG, 'false')
    around.pass(60_000)
    around.sandbox.others.scale('backend', 6)
    around.pass(60_000)
    return around
  }
  const reading = async (around: Surroundings, value: string): Promise<readonly string[]> => {
    const { instances } = around.sandbox.world
    const signal = AbortSignal.timeout(5_000)
    const all = (await instances!.list('backend', signal)).filter(({ ending }) => !ending)
    const told = await Promise.all(
      all.map(async ({ id }) => {
        const page = await instances!.ask('backend', id, { port: 8080, path: '/flags', signal })
        return JSON.parse(page?.body ?? '{}')[FLAG] === value ? [id] : []
      }),
    )
    return told.flat()
  }

  test('those that go by the old value are named and restarted, and nothing is switched', async () => {
    const around = half()
    const stale = await reading(around, 'true')
    expect(stale).toHaveLength(3)
    await switched(around)
    const came = await ended(around)
    expect(came.plan?.title).toBe(`restart ${stale.join(', ')} of backend, to read ${FLAG}`)
    expect(came.plan?.because).toContain('3 of 6 instances go by another value')
    expect(came).toMatchObject({ outcome: 'succeeded' })
    expect(came.told).toContain('6 of 6 instances read "false"')
    expect((await left(around)).told).toEqual(Array.from({ length: 6 }, () => 'false'))
  })

  test('once all of them read it, there is nothing to do; and nothing of the restart is taken back', async () => {
    const around = half()
    const process = await switched(around)
    await tellMore(around, process, planAndSign(SWITCH))
    expect(await ended(around)).toMatchObject({
      outcome: 'infeasible',
      says: `${FLAG} is "false" already wherever it is kept`,
    })
    await tellMore(around, process, planAndSign(UNDO))
    expect(await ended(around)).toMatchObject({ outcome: 'infeasible' })
    around.end()
  })
})
