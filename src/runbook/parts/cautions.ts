import type { OwnerName } from '../../domain/plan/owner.ts'
import type { Manager, Release } from '../../ports/deployment-state.ts'

/** What a person should know before signing a write to this workload; `suspended` ones are told elsewhere. */
export function cautionsOf(
  { service, managedBy }: Pick<Release, 'service' | 'managedBy'>,
  suspended: readonly OwnerName[] = [],
  /** What it may take back. */
  back = 'the newer version',
): string[] {
  return managedBy
    .filter((manager) => !suspended.some((owner) => isThe(owner, manager)))
    .map(({ says, scales, keepsHistory = false }) => {
      if (scales) return scalesInWords(service, says)
      const history = keepsHistory
        ? ' Until then its history names the newer version as the one that runs.'
        : ''
      return `${service}: ${says} may put ${back} back. Revert it there, too.${history}`
    })
}

/** The same of an undo of this plan: what they go by may have been changed for it. */
export function cautionsBackOf(
  { service, managedBy }: Pick<Release, 'service' | 'managedBy'>,
  plan: number,
): string[] {
  return managedBy.map(({ says, scales }) =>
    scales
      ? scalesInWords(service, says)
      : `${service}: ${says} may write over it again. If somebody changed something there for plan ${plan}, change it back there, too.`,
  )
}

function scalesInWords(service: string, says: string): string {
  return `${service}: ${says} decides how many pods there are, before and after.`
}

function isThe({ kind, namespace, name }: OwnerName, { owner }: Manager): boolean {
  if (owner?.kind !== kind) return false
  return isOr(owner.name, name) && isOr(owner.namespace, namespace)
}

/** What the workload does not say may be anything. */
function isOr(told: string | null, wanted: string): boolean {
  return told === null || told === wanted
}
