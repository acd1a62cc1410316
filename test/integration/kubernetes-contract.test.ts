import { afterAll, beforeAll, describe } from 'vitest'
import { kubernetesClient } from '../../src/adapters/kubernetes/client.ts'
import type { KubernetesClient } from '../../src/adapters/kubernetes/client.ts'
import { kubernetesWorkloads } from '../../src/adapters/kubernetes/workloads.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { closedPort, silentServer } from '../support/contracts/outside.ts'
import { workloadsContract } from '../support/contracts/workloads.ts'
import { eventually, soon, startBotCluster } from '../support/kubernetes.ts'
import type { BotCluster } from '../support/kubernetes.ts'

const secret = 'hunter2-hunter2'
const services = ['backend', 'frontend']
const deployments = { backend: 'backend', frontend: 'frontend' }

const workloads = (client: KubernetesClient, namespace = 'production') =>
  kubernetesWorkloads({ client, namespace, deployments })

const skip = missingAllowed('kubernetes') || outsideAddress('kubernetes') !== undefined

describe.skipIf(skip)('kubernetes', () => {
  let bots: BotCluster

  const at = async (server: string) => {
    const folder = await bots.botFolder(bots.token)
    return workloads(kubernetesClient({ inCluster: { server, folder } }))
  }

  beforeAll(async () => {
    bots = await startBotCluster()
    const { deploy, setImage, writeLogs } = bots.cluster
    for (const name of services) {
      await deploy('production', name, `example.test/${name}:v1.9.0`, 2)
      await setImage('production', name, `example.test/${name}:v2.0.0`)
      await deploy('crashing', name, `example.test/${name}:crashing`, 2, { wait: false })
    }
    await writeLogs(['starting', `connecting with password=${secret}`])
    const crashing = workloads(bots.adminClient(), 'crashing')
    await eventually(
      () => crashing.list(services, soon()),
      (seen) => seen.every(({ restarts }) => restarts > 0),
    )
  })
  afterAll(() => bots[Symbol.asyncDispose]())

  workloadsContract('kubernetes', {
    start: async (state) => ({
      workloads:
        state === 'ready'
          ? workloads(await bots.botClient())
          : workloads(bots.adminClient(), 'crashing'),
      secret,
    }),
    refusing: async () => at(`https://127.0.0.1:${await closedPort()}`),
    silent: async () => {
      const { host, port } = await silentServer()
      return at(`https://${host}:${port}`)
    },
  })
})
