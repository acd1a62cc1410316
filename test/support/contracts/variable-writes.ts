import { describe, expect, test } from 'vitest'
import type { FlagValue } from '../../../src/domain/plan/flag-value.ts'
import type { Sighting } from '../../../src/ports/deployment-state.ts'
import { variableIn } from '../../../src/runbook/kubernetes/variable.ts'
import { patience } from './outside.ts'
import type { WritesFixture } from './workload-writes.ts'

type Fixture = Pick<WritesFixture, 'deployments'>

const cause = 'backout 20261122-abcd plan 1'

const sightingOf = async ({ deployments }: Fixture): Promise<Sighting> => {
  for (let looks = 0; looks < 200; looks += 1) {
    // oxlint-disable-next-line no-await-in-loop -- until what was written has a ReplicaSet
    const [found] = await deployments.sightings(['backend'], patience())
    if (found?.current) return found
  }
  throw new Error('nothing of backend is rolled out')
}

const seenIn = ({ current }: Sighting, variable: string) => {
  const image = current?.images[0]
  const seen = variableIn(current?.template, variable, { name: undefined, image })
  if (seen.kind !== 'found') throw new Error(seen.because)
  return seen
}

const set = async (
  fixture: Fixture,
  variable: string,
  to: FlagValue,
  {
    seen,
    key = 'write-1',
    dryRun = false,
  }: { seen?: Sighting; key?: string; dryRun?: boolean } = {},
) => {
  const stands = seen ?? (await sightingOf(fixture))
  const { of } = seenIn(stands, variable)
  const write = { seen: stands, change: { kind: 'variable', of, to } } as const
  return fixture.deployments.write(write, { key, cause, dryRun, signal: patience() })
}

/** One variable of one container, whatever else the template holds. */
export function variableWritesContract(name: string, start: () => Promise<Fixture>): void {
  describe(`${name} writes one variable`, () => {
    test('which was not there, and takes it away again: what then runs is what ran', async () => {
      const fixture = await start()
      const before = await sightingOf(fixture)
      expect(seenIn(before, 'MULTI_TENANT').value).toBeNull()
      expect(await set(fixture, 'MULTI_TENANT', 'false')).toEqual({ kind: 'written' })
      const after = await sightingOf(fixture)
      expect(after.lastWrite).toBe('write-1')
      expect(after.templateIsOurs).toBe(true)
      expect(seenIn(after, 'MULTI_TENANT').value).toBe('false')
      expect(after.current?.images).toEqual(before.current?.images)
      expect(after.current?.uid).not.toBe(before.current?.uid)
      expect(await set(fixture, 'MULTI_TENANT', null, { key: 'write-2' })).toEqual({
        kind: 'written',
      })
      const back = await sightingOf(fixture)
      expect(seenIn(back, 'MULTI_TENANT').value).toBeNull()
      expect(back.current?.template).toEqual(before.current?.template)
      expect(back.current?.uid).toBe(before.current?.uid)
    })

    test('which was there, and nothing beside it', async () => {
      const fixture = await start()
      await set(fixture, 'MULTI_TENANT', 'true')
      await set(fixture, 'OTHER', 'stays')
      const before = await sightingOf(fixture)
      await set(fixture, 'MULTI_TENANT', 'false')
      const after = await sightingOf(fixture)
      expect(seenIn(after, 'MULTI_TENANT').value).toBe('false')
      expect(seenIn(after, 'OTHER').value).toBe('stays')
      const text = JSON.stringify(before.current?.template)
      const expected = text.replace(
        '"MULTI_TENANT","value":"true"',
        '"MULTI_TENANT","value":"false"',
      )
      expect(JSON.stringify(after.current?.template)).toBe(expected)
    })

    test('not, when something was written since it was seen (J5)', async () => {
      const fixture = await start()
      const seen = await sightingOf(fixture)
      await set(fixture, 'OTHER', 'somebody')
      expect(await set(fixture, 'MULTI_TENANT', 'false', { seen })).toEqual({
        kind: 'changed-meanwhile',
      })
      expect(seenIn(await sightingOf(fixture), 'MULTI_TENANT').value).toBeNull()
    })

    test('not, when it is only asked whether it would be accepted', async () => {
      const fixture = await start()
      const before = await sightingOf(fixture)
      const asked = await set(fixture, 'MULTI_TENANT', 'false', { dryRun: true })
      expect(asked).toMatchObject({ kind: 'written' })
      expect(await sightingOf(fixture)).toEqual(before)
    })
  })
}
