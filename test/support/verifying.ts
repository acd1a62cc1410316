import { verifyItems } from '../../src/assess/verification/verify.ts'
import { VerificationCheck } from '../../src/domain/verification/settings.ts'
import type { ItemResult } from '../../src/domain/verification/item.ts'
import type { World } from '../../src/ports/world.ts'
import { assessSettings } from './contracts/settings.ts'

/** What one check comes to over this world. `check`: as it stands in the settings. */
export async function verifiedOne(
  world: World,
  check: unknown,
  more: {
    readonly deadlineMs?: number
    readonly stopped?: AbortSignal
    readonly changedAt?: string
    readonly settings?: Partial<typeof assessSettings>
  } = {},
): Promise<ItemResult> {
  const { deadlineMs = 1_000, stopped = new AbortController().signal } = more
  const parsed = VerificationCheck.parse(check)
  const item = { id: 'one', title: 'One', by: 'backout' as const, check: parsed }
  const settings = { ...assessSettings, ...more.settings }
  const plan = { items: [item], deadlineMs }
  const [result] = await verifyItems(
    { ids: ['one'], changedAt: more.changedAt ?? null },
    { world, settings, plan, newId: () => 'check-1' },
    stopped,
  )
  if (!result) throw new Error('every item has a result')
  return result
}
