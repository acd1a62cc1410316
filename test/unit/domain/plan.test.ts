import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical, canonicalAs } from '../../../src/domain/plan/canonical.ts'
import { differences, type Draft, type PlannedChange } from '../../../src/domain/plan/plan.ts'
import { DraftArbitrary, planOf } from '../../support/plan-story.ts'
import { ONE, TWO } from '../../support/builders.ts'

type Json = Draft['steps'][number]['input']

/** The same value with the keys of every object the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, turned(inner)]),
  )
}

/** Every leaf of a value, with the value that has another one there. */
function* mutants(value: Json): Generator<Json> {
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) {
      for (const other of mutants(inner)) yield value.with(index, other)
    }
    yield [...value, 'one more']
    return
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      for (const other of mutants(inner)) yield withKey(value, key, other)
    }
    yield withKey(value, 'a key that is new', null)
    return
  }
  yield typeof value === 'number' ? value + (value + 1 === value ? -value : 1) : 7
  yield value === null ? 'null' : null
  yield [value]
}

/** Unlike a spread, this makes a key of its own of `__proto__`, too. */
function withKey(value: { [key: string]: Json }, key: string, inner: Json): Json {
  return Object.fromEntries([...Object.entries(value).filter(([one]) => one !== key), [key, inner]])
}

describe('what is signed', () => {
  test('is the same text whatever the order of keys and targets, and whatever the words', () => {
    fc.assert(
      fc.property(DraftArbitrary, DraftArbitrary, (draft, words) => {
        const again: Draft = {
          ...words,
          signatures: draft.signatures,
          targets: draft.targets.toReversed(),
          steps: draft.steps.map(({ id, input }) => {
            return { id, title: 'other words', input: turned(input) as Json }
          }),
        }
        expect(canonical(again)).toBe(canonical(draft))
      }),
    )
  })

  test('is another text with any other leaf of any step', () => {
    let tried = 0
    fc.assert(
      fc.property(DraftArbitrary, (draft) => {
        const signed = canonical(draft)
        for (const [index, step] of draft.steps.entries()) {
          for (const input of mutants(step.input)) {
            tried += 1
            const steps = draft.steps.with(index, { ...step, input })
            expect(canonical({ ...draft, steps })).not.toBe(signed)
          }
        }
      }),
    )
    expect(tried).toBeGreaterThan(500)
  })

  test.each<[string, Partial<Draft>]>([
    ['another target', { targets: ['deployment production/backend'] }],
    ['another number of signatures', { signatures: ONE }],
    ['signatures of other people', { signatures: [{ count: 2, from: 'data-owners' }] }],
    ['another version that may run afterwards', { versions: { backend: ['v1.8.3'] } }],
    ['a time to finish', { finish: { withinMs: 60_000, safeStop: '' } }],
    [
      'a step that it does not hang on',
      { steps: planOf().steps.map((step) => ({ ...step, beside: true })) },
    ],
    ['the steps in another order', { steps: planOf().steps.toReversed() }],
    ['one step less', { steps: planOf().steps.slice(0, 1) }],
    ['one step twice', { steps: [...planOf().steps, planOf().steps[0]!] }],
    ['another step', { steps: planOf().steps.map((step) => ({ ...step, id: 'other' })) }],
  ])('is another text with %s', (_what, changes) => {
    expect(canonical(planOf(changes))).not.toBe(canonical(planOf()))
  })

  test('is another text with a list inside a step in another order', () => {
    const withList = (list: string[]) =>
      canonical(planOf({ steps: [{ id: 'one', title: '', input: { list } }] }))
    expect(withList(['a', 'b'])).not.toBe(withList(['b', 'a']))
  })

  test('names the version of its own form, so that a later one cannot be mistaken for it', () => {
    expect(JSON.parse(canonical(planOf()))).toMatchObject({ schema: 3, signatures: TWO })
  })

  test('of a plan signed before contents were known is the same deed still, and another target is not', () => {
    const [step] = planOf().steps
    const withInput = (input: Json) => planOf({ steps: [{ ...step!, input }] })
    const signed = { ...withInput({ to: { uid: 'a' } }), schema: 2 as const }
    const now = withInput({ to: { uid: 'a', sha256: 'f00d' } })
    expect(canonicalAs(signed, now)).toBe(canonicalAs(signed, signed))
    expect(canonicalAs(signed, withInput({ to: { uid: 'b', sha256: 'f00d' } }))).not.toBe(
      canonicalAs(signed, signed),
    )
    expect(canonical(now)).not.toBe(canonical(signed))
  })
})

describe('the differences that people are told', () => {
  const backend: PlannedChange = { what: 'backend', from: 'v2.0.0', to: 'v1.9.0' }
  const frontend: PlannedChange = { what: 'frontend', from: 'v2.0.0', to: 'v1.9.0' }
  const told = (before: PlannedChange[], now: PlannedChange[]) =>
    differences(planOf({ changes: before }), planOf({ changes: now }))

  test.each<[string, PlannedChange[], PlannedChange[], string[]]>([
    [
      'another beginning',
      [backend],
      [{ ...backend, from: 'v2.0.1' }],
      ['backend: was v2.0.0, is v2.0.1'],
    ],
    [
      'another end',
      [backend],
      [{ ...backend, to: 'v1.8.3' }],
      ['backend: would go to v1.8.3, not v1.9.0'],
    ],
    ['something gone', [backend, frontend], [backend], ['frontend: is not part of it any more']],
    [
      'something new',
      [backend],
      [backend, frontend],
      ['frontend: is new in it, from v2.0.0 to v1.9.0'],
    ],
    [
      'all of it',
      [backend],
      [frontend],
      ['backend: is not part of it any more', 'frontend: is new in it, from v2.0.0 to v1.9.0'],
    ],
    [
      'nothing that has a name',
      [backend],
      [backend],
      ['what looks the same is another object now'],
    ],
  ])('name %s', (_what, before, now, words) => {
    expect(told(before, now)).toEqual(words)
  })

  test('are never none, and name everything that changed', () => {
    fc.assert(
      fc.property(DraftArbitrary, DraftArbitrary, (before, now) => {
        const words = differences(before, now)
        expect(words.length).toBeGreaterThan(0)
        for (const { what } of before.changes) {
          if (now.changes.some((one) => one.what === what)) continue
          expect(words).toContain(`${what}: is not part of it any more`)
        }
      }),
    )
  })
})
