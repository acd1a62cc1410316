import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import type { ConfigMapKey, ConfigMaps, ConfigMapWrite } from '../../../ports/config-maps.ts'
import { pointer, type KubernetesClient, type PatchOperation } from '../client/client.ts'
import { owns } from '../read/field-owners.ts'
import { keepersOf, ownerOf } from '../read/managed-by.ts'
import { ManagedFields, Metadata, parseAnswer } from '../read/schema.ts'
import { FIELD_MANAGER } from '../read/template-is-ours.ts'
import { lastWriteAnnotation } from '../read/to-sighting.ts'
import { annotate, refusalOf } from '../write/write.ts'

const ConfigMap = z.object({
  metadata: Metadata.extend({
    resourceVersion: z.string(),
    managedFields: z.array(ManagedFields).default([]),
  }),
  immutable: z.boolean().default(false),
  data: z.record(z.string(), z.string()).nullish(),
  binaryData: z.record(z.string(), z.string()).nullish(),
})
type ConfigMap = z.infer<typeof ConfigMap>

/** One key of a ConfigMap, by name: none is ever listed, and what else it holds is thrown away. */
export function kubernetesConfigMaps({
  client,
  namespace,
}: {
  readonly client: KubernetesClient
  readonly namespace: string
}): ConfigMaps {
  const pathOf = (name: string): string =>
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${encodeURIComponent(name)}`

  async function look(name: string, signal: AbortSignal): Promise<ConfigMap | null> {
    try {
      return parseAnswer(ConfigMap, await client.get(pathOf(name), { signal }), 'configmaps')
    } catch (error) {
      if (error instanceof Fault && error.code === '404') return null
      throw error
    }
  }

  return {
    async find(configMap, key, signal) {
      const found = await look(configMap, signal)
      return found && keyOf(found, key, namespace)
    },

    async write({ seen, to }, { key, dryRun, signal, sendBeforeMs }) {
      const before = await look(seen.configMap, signal)
      if (!before || !stands(before, seen)) return { kind: 'changed-meanwhile' }
      const patch = patchOf(before, { seen, to }, key)
      const query = {
        fieldManager: FIELD_MANAGER,
        fieldValidation: 'Strict',
        ...(dryRun ? { dryRun: 'All' } : {}),
      }
      try {
        await client.patch(pathOf(seen.configMap), patch, { signal, query, sendBeforeMs })
        return { kind: 'written' }
      } catch (error) {
        const refusal = error instanceof Fault ? refusalOf(error, { dryRun }) : null
        if (refusal === null) throw error
        // A `test` that failed and an invalid object are refused alike.
        const now = await look(seen.configMap, signal)
        return now && stands(now, seen) ? refusal : { kind: 'changed-meanwhile' }
      }
    },
  }
}

function keyOf(
  { metadata, data, binaryData, immutable }: ConfigMap,
  key: string,
  namespace: string,
): ConfigMapKey {
  const { name, uid, resourceVersion, managedFields, annotations } = metadata
  const times = managedFields
    .filter((entry) => owns(entry, ['f:data', `f:${key}`]))
    .flatMap(({ time }) => time ?? [])
  return {
    configMap: name,
    key,
    uid,
    version: resourceVersion,
    value: data?.[key] ?? null,
    changedAt: times.toSorted().at(-1) ?? null,
    ...lastWrittenIn(managedFields),
    binary: binaryData?.[key] !== undefined,
    immutable,
    ownedBy: ownerOf(metadata),
    managedBy: keepersOf(metadata, '/ConfigMap', namespace),
    lastWrite: annotations[lastWriteAnnotation] ?? null,
  }
}

/** What it holds; a label, or an annotation, is nothing that anybody goes by. */
function lastWrittenIn(managedFields: readonly ManagedFields[]): Pick<ConfigMapKey, 'lastWritten'> {
  const [last] = managedFields
    .filter((entry) => owns(entry, ['f:data']) || owns(entry, ['f:binaryData']))
    .flatMap(({ time, manager }) => (time ? [{ at: new Date(time).toISOString(), manager }] : []))
    .toSorted((a, b) => b.at.localeCompare(a.at))
  if (!last) return {}
  return { lastWritten: { at: last.at, by: last.manager === '' ? null : last.manager } }
}

function stands({ metadata, data }: ConfigMap, seen: ConfigMapWrite['seen']): boolean {
  const { uid, resourceVersion } = metadata
  return (
    uid === seen.uid &&
    resourceVersion === seen.version &&
    (data?.[seen.key] ?? null) === seen.value
  )
}

/** Only this key, and only where everything still is as it was seen. A `test` of what is absent is one of null. */
function patchOf(
  { metadata, data }: ConfigMap,
  { seen, to }: ConfigMapWrite,
  lastWrite: string,
): readonly PatchOperation[] {
  const path = pointer('data', seen.key)
  const isMap = Object.keys(data ?? {}).length > 0
  const map: readonly PatchOperation[] = [
    { op: 'test', path: '/data', value: null },
    { op: 'add', path: '/data', value: {} },
  ]
  const change: readonly PatchOperation[] =
    to === null
      ? seen.value === null
        ? []
        : [{ op: 'remove', path }]
      : [{ op: 'add', path, value: to }]
  return [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    ...(isMap ? [] : map),
    { op: 'test', path, value: seen.value },
    ...change,
    ...annotate(
      '/metadata',
      { isThere: Object.keys(metadata.annotations).length > 0 },
      {
        [lastWriteAnnotation]: lastWrite,
      },
    ),
  ]
}
