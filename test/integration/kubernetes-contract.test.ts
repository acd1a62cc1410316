import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe } from 'vitest'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import type { KubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { kubernetesWorkloads } from '../../src/adapters/kubernetes/read/workloads.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { closedPort, silentServer } from '../support/contracts/outside.ts'
import { variableWritesContract } from '../support/contracts/variable-writes.ts'
import { workloadWritesContract } from '../support/contracts/workload-writes.ts'
import type { WritesFixture } from '../support/contracts/workload-writes.ts'
import { workloadsContract } from '../support/contracts/workloads.ts'
import {
  deleteReplicaSet,
  editReplicaSet,
  deployService,
  envSecret,
  plainSecret,
  soon,
  startBotCluster,
} from '../support/kubernetes.ts'
import type { BotCluster } from '../support/kubernetes.ts'

const secret = 'hunter2-hunter2'
const services = ['backend', 'frontend']
/** Of the release that is rolled back. */
const author = { by: 'ci-bot', cause: 'fix login', commit: '3f2a91c0'.repeat(5) }
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

  const outside = {
    refusing: async () => at(`https://127.0.0.1:${await closedPort()}`),
    silent: async () => {
      const { host, port } = await silentServer()
      return at(`https://${host}:${port}`)
    },
  }

  beforeAll(async () => {
    bots = await startBotCluster()
    const { deploy, setImage, writeLogs } = bots.cluster
    for (const name of services) {
      await deploy('production', name, `example.test/${name}:v1.9.0`, 2)
      await setImage('production', name, `example.test/${name}:v2.0.0`, { author })
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
    ...outside,
  })

  let namespaces = 0

  const freshNamespace = async (): Promise<string> => {
    namespaces += 1
    const namespace = `writes-${namespaces}`
    await bots.grantIn(namespace)
    return namespace
  }

  const writesIn = async (namespace: string): Promise<WritesFixture> => {
    const { cluster } = bots
    return {
      deployments: workloads(await bots.botClient(), namespace),
      deploy: (service, version) =>
        cluster.setImage(namespace, service, `example.test/${service}:${version}`, {
          author: { by: 'ci-bot' },
          wait: false,
        }),
      removeRevision: (service, version) =>
        deleteReplicaSet(cluster, namespace, `example.test/${service}:${version}`),
      editRevision: (service, version) =>
        editReplicaSet(cluster, namespace, `example.test/${service}:${version}`),
      pass: sleep,
      missing: 'missing',
      secrets: [secret, envSecret, plainSecret],
    }
  }

  const startWrites = async () => {
    const namespace = await freshNamespace()
    const { cluster } = bots
    await Promise.all(
      services.map(async (name) => {
        await deployService(cluster, namespace, name)
        await cluster.setImage(namespace, name, `example.test/${name}:v2.0.0`, { author })
      }),
    )
    return writesIn(namespace)
  }

  variableWritesContract('kubernetes', startWrites)

  workloadWritesContract('kubernetes', {
    start: startWrites,
    async bare() {
      const namespace = await freshNamespace()
      // Paused from its beginning: the controller rolls nothing out, and annotates nothing.
      const containers = [{ name: 'backend', image: 'example.test/backend:v1.9.0' }]
      const template = { metadata: { labels: { app: 'backend' } }, spec: { containers } }
      const options = { spec: { paused: true, template }, wait: false }
      await deployService(bots.cluster, namespace, 'backend', options)
      return writesIn(namespace)
    },
    ...outside,
  })
})
