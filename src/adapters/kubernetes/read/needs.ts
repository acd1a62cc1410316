import pMap from 'p-map'
import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import { eachNeedOnce, type Need, type NeedSeen } from '../../../domain/workload/need.ts'
import type { KubernetesClient } from '../client/client.ts'
import type { PathOf } from './look.ts'
import type { Template } from './schema.ts'

const Ref = z.looseObject({ name: z.string().optional(), optional: z.boolean().optional() })
const From = z.looseObject({ configMapRef: Ref.optional(), secretRef: Ref.optional() })
const Variable = z.looseObject({
  valueFrom: z
    .looseObject({ configMapKeyRef: Ref.optional(), secretKeyRef: Ref.optional() })
    .nullish(),
})
const Container = z.looseObject({
  env: z.array(Variable).nullish(),
  envFrom: z.array(From).nullish(),
})
const Secret = z.looseObject({
  secretName: z.string().optional(),
  optional: z.boolean().optional(),
})
const Source = z.looseObject({ configMap: Ref.optional(), secret: Ref.optional() })
const Volume = z.looseObject({
  configMap: Ref.nullish(),
  secret: Secret.nullish(),
  persistentVolumeClaim: z.looseObject({ claimName: z.string() }).nullish(),
  projected: z.looseObject({ sources: z.array(Source).nullish() }).nullish(),
})
const Pods = z.looseObject({
  containers: z.array(Container).nullish(),
  initContainers: z.array(Container).nullish(),
  volumes: z.array(Volume).nullish(),
  imagePullSecrets: z.array(Ref).nullish(),
  serviceAccountName: z.string().optional(),
  priorityClassName: z.string().optional(),
})

type Ref = z.infer<typeof Ref>

/** What a template cannot start without, each thing once. What it calls optional is left out. */
export function needsOf({ spec }: Template): readonly Need[] {
  const parsed = Pods.safeParse(spec)
  if (!parsed.success) return []
  const { volumes, imagePullSecrets, serviceAccountName, priorityClassName } = parsed.data
  const containers = [...(parsed.data.initContainers ?? []), ...(parsed.data.containers ?? [])]
  return eachNeedOnce([
    ...containers.flatMap(needsOfContainer),
    ...(volumes ?? []).flatMap(needsOfVolume),
    ...named('Secret', imagePullSecrets ?? []),
    ...named('ServiceAccount', [{ name: serviceAccountName }]),
    ...named('PriorityClass', [{ name: priorityClassName }]),
  ])
}

function needsOfContainer({ env, envFrom }: z.infer<typeof Container>): readonly Need[] {
  return [
    ...(env ?? []).flatMap(({ valueFrom }) => [
      ...named('ConfigMap', [valueFrom?.configMapKeyRef]),
      ...named('Secret', [valueFrom?.secretKeyRef]),
    ]),
    ...(envFrom ?? []).flatMap(({ configMapRef, secretRef }) => [
      ...named('ConfigMap', [configMapRef]),
      ...named('Secret', [secretRef]),
    ]),
  ]
}

function needsOfVolume(volume: z.infer<typeof Volume>): readonly Need[] {
  const { configMap, secret, persistentVolumeClaim, projected } = volume
  return [
    ...named('ConfigMap', [configMap]),
    ...named('Secret', [secret && { name: secret.secretName, optional: secret.optional }]),
    ...named('PersistentVolumeClaim', [{ name: persistentVolumeClaim?.claimName }]),
    ...(projected?.sources ?? []).flatMap((source) => [
      ...named('ConfigMap', [source.configMap]),
      ...named('Secret', [source.secret]),
    ]),
  ]
}

function named(
  kind: Need['kind'],
  refs: readonly (
    | { name?: string | undefined; optional?: boolean | undefined }
    | null
    | undefined
  )[],
): readonly Need[] {
  return refs.flatMap((ref) =>
    ref?.name === undefined || ref.optional === true ? [] : [{ kind, name: ref.name }],
  )
}

/** What may be looked at, and where. Secrets never are, and priority classes belong to no namespace. */
const PLACES: Readonly<Record<string, string>> = {
  ConfigMap: 'configmaps',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  ServiceAccount: 'serviceaccounts',
}

const Found = z.object({
  metadata: z.object({
    creationTimestamp: z.string(),
    managedFields: z.array(z.object({ time: z.string().optional() })).default([]),
  }),
})

/** Whether each of them is there, and when it last changed. Throws when it cannot be asked. */
export function needsSeen(
  client: Pick<KubernetesClient, 'get'>,
  path: PathOf,
  needs: readonly Need[],
  signal: AbortSignal,
): Promise<readonly NeedSeen[]> {
  return pMap(
    needs,
    async (need): Promise<NeedSeen> => {
      const kind = PLACES[need.kind]
      if (kind === undefined) return { ...need, state: 'not-known', changedAt: null }
      try {
        const where = `${path('api/v1', kind)}/${encodeURIComponent(need.name)}`
        const { metadata } = Found.parse(await client.get(where, { signal }))
        const times = metadata.managedFields.flatMap(({ time }) => time ?? [])
        const changedAt = [metadata.creationTimestamp, ...times].toSorted().at(-1) ?? null
        return { ...need, state: 'there', changedAt }
      } catch (error) {
        return { ...need, state: stateBy(error), changedAt: null }
      }
    },
    { concurrency: 4 },
  )
}

function stateBy(error: unknown): 'missing' | 'not-known' {
  if (error instanceof Fault && error.code === '404') return 'missing'
  if (error instanceof Fault && error.code === '403') return 'not-known'
  throw error
}
