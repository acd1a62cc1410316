import type { ItemResult } from '../../domain/verification/item.ts'
import type { Checks } from '../../ports/checks.ts'
import type { Sleep } from '../../ports/clock.ts'
import { verifyItems, type Verifying } from './verify.ts'

/** Between two tries. Each may write, so that there are few of them. */
const PAUSES_MS = [2_000, 5_000, 10_000, 20_000]

/** Items that a plan asks for on its way. What was well once need not be asked for again. */
export function provingItems(verifying: Verifying, sleep: Sleep): Checks {
  return {
    async prove(ids, tried, signal) {
      const found = new Map<string, ItemResult>()
      const results = () => ids.flatMap((id) => found.get(id) ?? [])
      for (const pauseMs of [...PAUSES_MS, null]) {
        const open = ids.filter((id) => found.get(id)?.verdict !== 'passed')
        // oxlint-disable-next-line no-await-in-loop -- a try follows from the one before it
        const now = await verifyItems({ ids: open, changedAt: null }, verifying, signal)
        for (const one of now) found.set(one.item, one)
        const done = results().every(({ verdict }) => verdict === 'passed')
        if (done || now.some(isCertain) || pauseMs === null || signal.aborted) break
        tried(results())
        // oxlint-disable-next-line no-await-in-loop -- it is a pause
        await sleep(pauseMs, signal)
        if (signal.aborted) break
      }
      return results()
    },
  }
}

/** Nobody sees what belongs to another organisation by chance, and a second look would not make it unseen. */
function isCertain({ kind, verdict }: ItemResult): boolean {
  return kind === 'isolation' && verdict === 'failed'
}
