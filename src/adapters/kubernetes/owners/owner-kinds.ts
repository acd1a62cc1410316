import type { OwnerKind } from '../../../domain/text/product-names.ts'
import { z } from 'zod'
import { OwnerSetting, type Owner, type OwnerName } from '../../../domain/plan/owner.ts'
import { argoCdApplication, hasManager } from '../read/managed-by.ts'
import { controllerOf } from '../read/ownership.ts'
import { Condition, Metadata } from '../read/schema.ts'

/** The team's Deployments, as an owner may speak of them. */
export type Ours = { readonly namespace: string; readonly deployments: readonly string[] }

type State = Omit<Owner, keyof OwnerName | 'uid'>

/** An object of this kind as the API server tells it. */
export type OwnerObject = { readonly metadata: Metadata; readonly state: State }

export type OwnerKindRules = {
  /** "argoproj.io", "v1alpha1", "applications" */
  readonly group: string
  readonly version: string
  readonly resource: string
  /** Where its setting stands, from the object down. */
  readonly place: readonly string[]
  readonly read: (ours: Ours) => z.ZodType<OwnerObject>
}

const nobody = {
  keptBy: null,
  scales: null,
  wantsOther: null,
  lookedAt: null,
  atWork: false,
} as const

const Application = z.object({
  metadata: Metadata,
  spec: z.object({
    syncPolicy: z.object({ automated: OwnerSetting.default(null) }).prefault({}),
  }),
  status: z
    .object({
      reconciledAt: z.iso.datetime({ offset: true }).nullable().catch(null).default(null),
      sync: z.object({ status: z.string().default('') }).prefault({}),
      operationState: z.object({ phase: z.string().default('') }).prefault({}),
      resources: z
        .array(
          z.object({
            kind: z.string(),
            namespace: z.string().default(''),
            name: z.string(),
            status: z.string().default(''),
          }),
        )
        .default([]),
    })
    .prefault({}),
})

/** Older versions do not know `enabled: false` and would go on: what suspends all of them is no policy at all. */
function application(ours: Ours): z.ZodType<OwnerObject> {
  return Application.transform(({ metadata, spec, status }) => {
    const setting = spec.syncPolicy.automated
    const off = z.object({ enabled: z.literal(false) }).safeParse(setting).success
    const { namespace, deployments } = ours
    const told = status.resources.filter(
      (one) =>
        one.kind === 'Deployment' && one.namespace === namespace && deployments.includes(one.name),
    )
    // When it cannot compare, what it says of each is from before.
    const overall = status.sync.status
    const isTold = told.length > 0 && overall !== 'Unknown'
    const says = isTold ? told.map((one) => one.status) : [overall]
    return {
      metadata,
      state: {
        ...nobody,
        setting,
        whenSuspended: null,
        suspended: setting === null || off,
        keptBy: makerOf(metadata),
        wantsOther: says.includes('OutOfSync')
          ? true
          : says.every((one) => one === 'Synced')
            ? false
            : null,
        lookedAt: status.reconciledAt,
        atWork: status.operationState.phase === 'Running',
      },
    }
  })
}

/** An ApplicationSet, or an application of applications. */
function makerOf(metadata: Metadata): string | null {
  const owner = controllerOf(metadata)
  if (owner) return `${owner.kind} ${owner.name}`
  const parent = argoCdApplication(metadata, 'argoproj.io/Application', metadata.namespace)
  if (parent !== null) return `Argo CD application ${parent}`
  return hasManager(metadata, 'argocd-controller') ? 'another Argo CD application' : null
}

const Flux = z.object({
  metadata: Metadata,
  spec: z.object({ suspend: z.boolean().nullable().default(null) }),
  status: z.object({ conditions: z.array(Condition).default([]) }).prefault({}),
})

/** It does not tell what it would write: while it is suspended it does not look. */
function flux(): z.ZodType<OwnerObject> {
  return Flux.transform(({ metadata, spec, status }) => ({
    metadata,
    state: {
      ...nobody,
      setting: spec.suspend,
      whenSuspended: true,
      suspended: spec.suspend === true,
      atWork: status.conditions.some((one) => one.type === 'Reconciling' && one.status === 'True'),
    },
  }))
}

const pausedAnnotation = 'autoscaling.keda.sh/paused'

const ScaledObject = z.object({
  metadata: Metadata,
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string().default('Deployment'), name: z.string() }),
  }),
})

function scaledObject({ namespace }: Ours): z.ZodType<OwnerObject> {
  return ScaledObject.transform(({ metadata, spec: { scaleTargetRef: to } }) => {
    const { annotations } = metadata
    const setting = annotations[pausedAnnotation] ?? null
    return {
      metadata,
      state: {
        ...nobody,
        setting,
        whenSuspended: 'true',
        suspended: setting === 'true' || 'autoscaling.keda.sh/paused-replicas' in annotations,
        scales: to.kind === 'Deployment' && metadata.namespace === namespace ? to.name : '',
      },
    }
  })
}

export const OWNER_KINDS: Readonly<Record<OwnerKind, OwnerKindRules>> = {
  Application: {
    group: 'argoproj.io',
    version: 'v1alpha1',
    resource: 'applications',
    place: ['spec', 'syncPolicy', 'automated'],
    read: application,
  },
  Kustomization: {
    group: 'kustomize.toolkit.fluxcd.io',
    version: 'v1',
    resource: 'kustomizations',
    place: ['spec', 'suspend'],
    read: flux,
  },
  HelmRelease: {
    group: 'helm.toolkit.fluxcd.io',
    version: 'v2',
    resource: 'helmreleases',
    place: ['spec', 'suspend'],
    read: flux,
  },
  ScaledObject: {
    group: 'keda.sh',
    version: 'v1alpha1',
    resource: 'scaledobjects',
    place: ['metadata', 'annotations', pausedAnnotation],
    read: scaledObject,
  },
}
