import type { Revision, Workload } from '../domain/workload.ts'
import type { Workloads } from '../ports/workloads.ts'
import { answering } from './answering.ts'
import { logLines } from './logs.ts'
import { identity, suffix } from './noise.ts'
import type { Stage } from './production.ts'

const replicas: Readonly<Record<string, number>> = { backend: 3, frontend: 2 }
const daysMs = 24 * 60 * 60_000

/** Deployments with the bad release as their newest revision, and the two before it. */
export function sandboxWorkloads(stage: Stage, services: readonly string[]): Workloads {
  const answer = answering('kubernetes', stage.seed)
  const known = (service: string): boolean => services.includes(service)

  return {
    list: (asked, signal) =>
      answer(stage.production().kubernetes, signal, () =>
        asked.filter(known).map((service) => workloadOf(stage, service)),
      ),

    logs: (service, { tail, signal }) =>
      answer(stage.production().kubernetes, signal, () =>
        known(service)
          ? podNames(stage, service).map((pod) => ({
              source: `${pod}/${service}`,
              lines: logLines(stage, service, pod).slice(-tail),
            }))
          : [],
      ),
  }
}

function workloadOf(stage: Stage, service: string): Workload {
  const { crashLooping, version, previousVersion } = stage.production()
  const { deployedAtMs } = stage
  const desired = podNames(stage, service).length
  const [current, ...previous] = [
    revision(stage, service, version, deployedAtMs),
    revision(stage, service, previousVersion, deployedAtMs - 6 * daysMs),
    revision(stage, service, 'v1.8.3', deployedAtMs - 19 * daysMs),
  ]
    .filter((one, index, all) => all.findIndex(({ uid }) => uid === one.uid) === index)
    .map((one, index, all) => ({ ...one, number: 41 + all.length - index }))
  return {
    service,
    name: `deployment/${service}`,
    desired,
    ready: crashLooping ? 0 : desired,
    updated: desired,
    restarts: crashLooping ? desired * restartsPerPod(stage) : 0,
    troubles: crashLooping ? [crashLoop(service, desired)] : [],
    paused: false,
    managedBy: [],
    current: current ?? null,
    previous,
  }
}

function revision(stage: Stage, service: string, version: string, createdMs: number): Revision {
  return {
    number: 0,
    uid: identity(stage.seed, `${service} ${version}`),
    templateHash: templateHash(stage, service, version),
    images: [`pipeshub/${service}:${version}`],
    // Kubernetes keeps whole seconds.
    createdAt: new Date(Math.floor(createdMs / 1000) * 1000).toISOString(),
  }
}

const templateHash = (stage: Stage, service: string, version: string): string =>
  suffix(stage.seed, `${service} ${version} template`, 10)

function podNames(stage: Stage, service: string): string[] {
  const hash = templateHash(stage, service, stage.production().version)
  return Array.from(
    { length: replicas[service] ?? 2 },
    (_, index) => `${service}-${hash}-${suffix(stage.seed, `${service} pod ${index}`, 5)}`,
  )
}

/** The waiting doubles from ten seconds to five minutes. */
function restartsPerPod({ now, deployedAtMs }: Stage): number {
  const seconds = Math.max(0, (now() - deployedAtMs) / 1000)
  return seconds < 310
    ? Math.floor(Math.log2(1 + seconds / 10))
    : 5 + Math.floor((seconds - 310) / 300)
}

const crashLoop = (service: string, pods: number): string =>
  `${service}: CrashLoopBackOff: back-off 5m0s restarting failed container (last: Error, exit code 1) (${pods} pods)`
