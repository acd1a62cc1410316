import type { Manager } from '../../../ports/deployment-state.ts'
import { controllerOf, type Owned } from './ownership.ts'
import type { Autoscaler, Deployment, Metadata } from './schema.ts'

/** Who else writes to this Deployment, and would undo or fight what we do. */
export function managedBy(
  { metadata }: Deployment,
  namespace: string,
  autoscalers: readonly Autoscaler[],
): Manager[] {
  const owner = ownerOf(metadata)
  return [
    ...keepersOf(metadata, 'apps/Deployment', namespace),
    ...(owner === null ? [] : [unnamed(owner)]),
    ...scalersOf(metadata.name, namespace, autoscalers),
  ]
}

/** Group and kind, as Argo CD writes them; the core group has no name. */
type Kept = 'apps/Deployment' | 'argoproj.io/Application' | '/ConfigMap'

/** Whoever keeps the object as it stands in Git or in a chart. */
export function keepersOf(metadata: Metadata, what: Kept, namespace: string): Manager[] {
  const flux = fluxOf(metadata)
  return [
    ...argoCdOf(metadata, what, namespace),
    ...flux,
    // Flux runs Helm itself and leaves its annotations, too.
    ...(flux.length > 0 ? [] : helmOf(metadata)),
    ...rollersOf(metadata),
  ]
}

/** One that cannot be suspended by its name. */
function unnamed(says: string): Manager {
  return { says, scales: false, owner: null }
}

/** The application that keeps this object, by `<application>:<group>/<kind>:<namespace>/<name>`. */
export function argoCdApplication(
  { annotations, name }: Metadata,
  what: Kept,
  namespace: string,
): string | null {
  const tracking = annotations['argocd.argoproj.io/tracking-id'] ?? ''
  const application = tracking.split(':', 1)[0] ?? ''
  // A copied manifest carries the mark of its origin.
  const isOurs = tracking === `${application}:${what}:${namespace}/${name}`
  return application !== '' && isOurs ? application : null
}

function argoCdOf(metadata: Metadata, what: Kept, namespace: string): Manager[] {
  const application = argoCdApplication(metadata, what, namespace)
  if (application === null) {
    const owner = { kind: 'Application', namespace: null, name: null } as const
    return hasManager(metadata, 'argocd-controller')
      ? [{ says: 'Argo CD', scales: false, owner }]
      : []
  }
  // `<namespace>_<name>` where applications may stand in any namespace.
  const [, within = null, name = application] = /^([^_]+)_(.+)$/.exec(application) ?? []
  const owner = { kind: 'Application', namespace: within, name } as const
  return [{ says: `Argo CD application ${application}`, scales: false, owner }]
}

function fluxOf(metadata: Metadata): Manager[] {
  const named = (kind: 'Kustomization' | 'HelmRelease', prefix: string): Manager[] => {
    const name = metadata.labels[`${prefix}/name`]
    const namespace = metadata.labels[`${prefix}/namespace`]
    if (name === undefined) return []
    const says = `Flux ${kind} ${namespace ? `${namespace}/` : ''}${name}`
    return [{ says, scales: false, owner: { kind, namespace: namespace ?? null, name } }]
  }
  const labelled = [
    ...named('Kustomization', 'kustomize.toolkit.fluxcd.io'),
    ...named('HelmRelease', 'helm.toolkit.fluxcd.io'),
  ]
  if (labelled.length > 0) return labelled
  const managers = ['kustomize-controller', 'helm-controller']
  return managers.some((manager) => hasManager(metadata, manager)) ? [unnamed('Flux')] : []
}

function helmOf({ annotations, labels }: Metadata): Manager[] {
  const release = annotations['meta.helm.sh/release-name']
  const isHelm = labels['app.kubernetes.io/managed-by'] === 'Helm'
  if (release === undefined && !isHelm) return []
  const says = release === undefined ? 'Helm' : `Helm release ${release}`
  return [{ ...unnamed(says), keepsHistory: true }]
}

/** What rolls forward by itself, by the mark that it reads or leaves on a Deployment. */
const ROLLERS: readonly { readonly says: string; readonly mark: RegExp }[] = [
  // https://docs.openshift.com/container-platform/latest/openshift_images/triggering-updates-on-imagestream-changes.html
  { says: 'an OpenShift image trigger', mark: /^image\.openshift\.io\/triggers$/ },
  // https://keel.sh/docs/#policies
  { says: 'Keel', mark: /^keel\.sh\/policy$/ },
  // https://fleet.rancher.io/bundle-diffs
  { says: 'Rancher Fleet', mark: /^objectset\.rio\.cattle\.io\/id$/ },
  // https://carvel.dev/kapp/docs/latest/state-namespace
  { says: 'kapp', mark: /^kapp\.k14s\.io\/(app|identity)$/ },
]

function rollersOf({ annotations, labels }: Metadata): Manager[] {
  const marks = [...Object.keys(annotations), ...Object.keys(labels)]
  return ROLLERS.filter(({ mark }) => marks.some((one) => mark.test(one))).map(({ says }) =>
    unnamed(says),
  )
}

/** Flagger serves from a copy of this name. https://docs.flagger.app/usage/how-it-works */
export function primaryOf({ metadata }: Deployment): string {
  return `${metadata.name}-primary`
}

/** What serves, if this is such a copy. */
export function canaryOf(primary: Deployment | undefined): string | null {
  const owner = primary && controllerOf(primary.metadata)
  return owner?.kind === 'Canary'
    ? `Flagger canary ${owner.name}, by ${primary?.metadata.name},`
    : null
}

/**
 * A rollout that takes its template from this Deployment keeps it at 0 and makes the pods itself.
 * https://argo-rollouts.readthedocs.io/en/stable/migrating/#reference-deployment-from-rollout
 */
export function rolloutOf({ foreign }: Pick<Owned, 'foreign'>): string | null {
  const serving = foreign.find(({ metadata, status }) => {
    return controllerOf(metadata)?.kind === 'Rollout' && status.readyReplicas > 0
  })
  const owner = serving && controllerOf(serving.metadata)
  return owner ? `Argo Rollouts rollout ${owner.name}` : null
}

/** The controller the whole object belongs to: `Rollout backend`. */
export function ownerOf(metadata: Metadata): string | null {
  const owner = controllerOf(metadata)
  return owner ? `${owner.kind} ${owner.name}` : null
}

function scalersOf(name: string, namespace: string, autoscalers: readonly Autoscaler[]): Manager[] {
  return autoscalers
    .filter(({ spec: { scaleTargetRef: to } }) => to.kind === 'Deployment' && to.name === name)
    .map(({ metadata, spec: { minReplicas, maxReplicas } }) => {
      const keda = kedaOf(metadata)
      if (keda === undefined) {
        const says = `autoscaler ${metadata.name} (${minReplicas}–${maxReplicas})`
        return { says, scales: true, owner: null }
      }
      // KEDA goes below the minimum of the autoscaler it makes, to 0.
      const says = `KEDA scaled object ${keda} (at most ${maxReplicas})`
      return { says, scales: true, owner: { kind: 'ScaledObject', namespace, name: keda } }
    })
}

/** KEDA works through autoscalers of its own, and says so on them. */
function kedaOf(metadata: Metadata): string | undefined {
  const owner = metadata.ownerReferences.find(({ kind }) => kind === 'ScaledObject')
  return metadata.labels['scaledobject.keda.sh/name'] ?? owner?.name
}

export function hasManager({ managedFields }: Metadata, name: string): boolean {
  return managedFields.some(({ manager }) => manager === name)
}
