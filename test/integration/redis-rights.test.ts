import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { redisCache } from '../../src/adapters/redis/cache.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed } from '../servers/find.ts'
import { askRedis, startRedis } from '../servers/redis.ts'
import type { RedisServer } from '../servers/redis.ts'
import { cacheContract } from '../support/contracts/cache.ts'
import { created, scope } from '../support/contracts/cache-texts.ts'
import { closedPort, faultOf, patience, silentServer } from '../support/contracts/outside.ts'

/** All that is ever sent to Redis. */
const commands =
  '-@all +ping +info +get +scan +unlink +watch +multi +exec +set +del +client|setname +acl|whoami +acl|dryrun'
/** What is read, what is cleared without being read, what is read and written. */
const production = '%R~active_users_count %W~cache:* ~maintenance:*'

function open(url: string) {
  const cache = redisCache({ url })
  onTestFinished(() => cache.close())
  return cache
}

describe.skipIf(missingAllowed('redis'))('the least rights', () => {
  let server: RedisServer
  const tell = (command: string) => askRedis(server.host, server.port, command)
  const as = (user: string) => `redis://${user}:pw@${server.host}:${server.port}`
  beforeAll(async () => {
    server = await startRedis({ port: await closedPort() })
    for (const [user, rights] of Object.entries({
      contract: `resetkeys ~contract:* ${commands}`,
      reader: `resetkeys %R~contract:* ${commands}`,
      untold: `resetkeys ~contract:* ${commands} -acl|whoami`,
      backout: `resetkeys ${production} ${commands}`,
      elsewhere: `resetkeys ${production} ${commands} +select`,
    })) {
      const said = await tell(`ACL SETUSER ${user} reset on >pw resetchannels ${rights}`)
      if (said !== '+OK') throw new Error(said)
    }
  })
  afterAll(() => server.stop())

  const opened = async (user: string) => {
    return {
      cache: open(as(user)),
      async store(key: string, what: number | 'text' | 'structure') {
        await tell(what === 'structure' ? `LPUSH ${key} 1` : `SET ${key} ${what}`)
      },
    }
  }

  cacheContract('the Redis adapter with the least rights', {
    start: () => opened('contract'),
    mayNotClear: () => opened('reader'),
    notTold: () => opened('untold'),
    refusing: async () => open(`redis://contract:pw@127.0.0.1:${await closedPort()}`),
    silent: async () => open(`redis://contract:pw@127.0.0.1:${(await silentServer()).port}`),
  })

  test.each([
    'FLUSHDB',
    'FLUSHALL',
    'KEYS *',
    'EVAL return-1 0',
    'CONFIG GET *',
    'SELECT 1',
    'GET cache:1',
    'UNLINK sess:1',
    'SET active_users_count 0',
  ])('%s is refused to them', async (command) => {
    const client = new Redis(as('backout'), { retryStrategy: null, disableClientInfo: true })
    onTestFinished(() => client.disconnect())
    const [name = '', ...args] = command.split(' ')
    await expect(client.call(name, ...args)).rejects.toThrow('NOPERM')
  })

  test('they are enough for what is configured, and for nothing beside it', async () => {
    for (const key of ['cache:1', 'cache:2', 'sess:1', 'active_users_count']) {
      await tell(`SET ${key} 7`)
    }
    const cache = open(as('backout'))
    expect(await cache.readNumber('active_users_count', patience())).toMatchObject({ value: 7 })
    expect(await cache.changeTexts([created('maintenance:on')], patience())).toBe('changed')
    expect(await cache.readText('maintenance:on', patience())).toBe('x')
    expect(await cache.clear(scope('cache:'), patience())).toEqual({ removed: 2 })

    const refused = await faultOf(cache.clear(scope('sess:'), patience()))
    expect(refused).toMatchObject({ kind: 'terminal', code: 'NOPERM' })
    const written = await faultOf(cache.changeTexts([created('sess:2')], patience()))
    expect(written).toMatchObject({ kind: 'terminal', code: 'NOPERM' })
    expect(await tell('EXISTS sess:1 sess:2')).toBe(':1')
  })

  test.each([
    ['scan', 'cache:', '-scan', 'user least may not SCAN'],
    ['keys elsewhere', 'sess:', '', 'user least may not UNLINK keys that begin with sess:'],
    ['both', 'sess:', '-scan', 'user least may not SCAN or UNLINK keys that begin with sess:'],
  ])('what they lack is told before it is needed: %s', async (_what, prefix, less, because) => {
    await tell(
      `ACL SETUSER least reset on >pw resetchannels resetkeys ${production} ${commands} ${less}`.trim(),
    )
    await tell('SET sess:1 7')
    const cache = open(as('least'))
    expect(await cache.rightToClear(scope(prefix), patience())).toEqual({
      kind: 'refused',
      because,
    })
    const fault = await faultOf(cache.clear(scope(prefix), patience()))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'NOPERM' })
    expect(await tell('EXISTS sess:1')).toBe(':1')
  })

  test('of several prefixes, those that may not be cleared are named', async () => {
    const asked = { prefixes: ['cache:', 'sess:', 'cache:users:'], protectedPrefixes: [] }
    expect(await open(as('backout')).rightToClear(asked, patience())).toEqual({
      kind: 'refused',
      because: 'user backout may not UNLINK keys that begin with sess:',
    })
  })

  test('who they are is asked, not read from the address', async () => {
    await tell('ACL SETUSER default -unlink')
    onTestFinished(async () => {
      await tell('ACL SETUSER default +@all')
    })
    const cache = open(`redis://${server.host}:${server.port}`)
    expect(await cache.rightToClear(scope('cache:'), patience())).toEqual({
      kind: 'refused',
      because: 'user default may not UNLINK keys that begin with cache:',
    })
  })

  test('where MULTI is refused, nothing is written one by one instead', async () => {
    await tell(`ACL SETUSER single reset on >pw ~* ${commands} -multi`)
    const fault = await faultOf(open(as('single')).changeTexts([created('single')], patience()))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'NOPERM' })
    expect(await tell('EXISTS single')).toBe(':0')
  })

  test('a database that may not be selected is not replaced by database 0', async () => {
    await tell('SET cache:zero 1')
    const cache = open(`${as('backout')}/3`)
    const asked = [cache.identity(patience()), cache.clear(scope('cache:'), patience())]
    for (const fault of await Promise.all(asked.map(faultOf))) {
      expect(fault).toMatchObject({ kind: 'terminal', code: 'NOPERM' })
    }
    expect(await tell('EXISTS cache:zero')).toBe(':1')
    expect(await open(`${as('elsewhere')}/3`).clear(scope('cache:'), patience())).toEqual({
      removed: 0,
    })
    expect(await tell('EXISTS cache:zero')).toBe(':1')
  })
})

