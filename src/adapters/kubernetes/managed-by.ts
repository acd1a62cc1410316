import { controllerOf } from './ownership.ts'
import type { Autoscaler, Deployment, Metadata } from './schema.ts'

/** Who else writes to this Deployment, and would undo or fight what we do. */
export function managedBy(
  { metadata }: Deployment,
  namespace: string,
  autoscalers: readonly Autoscaler[],
): string[] {
  const flux = fluxOf(metadata)
  const owner = ownerOf(metadata)
  return [
    ...argoCdOf(metadata, namespace),
    ...flux,
    // Flux runs Helm itself and leaves its annotations, too.
    ...(flux.length > 0 ? [] : helmOf(metadata)),
    ...(owner === null ? [] : [owner]),
    ...scalersOf(metadata.name, autoscalers),
  ]
}

/** `<application>:<group>/<kind>:<namespace>/<name>`; a copied manifest carries that of its origin. */
function argoCdOf(metadata: Metadata, namespace: string): string[] {
  const tracking = metadata.annotations['argocd.argoproj.io/tracking-id'] ?? ''
  const application = tracking.split(':', 1)[0] ?? ''
  if (
    application !== '' &&
    tracking === `${application}:apps/Deployment:${namespace}/${metadata.name}`
  )
    return [`Argo CD application ${application}`]
  return hasManager(metadata, 'argocd-controller') ? ['Argo CD'] : []
}

function fluxOf(metadata: Metadata): string[] {
  const named = (kind: string, prefix: string): string[] => {
    const name = metadata.labels[`${prefix}/name`]
    const namespace = metadata.labels[`${prefix}/namespace`]
    return name === undefined ? [] : [`Flux ${kind} ${namespace ? `${namespace}/` : ''}${name}`]
  }
  const labelled = [
    ...named('Kustomization', 'kustomize.toolkit.fluxcd.io'),
    ...named('HelmRelease', 'helm.toolkit.fluxcd.io'),
  ]
  if (labelled.length > 0) return labelled
  const managers = ['kustomize-controller', 'helm-controller']
  return managers.some((manager) => hasManager(metadata, manager)) ? ['Flux'] : []
}

function helmOf({ annotations, labels }: Metadata): string[] {
  const release = annotations['meta.helm.sh/release-name']
  if (release !== undefined) return [`Helm release ${release}`]
  return labels['app.kubernetes.io/managed-by'] === 'Helm' ? ['Helm'] : []
}

/** The controller the whole object belongs to: `Rollout backend`. */
export function ownerOf(metadata: Metadata): string | null {
  const owner = controllerOf(metadata)
  return owner ? `${owner.kind} ${owner.name}` : null
}

function scalersOf(name: string, autoscalers: readonly Autoscaler[]): string[] {
  return autoscalers
    .filter(({ spec: { scaleTargetRef: to } }) => to.kind === 'Deployment' && to.name === name)
    .map(({ metadata, spec }) => {
      const keda = kedaOf(metadata)
      return keda === undefined
        ? `autoscaler ${metadata.name} (${spec.minReplicas}–${spec.maxReplicas})`
        : // KEDA goes below the minimum of the autoscaler it makes, to 0.
          `KEDA scaled object ${keda} (at most ${spec.maxReplicas})`
    })
}

/** KEDA works through autoscalers of its own, and says so on them. */
function kedaOf(metadata: Metadata): string | undefined {
  const owner = metadata.ownerReferences.find(({ kind }) => kind === 'ScaledObject')
  return metadata.labels['scaledobject.keda.sh/name'] ?? owner?.name
}

function hasManager({ managedFields }: Metadata, name: string): boolean {
  return managedFields.some(({ manager }) => manager === name)
}
