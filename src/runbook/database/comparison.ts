import { z } from 'zod'
import { keptName } from '../../domain/data/kept-name.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { documentsInWords, inDigits } from '../../domain/text/amounts.ts'

const Count = z.int().min(0)

/** An index that lets documents expire. */
const Expiry = z.object({
  index: z.string(),
  field: z.string(),
  seconds: z.number(),
})

export const ComparedCollection = z.object({
  name: z.string(),
  /** `null`: there is none of that name that is live. */
  live: z.string().nullable(),
  backup: z.string(),
  backupAs: z.string(),
  created: Count,
  changed: Count,
  deleted: Count,
  same: Count,
  /** Of the backup’s; so many documents of it expire at once when it is live. */
  expiries: z.array(Expiry.extend({ documents: Count })),
  /** Of the live one. */
  liveExpiries: z.array(Expiry),
})
export type ComparedCollection = z.infer<typeof ComparedCollection>

/** What a switch would lose, true for the time in which it was compared. Kept in the journal as facts of its step. */
export const Compared = z.object({
  from: z.string(),
  to: z.string(),
  /** From here on what others write can be counted; `null`: the server keeps no log that tells. */
  moment: z.string().nullable(),
  collections: z.array(ComparedCollection),
})
export type Compared = z.infer<typeof Compared>

type Counts = Pick<ComparedCollection, 'created' | 'changed' | 'deleted'>

/** "12 documents created and 3 changed since the backup are set aside; 2 deleted since come back". */
export function lossInWords({ created, changed, deleted }: Counts): string {
  if (created + changed + deleted === 0) return 'nothing is different'
  const aside = [
    ...(created > 0 ? [`${documentsInWords(created)} created`] : []),
    ...(changed > 0 ? [`${inDigits(changed)} changed`] : []),
  ]
  const are = created + changed === 1 ? 'is' : 'are'
  return [
    ...(aside.length > 0 ? [`${aside.join(' and ')} since the backup ${are} set aside`] : []),
    ...(deleted > 0
      ? [`${documentsInWords(deleted)} deleted since ${deleted === 1 ? 'comes' : 'come'} back`]
      : []),
  ].join('; ')
}

/** Of all collections together. */
export function sumOf(collections: readonly Counts[]): Counts {
  const sum = (of: keyof Counts) => collections.reduce((all, one) => all + one[of], 0)
  return { created: sum('created'), changed: sum('changed'), deleted: sum('deleted') }
}

/** What stands beside the live data by the newest restore of the incident that was carried out. */
export type RestoredBeside = {
  readonly plan: number
  readonly backup: string
  readonly compared: Compared
}

export function restoredBeside(plans: readonly PlanState[]): RestoredBeside | null {
  for (const { number, plan, run } of plans.toReversed()) {
    const steps = plan?.steps ?? []
    const at = steps.findIndex(({ id }) => id === 'compare-data')
    const step = run?.steps[at]
    if (step?.kind !== 'succeeded' || step.facts === undefined) continue
    const compared = Compared.parse(step.facts)
    const { backup } = z.object({ backup: z.string() }).parse(steps[at]?.input)
    return { plan: number, backup, compared }
  }
  return null
}

/** Where the live one goes when it is replaced. */
export function quarantineName(
  backupAs: { readonly incident: string; readonly plan: number },
  collection: string,
): string {
  return keptName({ ...backupAs, role: 'old', attempt: null, collection })
}
