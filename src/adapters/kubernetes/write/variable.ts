import type { FlagValue } from '../../../domain/plan/flag-value.ts'
import type { VariablePlace } from '../../../ports/deployments.ts'
import type { PatchOperation } from '../client/client.ts'

/**
 * One entry by its place, after a `test` that it is the one that was seen: entries have no names of their own in a
 * JSON Patch, and a place may be somebody else's by then.
 */
export function variableOperations(
  { name, container, entry, hasEntries }: VariablePlace,
  to: FlagValue,
): readonly PatchOperation[] {
  const at = `/spec/template/spec/containers/${container.at}`
  const isThatOne: PatchOperation = { op: 'test', path: `${at}/name`, value: container.name }
  if (entry === null) {
    if (to === null) return [isThatOne]
    const added = { name, value: to }
    const add: PatchOperation = hasEntries
      ? { op: 'add', path: `${at}/env/-`, value: added }
      : { op: 'add', path: `${at}/env`, value: [added] }
    return [isThatOne, add]
  }
  const path = `${at}/env/${entry.at}`
  const seen: readonly PatchOperation[] = [
    isThatOne,
    { op: 'test', path: `${path}/name`, value: name },
    // The API server leaves out an empty text.
    ...(entry.value === ''
      ? []
      : [{ op: 'test', path: `${path}/value`, value: entry.value } as const]),
  ]
  const change: PatchOperation =
    to === null ? { op: 'remove', path } : { op: 'replace', path, value: { name, value: to } }
  return [...seen, change]
}
