import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Event } from '../../../src/domain/incident/event.ts'
import { AT_ONCE, breathing } from '../../../src/engine/breathing.ts'
import { atRest, surroundings, type Surroundings, type Ways } from '../../support/engine-story.ts'
import { declared, opened } from '../../support/builders.ts'

const WATCHED = 60
const watchStarted: Event = { type: 'watch-started', watch: 1, plan: null }

const ids = Array.from({ length: WATCHED }, (_, at) => `20261122-w${String(at).padStart(3, '0')}`)

/** Many incidents that are watched, left by a process before this one. */
async function manyWatched(): Promise<Surroundings> {
  const around = surroundings()
  onTestFinished(() => around.end())
  const events = [opened, declared, watchStarted]
  await Promise.all(ids.map((incident) => around.journal.append({ incident, seen: 0, events })))
  return around
}

/** Of all journals in this process, by what SQLite is told to do. */
function countCommits(): () => number {
  const executed = vi.spyOn(DatabaseSync.prototype, 'exec')
  onTestFinished(() => executed.mockRestore())
  return () => executed.mock.calls.filter(([sql]) => sql === 'COMMIT').length
}

async function countOf(around: Surroundings, type: Event['type']): Promise<number> {
  const all = await Promise.all(ids.map((id) => around.journal.read(id)))
  return all.flat().filter(({ event }) => event.type === type).length
}

test('one look at production for all that are watched is one transaction', async () => {
  const around = await manyWatched()
  const { engine, life } = around.startProcess()
  await engine.resume()
  await atRest(engine, life)
  around.pass(10_000)
  const commits = countCommits()
  engine.tick()
  await atRest(engine, life)
  expect(await countOf(around, 'watch-looked')).toBe(WATCHED)
  expect(commits()).toBe(1)
})

test('a start writes that it has begun again into all open incidents at once', async () => {
  const around = await manyWatched()
  const { engine } = around.startProcess()
  const commits = countCommits()
  await engine.resume()
  expect(await countOf(around, 'backout-restarted')).toBe(WATCHED)
  expect(commits()).toBe(1)
})

/** How many calls each turn of the event loop makes to Slack. */
function callsOfTurns() {
  const turns: number[] = []
  let now = 0
  const count = () => {
    if (now === 0) {
      setImmediate(() => {
        turns.push(now)
        now = 0
      })
    }
    now += 1
  }
  const ways: Ways = {
    conversations: (inner) => ({
      ...inner,
      post(...args) {
        count()
        return inner.post(...args)
      },
      update(...args) {
        count()
        return inner.update(...args)
      },
    }),
  }
  return { turns, ways }
}

test('the cards of many incidents leave everything else its turn in between (J9)', async () => {
  const around = await manyWatched()
  const { turns, ways } = callsOfTurns()
  const { engine, life } = around.startProcess(null, ways)
  await engine.resume()
  await atRest(engine, life)
  around.pass(10_000)
  turns.length = 0
  engine.tick()
  await atRest(engine, life)
  await new Promise((last) => setImmediate(last))
  const calls = turns.reduce((sum, one) => sum + one, 0)
  expect(calls).toBeGreaterThanOrEqual(WATCHED)
  expect(Math.max(...turns)).toBeLessThan(WATCHED / 2)
})

test('two engines of one process leave everything else its turn together (J9)', async () => {
  const turns: (() => void)[] = []
  const breathe = breathing(AT_ONCE, () => new Promise((next) => turns.push(next)))
  let sent = 0
  const conversations: Ways['conversations'] = (inner) => ({
    ...inner,
    post(...args) {
      sent += 1
      return inner.post(...args)
    },
  })
  const engines = await Promise.all(
    [1, 2].map(async () => {
      const around = await manyWatched()
      return around.startProcess(null, { conversations, breathe }).engine
    }),
  )
  const settled = async () => {
    for (let left = 20; left > 0; left -= 1) await new Promise((next) => setImmediate(next))
  }
  const resumed = Promise.all(engines.map((engine) => engine.resume()))
  const most: number[] = []
  for (let turn = 0; turn < 40; turn += 1) {
    const before = sent
    await settled()
    most.push(sent - before)
    turns.shift()?.()
  }
  await resumed
  expect(sent).toBeGreaterThan(AT_ONCE)
  expect(Math.max(...most)).toBeLessThanOrEqual(AT_ONCE)
})
