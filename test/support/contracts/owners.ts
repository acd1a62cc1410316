import { describe, expect, test } from 'vitest'
import { OwnerKind } from '../../../src/domain/text/product-names.ts'
import { type Owner, type OwnerName, type OwnerSetting } from '../../../src/domain/plan/owner.ts'
import type { Owners } from '../../../src/ports/owners.ts'
import { outsideContract, patience } from './outside.ts'
import type { Outside } from './outside.ts'

export type OwnersFixture = {
  readonly owners: Owners
  /** It is there, and works by itself. */
  readonly put: (owner: OwnerName) => Promise<void>
  /** Somebody else changes its setting. */
  readonly set: (owner: OwnerName, setting: OwnerSetting) => Promise<void>
}

export type OwnersSubject = Outside<Owners> & { readonly start: () => Promise<OwnersFixture> }

const shop = (kind: OwnerKind): OwnerName => ({ kind, namespace: 'owners', name: 'shop' })

/** When it looked last is its own affair. */
async function only({ owners }: OwnersFixture, name: OwnerName): Promise<Owner> {
  const [found] = await owners.list([name], patience())
  if (!found) throw new Error(`there is no ${name.kind}`)
  return { ...found, lookedAt: null }
}

const send = (
  { owners }: OwnersFixture,
  { uid, kind, namespace, name }: Owner,
  { from, to, dryRun = false }: { from: OwnerSetting; to: OwnerSetting; dryRun?: boolean },
) =>
  owners.write({ owner: { kind, namespace, name }, uid, from, to }, { dryRun, signal: patience() })

export function ownersContract(who: string, subject: OwnersSubject): void {
  describe(`${who} keeps the promises of Owners`, () => {
    describe.each(OwnerKind.options)('%s', (kind) => {
      const begin = async () => {
        const fixture = await subject.start()
        await fixture.put(shop(kind))
        const before = await only(fixture, shop(kind))
        return { fixture, before, from: before.setting, to: before.whenSuspended }
      }

      test('works by itself, is suspended, and gets back exactly what it had', async () => {
        const { fixture, before, from, to } = await begin()
        expect(before).toMatchObject({ ...shop(kind), suspended: false, keptBy: null })
        expect(await send(fixture, before, { from, to })).toEqual({ kind: 'written' })
        const now = await only(fixture, shop(kind))
        expect(now).toMatchObject({ uid: before.uid, suspended: true, setting: to })
        expect(await send(fixture, before, { from: to, to: from })).toEqual({ kind: 'written' })
        expect(await only(fixture, shop(kind))).toEqual(before)
      })

      test('is not changed by a dry run', async () => {
        const { fixture, before, from, to } = await begin()
        expect(await send(fixture, before, { from, to, dryRun: true })).toEqual({ kind: 'written' })
        expect(await only(fixture, shop(kind))).toEqual(before)
      })

      test('is not written to when it is another one, or when somebody else changed it', async () => {
        const { fixture, before, from, to } = await begin()
        const other = { ...before, uid: '5d1a1a9e-0000-4000-a000-000000000000' }
        expect(await send(fixture, other, { from, to })).toEqual({ kind: 'changed-meanwhile' })
        await fixture.set(shop(kind), to)
        expect(await send(fixture, before, { from, to })).toEqual({ kind: 'changed-meanwhile' })
        expect(await only(fixture, shop(kind))).toMatchObject({ setting: to })
      })

      test('is written to by one of those who try at once', async () => {
        const { fixture, before, from, to } = await begin()
        const answers = await Promise.all(
          Array.from({ length: 4 }, () => send(fixture, before, { from, to })),
        )
        expect(answers.map((one) => one.kind).toSorted()).toEqual([
          ...Array<string>(3).fill('changed-meanwhile'),
          'written',
        ])
      })
    })

    test('what is not there is left out, and the others are told', async () => {
      const fixture = await subject.start()
      await fixture.put(shop('Application'))
      const names = OwnerKind.options.map((kind) => shop(kind))
      const nobody = { ...shop('Application'), name: 'nobody' }
      const found = await fixture.owners.list([nobody, ...names], patience())
      expect(found.map((one) => one.kind)).toEqual(['Application'])
      expect(
        await send(fixture, { ...found[0]!, name: 'nobody' }, { from: null, to: null }),
      ).toEqual({ kind: 'changed-meanwhile' })
    })

    outsideContract(subject, {
      'a list': (owners, signal) => owners.list([shop('Application')], signal),
      'a write': (owners, signal) =>
        owners.write(
          { owner: shop('Application'), uid: 'u', from: null, to: null },
          { dryRun: false, signal },
        ),
    })
  })
}
