import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { botMetrics } from '../../src/adapters/http/bot-metrics.ts'
import { readinessNote } from '../../src/chat/cards/readiness-note.ts'
import { keptTexts } from '../../src/adapters/files/kept-texts.ts'
import { keptAs } from '../../src/compose/read-kept.ts'
import { keepReadiness, type KeptBy } from '../../src/compose/readiness/keep-readiness.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { KeptReadiness, NOTHING_KEPT } from '../../src/domain/readiness/news.ts'
import type { View } from '../../src/domain/base/view.ts'
import type { ReadinessState, Reading } from '../../src/domain/readiness/readiness.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 10, 22, 3, 12, 5)
const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }

beforeEach(() => {
  vi.useFakeTimers({ now: START })
})
afterEach(() => {
  vi.useRealTimers()
  for (const one of Object.values(log)) one.mockClear()
})

function reading(state: ReadinessState): Reading {
  const at = new Date(Date.now()).toISOString()
  const because = state === 'not-ready' ? 'no earlier revision is kept' : 'as it should be'
  const version = 'v1.9.0'
  const legs = [{ service: 'backend', from: ['b:v2.0.0'], to: ['b:v1.9.0'], version }]
  const isThere = state !== 'not-ready'
  return {
    at,
    waysBack: [
      {
        procedure: 'docker',
        services: ['backend'],
        does: isThere ? 'backend back to v1.9.0' : null,
        legs: isThere ? legs : [],
        state,
        because,
        checks: [],
        checkedAt: at,
      },
    ],
    beside: [],
  }
}

/** What outlives the process, as it was written. */
function inMemory(): KeptBy['stored'] {
  let text: string | null = null
  return {
    read: async () => (text === null ? null : KeptReadiness.parse(JSON.parse(text))),
    async write(kept) {
      text = JSON.stringify(kept)
    },
  }
}

/** Its readings, and a channel that keeps what is posted. */
function keeping(states: readonly ReadinessState[], changes: Partial<KeptBy> = {}) {
  const posted: { readonly key: string; readonly text: string }[] = []
  const looks: number[] = []
  const left = [...states]
  const stored = inMemory()
  const deps: KeptBy = {
    settings: { everyMinutes: 60, channel: null },
    channel: 'C0INCIDENTS',
    stored,
    async look() {
      looks.push(Math.round((Date.now() - START) / MINUTE))
      return { reading: reading(left.length > 1 ? left.shift()! : left[0]!), moving: false }
    },
    whyLeft: async () => null,
    everyMinute(turn) {
      turns.add(turn)
      return { stop: async () => void turns.delete(turn) }
    },
    tells: () => true,
    isBusy: () => false,
    render: (news): View => readinessNote(news, 'production'),
    conversations: {
      async post(_, { text }, key) {
        posted.push({ key, text })
        return { ts: '1.0' }
      },
      find: async (_, key) => (posted.some((one) => one.key === key) ? { ts: '1.0' } : null),
    },
    clock: { now: Date.now },
    log,
    ...changes,
  }
  const start = () => {
    const kept = keepReadiness(deps)
    onTestFinished(() => kept.stop())
    return kept
  }
  return { deps, start, looks, posted, texts: () => posted.map(({ text }) => text) }
}

const LOST = 'production: the way back is lost (docker, backend; it led to v1.9.0).'
const BACK = 'production: the way back is there again (docker, backend): backend back to v1.9.0.'

/** Of every process that runs. */
const turns = new Set<() => Promise<void>>()

async function minutes(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) {
    vi.setSystemTime(Date.now() + MINUTE)
    // oxlint-disable-next-line no-await-in-loop -- one minute after the other
    await Promise.all([...turns].map((turn) => turn()))
  }
}

