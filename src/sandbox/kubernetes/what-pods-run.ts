import { FLAG } from '../production.ts'
import type { SimulatedConfigMaps } from './config-maps.ts'
import type { SimulatedDeployment } from './deployments.ts'
import { existsAt, isEndingAt, type SimulatedPod } from './rolling.ts'
import { variableIn } from './variable-in.ts'

/** What the pods make of production. One that ends takes no more requests, and spoils nothing. */
export function whatPodsRun(
  all: () => readonly SimulatedDeployment[],
  { valueAt }: Pick<SimulatedConfigMaps, 'valueAt'>,
) {
  /** The flag as the pod goes by it: a pod reads its variables when it begins, and never again. */
  function flagOf({ service, revisions }: SimulatedDeployment, pod: SimulatedPod): string | null {
    const template = revisions.find(({ uid }) => uid === pod.revision)?.template
    const entry = variableIn(template, service, FLAG)
    return entry?.kind === 'from'
      ? valueAt(entry.configMap, entry.key, pod.bornAtMs)
      : (entry?.value ?? null)
  }

  return {
    flagOf,
    runs: (version: string, atMs: number): boolean =>
      all().some(({ pods }) => pods.some((pod) => isServing(pod, version, atMs))),
    goesByFlag: (version: string, atMs: number): boolean =>
      all().some((one) =>
        one.pods.some((pod) => isServing(pod, version, atMs) && flagOf(one, pod) === 'true'),
      ),
  }
}

function isServing(pod: SimulatedPod, version: string, atMs: number): boolean {
  return existsAt(pod, atMs) && !isEndingAt(pod, atMs) && pod.version === version
}
