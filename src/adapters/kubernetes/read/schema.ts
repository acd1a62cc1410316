import { jsonOf } from '../../../domain/base/json-of.ts'
import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'

// Only the fields that are used. The API server leaves out what is empty, hence the defaults.

const Texts = z.record(z.string(), z.string()).default({})

const Owner = z.object({
  uid: z.string(),
  kind: z.string(),
  name: z.string(),
  controller: z.boolean().default(false),
})

export const Metadata = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  uid: z.string(),
  generation: z.number().default(0),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  labels: Texts,
  annotations: Texts,
  ownerReferences: z.array(Owner).default([]),
  managedFields: z.array(z.object({ manager: z.string().default('') })).default([]),
})
export type Metadata = z.infer<typeof Metadata>

/** What a pod is made of. Kept whole, with what is not known here: it is written back. */
export const Template = z.looseObject({
  metadata: z
    .looseObject({
      labels: z.record(z.string(), z.string()).nullish(),
      annotations: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
  spec: z.looseObject({
    containers: z.array(
      z.looseObject({ name: z.string().optional(), image: z.string().optional() }),
    ),
  }),
})
export type Template = z.infer<typeof Template>

const Selector = z.object({
  matchLabels: Texts,
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).default([]),
      }),
    )
    .default([]),
})
export type Selector = z.infer<typeof Selector>

export const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
  lastUpdateTime: z.string().optional(),
})
export type Condition = z.infer<typeof Condition>

const Containers = z.array(z.object({ name: z.string(), image: z.string().default('') }))

/** Which fields somebody wrote last, and when. https://kubernetes.io/docs/reference/using-api/server-side-apply */
export const ManagedFields = z.object({
  manager: z.string().default(''),
  time: z.string().optional(),
  subresource: z.string().default(''),
  fieldsV1: z.unknown().optional(),
})
export type ManagedFields = z.infer<typeof ManagedFields>

/** "25%", or a number of pods. */
const Share = z.union([z.number(), z.string()]).default('25%')

const Strategy = z.object({
  type: z.string().default('RollingUpdate'),
  rollingUpdate: z.object({ maxSurge: Share, maxUnavailable: Share }).prefault({}),
})

export const Deployment = z.object({
  metadata: Metadata.extend({ managedFields: z.array(ManagedFields).default([]) }),
  spec: z.object({
    replicas: z.number().default(1),
    paused: z.boolean().default(false),
    selector: Selector,
    template: Template,
    strategy: Strategy.prefault({}),
    minReadySeconds: z.number().default(0),
    progressDeadlineSeconds: z.number().default(600),
  }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      readyReplicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      conditions: z.array(Condition).default([]),
    })
    .prefault({}),
})
export type Deployment = z.infer<typeof Deployment>

export const ReplicaSet = z.object({
  metadata: Metadata,
  spec: z.object({ template: Template }),
  status: z
    .object({
      readyReplicas: z.number().default(0),
      conditions: z.array(Condition).default([]),
    })
    .prefault({}),
})
export type ReplicaSet = z.infer<typeof ReplicaSet>

const Terminated = z.object({ reason: z.string().default(''), exitCode: z.number() })

const ContainerStatus = z.object({
  name: z.string(),
  ready: z.boolean().default(false),
  restartCount: z.number().default(0),
  state: z
    .object({
      waiting: z
        .object({ reason: z.string().default(''), message: z.string().default('') })
        .optional(),
      running: z.object({}).optional(),
    })
    .prefault({}),
  lastState: z.object({ terminated: Terminated.optional() }).prefault({}),
})
export type ContainerStatus = z.infer<typeof ContainerStatus>

export const Pod = z.object({
  metadata: Metadata,
  spec: z.object({
    initContainers: Containers.default([]),
    containers: Containers,
    ephemeralContainers: Containers.default([]),
    hostname: z.string().default(''),
  }),
  status: z
    .object({
      phase: z.string().default('Unknown'),
      startTime: z.string().optional(),
      conditions: z.array(Condition).default([]),
      initContainerStatuses: z.array(ContainerStatus).default([]),
      containerStatuses: z.array(ContainerStatus).default([]),
      ephemeralContainerStatuses: z.array(ContainerStatus).default([]),
    })
    .prefault({}),
})
export type Pod = z.infer<typeof Pod>

const ScaleTarget = z.object({ kind: z.string().default('Deployment'), name: z.string() })

export const Autoscaler = z.object({
  metadata: Metadata,
  spec: z.object({
    scaleTargetRef: ScaleTarget,
    minReplicas: z.number().default(1),
    maxReplicas: z.number(),
  }),
})
export type Autoscaler = z.infer<typeof Autoscaler>

/** What the API server says about a call that failed. */
export const Status = z.object({ reason: z.string().default(''), message: z.string().default('') })

/** The same where somebody else may have said it: with everything by which it is known as the server's own. */
export const OwnStatus = Status.extend({
  kind: z.literal('Status'),
  apiVersion: z.literal('v1'),
  status: z.literal('Failure'),
  code: z.number(),
})
export type OwnStatus = z.infer<typeof OwnStatus>

export const AccessReview = z.object({ status: z.object({ allowed: z.boolean() }) })

const Json = z.string().transform((text, context): unknown => {
  const json = jsonOf(text)
  if (json !== undefined) return json
  context.addIssue('not JSON')
  return z.NEVER
})

export function parseJson(text: string, what: string): unknown {
  return parseAnswer(Json, text, what)
}

/** The answer in the shape we use, or a `Fault` that says where it has another one. */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new Fault({
    kind: 'terminal',
    dependency: 'kubernetes',
    code: 'UNEXPECTED_ANSWER',
    detail: `unexpected answer from ${what}: ${issue?.path.join('.')} ${issue?.message}`,
  })
}

export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item) })
}
