import { afterEach, describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import type { JournaledEvent } from '../../src/domain/incident/event.ts'
import { atRest, surroundings, type Surroundings } from '../support/engine-story.ts'
import { eventsOf, storyOf } from '../support/last-version.ts'
import { incidentOf, planned, running, SIGNED, tellMore } from '../support/rollback-story.ts'
import { recorder, wrongIn } from './recorder.ts'

/* This version is started where the last one was stopped: what that one had begun comes to its end. */

const BOTH = ['backend', 'frontend']
const TARGETS = BOTH.map((service) => `production: deployment production/${service}`)
const SHOP = { kind: 'Application', namespace: 'argocd', name: 'shop' } as const
const FIRST = '20261122-0001'
const SECOND = '20261122-0002'
const signal = new AbortController().signal

let story: Surroundings | null = null
afterEach(() => {
  story?.end()
  story = null
})

/** The journal and Slack as the last version left them. */
async function leftBehind(stories: readonly string[], options: { readonly kept?: boolean } = {}) {
  const around = surroundings(options)
  story = around
  const events = stories.flatMap((name) => eventsOf(storyOf(name)))
  for (const journaled of events.toSorted((a, b) => a.at.localeCompare(b.at))) {
    around.pass(Date.parse(journaled.at) - around.clock.now())
    const { incident, sequence, event } = journaled
    // oxlint-disable-next-line no-await-in-loop -- each at its own time
    await around.journal.append({ incident, seen: sequence - 1, events: [event] })
    posted(around, journaled)
  }
  return around
}

function posted({ slack }: Surroundings, { incident, event }: JournaledEvent): void {
  if (event.type !== 'message-posted') return
  const { surface, channel, ts } = event
  const view = { text: '', blocks: [] }
  slack.messages.push({ channel, thread: null, ts, key: `${surface}:${incident}`, view })
}

/** What the last version had written, with the mark that it left. */
async function written({ sandbox }: Surroundings, services: readonly string[]): Promise<void> {
  const { deployments } = sandbox.world
  const options = { key: `${FIRST}/plan-1`, cause: 'plan 1', dryRun: false, signal }
  for (const seen of (await deployments?.releases(services, signal)) ?? []) {
    const to = seen.previous.find(({ images }) => images[0]?.endsWith(':v1.9.0'))
    if (!to) throw new Error(`${seen.service} has no v1.9.0`)
    // oxlint-disable-next-line no-await-in-loop -- one write after the other
    await deployments?.write({ seen, change: { kind: 'template', to } }, options)
  }
}

async function started(around: Surroundings) {
  const seen = recorder(around)
  const process = around.startProcess(null, seen.ways)
  await process.engine.resume()
  await atRest(process.engine, process.life)
  return { ...process, seen, newest: async () => (await process.engine.load(FIRST))?.plans.at(-1) }
}

/** The last version's mark does not name what was signed. */
function wrong(seen: ReturnType<typeof recorder>): readonly string[] {
  return wrongIn(seen).filter((one) => one !== `${FIRST}/plan-1: another digest`)
}

describe('a rollback that the last version had begun', () => {
  const stopped: readonly [
    where: string,
    story: string,
    then: (around: Surroundings) => Promise<void> | void,
    left: readonly string[],
  ][] = [
    ['before it had written anything', 'run-under-way-nothing-written', () => {}, BOTH],
    [
      'in the middle of its writes',
      'run-under-way',
      (around) => written(around, ['backend']),
      ['frontend'],
    ],
    ['after its writes', 'run-under-way', (around) => written(around, BOTH), []],
    [
      'after it had suspended what keeps the bad version',
      'run-under-way-suspended',
      ({ sandbox }) => sandbox.others.setOwner(SHOP, null),
      BOTH,
    ],
  ]

  test.each(stopped)(
    'and was stopped %s is carried out, each write once',
    async (_, name, then, left) => {
      const around = await leftBehind([name], { kept: name.endsWith('suspended') })
      await then(around)
      const { newest, seen } = await started(around)
      expect(seen.written.toSorted()).toEqual(left.map((service) => `${service} to v1.9.0`))
      expect(await newest()).toMatchObject({
        number: 1,
        ended: null,
        run: { ended: { outcome: 'succeeded' } },
      })
      expect(await running(around)).toBe('v1.9.0,v1.9.0')
      expect(wrong(seen)).toEqual([])
      expect(verifyJournal(around.file).kind).toBe('intact')
    },
  )

  test('holds its targets from the start, under the names they have now', async () => {
    const around = await leftBehind(['run-under-way'])
    const [target = ''] = TARGETS
    const claim = {
      incident: 'another',
      seen: 0,
      events: [],
      holds: { plan: 1, targets: [target] },
    }
    const process = around.startProcess(null, {
      people: (inner) => ({ ...inner, accountOf: () => new Promise(() => {}) }),
    })
    await process.engine.resume()
    expect(await around.journal.append(claim)).toEqual({
      kind: 'held',
      by: { incident: FIRST, plan: 1 },
    })
    process.life.dead = true
  })

  test('lets go of what another one has waited for, which is told once', async () => {
    const around = await leftBehind(['held-1', 'held-2'])
    const { newest, engine, seen } = await started(around)
    expect((await newest())?.run?.ended?.outcome).toBe('succeeded')
    // It begins, and finds another world than the one that was signed.
    expect((await engine.load(SECOND))?.plans[0]).toMatchObject({
      ended: { kind: 'voided' },
      run: { ended: { outcome: 'gate-closed' } },
    })
    const events = (await around.journal.read(SECOND)).map(({ event }) => event.type)
    expect(events.filter((type) => type === 'run-held')).toHaveLength(1)
    expect(wrong(seen)).toEqual([])
  })

  test('and had written a part of, is undone by this one', async () => {
    const around = await leftBehind(['failed-with-one-write-refused'])
    await written(around, ['backend'])
    const process = await started(around)
    await tellMore(around, process, [planned({ kind: 'undo', plan: 1 }), ...SIGNED])
    expect((await process.newest())?.run?.ended?.outcome).toBe('succeeded')
    expect(await running(around)).toBe('v2.0.0,v2.0.0')
  })
})

describe('a plan that people were signing', () => {
  test('is the same deed still, and is carried out when it has its signatures', async () => {
    const around = await leftBehind(['half-signed-then-expired'])
    const process = await started(around)
    process.engine.tick()
    await atRest(process.engine, process.life)
    await tellMore(around, process, SIGNED, await incidentOf(around))
    expect(await process.newest()).toMatchObject({
      number: 1,
      run: { ended: { outcome: 'succeeded' } },
    })
    expect(process.seen.written.toSorted()).toEqual(BOTH.map((service) => `${service} to v1.9.0`))
    expect(wrong(process.seen)).toEqual([])
  })

  test('is void when the world is another one', async () => {
    const around = await leftBehind(['half-signed-then-expired'])
    around.sandbox.others.deploy('backend', 'v2.0.1')
    around.pass(60_000)
    const process = await started(around)
    process.engine.tick()
    await atRest(process.engine, process.life)
    const incident = await process.engine.load(FIRST)
    expect(incident?.plans.map(({ ended }) => ended?.kind)).toEqual(['voided', undefined])
  })
})
