import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { redisCache } from '../../src/adapters/redis/cache.ts'
import { freeze } from '../servers/freeze.ts'
import { missingAllowed } from '../servers/find.ts'
import { askRedis, startRedis } from '../servers/redis.ts'
import type { RedisServer } from '../servers/redis.ts'
import { cacheContract } from '../support/contracts/cache.ts'
import { selfSigned } from '../support/contracts/certificate.ts'
import { closedPort, faultOf, patience, silentServer } from '../support/contracts/outside.ts'

function open(url: string, ca?: string) {
  const cache = redisCache({ url, ...(ca === undefined ? {} : { ca }) })
  onTestFinished(() => cache.close())
  return cache
}

const storing = {
  text: (key: string) => `SET ${key} abc`,
  structure: (key: string) => `LPUSH ${key} 1`,
}

describe.skipIf(missingAllowed('redis'))('a real server', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())

  const tell = (command: string) => askRedis(server.host, server.port, command)
  const connectionId = async () => /id=(\d+) .*name=backout/.exec(await tell('CLIENT LIST'))?.[1]

  const opened = async (url: string) => {
    return {
      cache: open(url),
      async store(key: string, what: number | 'text' | 'structure') {
        const command = typeof what === 'number' ? `SET ${key} ${what}` : storing[what](key)
        await tell(command)
        onTestFinished(async () => {
          await tell(`DEL ${key}`)
        })
      },
    }
  }
  const as = async (user: string, rights: string) => {
    await tell(`ACL SETUSER ${user} reset on >pw resetchannels ~* ${rights}`)
    return await opened(`redis://${user}:pw@${server.host}:${server.port}`)
  }

  cacheContract('the Redis adapter', {
    start: () => opened(server.url),
    mayNotClear: () => as('reader', '+@all -unlink'),
    notTold: () => as('untold', '+@all -acl|dryrun'),
    refusing: async () => open(`redis://127.0.0.1:${await closedPort()}`),
    silent: async () => open(`redis://127.0.0.1:${(await silentServer()).port}`),
  })

  test('a question that comes too late to be asked leaves the connection alone', async () => {
    const cache = open(server.url)
    await cache.ping(patience())
    const before = await connectionId()
    await faultOf(cache.ping(AbortSignal.abort()))
    await cache.ping(patience())
    expect(await connectionId()).toBe(before)
    expect(before).toBeDefined()
  })

  test('many questions share one connection, which names itself', async () => {
    const cache = open(server.url)
    await Promise.all([
      cache.ping(patience()),
      cache.status(patience()),
      cache.readNumber('contract:none', patience()),
    ])
    const clients = (await tell('CLIENT LIST')).split('\n')
    expect(clients.filter((line) => line.includes('name=backout'))).toHaveLength(1)
  })
})

describe.skipIf(missingAllowed('redis'))('passwords', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis({ password: 'correct horse' })
  })
  afterAll(() => server.stop())

  test('with the right one it answers', async () => {
    expect(await open(server.url).ping(patience())).toBeGreaterThan(0)
  })

  test.each([
    ['a wrong one', ':hunter2@', 'WRONGPASS'],
    ['none', '', 'NOAUTH'],
  ])('%s is for a person to mend', async (_which, userinfo, code) => {
    const cache = open(`redis://${userinfo}${server.host}:${server.port}`)
    const asked = [cache.ping(patience()), cache.status(patience())]
    for (const fault of await Promise.all(asked.map(faultOf))) {
      expect(fault).toMatchObject({ kind: 'terminal', dependency: 'redis', code })
      expect(fault.detail).toContain('wrong password')
      expect(JSON.stringify([fault, fault.message])).not.toContain('hunter2')
    }
  })
})

describe.skipIf(missingAllowed('redis'))('a server in trouble', () => {
  test('a replica says that it is one', async () => {
    await using master = await startRedis({ port: await closedPort() })
    await using replica = await startRedis({ args: [`--replicaof 127.0.0.1 ${master.port}`] })
    expect(await open(replica.url).status(patience())).toMatchObject({ role: 'replica' })
    expect(await open(master.url).status(patience())).toMatchObject({ role: 'master' })
  })

  test('one that was killed is refused, and answers again as soon as it is back', async () => {
    await using first = await startRedis({ port: await closedPort() })
    const cache = open(first.url)
    expect(await cache.ping(patience())).toBeGreaterThan(0)
    await first.stop()
    for (let again = 0; again < 3; again += 1) {
      const fault = await faultOf(cache.ping(patience()))
      expect(fault).toMatchObject({ kind: 'retryable', code: 'ECONNREFUSED' })
    }
    const second = await startRedis({ port: first.port })
    onTestFinished(() => second.stop())
    expect(await cache.ping(patience())).toBeGreaterThan(0)
  })

  test('one that freezes is given up with the signal, and answers again when it goes on', async () => {
    await using server = await startRedis({ port: await closedPort() })
    const cache = open(server.url)
    await cache.ping(patience())
    await freeze(server.pids)
    const late = AbortSignal.timeout(100)
    const asked = [cache.ping(late), cache.status(late), cache.readNumber('key', late)]
    for (const fault of await Promise.all(asked.map(faultOf))) {
      expect(fault).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
    }
    for (const pid of server.pids) process.kill(pid, 'SIGCONT')
    expect(await cache.ping(patience())).toBeGreaterThan(0)
  })
})

describe.skipIf(missingAllowed('redis'))('TLS', () => {
  test('a certificate is trusted with its CA, and only then', async () => {
    const { certFile, keyFile, certificate } = await selfSigned()
    const port = await closedPort()
    const server = await startRedis({
      port: await closedPort(),
      args: [
        `--tls-port ${port}`,
        `--tls-cert-file ${certFile}`,
        `--tls-key-file ${keyFile}`,
        '--tls-auth-clients no',
      ],
    })
    onTestFinished(() => server.stop())
    const url = `rediss://127.0.0.1:${port}`
    expect(await open(url, certificate).ping(patience())).toBeGreaterThan(0)
    expect(await open(server.url, certificate).ping(patience())).toBeGreaterThan(0)
    const fault = await faultOf(open(url).ping(patience()))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(fault.detail).toContain('set the CA file')
  })
})
