import { describe, expect, test } from 'vitest'
import type { Collection } from '../../../src/ports/collections.ts'
import {
  inverseOf,
  positionOf,
  renamesBack,
  renamesTo,
  strayedAmong,
  type Rename,
  type Switched,
} from '../../../src/runbook/database/switch-positions.ts'

const NEW = '__rb_20261122-abcd_p1_new__projects'
const OLD = '__rb_20261122-abcd_p1_old__projects'
const STRANGER_AS = '__rb_20261122-abcd_p2_old__projects'

const both: Switched = {
  name: 'projects',
  live: { uuid: 'live', asideAs: OLD },
  beside: { uuid: 'beside', standsAs: NEW },
}
const kinds = {
  'one live and one beside': both,
  'none live': { ...both, live: null },
  'none beside': { ...both, beside: null },
} as const satisfies Readonly<Record<string, Switched>>

type Names = Readonly<Record<string, string>>

const listOf = (names: Names): readonly Collection[] =>
  Object.entries(names).map(([uuid, name]) => {
    return { uuid, name, kind: 'collection', options: {}, obstacles: [] }
  })

/** As a server renames: to a free name only. `null`: it would not. */
function renamed(names: Names, renames: readonly Rename[]): Names | null {
  let now = { ...names }
  for (const { uuid, from, to } of renames) {
    if (now[uuid] !== from || Object.values(now).includes(to)) return null
    now = { ...now, [uuid]: to }
  }
  return now
}

const PLACES = { live: ['projects', OLD, 'mislaid'], beside: [NEW, 'projects', 'mislaid-too'] }

/** Every way in which both of ours, and one of somebody else, can lie; or not be there. */
function everyState({ live, beside }: Switched): readonly Names[] {
  const placesOf = (uuid: string, places: readonly string[], isThere: boolean): readonly Names[] =>
    isThere ? [{}, ...places.map((name) => ({ [uuid]: name }))] : [{}]
  return placesOf('live', PLACES.live, live !== null)
    .flatMap((one) =>
      placesOf('beside', PLACES.beside, beside !== null).map((two) => ({ ...one, ...two })),
    )
    .flatMap((ours): readonly Names[] => [ours, { ...ours, stranger: 'projects' }])
    .filter((names) => new Set(Object.values(names)).size === Object.keys(names).length)
}

describe.each(Object.entries(kinds))('a switch with %s', (_, one) => {
  const states = everyState(one).map((names) => {
    return { names, at: positionOf(one, listOf(names)), shown: JSON.stringify(names) }
  })
  const onItsWay = states.filter(({ at }) => at.kind !== 'other')

  test('there are states of every kind that it can be in', () => {
    const expected =
      one.live && one.beside
        ? ['after', 'before', 'between', 'other', 'overtaken']
        : ['after', 'before', 'other']
    expect([...new Set(states.map(({ at }) => at.kind))].toSorted()).toEqual(expected)
  })

  test.each(onItsWay)('from $shown the renames lead to after', ({ names, at }) => {
    const after = renamed(names, renamesTo(one, at, STRANGER_AS))
    expect(after && positionOf(one, listOf(after)).kind).toBe('after')
    if (names['stranger'] && one.live && one.beside) expect(after?.['stranger']).toBe(STRANGER_AS)
  })

  test.each(onItsWay)('from $shown the renames lead back to before', ({ names, at }) => {
    const before = renamed(names, renamesBack(one, at, STRANGER_AS))
    expect(before && positionOf(one, listOf(before)).kind).toBe('before')
  })

  test.each(states)(
    'from $shown what was live is live again, if anybody can find it',
    ({ names, at }) => {
      const before = renamed(names, renamesBack(one, at, STRANGER_AS))
      expect(before).not.toBeNull()
      if (one.live && (names['live'] === 'projects' || names['live'] === OLD)) {
        expect(before?.['live']).toBe('projects')
      }
      // Nothing that is there is gone, and what was restored does not stay live.
      expect(Object.keys(before ?? {})).toEqual(Object.keys(names))
      expect(before?.['beside']).not.toBe('projects')
    },
  )

  test.each(states)('the inverse of $shown is on its way where it is itself', ({ names, at }) => {
    const inverse = positionOf(inverseOf(one), listOf(names)).kind
    const kept: Readonly<Record<string, string>> = {
      before: 'after',
      after: 'before',
      between: 'between',
      overtaken: 'overtaken',
    }
    // Whose name is taken by another one while nothing is to be live has not come to its end there.
    if (one.live && one.beside) expect(inverse).toBe(kept[at.kind] ?? 'other')
    expect(inverseOf(inverseOf(one))).toEqual(one)
  })

  test('what nobody can go on from is said of each', () => {
    const strayed = states.filter(({ at }) => at.kind === 'other')
    for (const { at } of strayed) expect(at.says).toMatch(/^projects: /)
    expect(strayedAmong(onItsWay.map(({ at }) => at))).toBeNull()
    expect(strayedAmong(strayed.slice(0, 2).map(({ at }) => at))).toContain('; ')
  })
})

test.each([
  [{ beside: NEW }, 'what was live is not there any more'],
  [{ live: 'projects' }, 'what was restored beside is not there any more'],
  [{ live: 'mislaid', beside: NEW }, 'somebody renamed it to mislaid'],
  [{ live: 'projects', beside: 'mislaid' }, 'somebody renamed what was restored beside to mislaid'],
] as const)('%j is told as it is', (names, says) => {
  expect(positionOf(both, listOf(names)).says).toBe(`projects: ${says}`)
})
