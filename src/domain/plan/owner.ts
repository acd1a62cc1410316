import { z } from 'zod'
import { OWNER_NAMES, OwnerKind } from '../text/product-names.ts'
import { canonicalJson } from '../text/canonical-json.ts'

const Name = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
    'must be a name of lower-case letters, digits, dashes and dots',
  )

/**
 * What keeps a service as something else says, and would write over what we write. `kind` is its name
 * in its own system.
 */
export const OwnerName = z.strictObject({ kind: OwnerKind, namespace: Name, name: Name })
export type OwnerName = z.infer<typeof OwnerName>

/** The part of an owner that makes it write by itself, as it stands in the cluster. `null`: it is not there. */
export const OwnerSetting = z.json()
export type OwnerSetting = z.infer<typeof OwnerSetting>

export type Owner = OwnerName & {
  readonly uid: string
  readonly setting: OwnerSetting
  /** What `setting` has to be for it to write nothing by itself. */
  readonly whenSuspended: OwnerSetting
  /** It writes nothing by itself now. */
  readonly suspended: boolean
  /** Something else makes this one, and would take a suspension back. */
  readonly keptBy: string | null
  /** The service whose number of instances it decides; `null`: it decides everything else. */
  readonly scales: string | null
  /** What it would write is not what stands in the cluster; `null`: it does not tell. */
  readonly wantsOther: boolean | null
  /** When it last looked at what stands in the cluster; `null`: it does not tell. */
  readonly lookedAt: string | null
  /** It is writing right now: what has begun may still come to its end after a suspension. */
  readonly atWork: boolean
}

/** What it is called, for a sentence. */
export function ownerInWords({ kind, namespace, name }: OwnerName): string {
  return `${OWNER_NAMES[kind]} ${namespace}/${name}`
}

/** What the lock on it is called, so that no two plans suspend and resume the same one. */
export function ownerTarget({ kind, namespace, name }: OwnerName): string {
  return `${kind} ${namespace}/${name}`
}

/** Whether its setting is this one; the order of keys means nothing. */
export function isSetTo({ setting }: Pick<Owner, 'setting'>, to: OwnerSetting): boolean {
  return canonicalJson(setting) === canonicalJson(to)
}

/** How it works when nobody suspends it: exactly what is taken away, and later given back. */
export function worksInWords(setting: OwnerSetting): string {
  const isPlain = typeof setting !== 'object' || setting === null
  return isPlain ? 'works by itself' : `works by itself, ${JSON.stringify(setting)}`
}

/** Why it is not let go on: for whoever asked for that. */
export function fightsInWords(owner: OwnerName): string {
  return `${ownerInWords(owner)}: what it would write is not what runs now; revert it there first, or undo the rollback`
}
