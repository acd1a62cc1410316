// node test/bench/large-cluster-subject.ts <kubeconfig> <service>…: how much more the second namespace takes.
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { kubernetesWorkloads } from '../../src/adapters/kubernetes/read/workloads.ts'

const LOOKS = 30

const [kubeconfig = '', ...services] = process.argv.slice(2)
const client = kubernetesClient({ kubeconfig })

const looks = async (namespace: string): Promise<void> => {
  const deployments = Object.fromEntries(services.map((name) => [name, name]))
  const workloads = kubernetesWorkloads({ client, namespace, deployments })
  for (let look = 0; look < LOOKS; look += 1) {
    // oxlint-disable-next-line no-await-in-loop -- as a rollout is watched
    const seen = await workloads.rollouts(services, AbortSignal.timeout(60_000))
    if (seen.some(({ ready }) => ready !== 1)) throw new Error('a pod of ours is not seen')
  }
}

/** In MB; the kernel's own mark of the highest moment. */
const peak = (): number => (process.resourceUsage().maxRSS * 1024) / 1e6

await looks('small')
const before = peak()
await looks('large')
console.log(JSON.stringify({ grownMb: peak() - before, looks: LOOKS }))
await client.close()
