import { isDeepStrictEqual } from 'node:util'
import type { Template } from './schema.ts'

const hashLabel = 'pod-template-hash'

/** As it stood in the Deployment: the controller adds the hash to what it gives its ReplicaSets. */
export function withoutHash(template: Template): Template {
  const { metadata } = template
  if (!metadata?.labels || !(hashLabel in metadata.labels)) return template
  const { [hashLabel]: _, ...labels } = metadata.labels
  return { ...template, metadata: { ...metadata, labels } }
}

const restartedAt = 'kubectl.kubernetes.io/restartedAt'

/** As it would be if nobody had restarted its pods. */
export function withoutRestart(template: Template): Template {
  const { [restartedAt]: _, ...annotations } = template.metadata?.annotations ?? {}
  return { ...template, metadata: { ...template.metadata, annotations } }
}

/** Both sides were completed by the same API server, so what is equal looks equal. */
export function sameTemplate(one: Template, other: Template): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other))
}

/** `creationTimestamp: null` is how some versions of Kubernetes write that there is none. */
function comparable(template: Template): Template {
  const { metadata, ...rest } = withoutHash(template)
  const { creationTimestamp = null, ...known } = metadata ?? {}
  return { ...rest, metadata: { ...known, creationTimestamp } }
}
