import { controllerOf } from './ownership.ts'
import type { Autoscaler, Deployment, Metadata, ScaledObject } from './schema.ts'

/** Who else writes to this Deployment, and would undo or fight what we do. */
export function managedBy(
  { metadata }: Deployment,
  namespace: string,
  autoscalers: readonly Autoscaler[],
  scaledObjects: readonly ScaledObject[],
): string[] {
  const flux = fluxOf(metadata)
  return [
    ...argoCdOf(metadata, namespace),
    ...flux,
    // Flux runs Helm itself and leaves its annotations, too.
    ...(flux.length > 0 ? [] : helmOf(metadata)),
    ...ownerOf(metadata),
    ...scalersOf(metadata.name, autoscalers, scaledObjects),
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

function ownerOf(metadata: Metadata): string[] {
  const owner = controllerOf(metadata)
  return owner ? [`${owner.kind} ${owner.name}`] : []
}

function scalersOf(
  name: string,
  autoscalers: readonly Autoscaler[],
  scaledObjects: readonly ScaledObject[],
): string[] {
  const isOurs = ({ spec }: Autoscaler | ScaledObject): boolean =>
    spec.scaleTargetRef.kind === 'Deployment' && spec.scaleTargetRef.name === name
  const keda = scaledObjects.filter(isOurs)
  const kedaNames = new Set(keda.map(({ metadata }) => metadata.name))
  return [
    ...keda.map(
      ({ metadata, spec }) =>
        `KEDA scaled object ${metadata.name} (${spec.minReplicaCount}–${spec.maxReplicaCount})`,
    ),
    // KEDA works through an autoscaler of its own, which is seen even where KEDA's objects are not.
    ...autoscalers
      .filter((one) => isOurs(one) && !kedaNames.has(kedaNameOf(one)))
      .map(
        ({ metadata, spec }) =>
          `autoscaler ${metadata.name} (${spec.minReplicas}–${spec.maxReplicas})`,
      ),
  ]
}

function kedaNameOf({ metadata }: Autoscaler): string {
  return metadata.labels['scaledobject.keda.sh/name'] ?? ''
}

function hasManager({ managedFields }: Metadata, name: string): boolean {
  return managedFields.some(({ manager }) => manager === name)
}
