import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { redisCache } from '../../src/adapters/redis/cache.ts'
import { redisFault } from '../../src/adapters/redis/faults.ts'
import { cacheStatusOf, storedNumberOf } from '../../src/adapters/redis/schema.ts'
import { faultOf, patience, portOf } from '../support/contracts/outside.ts'

/** A Redis that gives one answer to every command. */
async function cacheSaying(reply: string) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      const commands = chunk.toString().match(/^\*\d+\r$/gm)?.length ?? 0
      socket.write(`${reply}\r\n`.repeat(commands))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cache = redisCache({ url: `redis://127.0.0.1:${portOf(server.address())}` })
  onTestFinished(async () => {
    await cache.close()
    await new Promise((resolve) => server.close(resolve))
  })
  return cache
}

describe('an error reply', () => {
  test.each([
    ['LOADING Redis is loading the dataset in memory', 'retryable', 'is loading its data'],
    ['MASTERDOWN Link with MASTER is down', 'retryable', 'lost its master'],
    ['BUSY Redis is busy running a script.', 'retryable', 'busy'],
    ['ERR max number of clients reached', 'retryable', 'no room for another connection'],
    ['CLUSTERDOWN The cluster is down', 'retryable', 'its cluster is down'],
    ['MOVED 3999 127.0.0.1:6381', 'terminal', 'is a cluster'],
    ['NOPERM this user has no permissions', 'terminal', 'may not run this command'],
    ['NOAUTH Authentication required.', 'terminal', 'wrong password'],
    ['ERR invalid password', 'terminal', 'wrong password'],
    ["ERR unknown command 'ping hunter2'", 'terminal', 'refused the command (ERR)'],
  ])('%s is %s: %s', async (reply, kind, words) => {
    const cache = await cacheSaying(`-${reply}`)
    const asked = [cache.ping(patience()), cache.readNumber('key', patience())]
    for (const fault of await Promise.all(asked.map(faultOf))) {
      expect(fault).toMatchObject({ kind, dependency: 'redis' })
      expect(fault.detail).toContain(words)
      expect(fault.detail).not.toContain('hunter2')
    }
  })

  test('an answer to INFO that is none is a fault, not an empty status', async () => {
    const cache = await cacheSaying('+OK')
    expect(await faultOf(cache.status(patience()))).toMatchObject({ kind: 'terminal' })
  })
})

test.each([
  ['ECONNRESET', 'retryable', 'connection reset'],
  ['EHOSTUNREACH', 'retryable', 'no route to the host'],
  ['ENOTFOUND', 'retryable', 'name not found'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'terminal', 'not trusted (set the CA file)'],
  ['CERT_HAS_EXPIRED', 'terminal', 'has expired'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'terminal', 'is it redis, not rediss?'],
])('%s is %s: %s', (code, kind, words) => {
  const error = Object.assign(new Error('x'), { code })
  const fault = redisFault(error, { where: 'cache:6379', aborted: false })
  expect(fault).toMatchObject({ kind, code })
  expect(fault.detail).toContain(words)
})

describe('a stored number', () => {
  test.each([
    ['42', 42],
    ['-0.5', -0.5],
    ['1e3', 1000],
    ['.5', 0.5],
  ])('%s is %d', (text, value) => {
    expect(storedNumberOf(text)).toEqual({ kind: 'number', value })
  })

  test.each([
    '',
    'abc',
    'NaN',
    'inf',
    'Infinity',
    '1e999',
    '0x10',
    '1,5',
    ' 7',
    '12 users',
    'null',
  ])('"%s" is not a number', (text) => {
    expect(storedNumberOf(text)).toMatchObject({ kind: 'not-a-number' })
  })
})

const info = (more: string) =>
  `# Server\r\nredis_version:7.0.15\r\n# Replication\r\nrole:master\r\n${more}`

describe('INFO', () => {
  test('no limit of memory is not a limit of zero', () => {
    const status = cacheStatusOf(info('used_memory:100\r\nmaxmemory:0\r\n'))
    expect(status).toMatchObject({ usedMemoryBytes: 100, maxMemoryBytes: null })
  })

  test('what is not reported is not known', () => {
    expect(cacheStatusOf('role:sentinel\r\n')).toEqual({
      version: 'unknown',
      role: 'unknown',
      loading: false,
      usedMemoryBytes: null,
      maxMemoryBytes: null,
    })
  })

  test('one that loads its data says so', () => {
    expect(cacheStatusOf(info('loading:1\r\n'))).toMatchObject({ loading: true })
  })
})
