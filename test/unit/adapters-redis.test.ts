import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { redisAddress } from '../../src/adapters/redis/address.ts'
import { redisCache } from '../../src/adapters/redis/cache.ts'
import { redisFault } from '../../src/adapters/redis/faults.ts'
import { cacheStatusOf, obstacleTo, storedNumberOf } from '../../src/adapters/redis/schema.ts'
import { faultOf, patience, portOf } from '../support/contracts/outside.ts'

/** A Redis that gives one answer to every command. */
const cacheSaying = (reply: string) => cacheAnswering(() => reply)

/** A Redis that answers each command, which it is given as its words in capitals. */
async function cacheAnswering(reply: (command: string) => string) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      const commands = chunk.toString().split(/^(?=\*\d+\r$)/m)
      for (const command of commands) {
        const words = command.split('\r\n').filter((word) => word !== '' && !/^[*$]\d/.test(word))
        socket.write(`${reply(words.join(' ').toUpperCase())}\r\n`)
      }
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
    ["READONLY You can't write against a read only replica.", 'terminal', 'only its master'],
    ['MISCONF Redis is configured to save RDB snapshots', 'terminal', 'cannot save to its disk'],
    ['NOREPLICAS Not enough good replicas to write.', 'retryable', 'too few of its replicas'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'retryable', 'memory is full'],
    ["CROSSSLOT Keys in request don't hash to the same slot", 'terminal', 'is a cluster'],
    ["ERR unknown command 'ping hunter2'", 'terminal', 'refused the command (ERR)'],
  ])('%s is %s: %s', async (reply, kind, words) => {
    const cache = await cacheSaying(`-${reply}`)
    const asked = [
      cache.ping(patience()),
      cache.readNumber('key', patience()),
      cache.readText('key', patience()),
      cache.clear({ prefixes: ['key'], protectedPrefixes: [] }, patience()),
      cache.rightToClear({ prefixes: ['key'], protectedPrefixes: [] }, patience()),
      cache.changeTexts([{ key: 'key', from: null, to: '' }], patience()),
    ]
    for (const fault of await Promise.all(asked.map(faultOf))) {
      expect(fault).toMatchObject({ kind, dependency: 'redis' })
      expect(fault.detail).toContain(words)
      expect(fault.detail).not.toContain('hunter2')
    }
  })

  test('an answer to INFO that is none is a fault, and nobody is known by it', async () => {
    const cache = await cacheSaying('+OK')
    const asked = [
      cache.status(patience()),
      cache.identity(patience()),
      cache.count({ prefixes: ['key'], protectedPrefixes: [] }, patience()),
      cache.rightToClear({ prefixes: ['key'], protectedPrefixes: [] }, patience()),
    ]
    for (const fault of await Promise.all(asked.map(faultOf))) {
      expect(fault).toMatchObject({ kind: 'terminal', dependency: 'redis' })
    }
  })

  test('a report tells no credentials', async () => {
    const text = 'redis_version:7.0.15\r\nmaster_host:redis://bot:hunter2@10.0.0.1\r\n'
    const cache = await cacheSaying(`$${text.length}\r\n${text}`)
    const report = await cache.report(patience())
    expect(report).toContain('redis_version:7.0.15')
    expect(report).not.toContain('hunter2')
  })
})

const bulk = (text: string): string => `$${text.length}\r\n${text}`

describe('the right to clear', () => {
  const single = bulk('redis_version:7.2.5\r\nredis_mode:standalone\r\nrole:master\r\n')
  /** A server as it is, but for what it says of rights. */
  const askedOf = async (whoami: string, dryRun: string, unlink = dryRun) => {
    const cache = await cacheAnswering((command) => {
      if (command === 'INFO') return single
      if (command === 'ACL WHOAMI') return whoami
      if (command.startsWith('ACL DRYRUN BOT SCAN 0 MATCH KEY:* COUNT')) return dryRun
      return command.startsWith('ACL DRYRUN BOT UNLINK KEY:') ? unlink : '+OK'
    })
    return cache.rightToClear({ prefixes: ['key:'], protectedPrefixes: [] }, patience())
  }

  test('is granted by nothing but the OK to every command', async () => {
    expect(await askedOf('$3\r\nbot', '+OK')).toEqual({ kind: 'granted' })
    expect(await askedOf('$3\r\nbot', '+OK', bulk('OK then'))).toMatchObject({ kind: 'not-known' })
  })

  test.each([
    "This user has no permissions to run the 'unlink' command",
    'This user has no permissions to access one of the keys used as arguments',
    "User bot has no permissions to access the 'key:x' key",
  ])('is refused by the words of any version: %s', async (words) => {
    expect(await askedOf('$3\r\nbot', '+OK', bulk(words))).toEqual({
      kind: 'refused',
      because: 'user bot may not UNLINK keys that begin with key:',
    })
  })

  test('a refusal is told, though something else is not known', async () => {
    const refused = bulk("User bot has no permissions to run the 'unlink' command")
    expect(await askedOf('$3\r\nbot', '-ERR hunter2', refused)).toMatchObject({ kind: 'refused' })
  })

  test.each([
    [
      'Redis 5',
      '-ERR unknown command `ACL`, with args beginning with: `WHOAMI`',
      /not know ACL WHO/,
    ],
    ['a proxy', '-ERR operation hunter2 is not available', /it does not answer ACL WHOAMI/],
    ['a user without ACL', '-NOPERM this user has no permissions', /this user may not run ACL WH/],
    ['what is no Redis', ':1', /its answer to ACL WHOAMI is not one of Redis/],
    ['nobody', '$0\r\n', /its answer to ACL WHOAMI is not one of Redis/],
  ])('is not known to %s', async (_who, whoami, because) => {
    const right = await askedOf(whoami, '+OK')
    expect(right).toEqual({ kind: 'not-known', because: expect.stringMatching(because) })
    expect(JSON.stringify(right)).not.toContain('hunter2')
  })

  test.each([
    [
      'Redis 6',
      "-ERR Unknown subcommand or wrong number of arguments for 'DRYRUN'. Try ACL HELP.",
      /it does not know ACL DRYRUN, which Redis has since 7\.0/,
    ],
    ['a user without it', '-NOPERM no permissions', /user bot may not run ACL DRYRUN/],
    ['one that answers otherwise', ':1', /its answer to ACL DRYRUN is not one of Redis/],
    ['one that says nothing', '$-1', /its answer to ACL DRYRUN is not one of Redis/],
  ])('is not known to %s, who knows the user', async (_who, dryRun, because) => {
    const right = await askedOf('$3\r\nbot', dryRun)
    expect(right).toEqual({ kind: 'not-known', because: expect.stringMatching(because) })
  })

  test('is asked again later of a server that cannot answer now', async () => {
    const fault = await faultOf(askedOf('$3\r\nbot', '-LOADING Redis is loading the dataset'))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'LOADING' })
  })
})

