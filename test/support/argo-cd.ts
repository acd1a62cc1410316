import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { OwnerName } from '../../src/domain/plan/owner.ts'
import type { KubernetesCluster } from '../servers/kubernetes/start.ts'
import { ownerPath } from './owners.ts'

const Application = z.object({
  spec: z.object({ syncPolicy: z.object({ automated: z.unknown().optional() }) }),
})
const Deployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({ containers: z.array(z.object({ image: z.string() })).min(1) }),
    }),
  }),
})

export type ArgoCd = AsyncDisposable & {
  /** What Git says from now on. */
  readonly revert: (version: string) => void
  /** Resolves when it has looked at everything once more, from now on. */
  readonly looked: () => Promise<void>
  /** How often it has put back what Git says. */
  readonly healed: () => number
}

/**
 * What Argo CD does with an application that heals itself, as far as it matters here: it says
 * whether the Deployments are as in Git, and while it syncs by itself it makes them so.
 */
export function actAsArgoCd(
  { admin, setImage }: KubernetesCluster,
  options: {
    readonly application: OwnerName
    readonly namespace: string
    readonly deployments: readonly string[]
    readonly version: string
  },
): ArgoCd {
  const { application, namespace, deployments } = options
  let { version } = options
  let healed = 0
  let looks = 0
  const stopping = new AbortController()

  async function sync(): Promise<void> {
    const { spec } = Application.parse(await admin.must('GET', ownerPath(application)))
    const resources = []
    for (const name of deployments) {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
      const image = Deployment.parse(await admin.must('GET', path)).spec.template.spec.containers[0]
      const same = image?.image.endsWith(`:${version}`) ?? false
      resources.push({ kind: 'Deployment', namespace, name, status: same ? 'Synced' : 'OutOfSync' })
      if (same || !spec.syncPolicy.automated) continue
      healed += 1
      await setImage(namespace, name, `pipeshub/${name}:${version}`, { wait: false })
    }
    const reconciledAt = new Date().toISOString()
    const body = JSON.stringify({ status: { reconciledAt, resources } })
    await admin.must('PATCH', ownerPath(application), body, 'application/merge-patch+json')
    looks += 1
  }

  const syncing = (async () => {
    while (!stopping.signal.aborted) {
      await sync()
      await sleep(200)
    }
  })()
  return {
    revert: (now) => (version = now),
    async looked() {
      // One may be under way that began before.
      const enough = looks + 2
      const hasLooked = (): boolean => looks >= enough
      while (!hasLooked()) await sleep(50)
    },
    healed: () => healed,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await syncing
    },
  }
}
