import { ownerOfChange } from './field-owners.ts'
import type { Owned } from './ownership.ts'
import { newestOther } from './revisions.ts'

/** The name under which this bot writes. */
export const FIELD_MANAGER = 'backout'

/**
 * Whether what is new in the template was written by this bot: what admission has added belongs to whoever
 * asked. Somebody who changes it afterwards takes over what they change.
 */
export function templateIsOurs(owned: Owned): boolean {
  const { metadata, spec } = owned.deployment
  const before = newestOther(owned)?.spec.template
  return ownerOfChange(metadata.managedFields, spec.template, before)?.by === FIELD_MANAGER
}
