import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { KubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { checkAccess } from '../../src/adapters/kubernetes/client/access.ts'
import { kubernetesInstances } from '../../src/adapters/kubernetes/instances/instances.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { instancesContract } from '../support/contracts/instances.ts'
import { closedPort, faultOf, silentServer } from '../support/contracts/outside.ts'
import {
  botName,
  deployService,
  grantReadBack,
  soon,
  startBotCluster,
} from '../support/kubernetes.ts'
import type { BotCluster } from '../support/kubernetes.ts'
import { movePods, startPodPages } from '../support/pod-pages.ts'
import type { PodPages } from '../support/pod-pages.ts'

const deployments = { backend: 'backend' }
const skip = missingAllowed('kubernetes') || outsideAddress('kubernetes') !== undefined

const instancesIn = (client: KubernetesClient, namespace: string) =>
  kubernetesInstances({ client, namespace, deployments })

describe.skipIf(skip)('pods one by one', () => {
  let bots: BotCluster
  let pages: PodPages
  let namespaces = 0

  beforeAll(async () => {
    bots = await startBotCluster()
    pages = await startPodPages('true')
  })
  afterAll(async () => {
    await pages[Symbol.asyncDispose]()
    await bots[Symbol.asyncDispose]()
  })

  /** Two pods of `backend`, each at the address of the pages. */
  const deployed = async ({ mayAsk = true } = {}) => {
    namespaces += 1
    const namespace = `pods-${namespaces}`
    await bots.grantIn(namespace)
    if (mayAsk) await grantReadBack(bots, namespace)
    await deployService(bots.cluster, namespace, 'backend')
    const pods = await movePods(bots.cluster, namespace, pages.host)
    const instances = instancesIn(await bots.botClient(), namespace)
    const ask = (path: string, pod = pods[0] ?? '', signal = soon()) =>
      instances.ask('backend', pod, { port: pages.port, path, signal })
    return { namespace, instances, pods, ask }
  }

  const at = async (server: string) => {
    const folder = await bots.botFolder(bots.token)
    const client = kubernetesClient({ inCluster: { server, folder } })
    onTestFinished(() => client.close())
    return instancesIn(client, 'production')
  }

  instancesContract(
    'kubernetes',
    {
      async start() {
        const { namespace, instances } = await deployed()
        return {
          instances,
          replicas: 2,
          async replace() {
            const image = 'example.test/backend:v2.0.0'
            await bots.cluster.setImage(namespace, 'backend', image)
          },
          pass: sleep,
          pages: { port: pages.port, path: '/flags', value: 'true' },
        }
      },
      refusing: async () => at(`https://127.0.0.1:${await closedPort()}`),
      silent: async () => {
        const { host, port } = await silentServer()
        return at(`https://${host}:${port}`)
      },
    },
    { asks: true },
  )

  test('a Deployment that is not there is no answer, and one without pods is', async () => {
    const { namespace, instances } = await deployed()
    const { admin } = bots.cluster
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/backend`
    await admin.must('PATCH', path, { spec: { replicas: 0 } })
    const none = () => instances.list('backend', soon())
    expect(await eventually(none, (all) => all.length === 0)).toEqual([])
    await admin.must('DELETE', path)
    const gone = await faultOf(instances.list('backend', soon()))
    expect(gone.detail).toBe(`there is no Deployment backend in namespace ${namespace}`)
  })

  test('a pod that ends is told as one, and one that is over is not counted', async () => {
    const { namespace, instances, pods } = await deployed()
    const { admin } = bots.cluster
    const [ends = '', fails = ''] = pods
    const path = `/api/v1/namespaces/${namespace}/pods`
    // Until somebody lets it go.
    await admin.must('PATCH', `${path}/${ends}`, { metadata: { finalizers: ['test/stays'] } })
    await admin.must('DELETE', `${path}/${ends}`)
    await admin.must('PATCH', `${path}/${fails}/status`, { status: { phase: 'Failed' } })
    const listed = await eventually(
      () => instances.list('backend', soon()),
      (all) => all.filter(({ ending }) => !ending).length === 2,
    )
    expect(listed.map(({ id }) => id)).not.toContain(fails)
    expect(listed.filter(({ ending }) => ending).map(({ id }) => id)).toEqual([ends])
    await admin.must('PATCH', `${path}/${ends}`, { metadata: { finalizers: null } })
  })

  test('a redirect is the answer, and an answer without end is cut off', async () => {
    const { ask } = await deployed()
    const moved = await ask('/moved')
    expect(moved).toMatchObject({ status: 302, truncated: false })
    const long = await ask('/long')
    expect(long).toMatchObject({ status: 200, truncated: true })
    expect(long?.body).toHaveLength(64 * 1024)
  })

  test('whoever never answers is given up with the signal', async () => {
    const { ask } = await deployed()
    const fault = await faultOf(ask('/slow', undefined, AbortSignal.timeout(300)))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
  })

  test('what the application forbids is its answer; what the API server forbids is said in words', async () => {
    const granted = await deployed()
    expect(await granted.ask('/forbidden')).toMatchObject({ status: 403 })
    const { namespace, ask } = await deployed({ mayAsk: false })
    const fault = await faultOf(ask('/flags'))
    expect(fault).toMatchObject({ kind: 'terminal', code: '403' })
    expect(fault.detail).toBe(
      `pods cannot be asked one by one: the account lacks the right to get pods/proxy in namespace ${namespace}`,
    )
  })

  test('no path leads out of the pod', async () => {
    const { namespace, ask } = await deployed()
    for (const path of ['/../../../../pods', '/%2e%2e/%2e%2e/pods', '/a/../../b?c=/../d']) {
      expect(await ask(path)).toMatchObject({ status: 404, body: '{"error":"not found"}' })
    }
    const calls = await eventually(
      async () =>
        (await bots.cluster.callsBy(botName)).filter((one) => one.namespace === namespace),
      (seen) => seen.some(({ subresource }) => subresource === 'proxy'),
    )
    const used = calls.map(
      ({ verb, resource, subresource }) => `${verb} ${resource}/${subresource}`,
    )
    expect(used).toContain('get pods/proxy')
    expect(used).not.toContain('list secrets/')
  })

  test('the pod hears nothing of the credentials that the API server was asked with', async () => {
    const { ask } = await deployed()
    const before = pages.asked().length
    await ask('/flags')
    const [heard] = pages.asked().slice(before)
    expect(heard?.authorization).toBeUndefined()
    expect(JSON.stringify(heard)).not.toContain(bots.token)
  })

  test('the right is asked for only where pods are asked, and is one Role more', async () => {
    const { namespace } = await deployed({ mayAsk: false })
    const client = await bots.botClient()
    const asked = { namespace, deployments: ['backend'] }
    expect((await checkAccess(client, asked, soon())).missing).toEqual([])
    const { missing } = await checkAccess(client, { ...asked, readsBack: true }, soon())
    expect(missing).toEqual([`get pods/proxy in ${namespace}`])
    await grantReadBack(bots, namespace)
    expect((await checkAccess(client, { ...asked, readsBack: true }, soon())).missing).toEqual([])
  })
})
