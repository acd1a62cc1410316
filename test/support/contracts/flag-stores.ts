import { describe, expect, test } from 'vitest'
import type { FlagStore, FlagWrite, StoredFlag } from '../../../src/ports/flag-stores.ts'
import { eventually } from '../../servers/eventually.ts'
import { faultOf, outsideContract } from './outside.ts'
import type { Outside } from './outside.ts'

/** A flag of its own for each test. It says `unsafe`, and may say `safe`. */
export type StartedFlag = {
  readonly store: FlagStore
  readonly unsafe: string
  readonly safe: string
  /** The hands of other people. */
  readonly others: {
    readonly set: (value: string) => Promise<unknown>
    readonly remove: () => Promise<unknown>
  }
}

export type FlagStoreSubject = Outside<FlagStore> & {
  readonly start: () => Promise<StartedFlag>
  /** The same, where there are several who have it from there; left out where it does not know who they are. */
  readonly startShared?: () => Promise<
    StartedFlag & {
      /** One of them goes by another value than the others. */
      readonly setOne: (value: string) => Promise<void>
    }
  >
}

/** A command line takes its time on a busy machine. */
const soon = () => AbortSignal.timeout(20_000)
const options = () => ({ cause: 'Ana and Ben, inc-1', signal: soon() })

/** What is written may be told a moment later. */
export const seenAs = (store: FlagStore, value: string): Promise<StoredFlag> =>
  eventually(
    () => store.look(value, soon()),
    (seen) => seen.value === value,
  )

export function flagStoreContract(name: string, subject: FlagStoreSubject): void {
  const started = async () => {
    const flag = await subject.start()
    // What has only just started is told as that for a moment.
    const seen = await eventually(
      () => flag.store.look(flag.safe, soon()),
      ({ holders }) => holders.every(({ down }) => down === undefined),
    )
    const write: FlagWrite = { identity: seen.identity, from: flag.unsafe, to: flag.safe }
    return { ...flag, seen, write }
  }

  describe(`${name} keeps the promises of FlagStore`, () => {
    test('a look tells what stands there, and the same again', async () => {
      const { store, unsafe, safe, seen } = await started()
      expect(seen).toMatchObject({ value: unsafe, obstacle: null })
      expect(seen.identity).not.toBe('')
      for (const caution of seen.cautions) expect(caution).toMatch(/^\S.*[.]$/)
      for (const holder of seen.holders) expect(holder.value).toBe(unsafe)
      expect(await store.look(safe, soon())).toEqual(seen)
    })

    test('a write is seen by everybody, and can be taken back', async () => {
      const { store, unsafe, safe, seen, write } = await started()
      expect(await store.write(write, options())).toEqual({ kind: 'written' })
      const after = await seenAs(store, safe)
      expect(after).toMatchObject({ identity: seen.identity, value: safe })
      for (const holder of after.holders) expect(holder.value).toBe(safe)
      const undo = { ...write, from: safe, to: unsafe }
      expect(await store.write(undo, options())).toEqual({ kind: 'written' })
      const back = await seenAs(store, unsafe)
      expect(back.value).toBe(unsafe)
      expect(back.holders).toHaveLength(seen.holders.length)
    })

    test('a write over what somebody else has changed meanwhile is not made', async () => {
      const { store, safe, others, write } = await started()
      await others.set(safe)
      await seenAs(store, safe)
      expect(await store.write(write, options())).toEqual({ kind: 'changed-meanwhile' })
      expect(await store.look(safe, soon())).toMatchObject({ value: safe })
    })

    test('a write to another flag of the same name is not made', async () => {
      const { store, unsafe, safe, write } = await started()
      const other = { ...write, identity: `${write.identity} of old` }
      expect(await store.write(other, options())).toEqual({ kind: 'changed-meanwhile' })
      expect(await store.look(safe, soon())).toMatchObject({ value: unsafe })
    })

    test('what was set once cannot be made absent, and nothing is tried', async () => {
      const { store, unsafe, safe, write } = await started()
      const written = await store.write({ ...write, to: null }, options())
      expect(written).toEqual({ kind: 'refused', because: expect.stringMatching(/\w+ \w+/) })
      expect(await store.look(safe, soon())).toMatchObject({ value: unsafe })
    })

    test('two people at once switch it once, or both to the same', async () => {
      const { store, safe, write } = await started()
      const both = await Promise.allSettled([
        store.write(write, options()),
        store.write(write, options()),
      ])
      const kinds = both.map((one) => (one.status === 'fulfilled' ? one.value.kind : 'fault'))
      expect(kinds).toContain('written')
      expect(await seenAs(store, safe)).toMatchObject({ value: safe })
    })

    test('one that somebody has removed is a fault that names it', async () => {
      const { store, safe, others, write } = await started()
      await others.remove()
      const fault = await faultOf(store.look(safe, soon()))
      expect(fault).toMatchObject({ kind: 'terminal' })
      expect(fault.detail).toMatch(/there is no/)
      expect(await faultOf(store.write(write, options()))).toMatchObject({ kind: 'terminal' })
    })

    const { startShared } = subject
    if (startShared) {
      test('where they disagree nothing is told as done, and a write brings the others along', async () => {
        const { store, safe, unsafe, setOne } = await startShared()
        await setOne(safe)
        const seen = await store.look(safe, soon())
        expect(seen.value).toBe(unsafe)
        expect(new Set(seen.holders.map(({ value }) => value))).toEqual(new Set([safe, unsafe]))
        expect((await store.look(unsafe, soon())).value).toBe(safe)
        const write = { identity: seen.identity, from: unsafe, to: safe }
        expect(await store.write(write, options())).toEqual({ kind: 'written' })
        const after = await store.look(safe, soon())
        expect(after.holders.map(({ value }) => value)).toEqual(seen.holders.map(() => safe))
        expect(await store.write(write, options())).toEqual({ kind: 'changed-meanwhile' })
      })
    }

    outsideContract(subject, {
      'a look': (store, signal) => store.look('off', signal),
      'a write': (store, signal) =>
        store.write({ identity: 'x', from: 'on', to: 'off' }, { cause: 'x', signal }),
    })
  })
}
