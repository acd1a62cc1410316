import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import type { Job, JobFound, Jobs } from '../../../ports/jobs.ts'
import type { KubernetesClient } from '../client/client.ts'
import { Metadata, parseAnswer } from '../read/schema.ts'
import { shortLine } from '../read/short-line.ts'
import { FIELD_MANAGER } from '../read/template-is-ours.ts'
import { lastWriteAnnotation } from '../read/to-sighting.ts'
import { refusalOf } from '../write/write.ts'

/** How its pods run, by the settings. */
export type JobPlace = {
  readonly namespace: string
  readonly serviceAccount: string
  /** Its keys are the variables of the program. */
  readonly secret?: string | undefined
}

const FoundJob = z.object({
  metadata: Metadata,
  status: z
    .object({
      ready: z.number().default(0),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().default(''),
            message: z.string().default(''),
          }),
        )
        .nullish(),
    })
    .default({ ready: 0 }),
})

/** One Job for each run: never tried a second time, and never removed, so that its end can be read. */
export function kubernetesJobs({
  client,
  place,
}: {
  readonly client: KubernetesClient
  readonly place: JobPlace
}): Jobs {
  const { namespace } = place
  const path = `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`

  return {
    where: `namespace ${namespace}`,

    async find(name, key, signal) {
      try {
        const answer = await client.get(`${path}/${encodeURIComponent(name)}`, { signal })
        return foundIn(parseAnswer(FoundJob, answer, 'jobs'), { key, namespace })
      } catch (error) {
        if (error instanceof Fault && error.code === '404') return { kind: 'none' }
        throw error
      }
    },

    async start(job, { key, cause, dryRun, signal, sendBeforeMs }) {
      const query = {
        fieldManager: FIELD_MANAGER,
        fieldValidation: 'Strict',
        ...(dryRun ? { dryRun: 'All' } : {}),
      }
      try {
        await client.create(path, jobFor(job, { key, cause }, place), {
          signal,
          query,
          sendBeforeMs,
        })
        return { kind: 'started' }
      } catch (error) {
        if (error instanceof Fault && error.code === '409') return { kind: 'exists' }
        const refusal = error instanceof Fault ? refusalOf(error, { dryRun }) : null
        if (refusal?.kind !== 'refused') throw error
        return refusal
      }
    },
  }
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions */
function foundIn(
  { metadata, status }: z.infer<typeof FoundJob>,
  { key, namespace }: { readonly key: string; readonly namespace: string },
): JobFound {
  if (metadata.annotations[lastWriteAnnotation] !== key) return { kind: 'another' }
  const conditions = (status.conditions ?? []).filter((one) => one.status === 'True')
  if (conditions.some(({ type }) => type === 'Complete')) return { kind: 'succeeded' }
  const failed = conditions.find(({ type }) => type === 'Failed')
  if (!failed) {
    return { kind: 'running', says: status.ready > 0 ? 'it runs' : 'its pod is not ready yet' }
  }
  const why = shortLine([failed.reason, failed.message].filter((one) => one !== '').join(': '))
  const logs = `kubectl -n ${namespace} logs job/${metadata.name}`
  return { kind: 'failed', says: `it failed (${why}; see ${logs})` }
}

function jobFor(
  { name, image, command, seconds, variables }: Job,
  { key, cause }: { readonly key: string; readonly cause: string },
  { namespace, serviceAccount, secret }: JobPlace,
) {
  const labels = { 'app.kubernetes.io/managed-by': 'backout' }
  const env = Object.entries(variables).map(([of, value]) => ({ name: of, value }))
  const container = {
    name: 'migration',
    image,
    command,
    env,
    ...(secret === undefined ? {} : { envFrom: [{ secretRef: { name: secret } }] }),
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      labels,
      annotations: { [lastWriteAnnotation]: key, 'kubernetes.io/change-cause': cause },
    },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: Math.ceil(seconds),
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: serviceAccount,
          automountServiceAccountToken: false,
          containers: [container],
        },
      },
    },
  }
}