describe('it is looked', () => {
  test('a minute after the start, and then every hour', async () => {
    const { start, looks } = keeping(['ready'])
    start()
    await minutes(130)
    expect(looks).toHaveLength(3)
    expect(looks[0]).toBeLessThanOrEqual(2)
    expect(looks[1]! - looks[0]!).toBe(60)
  })

  test('after a restart not before it is due, and what was seen is shown', async () => {
    const { start, looks } = keeping(['ready'])
    const first = start()
    await minutes(3)
    await first.stop()
    const second = start()
    await minutes(30)
    expect(looks).toHaveLength(1)
    expect(second.shown()?.waysBack[0]?.state).toBe('ready')
    await minutes(31)
    expect(looks).toHaveLength(2)
  })

  test('soon after a deploy', async () => {
    const { start, looks } = keeping(['ready'])
    const kept = start()
    await minutes(10)
    kept.deployed()
    await minutes(1)
    expect(looks).toHaveLength(2)
  })

  test('again after a minute while something is doubted, and not for ever', async () => {
    const { deps, looks } = keeping(['ready'])
    const moving: KeptBy = {
      ...deps,
      look: async () => ({ ...(await deps.look(AbortSignal.abort())), moving: true }),
    }
    const kept = keepReadiness(moving)
    onTestFinished(() => kept.stop())
    await minutes(50)
    expect(looks).toHaveLength(11)
  })

  test('never while a rollback writes', async () => {
    let busy = true
    const { start, looks } = keeping(['ready'], { isBusy: () => busy })
    start()
    await minutes(20)
    expect(looks).toEqual([])
    busy = false
    await minutes(1)
    expect(looks).toHaveLength(1)
  })

  test('one at a time; nobody waits for a look that hangs, and a stop ends it', async () => {
    const begun: number[] = []
    const { start } = keeping([], {
      look(signal) {
        begun.push(Date.now() - START)
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('given up'))),
        )
      },
    })
    const kept = start()
    const turning = minutes(2)
    const asked = kept.fresh(1_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await asked).toBeNull()
    expect(begun).toHaveLength(1)
    await kept.stop()
    await turning
  })

  test('when somebody asks, at most once a minute, though nothing is scheduled', async () => {
    const settings = { everyMinutes: 0, channel: null }
    const { start, looks } = keeping(['ready'], { settings })
    const kept = start()
    await minutes(70)
    expect(looks).toEqual([])
    expect(kept.shown()).toBeNull()
    expect((await kept.fresh(1_000))?.waysBack[0]?.state).toBe('ready')
    await kept.fresh(1_000)
    expect(looks).toHaveLength(1)
    await minutes(2)
    await kept.fresh(1_000)
    expect(looks).toHaveLength(2)
  })
})

