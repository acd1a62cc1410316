import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { redisCache } from '../../src/adapters/redis/cache.ts'
import { missingAllowed } from '../servers/find.ts'
import { askRedis, startRedis } from '../servers/redis.ts'
import type { RedisServer } from '../servers/redis.ts'
import { created, scope } from '../support/contracts/cache-texts.ts'
import { closedPort, faultOf, patience, portOf } from '../support/contracts/outside.ts'

function open(url: string) {
  const cache = redisCache({ url })
  onTestFinished(() => cache.close())
  return cache
}

type OnCommand = (command: string) => Promise<'pass' | 'lose-the-reply'>

/** The server, with somebody in between who sees what is sent and may swallow what is answered. */
async function throughProxy(server: RedisServer, onCommand: OnCommand): Promise<string> {
  const sockets = new Set<Socket>()
  const proxy = createServer((near) => {
    const far = connect(server.port, server.host)
    let losing = false
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true).on('error', () => undefined)
      socket.on('close', () => [near, far].forEach((one) => one.destroy()))
    }
    let before = Promise.resolve()
    near.on('data', (chunk: Buffer) => {
      const command = /^\*\d+\r\n\$\d+\r\n(\w+)/.exec(chunk.toString('latin1'))?.[1] ?? ''
      before = before.then(async () => {
        if ((await onCommand(command.toLowerCase())) === 'lose-the-reply') losing = true
        far.write(chunk)
      })
    })
    far.on('data', (chunk) => (losing ? near.destroy() : near.write(chunk)))
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => proxy.close(resolve))
  })
  return `redis://127.0.0.1:${portOf(proxy.address())}`
}

