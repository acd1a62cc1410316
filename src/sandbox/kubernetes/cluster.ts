import {
  pipeline,
  revisionsOf,
  type ClusterStage,
  type Desired,
  type SimulatedDeployment,
} from './deployments.ts'
import { existsAt, isReadyAt, rolled } from './rolling.ts'
import { contentOf, edited, restarted } from './templates.ts'
import { whatPodsRun } from './what-pods-run.ts'

export type Cluster = ReturnType<typeof simulatedCluster>

/** Until something in the cluster adds to what is written. */
const admittedAsItIs = (template: unknown): unknown => template

/** The Deployments of the services: the bad release is the newest revision, two are before it. */
export function simulatedCluster(stage: ClusterStage, services: readonly string[]) {
  const { facts } = stage
  const deployments = new Map<string, SimulatedDeployment>()
  let admission = admittedAsItIs

  const { fresh, asked, podName } = revisionsOf(stage)

  const reset = (): void => {
    for (const service of services) deployments.set(service, fresh(service))
  }
  reset()

  const known = (service: string): SimulatedDeployment => {
    const found = deployments.get(service)
    if (!found) throw new Error(`the sandbox has no Deployment ${service}`)
    return found
  }

  return {
    services,
    reset,
    all: (): readonly SimulatedDeployment[] => [...deployments.values()],
    find: (service: string): SimulatedDeployment | undefined => deployments.get(service),

    /** Whatever is written from now on is handed on like this. */
    admitAs(admitted: (template: unknown) => unknown): void {
      admission = admitted
    },
    admitted: (template: unknown): unknown => admission(template),

    change(
      service: string,
      { template: wish, by = pipeline, cause = null, ...settings }: Desired,
    ): void {
      const template = wish && { ...wish, template: admission(wish.template) }
      const before = known(service)
      const { replicas, paused, lastWrite } = settings
      // As the API server counts: who else manages it stands elsewhere.
      const isCounted = [template, replicas, paused, lastWrite].some((one) => one !== undefined)
      const revisions = template ? asked(before, template, { by, cause }) : before.revisions
      const next = {
        ...before,
        ...settings,
        revisions,
        generation: before.generation + (isCounted ? 1 : 0),
      }
      const [wanted] = revisions
      const pods =
        next.paused || !wanted
          ? before.pods
          : rolled(before.pods, {
              nowMs: stage.now(),
              revision: wanted.uid,
              version: wanted.version,
              replicas: next.replicas,
              starts: !facts().missingVersions.includes(wanted.version),
              nameOf: (serial) => podName(service, wanted, serial),
            })
      deployments.set(service, { ...next, pods })
    },

    /** Somebody deletes what could be returned to. What is asked for would be made again at once. */
    removeRevision(service: string, version: string): void {
      const before = known(service)
      const revisions = before.revisions.filter(
        (one, index) => index === 0 || one.version !== version,
      )
      deployments.set(service, { ...before, revisions })
    },

    /** Somebody edits what could be returned to: it keeps its names, and holds something else. */
    editRevision(service: string, version: string): void {
      const before = known(service)
      const revisions = before.revisions.map((one, index) => {
        if (index === 0 || one.version !== version) return one
        const template = edited(one.template)
        const content = contentOf(restarted(template, 0))
        return { ...one, template, sha256: contentOf(template), content }
      })
      deployments.set(service, { ...before, revisions })
    },

    isCrashing,

    /** The version that answers requests: that of the oldest Pod that is ready. */
    serving(service: string, atMs: number): string | null {
      const deployment = deployments.get(service)
      if (!deployment) return facts().crashLooping ? null : facts().version
      const ready = deployment.pods.find((pod) => isReadyAt(pod, atMs) && !isCrashing(pod.version))
      return ready?.version ?? null
    },

    writing(service: string, atMs: number): number {
      const deployment = deployments.get(service)
      if (!deployment) return services.length === 0 && !facts().crashLooping ? 1 : 0
      return deployment.pods.filter(
        (pod) => existsAt(pod, atMs) && pod.readyAtMs <= atMs && !isCrashing(pod.version),
      ).length
    },

    ...whatPodsRun(() => [...deployments.values()], stage.configMaps),
  }

  function isCrashing(version: string): boolean {
    const { crashLooping, version: faulty } = facts()
    return crashLooping && version === faulty
  }
}