describe('people are told', () => {
  test('once that a way back is lost, when two looks say so, and once that it is there again', async () => {
    const { start, texts } = keeping(['ready', 'not-ready', 'not-ready', 'not-ready', 'ready'])
    start()
    await minutes(61)
    expect(texts()).toEqual([])
    await minutes(2)
    expect(texts()).toEqual([LOST])
    await minutes(61)
    expect(texts()).toEqual([LOST])
    await minutes(61)
    expect(texts()).toEqual([LOST, BACK])
    await minutes(61)
    expect(texts()).toEqual([LOST, BACK])
  })

  test('not again after a restart, and of what was regained after it', async () => {
    const { start, texts } = keeping(['ready', 'not-ready', 'not-ready', 'not-ready', 'ready'])
    const first = start()
    await minutes(66)
    expect(texts()).toEqual([LOST])
    await first.stop()
    start()
    await minutes(61)
    expect(texts()).toEqual([LOST])
    await minutes(61)
    expect(texts()).toEqual([LOST, BACK])
  })

  test('after a restart of what was lost while Slack was away', async () => {
    let away = true
    const { deps, start, posted, texts } = keeping(['ready', 'not-ready'])
    const post: KeptBy['conversations']['post'] = async (...sent) => {
      if (away) throw new Fault({ kind: 'retryable', dependency: 'slack', detail: 'away' })
      return deps.conversations.post(...sent)
    }
    const first = keepReadiness({ ...deps, conversations: { ...deps.conversations, post } })
    await minutes(66)
    await first.stop()
    expect(posted).toEqual([])
    away = false
    start()
    await minutes(2)
    expect(texts()).toEqual([LOST])
  })

  test('once, though the reply of Slack was lost', async () => {
    const { deps, texts } = keeping(['ready', 'not-ready'])
    const post: KeptBy['conversations']['post'] = async (...sent) => {
      await deps.conversations.post(...sent)
      throw new Fault({ kind: 'unknown-outcome', dependency: 'slack', detail: 'no reply' })
    }
    const kept = keepReadiness({ ...deps, conversations: { ...deps.conversations, post } })
    onTestFinished(() => kept.stop())
    await minutes(75)
    expect(texts()).toEqual([LOST])
  })

  test('of nothing that the disk has not taken: it would be told again after a restart', async () => {
    let full = false
    const { deps, texts, start } = keeping(['ready', 'not-ready'])
    const write: KeptBy['stored']['write'] = async (kept) => {
      if (full)
        throw new Fault({ kind: 'retryable', dependency: 'readiness', detail: 'the disk is full' })
      return deps.stored.write(kept)
    }
    const first = keepReadiness({ ...deps, stored: { ...deps.stored, write } })
    await minutes(3)
    full = true
    await minutes(70)
    expect(texts()).toEqual([])
    expect(first.shown()?.waysBack[0]?.state).toBe('not-ready')
    await first.stop()
    start()
    await minutes(5)
    expect(texts()).toEqual([LOST])
  })

  test('of nothing where nobody wants it on a schedule', async () => {
    const settings = { everyMinutes: 0, channel: null }
    const { start, texts } = keeping(['ready', 'not-ready'], { settings })
    const kept = start()
    for (let times = 0; times < 5; times += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await kept.fresh(1_000)
      // oxlint-disable-next-line no-await-in-loop -- as above
      await minutes(2)
    }
    expect(texts()).toEqual([])
  })
})

