import pMap from 'p-map'
import type { OwnerName } from '../../../domain/plan/owner.ts'
import type { KubernetesClient } from './client.ts'
import { OWNER_KINDS } from '../owners/owner-kinds.ts'
import { AccessReview, parseAnswer } from '../read/schema.ts'

/** As a Role has it. */
export type Rule = {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  /** Only these; left out: all there are. */
  readonly resourceNames?: readonly string[]
}

/** Every call this folder makes in the team's namespace; the manifest grants these and no more. */
export function rules(deployments: readonly string[]): readonly Rule[] {
  return [
    { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['list'] },
    {
      apiGroups: ['apps'],
      resources: ['deployments'],
      resourceNames: deployments,
      verbs: ['patch'],
    },
    { apiGroups: [''], resources: ['pods', 'events'], verbs: ['list'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    {
      apiGroups: [''],
      resources: ['configmaps', 'persistentvolumeclaims', 'serviceaccounts'],
      verbs: ['get'],
    },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] },
    { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['list'] },
  ]
}

/** What it takes to ask each pod by itself, where the settings have that. */
export const READ_BACK_RULES: readonly Rule[] = [
  { apiGroups: [''], resources: ['pods/proxy'], verbs: ['get'] },
]

/** What it takes to change a key of these ConfigMaps, where the settings have a flag there. */
export function configMapRules(names: readonly string[]): readonly Rule[] {
  if (names.length === 0) return []
  return [
    { apiGroups: [''], resources: ['configmaps'], resourceNames: names, verbs: ['get', 'patch'] },
  ]
}

/** What it takes to take a migration back, in the namespace of the Jobs that do it. */
export const JOB_RULES: readonly Rule[] = [
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get'] },
]

/** What it takes to suspend these owners, by the namespace of the Role that grants it. */
export function ownerRules(
  owners: readonly OwnerName[],
): readonly { readonly namespace: string; readonly rule: Rule }[] {
  const places = Map.groupBy(owners, ({ kind, namespace }) => `${kind} ${namespace}`)
  return [...places.values()].flatMap((together) => {
    const [first] = together
    if (!first) return []
    const { group, resource } = OWNER_KINDS[first.kind]
    const resourceNames = together.map(({ name }) => name)
    const rule = {
      apiGroups: [group],
      resources: [resource],
      resourceNames,
      verbs: ['get', 'patch'],
    }
    return [{ namespace: first.namespace, rule }]
  })
}

type Attributes = {
  readonly verb: string
  readonly group: string
  readonly resource: string
  /** Left out: in every namespace. */
  readonly namespace?: string
  readonly name?: string
}

/** `missing`: what the bot needs and may not do. `excess`: what it may do and should not. */
export async function checkAccess(
  client: KubernetesClient,
  {
    namespace,
    deployments,
    suspend = [],
    readsBack = false,
    configMaps = [],
    jobsIn,
  }: {
    readonly namespace: string
    readonly deployments: readonly string[]
    readonly suspend?: readonly OwnerName[]
    /** Pods are asked one by one. */
    readonly readsBack?: boolean
    /** Those that hold a key which may be changed. */
    readonly configMaps?: readonly string[]
    /** Where Jobs take a migration back. */
    readonly jobsIn?: string | undefined
  },
  signal: AbortSignal,
): Promise<{ missing: string[]; excess: string[] }> {
  const ask = async (attributes: Attributes): Promise<{ text: string; allowed: boolean }> => ({
    text: textOf(attributes),
    allowed: await isAllowed(client, attributes, signal),
  })
  const needed = [
    ...[
      ...rules(deployments),
      ...(readsBack ? READ_BACK_RULES : []),
      ...configMapRules(configMaps),
    ].flatMap((rule) => needs(namespace, rule)),
    ...(jobsIn === undefined ? [] : JOB_RULES.flatMap((rule) => needs(jobsIn, rule))),
    ...ownerRules(suspend).flatMap((one) => needs(one.namespace, one.rule)),
  ]
  const answers = await pMap([...needed, ...excesses(namespace, deployments)], ask, {
    concurrency: 4,
  })
  const told = (part: typeof answers, allowed: boolean): string[] =>
    part.filter((answer) => answer.allowed === allowed).map(({ text }) => text)
  return {
    missing: told(answers.slice(0, needed.length), false),
    excess: told(answers.slice(needed.length), true),
  }
}

function needs(
  namespace: string,
  { apiGroups, resources, verbs, resourceNames }: Rule,
): Attributes[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) => {
        const whole = { verb, group, resource, namespace }
        return resourceNames ? resourceNames.map((name) => ({ ...whole, name })) : [whole]
      }),
    ),
  )
}

/** What would make a stolen token of the bot a catastrophe. Names matter: a Role may grant by name. */
function excesses(namespace: string, deployments: readonly string[]): Attributes[] {
  const core = { group: '', namespace }
  return [
    { ...core, verb: 'get', resource: 'secrets' },
    { ...core, verb: 'list', resource: 'secrets' },
    { ...core, verb: 'create', resource: 'pods/exec' },
    { verb: 'patch', group: 'apps', resource: 'deployments', namespace },
    { verb: 'list', group: '', resource: 'pods' },
    { verb: 'list', group: 'apps', resource: 'deployments' },
    ...deployments.map((name) => ({
      verb: 'delete',
      group: 'apps',
      resource: 'deployments',
      namespace,
      name,
    })),
  ]
}

async function isAllowed(
  client: KubernetesClient,
  { resource: path, ...attributes }: Attributes,
  signal: AbortSignal,
): Promise<boolean> {
  const [resource, subresource] = path.split('/')
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { ...attributes, resource, subresource } },
  }
  const where = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const answer = await client.post(where, review, { signal })
  return parseAnswer(AccessReview, answer, 'selfsubjectaccessreviews').status.allowed
}

/** `delete deployments.apps backend in production` */
function textOf({ verb, group, resource, name, namespace }: Attributes): string {
  const what = `${resource}${group === '' ? '' : `.${group}`}${name ? ` ${name}` : ''}`
  return `${verb} ${what} ${namespace ? `in ${namespace}` : 'in every namespace'}`
}
