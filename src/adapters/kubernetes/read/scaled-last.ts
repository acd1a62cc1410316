import type { OtherChange } from '../../../domain/workload/other-change.ts'
import { onlyOwns } from './field-owners.ts'
import type { Owned } from './ownership.ts'

/**
 * When somebody last said anew how many there are, and nothing else of it: `kubectl scale`, an autoscaler, an edit of that
 * number. Whoever writes the number together with the template cannot be told from a deploy.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function scaledLast(service: string, { deployment }: Owned): readonly OtherChange[] {
  const { metadata, spec } = deployment
  const entries = metadata.managedFields.flatMap((entry) => {
    const { time, manager, fieldsV1 } = entry
    const replicas = onlyOwns(fieldsV1, ['f:spec', 'f:replicas'])
    return time && replicas ? [{ time, manager, exact: replicas === 'nothing-else' }] : []
  })
  const [last] = entries.toSorted((a, b) => Date.parse(b.time) - Date.parse(a.time))
  if (!last) return []
  const since = { time: new Date(last.time).toISOString(), exact: last.exact }
  const by = last.manager === '' ? null : last.manager
  return [{ kind: 'scale', says: `${service} was scaled to ${spec.replicas}`, since, by }]
}
