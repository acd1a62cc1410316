import { FLAG } from '../production.ts'
import type { SimulatedDeployment } from './deployments.ts'
import { existsAt, isEndingAt, type SimulatedPod } from './rolling.ts'
import { variableIn } from './variable-in.ts'

/** What the pods make of production. One that ends takes no more requests, and spoils nothing. */
export function whatPodsRun(all: () => readonly SimulatedDeployment[]) {
  return {
    runs: (version: string, atMs: number): boolean =>
      all().some(({ pods }) => pods.some((pod) => isServing(pod, version, atMs))),
    goesByFlag: (version: string, atMs: number): boolean =>
      all().some(({ service, pods, revisions }) =>
        pods.some((pod) => {
          const template = revisions.find(({ uid }) => uid === pod.revision)?.template
          return isServing(pod, version, atMs) && variableIn(template, service, FLAG) === 'true'
        }),
      ),
  }
}

function isServing(pod: SimulatedPod, version: string, atMs: number): boolean {
  return existsAt(pod, atMs) && !isEndingAt(pod, atMs) && pod.version === version
}
