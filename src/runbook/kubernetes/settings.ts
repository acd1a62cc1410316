import { z } from 'zod'
import { OwnerName, ownerTarget } from '../../domain/plan/owner.ts'

const Namespace = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'must be a Kubernetes namespace: lower-case letters, digits and dashes, like production',
  )

const DeploymentName = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
    'must be the name of a Deployment: lower-case letters, digits and dashes, like backend',
  )

/** `procedures.kubernetes` in backout.yaml. */
export const KubernetesSettings = z.strictObject({
  namespace: Namespace,
  /** Which Deployment runs which service. */
  deployments: z
    .record(z.string(), DeploymentName)
    .refine((entries) => Object.keys(entries).length > 0, 'needs at least one deployment'),
  /** What would write the bad version back, and may be suspended first. */
  suspend: z
    .array(OwnerName)
    .refine((owners) => new Set(owners.map(ownerTarget)).size === owners.length, 'names one twice')
    .default([]),
})
