import { Fault } from '../../domain/base/fault.ts'
import type { EndpointAnswer } from '../../ports/endpoints.ts'
import type { Instance } from '../../ports/instances.ts'
import { FLAG_PAGE, flagPage, LISTENS_AT, noSuch } from '../flag-page.ts'
import type { FlagTold, SimulatedInstances } from '../flag-page.ts'
import { json } from '../pages.ts'
import type { Stage } from '../production.ts'
import { answering } from '../simulated-availability.ts'
import type { Cluster } from './cluster.ts'
import { existsAt, isEndingAt } from './rolling.ts'
import type { SimulatedPod } from './rolling.ts'
import { workloadViews } from './workload-views.ts'

/** The port over the Pods of the simulated cluster. */
export function sandboxPods(stage: Stage, cluster: Cluster): SimulatedInstances {
  const answer = answering('kubernetes', stage)
  const ask = <T>(signal: AbortSignal, what: () => T): Promise<T> =>
    answer(stage.production().kubernetes, signal, what)
  const podsOf = (service: string): readonly SimulatedPod[] => {
    const found = cluster.find(service)
    if (!found)
      throw noSuch('kubernetes', `no Deployment of the settings runs ${service}`, 'terminal')
    return found.pods.filter((pod) => existsAt(pod, stage.now()))
  }
  const isReady = (pod: SimulatedPod): boolean => workloadViews(cluster, stage.now()).isReady(pod)
  const told = (service: string, pod: SimulatedPod): FlagTold => {
    const found = cluster.find(service)
    return { instance: pod.name, value: found ? cluster.flagOf(found, pod) : null }
  }

  return {
    ready: (service) =>
      cluster.find(service)
        ? podsOf(service)
            .filter(isReady)
            .map((pod) => told(service, pod))
        : [],
    instances: {
      list: (service, signal) =>
        ask(signal, () => podsOf(service).map((pod) => instanceOf(pod, stage.now()))),
      ask: (service, instance, { port, path, signal }) =>
        ask(signal, (): EndpointAnswer => {
          const pod = podsOf(service).find(({ name }) => name === instance)
          if (!pod) throw noSuch('kubernetes', `there is no pod ${instance} any more`, 'retryable')
          if (!listens(pod) || port !== LISTENS_AT) throw silentAt(instance, port)
          if (path.split('?', 1)[0] !== FLAG_PAGE) return json(404, { error: 'not found' })
          return flagPage(told(service, pod))
        }),
    },
  }

  /** From its start to its very end: one that ends answers whoever asks it by itself. */
  function listens(pod: SimulatedPod): boolean {
    return isReady(pod) || (isEndingAt(pod, stage.now()) && !cluster.isCrashing(pod.version))
  }
}

function instanceOf(pod: SimulatedPod, atMs: number): Instance {
  const startedAt = new Date(pod.bornAtMs).toISOString()
  return { id: pod.name, alsoCalled: [], startedAt, ending: isEndingAt(pod, atMs) }
}

function silentAt(pod: string, port: number): Fault {
  const detail = `pod ${pod} does not answer at port ${port}: connection refused`
  return new Fault({ kind: 'retryable', dependency: 'kubernetes', detail, code: '503' })
}