describe.skipIf(missingAllowed('redis'))('a write', () => {
  let server: RedisServer
  beforeAll(async () => {
    const args = ['--enable-debug-command local']
    server = await startRedis({ port: await closedPort(), args })
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    await tell('FLUSHALL')
    await tell('CONFIG RESETSTAT')
  })

  const tell = (command: string) => askRedis(server.host, server.port, command)
  const times = async (command: string) =>
    Number(
      new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await tell('INFO commandstats'))?.[1] ?? 0,
    )
  const losing = (lost: string): OnCommand => {
    return async (command) => (command === lost ? 'lose-the-reply' : 'pass')
  }

  test('whose reply is lost may have been made, and is not made again', async () => {
    const cache = open(await throughProxy(server, losing('exec')))
    const fault = await faultOf(cache.changeTexts([created('maintenance:on')], patience()))
    expect(fault).toMatchObject({ kind: 'unknown-outcome', code: 'ECONNRESET' })
    expect(await tell('EXISTS maintenance:on')).toBe(':1')
    expect(await times('exec')).toBe(1)
  })

  test.each(['info', 'watch', 'multi', 'set'])(
    'that was cut off at %s was certainly not made',
    async (command) => {
      const cache = open(await throughProxy(server, losing(command)))
      const fault = await faultOf(cache.changeTexts([created('maintenance:on')], patience()))
      expect(fault).toMatchObject({ kind: 'retryable', code: 'ECONNRESET' })
      expect(await tell('EXISTS maintenance:on')).toBe(':0')
    },
  )

  test('is not made when the key changes after it was looked at', async () => {
    const url = await throughProxy(server, async (command) => {
      if (command === 'multi') await tell('SET maintenance:on other')
      return 'pass'
    })
    const changes = [created('maintenance:on'), created('maintenance:message')]
    expect(await open(url).changeTexts(changes, patience())).toBe('changed-meanwhile')
    expect(await tell('EXISTS maintenance:on maintenance:message')).toBe(':1')
  })

  test('that clears and loses a reply says so; the rest can be cleared again', async () => {
    await tell('DEBUG POPULATE 3000 cache 16')
    const cache = open(await throughProxy(server, losing('unlink')))
    const fault = await faultOf(cache.clear(scope('cache:'), patience()))
    expect(fault).toMatchObject({ kind: 'unknown-outcome', code: 'ECONNRESET' })
    expect(fault.detail).toContain('clearing again is harmless')
    expect(await times('unlink')).toBe(1)
    const { keys } = await open(server.url).count(scope('cache:'), patience())
    expect(keys).toBeLessThan(3000)
    const { removed } = await open(server.url).clear(scope('cache:'), patience())
    expect(removed).toBe(keys)
  })

  test('that clears was cut short in any case once a batch is gone', async () => {
    await tell('DEBUG POPULATE 9000 cache 16')
    let batches = 0
    const url = await throughProxy(server, async (command) => {
      if (command === 'unlink') batches += 1
      return batches >= 2 && command === 'scan' ? 'lose-the-reply' : 'pass'
    })
    const fault = await faultOf(open(url).clear(scope('cache:'), patience()))
    expect(fault).toMatchObject({ kind: 'unknown-outcome', code: 'ECONNRESET' })
    const { keys } = await open(server.url).count(scope('cache:'), patience())
    expect(fault.detail).toContain(`with ${9000 - keys} keys removed`)
  })

  test('that clears ends with its signal, and removes no more', async () => {
    await tell('DEBUG POPULATE 200000 cache 16')
    const giveUp = new AbortController()
    let batches = 0
    const url = await throughProxy(server, async (command) => {
      if (command === 'unlink') batches += 1
      if (batches === 3) giveUp.abort()
      return 'pass'
    })
    const fault = await faultOf(open(url).clear(scope('cache:'), giveUp.signal))
    expect(fault).toMatchObject({ kind: 'unknown-outcome', code: 'ETIMEDOUT' })
    await sleep(100)
    const calls = await times('unlink')
    expect(calls).toBeLessThanOrEqual(3)
    await sleep(200)
    expect(await times('unlink')).toBe(calls)
    expect(await tell('DBSIZE')).not.toBe(':0')
  })

  test('that clears takes what is written meanwhile too, but not for ever', async () => {
    let written = 0
    await tell('SET cache:first 1')
    const url = await throughProxy(server, async (command) => {
      if (command === 'scan') await tell(`SET cache:${(written += 1)} 1`)
      return 'pass'
    })
    const { removed } = await open(url).clear(scope('cache:'), patience())
    expect(removed).toBe(written + 1)
    expect(written).toBeGreaterThan(2)
  })

  test('that clears sends batches that nobody has to wait for', async () => {
    await tell('DEBUG POPULATE 20000 cache 16')
    await open(server.url).clear(scope('cache:'), patience())
    expect(await times('unlink')).toBeGreaterThanOrEqual(40)
    for (const never of ['flushdb', 'flushall', 'keys', 'del']) expect(await times(never)).toBe(0)
  })

  test('removes keys that are no text, and keys of every type', async () => {
    const client = new Redis(server.url)
    onTestFinished(() => client.disconnect())
    const binary = (text: string) => Buffer.from(text, 'latin1')
    await client.set(binary('cache:\xff\x00\xfe'), '1')
    await client.set(binary('cache:\xffkept'), '1')
    await client.lpush('cache:list', '1')
    await client.sadd('cache:set', '1')
    await client.zadd('cache:sorted', 1, '1')
    await client.hset('cache:hash', { field: '1' })
    await client.xadd('cache:stream', '*', 'field', '1')
    await client.setbit('cache:bits', 1_000_000, 1)
    // A key of bytes that only a prefix of the same bytes begins: U+FFFD is what they decode to.
    const asked = scope('cache:', 'cache:\uFFFDkept')
    expect(await open(server.url).count(asked, patience())).toMatchObject({ keys: 8 })
    expect(await open(server.url).clear(asked, patience())).toEqual({ removed: 8 })
    expect(await tell('DBSIZE')).toBe(':0')
  })

  test('bytes that are no text are not read as one', async () => {
    const client = new Redis(server.url)
    onTestFinished(() => client.disconnect())
    await client.set('maintenance:on', Buffer.from([0xff, 0xfe]))
    const fault = await faultOf(open(server.url).readText('maintenance:on', patience()))
    expect(fault).toMatchObject({ kind: 'terminal' })
    const changes = [{ key: 'maintenance:on', from: '\uFFFD\uFFFD', to: null }]
    expect(await open(server.url).changeTexts(changes, patience())).toBe('changed-meanwhile')
  })

  test('goes on when a question beside it is given up', async () => {
    await tell('DEBUG POPULATE 3000 cache 16')
    const giveUp = new AbortController()
    const url = await throughProxy(server, async (command) => {
      if (command === 'ping') giveUp.abort()
      return 'pass'
    })
    const cache = open(url)
    const [cleared, pinged] = await Promise.allSettled([
      cache.clear(scope('cache:'), patience()),
      cache.ping(giveUp.signal),
    ])
    expect(cleared).toMatchObject({ value: { removed: 3000 } })
    expect(pinged).toMatchObject({ reason: { code: 'ETIMEDOUT' } })
  })
})