describe('of several processes on one journal one tells', () => {
  type Name = 'A' | 'B'

  /** Processes that share the folder and the channel. What they find, and which one acts, is set by the test. */
  function sharing() {
    const { deps, texts } = keeping([])
    const now = { state: 'ready' as ReadinessState, acts: 'A' as Name | null }
    const look: KeptBy['look'] = async () => ({ reading: reading(now.state), moving: false })
    const start = (name: Name, changes: Partial<KeptBy> = {}) => {
      const kept = keepReadiness({ ...deps, look, tells: () => now.acts === name, ...changes })
      onTestFinished(() => kept.stop())
      return kept
    }
    /** Somebody asks it, and once more when that may be looked at again. */
    const askedTwice = async (kept: ReturnType<typeof start>) => {
      await kept.fresh(1_000)
      await minutes(2)
      await kept.fresh(1_000)
    }
    return { deps, now, start, askedTwice, texts, look }
  }

  /** Its turns alone. */
  async function askedOf(kept: ReturnType<typeof keepReadiness>): Promise<void> {
    for (let times = 0; times < 2; times += 1) {
      vi.setSystemTime(Date.now() + MINUTE)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await kept.fresh(1_000)
    }
  }

  test('what a standby saw lost is told by it once it acts, once', async () => {
    const { now, start, askedTwice, texts } = sharing()
    const a = start('A')
    const b = start('B')
    await minutes(10)
    now.state = 'not-ready'
    await askedTwice(b)
    expect(b.shown()?.waysBack[0]?.state).toBe('not-ready')
    await minutes(5)
    expect(texts()).toEqual([])
    await a.stop()
    now.acts = null
    await minutes(1)
    now.acts = 'B'
    await minutes(3)
    expect(texts()).toEqual([LOST])
    await minutes(130)
    expect(texts()).toEqual([LOST])
    now.state = 'ready'
    await minutes(61)
    expect(texts()).toEqual([LOST, BACK])
  })

  test('what a standby saw is not kept: the one that acts tells it with its own look', async () => {
    const { deps, now, start, askedTwice, texts } = sharing()
    start('A')
    const b = start('B')
    await minutes(10)
    const before = await deps.stored.read()
    now.state = 'not-ready'
    await askedTwice(b)
    expect(await deps.stored.read()).toEqual(before)
    await minutes(65)
    expect(texts()).toEqual([LOST])
  })

  test('what was told is not told again by the next one, nor by the first when it acts again', async () => {
    const { now, start, texts } = sharing()
    const a = start('A')
    const b = start('B')
    await minutes(30)
    now.state = 'not-ready'
    a.deployed()
    await minutes(3)
    expect(texts()).toEqual([LOST])
    now.acts = 'B'
    await minutes(130)
    expect(texts()).toEqual([LOST])
    now.state = 'ready'
    b.deployed()
    await minutes(1)
    expect(texts()).toEqual([LOST, BACK])
    now.acts = 'A'
    await minutes(130)
    expect(texts()).toEqual([LOST, BACK])
  })

  test('what one could not tell is told by the next, and by none that stands by', async () => {
    const { deps, now, start, texts } = sharing()
    const post: KeptBy['conversations']['post'] = async () => {
      throw new Fault({ kind: 'retryable', dependency: 'slack', detail: 'away' })
    }
    const a = start('A', { conversations: { ...deps.conversations, post } })
    await minutes(5)
    now.state = 'not-ready'
    a.deployed()
    await minutes(3)
    expect((await deps.stored.read())?.untold).toHaveLength(1)
    start('B')
    await minutes(65)
    expect(texts()).toEqual([])
    await a.stop()
    now.acts = 'B'
    await minutes(3)
    expect(texts()).toEqual([LOST])
  })

  test('who acts no more when its look is over keeps nothing of it', async () => {
    const { deps, now, start, texts, look } = sharing()
    const { promise: thawed, resolve: thaw } = Promise.withResolvers<void>()
    let isFrozen = false
    const frozen: KeptBy['look'] = async (signal) => {
      const found = await look(signal)
      if (isFrozen) await thawed
      return found
    }
    const a = start('A', { look: frozen })
    const b = start('B')
    await minutes(5)
    isFrozen = true
    const asked = a.fresh(1_000)
    now.acts = 'B'
    now.state = 'not-ready'
    await askedOf(b)
    expect(texts()).toEqual([LOST])
    const kept = await deps.stored.read()
    thaw()
    await vi.advanceTimersByTimeAsync(1_000)
    await asked
    expect(await deps.stored.read()).toEqual(kept)
  })

  test.each(['read', 'find', 'post'] as const)(
    'who acts no more after a %s writes nothing, and it is told once',
    async (after) => {
      const { deps, now, start, texts } = sharing()
      let isLast = false
      const late: KeptReadiness[] = []
      const over = (what: typeof after) => {
        if (isLast && what === after) now.acts = 'B'
      }
      const a = start('A', {
        stored: {
          async read() {
            const found = await deps.stored.read()
            over('read')
            return found
          },
          async write(kept) {
            if (now.acts !== 'A') late.push(kept)
            await deps.stored.write(kept)
          },
        },
        conversations: {
          async find(...asked) {
            const found = await deps.conversations.find(...asked)
            over('find')
            return found
          },
          async post(...sent) {
            const detail = 'no reply'
            if (after === 'find')
              throw new Fault({ kind: 'unknown-outcome', dependency: 'slack', detail })
            const posted = await deps.conversations.post(...sent)
            over('post')
            return posted
          },
        },
      })
      await minutes(5)
      now.state = 'not-ready'
      a.deployed()
      await minutes(1)
      isLast = after !== 'find'
      await minutes(1)
      isLast = true
      await minutes(1)
      expect(now.acts).toBe('B')
      expect(late).toEqual([])
      start('B')
      await minutes(65)
      expect(texts()).toEqual([LOST])
    },
  )

  test('who acts no more when it is about to send sends nothing, and the next one does, once', async () => {
    const { deps, now, start, texts } = sharing()
    const write: KeptBy['stored']['write'] = async (kept) => {
      await deps.stored.write(kept)
      if (kept.untold.some(({ sentAt }) => sentAt !== null)) now.acts = 'B'
    }
    const a = start('A', { stored: { ...deps.stored, write } })
    await minutes(5)
    now.state = 'not-ready'
    a.deployed()
    await minutes(3)
    expect(texts()).toEqual([])
    start('B')
    await minutes(3)
    expect(texts()).toEqual([LOST])
  })
})