describe('an error of the connection', () => {
  const unsent = "Stream isn't writeable and enableOfflineQueue options is false"
  const context = { where: 'cache:6379', aborted: false, written: true }

  test.each([
    ['a reset', Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'unknown-outcome'],
    ['a close', new Error('Connection is closed.'), 'unknown-outcome'],
    ['a time-out', new Error('Command timed out'), 'unknown-outcome'],
    ['what was never sent', new Error(unsent), 'retryable'],
    ['a refusal', Object.assign(new Error('OOM'), { name: 'ReplyError' }), 'retryable'],
  ])('leaves a write after %s as it should: %o', (_what, error, kind) => {
    expect(redisFault(error, context)).toMatchObject({ kind })
    expect(redisFault(error, { ...context, written: false })).toMatchObject({ kind: 'retryable' })
  })

  test('leaves a write that was given up unknown, and a read to be asked again', () => {
    const aborted = { ...context, aborted: true }
    expect(redisFault(null, aborted)).toMatchObject({ kind: 'unknown-outcome', code: 'ETIMEDOUT' })
    const read = { ...aborted, written: false }
    expect(redisFault(null, read)).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
  })
})

describe('an address', () => {
  test.each([
    ['redis://cache', { host: 'cache', port: 6379, database: 0, tls: false, where: 'cache:6379' }],
    ['rediss://Cache:1/3', { port: 1, database: 3, tls: true, where: 'cache:1' }],
    ['redis://u:p%40w@[::1]:7/', { host: '::1', username: 'u', password: 'p@w', where: '[::1]:7' }],
    ['redis://cache?family=6', { family: 6 }],
  ])('%s is read', (text, expected) => {
    expect(redisAddress(text)).toMatchObject(expected)
  })

  test.each([
    ['redis://:hunter2@cache/main', 'the number of a database'],
    ['redis://:hunter2@cache/1x', 'the number of a database'],
    ['redis:///3', 'names no host'],
    ['redis://:hunter2@cache?db=3', 'has options in its query'],
    ['redis://:hunter2@cache?autoResendUnfulfilledCommands=1', 'has options in its query'],
    ['redis://:hunter2%@cache', 'not percent-encoded'],
  ])('%s is not guessed at', async (url, words) => {
    const cache = redisCache({ url })
    const fault = await faultOf(cache.identity(patience()))
    expect(fault).toMatchObject({ kind: 'terminal', dependency: 'redis' })
    expect(fault.detail).toContain(words)
    expect(fault.detail).not.toContain('hunter2')
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
  const fault = redisFault(error, { where: 'cache:6379', aborted: false, written: false })
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
  test.each([
    ['a single master', 'redis_mode:standalone\r\n', null, null],
    ['a master of Valkey', 'server_mode:standalone\r\n', null, null],
    ['one that only denies to be a cluster', 'cluster_enabled:0\r\n', null, null],
    ['a replica', 'redis_mode:standalone\r\nrole:slave\r\n', null, 'is a replica'],
    ['a node of a cluster', 'redis_mode:cluster\r\n', 'cluster', 'cluster'],
    ['one that has it last', 'redis_mode:x\r\ncluster_enabled:1\r\n', 'cluster', 'cluster'],
    ['a sentinel', 'redis_mode:sentinel\r\n', 'sentinel', 'sentinel'],
    ['one that does not say', '', 'not told', 'not told'],
    ['one of no role', 'redis_mode:standalone\r\nrole:\r\n', null, 'whether it is a master'],
  ])('%s: what stands in the way', (_who, more, reading, writing) => {
    for (const [access, words] of [
      ['reading', reading],
      ['writing', writing],
    ] as const) {
      const found = obstacleTo(access, info(more))
      if (words === null) expect(found).toBeNull()
      else expect(found?.words).toContain(words)
    }
  })
})
