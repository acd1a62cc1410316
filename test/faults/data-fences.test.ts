import { expect, test } from 'vitest'
import { dataDeed, wrongIn } from './data-deed.ts'

const FENCES = [
  {
    server: { fence: 'none' },
    says: /This server cannot refuse the writes of others: that the services were stopped/,
  },
  {
    server: { fence: 'hollow' },
    says: /said that it refuses writes, and took one: that the services were stopped/,
  },
  {
    server: { fence: 'bypassed' },
    says: /said that it refuses writes, and took one: that the services were stopped/,
  },
  {
    server: { fence: 'real' },
    says: /refused the writes of others meanwhile, as a write that was tried proved/,
  },
  {
    server: { fence: 'real', canary: false },
    says: /nothing proved it \(MONGODB_APPLICATION_URI is not set\)/,
  },
  { server: { fence: 'real', lacks: ['setUserWriteBlockMode'] }, says: null },
] as const

test.each(FENCES)('behind $server, what is said of the fence is true', async ({ server, says }) => {
  let isRefused: boolean | null = null
  const left = await dataDeed('switch', {
    server,
    async through(call, make, around) {
      // A program that nobody has stopped writes right before the last rename.
      if (call.name === 'rename')
        isRefused =
          around.sandbox.onData?.write('users', { _id: `x-${call.nth}`, email: `${call.nth}` }) ===
          false
      return make()
    },
  })
  expect(wrongIn(left)).toEqual([])
  expect(left).toMatchObject({ backend: 3, maintenance: null })
  if (says === null) {
    expect(left).toMatchObject({ live: 'damaged' })
    return
  }
  expect(left).toMatchObject({ live: 'restored' })
  expect(left.told).toMatch(says)
  expect(/refused the writes of others meanwhile/.test(left.told)).toBe(
    server.fence === 'real' && !('canary' in server),
  )
  expect(isRefused).toBe(server.fence === 'real')
})

test.each(['none', 'hollow', 'bypassed'] as const)(
  'where the fence is %s, a program that goes on writing is found, and nothing is switched',
  async (fence) => {
    const left = await dataDeed('switch', {
      server: { fence },
      async through(call, make, around) {
        if (call.name === 'quiet') around.sandbox.others.scale('backend', 3)
        return make()
      },
    })
    expect(wrongIn(left)).toEqual([])
    expect(left).toMatchObject({ live: 'damaged', backend: 3, maintenance: null })
    expect(left.says).toMatch(
      /somebody still writes \(.*\), although the services are stopped: find out who; all of it stands as before/,
    )
  },
)

test('a log of writes that does not reach back to the comparison any more stops the switch', async () => {
  const left = await dataDeed('switch', {
    given({ sandbox }) {
      sandbox.onData?.write('users', { _id: 'late', email: 'late@example.com' })
      sandbox.onData?.forgetLog()
    },
  })
  expect(wrongIn(left)).toEqual([])
  expect(left).toMatchObject({ live: 'damaged', backend: 3, maintenance: null })
  expect(left.says).toMatch(/nobody can tell how much was written since the comparison/)
})

test('a server that goes away behind the fence, for longer than the step may take: the undo lowers it', async () => {
  const left = await dataDeed('switch', {
    async through(call, make, around) {
      if (call.name === 'rename') around.sandbox.change({ mongodb: 'refusing' })
      return make()
    },
    later: (around) => around.sandbox.change({ mongodb: 'answering' }),
    more: [{ kind: 'undo', plan: 2 }],
  })
  expect(wrongIn(left)).toEqual([])
  expect(left.outcomes.slice(-2)).toEqual(['failed', 'succeeded'])
  expect(left).toMatchObject({ live: 'damaged', backend: 3, maintenance: null })
})