describe.skipIf(missingAllowed('redis'))('which cache it is', () => {
  test('another database and another server are other caches, a new start is none', async () => {
    await using first = await startRedis({ port: await closedPort(), password: 'tr0ub4dor' })
    await using second = await startRedis({ port: await closedPort() })
    const identity = (url: string) => open(url).identity(patience())
    const [zero, three, other] = await Promise.all([
      identity(first.url),
      identity(`${first.url}/3`),
      identity(second.url),
    ])
    expect(new Set([zero, three, other])).toHaveLength(3)
    expect(zero).not.toContain('tr0ub4dor')
    await first.stop()
    await using again = await startRedis({ port: first.port, password: 'tr0ub4dor' })
    expect(await identity(again.url)).toBe(zero)
  })

  test('what is cleared in one database stays in the others', async () => {
    await using server = await startRedis({ port: await closedPort() })
    const [zero, three] = [open(server.url), open(`${server.url}/3`)]
    for (const cache of [zero, three]) await cache.changeTexts([created('cache:1')], patience())
    expect(await three.clear(scope('cache:'), patience())).toEqual({ removed: 1 })
    expect(await zero.readText('cache:1', patience())).toBe('x')
    expect(await three.readText('cache:1', patience())).toBeNull()
  })

  test('a database that the server does not have is for a person to mend', async () => {
    await using server = await startRedis({ port: await closedPort() })
    const fault = await faultOf(open(`${server.url}/99`).identity(patience()))
    expect(fault).toMatchObject({ kind: 'terminal' })
    expect(fault.detail).toContain('has no database of that number')
  })
})

describe.skipIf(missingAllowed('redis'))('a server that is not the whole cache', () => {
  test('a replica takes no write, whether it could or not', async () => {
    await using master = await startRedis({ port: await closedPort() })
    const replicaof = `--replicaof 127.0.0.1 ${master.port}`
    await using usual = await startRedis({ args: [replicaof] })
    await using writable = await startRedis({ args: [replicaof, '--replica-read-only no'] })
    await open(master.url).changeTexts([created('cache:1')], patience())
    for (const { host, port, url } of [usual, writable]) {
      const copied = await eventually(
        () => askRedis(host, port, 'EXISTS cache:1'),
        (reply) => reply === ':1',
        10_000,
      )
      expect(copied).toBe(':1')
      const cache = open(url)
      const changes = [{ key: 'cache:1', from: 'x', to: 'y' }]
      const asked = [
        cache.clear(scope('cache:'), patience()),
        cache.rightToClear(scope('cache:'), patience()),
        cache.changeTexts(changes, patience()),
      ]
      for (const fault of await Promise.all(asked.map(faultOf))) {
        expect(fault).toMatchObject({ kind: 'terminal', code: 'READONLY' })
        expect(fault.detail).toContain('is a replica')
      }
      expect(await cache.readText('cache:1', patience())).toBe('x')
      expect(await cache.count(scope('cache:'), patience())).toMatchObject({ keys: 1 })
    }
  })

  test('a node of a cluster is refused before anything is counted, removed or named', async () => {
    await using server = await startRedis({
      port: await closedPort(),
      args: ['--cluster-enabled yes'],
    })
    const { host, port } = server
    await askRedis(host, port, 'CLUSTER ADDSLOTSRANGE 0 16383')
    const stored = await eventually(
      () => askRedis(host, port, 'SET cache:1 x'),
      (reply) => reply === '+OK',
      10_000,
    )
    expect(stored).toBe('+OK')
    const cache = open(server.url)
    const asked = [
      cache.identity(patience()),
      cache.count(scope('cache:'), patience()),
      cache.clear(scope('cache:'), patience()),
      cache.changeTexts([created('cache:2'), created('cache:3')], patience()),
    ]
    for (const fault of await Promise.all(asked.map(faultOf))) {
      expect(fault).toMatchObject({ kind: 'terminal' })
      expect(fault.detail).toContain('cluster')
    }
    expect(await askRedis(host, port, 'EXISTS cache:1')).toBe(':1')
    expect(await askRedis(host, port, 'DBSIZE')).toBe(':1')
  })
})
