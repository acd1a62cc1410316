import { describe, expect, test } from 'vitest'
import type { FlagValue } from '../../../src/domain/plan/flag-value.ts'
import type { ConfigMapKey, ConfigMaps } from '../../../src/ports/config-maps.ts'
import type { Written } from '../../../src/ports/deployments.ts'
import { outsideContract, patience } from './outside.ts'
import type { Outside } from './outside.ts'

/** A ConfigMap as its own people make it. */
export type GivenConfigMap = {
  readonly data: Readonly<Record<string, string>>
  /** Keys that hold bytes. */
  readonly binary?: readonly string[]
  readonly immutable?: boolean
}

export type ConfigMapsFixture = {
  readonly configMaps: ConfigMaps
  /** In the place of one of that name, if there is one. */
  readonly put: (name: string, map: GivenConfigMap) => Promise<void>
  /** Somebody else changes a key; `null`: takes it away. */
  readonly set: (name: string, key: string, value: string | null) => Promise<void>
}

export type ConfigMapsSubject = Outside<ConfigMaps> & {
  readonly start: () => Promise<ConfigMapsFixture>
}

const MAP = 'general-5hch2k'
const KEY = 'MULTI_TENANT'
const cause = 'backout 20261122-abcd plan 1'

async function find({ configMaps }: ConfigMapsFixture, key = KEY): Promise<ConfigMapKey> {
  const found = await configMaps.find(MAP, key, patience())
  if (!found) throw new Error(`there is no ${MAP}`)
  return found
}

function send(
  { configMaps }: ConfigMapsFixture,
  seen: ConfigMapKey,
  to: FlagValue,
  { key = 'write-1', dryRun = false } = {},
): Promise<Written> {
  return configMaps.write({ seen, to }, { key, cause, dryRun, signal: patience() })
}

/** One key of a ConfigMap, whatever else it holds. */
export function configMapsContract(who: string, subject: ConfigMapsSubject): void {
  const begin = async (map: GivenConfigMap = { data: { [KEY]: 'true', OTHER: 'stays' } }) => {
    const fixture = await subject.start()
    await fixture.put(MAP, map)
    return { fixture, seen: await find(fixture) }
  }

  describe(`${who} keeps the promises of ConfigMaps`, () => {
    test('a key is told as it stands, and that nobody of ours has written there', async () => {
      const { seen } = await begin()
      expect(seen).toMatchObject({
        configMap: MAP,
        key: KEY,
        value: 'true',
        binary: false,
        immutable: false,
        ownedBy: null,
        managedBy: [],
        lastWrite: null,
      })
      expect(Date.parse(seen.changedAt ?? '')).not.toBeNaN()
      expect(Date.parse(seen.lastWritten?.at ?? '')).toBeGreaterThanOrEqual(
        Date.parse(seen.changedAt ?? ''),
      )
    })

    test('one that is not there is none, and a key that is not there has no value', async () => {
      const { fixture } = await begin()
      expect(await fixture.configMaps.find('another', KEY, patience())).toBeNull()
      expect(await find(fixture, 'ABSENT')).toMatchObject({ value: null, changedAt: null })
    })

    test('a key gets another value and gets it back, and nothing beside it is touched', async () => {
      const { fixture, seen } = await begin()
      expect(await send(fixture, seen, 'false')).toEqual({ kind: 'written' })
      const off = await find(fixture)
      expect(off).toMatchObject({ value: 'false', uid: seen.uid, lastWrite: 'write-1' })
      expect(off.version).not.toBe(seen.version)
      expect(await send(fixture, off, 'true', { key: 'write-2' })).toEqual({ kind: 'written' })
      expect(await find(fixture)).toMatchObject({ value: 'true', lastWrite: 'write-2' })
      expect(await find(fixture, 'OTHER')).toMatchObject({ value: 'stays' })
    })

    test.each([
      ['beside others', { OTHER: 'stays' }],
      ['as the first one', {}],
    ])('a key that is not there is added %s, and taken away again', async (_where, data) => {
      const { fixture, seen } = await begin({ data })
      expect(seen.value).toBeNull()
      expect(await send(fixture, seen, 'false')).toEqual({ kind: 'written' })
      const added = await find(fixture)
      expect(added.value).toBe('false')
      expect(await send(fixture, added, null)).toEqual({ kind: 'written' })
      expect((await find(fixture)).value).toBeNull()
    })

    test('an empty text is a value, and no absence', async () => {
      const { fixture, seen } = await begin({ data: { [KEY]: '' } })
      expect(seen.value).toBe('')
      expect(await send(fixture, seen, 'false')).toEqual({ kind: 'written' })
      expect(await send(fixture, await find(fixture), '')).toEqual({ kind: 'written' })
      expect((await find(fixture)).value).toBe('')
    })

    test('nothing is written by a dry run', async () => {
      const { fixture, seen } = await begin()
      expect(await send(fixture, seen, 'false', { dryRun: true })).toEqual({ kind: 'written' })
      expect(await find(fixture)).toEqual(seen)
    })

    test('nothing is written when something changed since it was seen (J5)', async () => {
      const { fixture, seen } = await begin()
      await fixture.set(MAP, 'OTHER', 'changed')
      expect(await send(fixture, seen, 'false')).toEqual({ kind: 'changed-meanwhile' })
      await fixture.set(MAP, KEY, 'maybe')
      expect(await send(fixture, seen, 'false')).toEqual({ kind: 'changed-meanwhile' })
      expect((await find(fixture)).value).toBe('maybe')
    })

    test('nothing is written to another one of the same name, nor to none (J5)', async () => {
      const { fixture, seen } = await begin()
      await fixture.put(MAP, { data: { [KEY]: 'true' } })
      expect(await send(fixture, seen, 'false')).toEqual({ kind: 'changed-meanwhile' })
      const now = await find(fixture)
      expect(now).toMatchObject({ value: 'true', lastWrite: null })
      expect(now.uid).not.toBe(seen.uid)
      const nowhere = { ...seen, configMap: 'another' }
      expect(await send(fixture, nowhere, 'false')).toEqual({ kind: 'changed-meanwhile' })
    })

    test('one of those who try at once writes', async () => {
      const { fixture, seen } = await begin()
      const answers = await Promise.all(
        Array.from({ length: 4 }, (_, at) => send(fixture, seen, 'false', { key: `write-${at}` })),
      )
      expect(answers.map(({ kind }) => kind).toSorted()).toEqual([
        ...Array<string>(3).fill('changed-meanwhile'),
        'written',
      ])
    })

    test('an immutable one says so, and refuses', async () => {
      const { fixture, seen } = await begin({ data: { [KEY]: 'true' }, immutable: true })
      expect(seen.immutable).toBe(true)
      expect(await send(fixture, seen, 'false')).toMatchObject({
        kind: 'refused',
        because: expect.stringContaining('immutable'),
      })
    })

    test('what is kept as bytes is told to be that, and never its value', async () => {
      const { seen } = await begin({ data: {}, binary: [KEY] })
      expect(seen).toMatchObject({ binary: true, value: null })
    })

    outsideContract(subject, {
      'a look': (configMaps, signal) => configMaps.find(MAP, KEY, signal),
      'a write': (configMaps, signal) =>
        configMaps.write(
          { seen: { configMap: MAP, key: KEY, uid: 'u', version: '1', value: null }, to: 'false' },
          { key: 'write-1', cause, dryRun: false, signal },
        ),
    })
  })
}
