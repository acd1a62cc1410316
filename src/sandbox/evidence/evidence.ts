import type { EvidencePiece } from '../../ports/workloads.ts'
import type { SimulatedDeployment } from '../kubernetes/deployments.ts'
import { logLines } from '../logs.ts'
import type { Stage } from '../production.ts'
import { withoutValues } from '../kubernetes/templates.ts'
import type { workloadViews } from '../kubernetes/workload-views.ts'

/** The files the adapter would make of such a cluster. */
export async function* evidenceOf(
  stage: Stage,
  of: SimulatedDeployment,
  views: ReturnType<typeof workloadViews>,
): AsyncIterable<EvidencePiece> {
  const { service, uid, generation, replicas, paused, revisions } = of
  const pods = views.existing(of)
  const template = withoutValues(revisions[0]?.template)
  yield file(`${service}/deployment.json`, {
    kind: 'Deployment',
    metadata: { name: service, uid, generation },
    spec: { replicas, paused, template },
  })
  yield file(
    `${service}/replicasets.json`,
    revisions.map((one) => ({
      kind: 'ReplicaSet',
      metadata: { name: `${service}-${one.templateHash}`, uid: one.uid },
      spec: { template: withoutValues(one.template) },
    })),
  )
  yield file(
    `${service}/pods.json`,
    pods.map((pod) => ({
      kind: 'Pod',
      metadata: { name: pod.name },
      status: { ready: views.isReady(pod), restartCount: views.restartsOf(pod) },
    })),
  )
  yield file(
    `${service}/events.json`,
    pods
      .filter((pod) => views.restartsOf(pod) > 0)
      .map(({ name }) => ({
        kind: 'Event',
        involvedObject: { kind: 'Pod', name },
        reason: 'BackOff',
        message: 'Back-off restarting failed container',
      })),
  )
  for (const pod of pods) {
    const log = `${logLines(stage, service, pod).join('\n')}\n`
    const name = `${service}/${pod.name}/${service}`
    yield { name: `${name}.log`, text: pieces(log) }
    if (views.restartsOf(pod) > 0) yield { name: `${name}.previous.log`, text: pieces(log) }
  }
}

export function file(name: string, value: unknown): EvidencePiece {
  return { name, text: pieces(`${JSON.stringify(value, null, 2)}\n`) }
}

export async function* pieces(text: string): AsyncIterable<string> {
  yield* text.split(/(?<=\n)/)
}
