import { z } from 'zod'

/*
 * The names of other people's products as people know them, in one place: the rest of the domain, the
 * engine and the cards name no backend.
 */

/** What keeps workloads as something else says, by its kind in the Kubernetes API. */
export const OwnerKind = z.enum(['Application', 'Kustomization', 'HelmRelease', 'ScaledObject'])
export type OwnerKind = z.infer<typeof OwnerKind>

export const OWNER_NAMES: Readonly<Record<OwnerKind, string>> = {
  Application: 'Argo CD application',
  Kustomization: 'Flux Kustomization',
  HelmRelease: 'Flux HelmRelease',
  ScaledObject: 'KEDA scaled object',
}

/** What Backout can suspend, for the help. */
export const SUSPENDABLE = 'Argo CD, Flux, KEDA'