test('what cannot be read is begun anew, and that is said', async () => {
  const { deps } = keeping(['ready'])
  const detail = 'what was known of the ways back cannot be read'
  const read = async () => {
    throw new Fault({ kind: 'terminal', dependency: 'readiness', detail })
  }
  const kept = keepReadiness({ ...deps, stored: { ...deps.stored, read } })
  onTestFinished(() => kept.stop())
  await minutes(3)
  const said = 'what was known of the ways back is begun anew'
  expect(log.warn).toHaveBeenCalledWith(said, expect.anything())
  expect(kept.shown()?.waysBack[0]?.state).toBe('ready')
})

test('what cannot be read for a while is waited for, and nothing of it is lost', async () => {
  const { deps, start, texts } = keeping(['ready'])
  const before = start()
  await minutes(3)
  await before.stop()
  let isAway = true
  const writes: unknown[] = []
  const stored: KeptBy['stored'] = {
    async read() {
      const detail = 'the journal on db-1:5432: it does not answer'
      if (isAway) throw new Fault({ kind: 'retryable', dependency: 'journal', detail })
      return deps.stored.read()
    },
    async write(next) {
      writes.push(next)
      await deps.stored.write(next)
    },
  }
  const look = async () => ({ reading: reading('not-ready'), moving: false })
  const after = keepReadiness({ ...deps, stored, look })
  onTestFinished(() => after.stop())
  expect(await after.fresh(1_000)).toBeNull()
  await minutes(5)
  expect(writes).toEqual([])
  expect(log.warn).not.toHaveBeenCalledWith(
    'what was known of the ways back is begun anew',
    expect.anything(),
  )
  isAway = false
  await minutes(64)
  expect(texts()).toEqual([LOST])
})

test('the file gives back what was written, nothing where there is none, and refuses what is none of it', async () => {
  vi.useRealTimers()
  const folder = mkdtempSync(join(tmpdir(), 'backout-readiness-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'data', 'readiness.json')
  const open = () =>
    keptAs(keptTexts(join(folder, 'data')), 'readiness', {
      schema: KeptReadiness,
      of: 'the ways back',
    })
  const file = open()
  expect(await file.read()).toBeNull()
  const kept = { ...NOTHING_KEPT, reading: reading('ready') }
  await file.write(kept)
  expect(await open().read()).toEqual(kept)
  writeFileSync(path, '{"schema":1')
  await expect(file.read()).rejects.toMatchObject({ dependency: 'readiness' })
})

test('what is too old is shown as unknown, and its number is not there', async () => {
  const gauges = botMetrics(['production'])
  const { deps } = keeping(['ready'])
  let away = false
  const look: KeptBy['look'] = (signal) =>
    away ? Promise.reject(new Error('away')) : deps.look(signal)
  const kept = keepReadiness({ ...deps, look })
  onTestFinished(() => kept.stop())
  const told = async (): Promise<readonly string[]> => {
    kept.counted(gauges.of('production'))
    const text = await gauges.text()
    return text.split('\n').filter((line) => line.startsWith('backout_readiness'))
  }
  expect(await told()).toEqual([])
  await minutes(2)
  expect(await told()).toEqual([
    'backout_readiness{procedure="docker"} 1',
    expect.stringMatching(/^backout_readiness_age_seconds\{procedure="docker"\} \d/),
  ])
  away = true
  await minutes(80)
  expect(kept.shown()?.waysBack[0]).toMatchObject({ state: 'unknown' })
  const [age, ...more] = await told()
  expect(Number(age?.split(' ')[1])).toBeGreaterThan(70 * 60)
  expect(more).toEqual([])
})
