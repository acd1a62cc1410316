import { expect, test } from 'vitest'
import type { EndpointQuestion } from '../../src/ports/endpoints.ts'
import type { World } from '../../src/ports/world.ts'
import { json } from '../../src/sandbox/pages.ts'
import { deathsBetween } from '../support/mortal.ts'
import { dataDeed, wrongIn, type Deed, type Options } from './data-deed.ts'

const isUpload = ({ method, url }: EndpointQuestion) =>
  method === 'POST' && url.endsWith('/api/files')

/** What the application says to an upload, for so many of them. */
function refusing(uploads: number) {
  let asked = 0
  const through = (inner: World): World => ({
    ...inner,
    endpoints: {
      ask: async (question) => {
        if (!isUpload(question)) return inner.endpoints.ask(question)
        asked += 1
        return asked <= uploads ? json(403, { error: 'read only' }) : inner.endpoints.ask(question)
      },
    },
  })
  return { through, asked: () => asked }
}

async function told(deed: Deed, uploads: number, options: Options = {}) {
  const { through, asked } = refusing(uploads)
  return { left: await dataDeed(deed, { ...options, ways: { world: through } }), asked: asked() }
}

test.each([
  { deed: 'switch', live: 'restored' },
  { deed: 'undo', live: 'damaged' },
] as const)(
  '$deed: while nothing can be written through the application, people are not told that it is over',
  async ({ deed, live }) => {
    const { left } = await told(deed, Infinity)
    expect(wrongIn(left)).toEqual([])
    expect(left).toMatchObject({ live, backend: 3, maintenance: 'true' })
    expect(left.outcomes.at(-1)).toBe('failed')
    expect(left.steps.at(-1)?.slice(-3)).toEqual([
      'prove-services succeeded',
      'prove-application failed',
      'set-maintenance pending',
    ])
    expect(left.says).toBe(
      '“File uploads work” is not proved: POST /api/files: HTTP 403; expected any 2xx',
    )
  },
)

test('an application that needs a moment gets it', async () => {
  const { left, asked } = await told('switch', 3)
  expect(wrongIn(left)).toEqual([])
  expect(left).toMatchObject({ live: 'restored', maintenance: null })
  expect(left.outcomes.at(-1)).toBe('succeeded')
  expect(left.told).toContain('File uploads work: POST /api/login: HTTP 200')
  expect(asked).toBe(4)
})

test('one that never does is not written to without end', async () => {
  const { asked } = await told('switch', Infinity)
  expect(asked).toBe(5)
})

const unharmed = await dataDeed('switch')
/** From when the services start again, to the end. */
const last = unharmed.effects.slice(-14)

test.each(deathsBetween(last))(
  'killed $when call $at, while it is proved: the second process proves it anew (J4)',
  async (death) => {
    const left = await dataDeed('switch', { death })
    expect(wrongIn(left)).toEqual([])
    expect(left).toMatchObject({ died: true, live: 'restored', backend: 3, maintenance: null })
    expect(left.outcomes.at(-1)).toBe('succeeded')
    expect(left.told).toContain('File uploads work: POST /api/login: HTTP 200')
  },
)
