import { verifyItems } from '../assess/verification/verify.ts'
import type { VerifiedNow } from '../chat/answers/verify.ts'
import type { Config } from '../config/load-config.ts'
import type { ItemResult } from '../domain/verification/item.ts'
import { leavesTraces, type ConfiguredItem } from '../domain/verification/settings.ts'
import type { World } from '../ports/world.ts'
import { verifyingOver } from './on-production.ts'

/** What is found of these items now, by their ids, as if nothing had been rolled back. */
export async function foundNow(
  config: Pick<Config, 'assess' | 'verification'>,
  world: World,
  items: readonly ConfiguredItem[],
): Promise<ReadonlyMap<string, ItemResult>> {
  const results = await verifyItems(
    { ids: items.map(({ id }) => id), changedAt: null },
    verifyingOver(config, world),
    new AbortController().signal,
  )
  return new Map(results.map((result) => [result.item, result]))
}

/** The list as it would be found now, without what leaves something in production: that takes an incident. */
export async function verifyNow(
  config: Pick<Config, 'assess' | 'verification'>,
  world: World,
): Promise<readonly VerifiedNow[]> {
  const { items } = config.verification
  const asked = items.filter(({ by, check }) => by === 'backout' && !leavesTraces(check))
  const found = await foundNow(config, world, asked)
  return items.map(({ title, id, by }) => {
    const result = found.get(id)
    if (result) return { title, verdict: result.verdict, says: result.says }
    const says = by === 'person' ? 'a person looks' : 'only tried in an incident: it writes'
    return { title, verdict: 'not-measured', says }
  })
}
