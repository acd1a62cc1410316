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

/** Where the metrics come from, and where the cache is. */
export const METRICS = 'Prometheus'
export const CACHE = 'Redis'

/** How a person looks without us. */
export const BY_HAND = {
  deployments: 'kubectl get deployments, or docker ps',
  logs: 'kubectl logs deployment/<name> --tail=50, or docker logs --tail 50 <container>',
  targets: `the page /targets of ${METRICS}`,
  backups: 'the folder with the backups',
  metrics: `the dashboards, or the page /query of ${METRICS}`,
} as const

/** What calls people who are not looking at a screen. Journaled: never rename. */
export const PagerName = z.enum(['pagerduty', 'jira-service-management', 'webhook'])
export type PagerName = z.infer<typeof PagerName>

export const PAGER_NAMES: Readonly<Record<PagerName, string>> = {
  pagerduty: 'PagerDuty',
  'jira-service-management': 'Jira Service Management',
  webhook: 'the paging webhook',
}

/** What does not work as long as nothing of a dependency does, by the name that faults give it. */
export const BLIND_WITHOUT: Readonly<Record<string, string>> = {
  prometheus: 'errors, logins and latency are not known, so no answer is ever "do not roll back"',
  redis: 'active users are not known, no cache is cleared, and maintenance cannot be switched',
  mongodb: 'the database is not seen',
  kubernetes: 'pods are not seen, and no rollback can be planned',
  docker: 'containers are not seen, and no rollback of them can be planned',
}

/** Addresses whose beginning says that nothing is encrypted on the way. */
export const IN_THE_CLEAR: ReadonlySet<string> = new Set(['http:', 'redis:', 'smtp:'])
