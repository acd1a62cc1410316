import { afterEach, describe, expect, test } from 'vitest'
import { surroundings, type Surroundings } from '../../support/engine-story.ts'
import { ASKED, folded, saidOn, SIGNED, tell, tellMore } from '../../support/rollback-story.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

type Process = ReturnType<Surroundings['startProcess']>

/** As many ticks as there are in a time, ten seconds apart. */
async function ticked({ engine }: Process, story: Surroundings, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10_000) {
    story.pass(10_000)
    engine.tick()
    await engine.idle()
  }
}

const looksOf = async (story: Surroundings) => (await folded(story))?.watch?.looks ?? 0

describe('while production is watched', () => {
  test.each([-15_000, -HOUR, HOUR / 4])(
    'looks go on when the clock is set by %i ms',
    async (ms) => {
      const story = surroundings()
      around = story
      const process = story.startProcess()
      await tell(story, process)
      await ticked(process, story, MINUTE)
      const before = await looksOf(story)
      story.setClock(ms)
      await ticked(process, story, MINUTE)
      expect((await looksOf(story)) - before).toBeGreaterThanOrEqual(5)
    },
  )

  test('a process that begins after the clock was set back goes on from the newest event', async () => {
    const story = surroundings()
    around = story
    const first = story.startProcess()
    await tell(story, first)
    await ticked(first, story, MINUTE)
    await first.engine.stop()
    story.setClock(-HOUR)
    const second = story.startProcess()
    await second.engine.resume()
    const before = await looksOf(story)
    await ticked(second, story, MINUTE)
    expect((await looksOf(story)) - before).toBeGreaterThanOrEqual(5)
  })

  test('looks that did not come are said, and are no good ones', async () => {
    const story = surroundings()
    around = story
    const process = story.startProcess()
    await tell(story, process)
    await ticked(process, story, 4 * MINUTE)
    expect((await folded(story))?.watch?.state).toBe('stable')
    // The machine sleeps: the clock on the wall goes on, and nothing else does.
    story.setClock(5 * MINUTE)
    await ticked(process, story, 10_000)
    const notes = story.slack.messages.filter(({ key }) => key.startsWith('note-'))
    expect(notes.map(({ view }) => view.text)).toContainEqual(
      expect.stringMatching(/^⚫ Nobody has looked at production since 03:\d\d:\d\d/),
    )
    expect(saidOn('headline', story)).not.toContain('production: stable')
    await ticked(process, story, 2 * MINUTE)
    expect((await folded(story))?.watch?.state).toBe('stable')
  })
})

test.each([
  ['set back in between', -HOUR],
  ['left alone', 0],
])('a signature ends after its quarter of an hour, the clock %s', async (_what, ms) => {
  const story = surroundings()
  around = story
  const process = story.startProcess()
  await tell(story, process, 0, [...ASKED, ...SIGNED.slice(0, 1)])
  story.setClock(ms)
  await ticked(process, story, 16 * MINUTE)
  await tellMore(story, process, SIGNED.slice(1))
  const incident = await folded(story)
  expect(incident?.plans[0]?.run).toBeNull()
  expect(incident?.plans[0]?.approvals.map(({ by }) => by)).toEqual(['U0CY'])
})
