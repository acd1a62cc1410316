import { z } from 'zod'
import { OwnerName, ownerTarget } from '../../domain/plan/owner.ts'

const Namespace = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'must be a Kubernetes namespace: lower-case letters, digits and dashes, like production',
  )

/** As kubectl writes it, short or long: `sts/backend`, `daemonsets.apps/agent`. */
const OTHER_KIND = /^(statefulsets?|sts|daemonsets?|ds)(\.[\w.]+)?\//i

const DeploymentName = z
  .string()
  .refine((name) => !OTHER_KIND.test(name), {
    message:
      'only Deployments can be rolled back; a StatefulSet or a DaemonSet goes back by its own rules: do that by hand',
    abort: true,
  })
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
  /** Which container is a service's own, where it is not called like the service: its tag is the version. */
  containers: z.record(z.string(), z.string().min(1).max(63)).default({}),
  /** Templates that came within so many minutes of each other are one release. */
  releaseWindowMinutes: z
    .number()
    .min(1)
    .max(24 * 60)
    .default(30),
  /** What would write the bad version back, and may be suspended first. */
  suspend: z
    .array(OwnerName)
    .refine((owners) => new Set(owners.map(ownerTarget)).size === owners.length, 'names one twice')
    .default([]),
})
