import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/domain/incident/event.ts'
import { timesIn } from '../../src/domain/watch/schedule.ts'
import { surroundings, wish, type Surroundings } from '../support/engine-story.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** An incident with a watch that lasts a day. */
async function watching(scenario: 'healthy' | 'errors-62' = 'healthy') {
  const around = surroundings({ watchHours: 24, scenario })
  let { engine } = around.startProcess()
  const receipt = await engine.receive(null, wish('d1', { kind: 'assess', symptoms: [] }))
  const id = receipt.kind === 'received' ? receipt.incident : ''
  engine.wake(id)
  await engine.idle()
  await engine.receive(id, wish('d2', { kind: 'declare' }))
  await engine.receive(id, wish('d3', { kind: 'watch', on: true }))
  engine.wake(id)
  await engine.idle()

  async function ticks(forMs: number, everyMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < forMs; passedMs += everyMs) {
      around.pass(everyMs)
      engine.tick()
      await engine.idle()
    }
  }
  return {
    around,
    id,
    ticks,
    async restart(): Promise<void> {
      await engine.stop()
      ;({ engine } = around.startProcess())
      await engine.resume()
      await engine.idle()
    },
    incident: async () => (await engine.load(id))!,
    end: async () => {
      await engine.stop()
      around.end()
    },
  }
}

async function looks({ journal }: Surroundings, id: string) {
  const events = await journal.read(id)
  const is = <T extends Event['type']>(type: T) =>
    events.flatMap(({ event, at }) =>
      event.type === type
        ? [{ at: Date.parse(at), ...(event as Extract<Event, { type: T }>) }]
        : [],
    )
  const [started] = is('watch-started')
  return {
    startedMs: started?.at ?? Number.NaN,
    schedule: started?.schedule ?? [],
    taken: is('watch-looked').map(({ at, look }) => ({ at, due: look.due })),
    turned: is('watch-turned').map(({ to }) => to),
    ended: is('watch-ended').map(({ because }) => because),
  }
}

describe('a day of watching', () => {
  test('takes every look once and at its time, over restarts, and ends after 24 hours', async () => {
    const story = await watching()
    const timers = process.getActiveResourcesInfo().length
    await story.ticks(30 * MINUTE_MS, 10 * SECOND_MS)
    for (let hour = 0; hour < 24; hour += 4) {
      await story.ticks(4 * HOUR_MS, 30 * SECOND_MS)
      await story.restart()
    }
    const { startedMs, schedule, taken, turned, ended } = await looks(story.around, story.id)
    expect(taken.map(({ due }) => due)).toEqual(
      Array.from({ length: timesIn(schedule) }, (_, index) => index + 1),
    )
    const late = taken
      .filter(({ due }) => due > 180)
      .map(({ at }) => (at - startedMs - (schedule[1]?.firstMs ?? 0)) % (5 * MINUTE_MS))
    // Never early, and never later than the next tick: nothing drifts.
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...late)).toBeLessThan(MINUTE_MS)
    expect(Math.abs(late.length - 282)).toBeLessThanOrEqual(1)
    expect(turned).toEqual(['stable'])
    expect(ended).toEqual(['over'])
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(timers)
    const { timeline, watch } = await story.incident()
    expect(watch).toMatchObject({ missed: 0, state: 'stable' })
    expect(timeline.length).toBeLessThan(40)
    await story.end()
  })

  test('takes no more memory at its end than after its first hours', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const story = await watching()
    const heapBytes = async () => {
      await story.incident()
      collect()
      return process.memoryUsage().heapUsed
    }
    await story.ticks(30 * MINUTE_MS, 10 * SECOND_MS)
    await story.ticks(5 * HOUR_MS + 30 * MINUTE_MS, 30 * SECOND_MS)
    const after6 = await heapBytes()
    const timers = process.getActiveResourcesInfo().length
    await story.ticks(18 * HOUR_MS, 30 * SECOND_MS)
    // 216 looks: to keep the state of each takes 9 MB.
    expect((await heapBytes()) - after6).toBeLessThan(7_000_000)
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(timers)
    await story.end()
  })

  test('loses no look and takes none twice when the machine’s clock is set back and forth', async () => {
    const story = await watching()
    await story.ticks(40 * MINUTE_MS, 10 * SECOND_MS)
    story.around.setClock(-2 * HOUR_MS)
    await story.ticks(20 * MINUTE_MS, 30 * SECOND_MS)
    story.around.setClock(0)
    await story.ticks(20 * MINUTE_MS, 30 * SECOND_MS)
    const { taken } = await looks(story.around, story.id)
    const dues = taken.map(({ due }) => due)
    expect(dues).toEqual(dues.map((_, index) => index + 1))
    expect(dues.length).toBeGreaterThan(180 + 8)
    await story.end()
  })

  test('says that nobody has looked when Backout was away for an hour, and looks on', async () => {
    const story = await watching()
    await story.ticks(60 * MINUTE_MS, 10 * SECOND_MS)
    story.around.pass(HOUR_MS)
    await story.restart()
    const { turned } = await looks(story.around, story.id)
    expect(turned).toEqual(['stable', 'blind', 'settling'])
    await story.ticks(60 * MINUTE_MS, 30 * SECOND_MS)
    const { watch } = await story.incident()
    expect(watch?.missed).toBeGreaterThanOrEqual(11)
    expect(watch?.state).toBe('stable')
    await story.end()
  })
})

test('nothing is held against yesterday once yesterday was in the incident', async () => {
  const story = await watching()
  await story.ticks(30 * MINUTE_MS, 10 * SECOND_MS)
  await story.ticks(24 * HOUR_MS, MINUTE_MS)
  const { startedMs } = await looks(story.around, story.id)
  const compared = (await story.around.journal.read(story.id)).flatMap(({ event, at }) => {
    const line =
      event.type === 'watch-looked' && event.look.lines.find(({ probe }) => probe === 'cpu-usual')
    return line ? [{ afterMs: Date.parse(at) - startedMs, is: line.verdict }] : []
  })
  const is = (from: number, to: number) =>
    new Set(
      compared
        .filter(({ afterMs }) => afterMs >= from * HOUR_MS && afterMs < to * HOUR_MS)
        .map((one) => one.is),
    )
  expect(is(1, 22.9)).toEqual(new Set(['healthy']))
  expect(is(23, 24)).toEqual(new Set(['inconclusive']))
  expect((await story.incident()).watch).toMatchObject({ state: 'stable' })
  await story.end()
})

test('a relapse names what is bad, and its way back lies ready to be signed; nothing was started', async () => {
  const story = await watching('errors-62')
  await story.ticks(3 * MINUTE_MS, 10 * SECOND_MS)
  const { plans, timeline } = await story.incident()
  const turned = timeline.find(({ event }) => event.type === 'watch-turned')
  expect(turned?.event).toMatchObject({
    to: 'relapse',
    moved: [expect.stringMatching(/^all services: 6\d/)],
  })
  expect(plans).toMatchObject([{ requestedBy: 'clock', approvals: [], run: null, ended: null }])
  expect(plans[0]?.plan?.steps.length).toBeGreaterThan(0)
  // It goes on being bad: no second plan follows.
  await story.ticks(10 * MINUTE_MS, 10 * SECOND_MS)
  expect((await story.incident()).plans).toHaveLength(1)
  await story.end()
})
