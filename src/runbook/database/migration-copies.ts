import { keptName } from '../../domain/data/kept-name.ts'
import { NEVER_SECONDS } from '../../domain/data/backup.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { writtenSteps } from '../../domain/plan/plan-state.ts'
import type { Collection } from '../../ports/collections.ts'
import { collectionsOf } from '../parts/require-port.ts'
import type { Circumstances } from '../procedure.ts'
import { expiriesOf } from './expiries-of.ts'
import { keptAmong, type Kept, type OfPlan } from './kept.ts'
import { takeMigrationBack } from './steps/take-migration-back.ts'
import type { ExpirySet } from './switch-expiries.ts'
import type { Switched } from './switch-positions.ts'
import type { z } from 'zod'

type Back = {
  readonly collections: readonly Switched[]
  readonly expiries: readonly z.infer<typeof ExpirySet>[]
}

/**
 * What a plan's migration has changed, the other way: the copies become live, and what is live is set aside. Nothing,
 * where it was not taken back.
 */
export async function copiesBack(
  before: PlanState,
  incident: string,
  { world, signal }: Pick<Circumstances, 'world' | 'signal'>,
): Promise<Back> {
  const tried = writtenSteps(before).some(({ id }) => id === takeMigrationBack.id)
  if (!tried) return { collections: [], expiries: [] }
  const stores = collectionsOf(world)
  const list = await stores.list(signal)
  const copies = copiesAmong(list, { incident, plan: before.number })
  const pairs = copies.map((copy) => {
    return { copy, live: list.find(({ name }) => name === copy.kept.collection) ?? null }
  })
  const names = pairs.flatMap(({ copy, live }) => [
    copy.collection.name,
    ...(live ? [live.name] : []),
  ])
  const measured = await stores.measure(names, signal)
  const expiring = (name: string) =>
    expiriesOf(measured.find((one) => one.name === name)?.indexes ?? [])
  const expiries = pairs.flatMap(({ copy, live }) => {
    const was = live ? expiring(live.name) : []
    const aside = was.map(({ index, seconds }) => {
      return { uuid: live?.uuid ?? '', index, before: seconds, after: NEVER_SECONDS }
    })
    // A copy was made so that nothing expires in it.
    const become = expiring(copy.collection.name).flatMap(({ index, seconds }) => {
      const after = was.find((one) => one.index === index)?.seconds
      return after === undefined
        ? []
        : [{ uuid: copy.collection.uuid ?? '', index, before: seconds, after }]
    })
    return [...aside, ...become]
  })
  return { collections: pairs.map(({ copy, live }) => switchedOf(copy, live)), expiries }
}

function copiesAmong(list: readonly Collection[], of: OfPlan): readonly Kept[] {
  return keptAmong(list).filter(({ kept: { role, incident, plan } }) => {
    return role === 'copy' && incident === of.incident && plan === of.plan
  })
}

function switchedOf({ collection, kept }: Kept, live: Collection | null): Switched {
  const asideAs = keptName({ ...kept, role: 'old' })
  return {
    name: kept.collection,
    live: live && { uuid: live.uuid ?? '', asideAs },
    beside: { uuid: collection.uuid ?? '', standsAs: collection.name },
  }
}
