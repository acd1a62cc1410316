import { describe, expect, test } from 'vitest'
import { readKeptName } from '../../src/domain/data/kept-name.ts'
import type { Surroundings } from '../support/engine-story.ts'
import { dataDeed, wrongIn, type DataCall, type Left } from './data-deed.ts'

type Move = {
  readonly what: string
  readonly happens: (around: Surroundings) => void
  /** What is missing or strange afterwards by their own hand. */
  readonly by?: RegExp
}

function hands({ sandbox }: Surroundings) {
  if (!sandbox.onData) throw new Error('the story is of data')
  return sandbox.onData
}

/** The one of that role, if it is there just now. */
function keptAs(around: Surroundings, role: 'new' | 'old', collection: string): string | null {
  const isIt = (name: string): boolean => {
    const kept = readKeptName(name)
    return kept?.role === role && kept.collection === collection
  }
  return hands(around).names().find(isIt) ?? null
}

const renamed =
  (role: 'new' | 'old' | 'live', collection: string, to: string) =>
  (around: Surroundings): void => {
    const name = role === 'live' ? collection : keptAs(around, role, collection)
    if (name !== null) hands(around).rename(name, to)
  }
const dropped =
  (role: 'new' | 'old' | 'live', collection: string) =>
  (around: Surroundings): void => {
    const name = role === 'live' ? collection : keptAs(around, role, collection)
    if (name !== null) hands(around).drop(name)
  }
let written = 0
const writes =
  (collection: string) =>
  (around: Surroundings): void => {
    written += 1
    hands(around).write(collection, { _id: `cron-${written}`, slug: `cron-${written}` })
  }

const WRITERS: readonly Move[] = [
  { what: 'a cron job writes projects', happens: writes('projects') },
  { what: 'a cron job writes organizations', happens: writes('organizations') },
  {
    what: 'an autoscaler starts the backend',
    happens: ({ sandbox }) => sandbox.others.scale('backend', 3),
  },
]

const gone = /^(live is|nobody lists|\d+ writes of users are lost)/
const MOVES: readonly Move[] = [
  WRITERS[0]!,
  {
    what: 'what stands beside is renamed',
    happens: renamed('new', 'projects', 'mine'),
    by: /nobody lists mine/,
  },
  { what: 'what stands beside is dropped', happens: dropped('new', 'organizations') },
  { what: 'what is live is renamed', happens: renamed('live', 'projects', 'mine'), by: gone },
  { what: 'what is live is dropped', happens: dropped('live', 'organizations'), by: gone },
  { what: 'what was set aside is renamed', happens: renamed('old', 'projects', 'mine'), by: gone },
  { what: 'what was set aside is dropped', happens: dropped('old', 'organizations'), by: gone },
  {
    what: 'another server answers',
    happens: (around) => hands(around).setServer({ identity: 'mongodb://elsewhere:27017' }),
  },
  {
    what: 'the server is away for a while',
    happens: ({ sandbox }) => sandbox.change({ mongodb: 'refusing' }),
  },
  {
    what: 'another one becomes the primary',
    happens: ({ sandbox }) => sandbox.change({ writablePrimary: false }),
  },
]

/** For so many questions nobody answers. */
const AWAY_FOR = 4

async function into(nth: number, move: Move | null, fence: 'none' | 'real'): Promise<Left> {
  let away = 0
  return dataDeed('switch', {
    server: { fence },
    async through(call, make, around) {
      if (call.nth === nth) move?.happens(around)
      try {
        return await make()
      } catch (error) {
        away += 1
        if (away >= AWAY_FOR) around.sandbox.change({ mongodb: 'answering', writablePrimary: true })
        throw error
      }
    },
  })
}

/** Before the second of several that set something without a rename between them nothing else can happen. */
function pointsOf(made: readonly DataCall[]): readonly DataCall[] {
  const calls = made.filter(({ writes: is }) => is)
  return calls.filter(({ name }, at) => name === 'rename' || name !== calls[at - 1]?.name)
}

describe.each([
  { fence: 'real', moves: MOVES },
  { fence: 'none', moves: WRITERS },
] as const)(
  'others act while it is switched behind a fence that is $fence',
  async ({ fence, moves }) => {
    const unharmed = await into(0, null, fence)
    const cases = moves.flatMap((move) =>
      pointsOf(unharmed.made).map(({ nth, name }) => ({ ...move, nth, name })),
    )

    test('without anybody', () => {
      console.log(`others act behind a fence that is ${fence}: ${cases.length}`)
      expect(unharmed).toMatchObject({ live: 'restored', backend: 3, maintenance: null })
      expect(wrongIn(unharmed)).toEqual([])
    })

    test.each(cases)(
      '$what before $name ($nth): wholly before or after, or it is said',
      async ({ nth, ...move }) => {
        const left = await into(nth, move, fence)
        const wrong = wrongIn(left).filter((one) => move.by?.test(one) !== true)
        expect(wrong).toEqual([])
        // Whoever is not told that it worked is told why, and whether anything was written.
        if (left.outcomes.at(-1) === 'succeeded') expect(left.live).toBe('restored')
        else expect(left.step).toMatchObject({ kind: 'failed', says: left.says })
        // Where what was live is not to be found, nobody writes before somebody has looked.
        if (!['restored', 'damaged'].includes(left.live)) {
          expect(left).toMatchObject({ backend: 0, step: { applied: 'unknown' } })
          expect(left.says).toMatch(/stay stopped until somebody has looked/)
        } else expect(left).toMatchObject({ backend: 3, maintenance: null })
        const kept = left.kept.filter((one) => one.endsWith('of plan 2'))
        expect(kept.every((one) => left.told.includes(`kept as __rb_`) && one)).toBe(true)
      },
    )
  },
)
