/**
 * What Backout keeps in a database is called by what it is, so that it can be listed and told from the
 * team's own: `__rb_20261122-abcd_p3_old__projects`.
 *
 * - `try`: being restored; left behind only by a crash.
 * - `new`: restored and verified, beside the live one. After an undo: what was live before it.
 * - `old`: what was live before a switch.
 * - `copy`: as it was before a migration was taken back.
 */
export const KeptRole = ['try', 'new', 'old', 'copy'] as const
export type KeptRole = (typeof KeptRole)[number]

export type KeptName = {
  readonly incident: string
  readonly plan: number
  readonly role: KeptRole
  /** Which attempt made it; only of `try`. */
  readonly attempt: string | null
  readonly collection: string
}

const KEPT = /^__rb_([A-Za-z0-9-]+)_p(\d{1,6})_(?:(new|old|copy)|try([a-z0-9]{1,12}))__(.+)$/s

export function keptName({ incident, plan, role, attempt, collection }: KeptName): string {
  return `__rb_${incident}_p${plan}_${role}${attempt ?? ''}__${collection}`
}

/** `null`: it is not one of ours. */
export function readKeptName(name: string): KeptName | null {
  const [, incident, plan, role, attempt = null, collection] = KEPT.exec(name) ?? []
  if (incident === undefined || collection === undefined) return null
  const kept = KeptRole.find((one) => one === role) ?? 'try'
  return { incident, plan: Number(plan), role: kept, attempt, collection }
}
