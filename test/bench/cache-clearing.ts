// Also the other client, in a process of its own, so that what is measured does not hold it up:
// node test/bench/cache-clearing.ts 6379
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { redisCache } from '../../src/adapters/redis/cache.ts'
import { reap, spare } from '../servers/reaper.ts'
import { freePort } from '../servers/spawn.ts'
import { startRedis } from '../servers/redis.ts'
import { exactly, ms, ratioWithin, reported, spreadText } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { compare, spread } from './pairs.ts'

/** A million keys: what is cleared, what is protected though it begins the same, and all others. */
const CLEARED = 100_000
const KEPT = { 'cache:lock': 10_000, 'cached-sessions': 40_000, sess: 50_000, app: 800_000 }
const SCOPE = { prefixes: ['cache'], protectedPrefixes: ['cache:lock:', 'cached-sessions'] }
const VALUE_BYTES = 64
const QUIET_MS = 200
const TIMES_ASYNC = 3
const MOST_TIMES_LONGER = 5

/**
 * The longest time another client waits for its PING while the cache is cleared, and while FLUSHDB
 * runs. Everything outside the cache must be there afterwards, byte by byte.
 */
export const cacheClearing = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const args = ['--enable-debug-command local']
  const server = resources.use(await startRedis({ port: await freePort(), args }))
  const admin = resources.adopt(new Redis(server.url), (one) => one.disconnect())
  const cache = resources.adopt(redisCache({ url: server.url }), (one) => one.close())
  const other = resources.use(otherClient(server.port))

  const populate = async (keys: Readonly<Record<string, number>>) => {
    for (const [prefix, count] of Object.entries(keys)) {
      await admin.call('DEBUG', 'POPULATE', String(count), prefix, String(VALUE_BYTES))
    }
  }
  /** A sum over all keys and values, whatever their order. */
  const contents = async () =>
    `${await admin.dbsize()} ${String(await admin.call('DEBUG', 'DIGEST'))}`
  await populate(KEPT)
  const untouched = await contents()

  const seen = { runs: 0, damaged: 0, ours: [] as number[], theirs: [] as number[] }
  const stall = async (into: number[], work: () => Promise<unknown>): Promise<number> => {
    await populate({ ...KEPT, cache: CLEARED })
    await pause(QUIET_MS)
    await other.start()
    const startedMs = performance.now()
    await work()
    into.push(performance.now() - startedMs)
    return await other.longestWaitMs()
  }
  const ours = async () => {
    const longestMs = await stall(seen.ours, async () => {
      const { removed } = await cache.clear(SCOPE, AbortSignal.timeout(60_000))
      if (removed !== CLEARED) throw new Error(`${removed} keys were removed`)
    })
    seen.runs += 1
    if ((await contents()) !== untouched) seen.damaged += 1
    return longestMs
  }

  const longest = await ratioWithin({
    what: 'longest wait of another client while 100,000 of 1,000,000 keys are cleared, to FLUSHDB',
    gate: 0.05,
    sides: { subject: ours, baseline: () => stall(seen.theirs, () => admin.flushdb()) },
  })
  const walls = compare(
    seen.ours.map((subject, index) => ({ subject, baseline: seen.theirs[index] ?? Number.NaN })),
  )
  const asynchronous: number[] = []
  for (let time = 0; time < TIMES_ASYNC; time += 1) {
    asynchronous.push(await stall([], () => admin.flushdb('ASYNC')))
  }
  return [
    longest,
    exactly({
      what: `times of ${seen.runs} that a key outside the cache was gone or changed`,
      measured: seen.damaged,
      gate: 0,
      details: [`900,000 keys, 50,000 of them protected; DBSIZE and DEBUG DIGEST`],
    }),
    {
      what: 'time to clear them, to FLUSHDB, which removes everything',
      verdict: walls.high <= MOST_TIMES_LONGER ? 'pass' : 'FAIL',
      measured: `${walls.ratio.toFixed(1)} x (95 %: ${walls.low.toFixed(1)} to ${walls.high.toFixed(1)})`,
      gate: `<= ${MOST_TIMES_LONGER} x`,
      details: [`ours ${spreadText(walls.subject)}, baseline ${spreadText(walls.baseline)}`],
    },
    reported('longest wait during FLUSHDB ASYNC', ms(spread(asynchronous).median), [
      'it removes everything too',
    ]),
  ]
}

type OtherClient = AsyncDisposable & {
  readonly start: () => Promise<void>
  /** Since it was started. */
  readonly longestWaitMs: () => Promise<number>
}

const otherClient = (port: number): OtherClient => {
  const here = fileURLToPath(import.meta.url)
  const child = spawn(process.execPath, [here, String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { pid = 0 } = child
  reap({ pid })
  const lines = createInterface(child.stdout)
  const told = async (word: string): Promise<string> => {
    const line = once(lines, 'line')
    child.stdin.write(`${word}\n`)
    return String((await line)[0])
  }
  return {
    start: async () => void (await told('start')),
    longestWaitMs: async () => Number(await told('stop')),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'close')
      child.kill('SIGKILL')
      await ended
      spare({ pid })
    },
  }
}

if (import.meta.main) {
  const socket = connect(Number(process.argv[2]), '127.0.0.1').setNoDelay(true)
  await once(socket, 'connect')
  let longestMs = 0
  let asked: string | null = null
  createInterface(process.stdin).on('line', (word) => {
    asked = word
  })
  for (;;) {
    const startedMs = performance.now()
    socket.write('PING\r\n')
    await once(socket, 'data')
    longestMs = Math.max(longestMs, performance.now() - startedMs)
    // Only now: the wait that was going on when it was asked counts too.
    if (asked !== null) {
      console.log(asked === 'start' ? 'started' : longestMs)
      asked = null
      longestMs = 0
    }
    await pause(1)
  }
}
