import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  checkAccess,
  configMapRules,
  READ_BACK_RULES,
  rules,
} from '../../src/adapters/kubernetes/client/access.ts'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import type { KubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { kubernetesConfigMaps } from '../../src/adapters/kubernetes/config-maps/config-maps.ts'
import { kubernetesInstances } from '../../src/adapters/kubernetes/instances/instances.ts'
import { kubernetesWorkloads } from '../../src/adapters/kubernetes/read/workloads.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import type { KubernetesCluster } from '../servers/kubernetes/start.ts'
import {
  autoscalers,
  botName,
  grantConfigMaps,
  grantReadBack,
  countingProxy,
  resigned,
  soon,
  startBotCluster,
} from '../support/kubernetes.ts'
import type { BotCluster } from '../support/kubernetes.ts'

const deployments = { api: 'backend', web: 'frontend', none: 'absent' }
const services = ['api', 'web', 'none', 'unmapped']

const workloads = (client: KubernetesClient, namespace = 'production') =>
  kubernetesWorkloads({ client, namespace, deployments })

// A cluster of somebody else's has no audit log, and its namespaces are not ours to fill.
const skip = missingAllowed('kubernetes') || outsideAddress('kubernetes') !== undefined

describe.skipIf(skip)('kubernetes', () => {
  let bots: BotCluster
  let cluster: KubernetesCluster

  beforeAll(async () => {
    bots = await startBotCluster()
    ;({ cluster } = bots)
    await Promise.all([
      cluster.deploy('production', 'backend', 'example.test/backend:v1.0.0', 2),
      cluster.deploy('production', 'frontend', 'example.test/frontend:v1.0.0', 1),
    ])
    await Promise.all([
      cluster.setImage('production', 'backend', 'example.test/backend:v2.0.0'),
      cluster.setImage('production', 'frontend', 'example.test/frontend:v2.0.0'),
    ])
  })
  afterAll(() => bots[Symbol.asyncDispose]())

  const change = (name: string, patch: unknown): Promise<unknown> =>
    cluster.admin.must('PATCH', `/apis/apps/v1/namespaces/production/deployments/${name}`, patch)

  describe('list', () => {
    test('tells what runs, which revision it is, and which it could return to', async () => {
      const list = await workloads(await bots.botClient()).list(services, soon())
      expect(list.map(({ service, name }) => [service, name])).toEqual([
        ['api', 'deployment/backend'],
        ['web', 'deployment/frontend'],
      ])
      const [backend] = list
      expect(backend).toMatchObject({
        desired: 2,
        ready: 2,
        updated: 2,
        restarts: 0,
        troubles: [],
        paused: false,
        managedBy: [],
        current: { number: 2, images: ['example.test/backend:v2.0.0'] },
        previous: [{ number: 1, images: ['example.test/backend:v1.0.0'] }],
      })
      const pods = JSON.stringify(
        await cluster.admin.must('GET', '/api/v1/namespaces/production/pods'),
      )
      expect(pods).toContain(`"pod-template-hash":"${backend?.current?.templateHash}"`)
      const sets = await cluster.admin.must(
        'GET',
        '/apis/apps/v1/namespaces/production/replicasets',
      )
      expect(JSON.stringify(sets)).toContain(`"uid":"${backend?.previous[0]?.uid}"`)
    })

    test('numbers a revision anew that is returned to, and keeps its uid', async () => {
      const list = workloads(await bots.botClient())
      const [before] = await list.list(['web'], soon())
      await cluster.setImage('production', 'frontend', 'example.test/frontend:v1.0.0')
      const [after] = await list.list(['web'], soon())
      expect(after?.current).toMatchObject({ number: 3, uid: before?.previous[0]?.uid })
      expect(after?.previous.map(({ number }) => number)).toEqual([2])
    })

    test('sees that it is paused, and who else manages it', async () => {
      await change('backend', {
        metadata: {
          annotations: {
            'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:production/backend',
            'meta.helm.sh/release-name': 'shop',
          },
        },
        spec: { paused: true },
      })
      await cluster.applyManifest(autoscalers)
      const [backend, frontend] = await workloads(await bots.botClient()).list(services, soon())
      expect(backend?.paused).toBe(true)
      expect(backend?.managedBy).toEqual([
        'Argo CD application shop',
        'Helm release shop',
        'autoscaler backend (2–10)',
      ])
      expect(frontend?.managedBy).toEqual(['KEDA scaled object queue (at most 5)'])
    })

    test('says in the words of the cluster why pods are not ready', async () => {
      await cluster.deploy('odd', 'backend', 'example.test/backend:crashing', 2, { wait: false })
      await cluster.deploy('odd', 'frontend', 'example.test/frontend:missing', 1, { wait: false })
      const admin = bots.adminClient()
      const odd = await eventually(
        () => workloads(admin, 'odd').list(services, soon()),
        ([one, two]) => one?.restarts === 14 && two?.troubles[0]?.startsWith('frontend:') === true,
      )
      expect(odd).toMatchObject([
        {
          ready: 0,
          troubles: [
            'backend: CrashLoopBackOff: back-off 5m0s restarting failed container (last: Error, exit code 1) (2 pods)',
          ],
        },
        {
          troubles: [
            expect.stringMatching(
              /^frontend: ImagePullBackOff: Back-off pulling image "example\.test\/frontend:missing".*not found/,
            ),
          ],
        },
      ])
    })

    test('of a namespace that does not exist is empty for one who may look', async () => {
      const admin = bots.adminClient()
      expect(await workloads(admin, 'nowhere').list(services, soon())).toEqual([])
      expect(await workloads(admin, 'nowhere').logs('api', { tail: 1, signal: soon() })).toEqual([])
    })
  })

  test('logs come from every pod, the last lines of each, without secrets', async () => {
    await cluster.writeLogs(['starting', 'DB_PASSWORD=hunter2', 'listening'])
    const tails = await workloads(await bots.botClient()).logs('api', { tail: 2, signal: soon() })
    expect(tails).toHaveLength(2)
    for (const { source, lines } of tails) {
      expect(source).toMatch(/^backend-\w+-\w+\/backend$/)
      expect(lines).toEqual(['DB_PASSWORD=***', 'listening'])
    }
  })

  describe('credentials', () => {
    const refused = {
      kind: 'terminal',
      code: '401',
      detail: 'credentials were refused (expired token?)',
    }
    const seconds = Math.floor(Date.now() / 1_000)

    test('that are garbage, or expired, are refused', async () => {
      const garbage = workloads(await bots.botClient('garbage'))
      await expect(garbage.list(services, soon())).rejects.toMatchObject(refused)
      const past = { iat: seconds - 7_200, nbf: seconds - 7_200, exp: seconds - 3_600 }
      const expired = workloads(await bots.botClient(await resigned(cluster, bots.token, past)))
      await expect(expired.list(services, soon())).rejects.toMatchObject(refused)
      const valid = await resigned(cluster, bots.token, { exp: seconds + 900 })
      await expect(
        workloads(await bots.botClient(valid)).list(['api'], soon()),
      ).resolves.toHaveLength(1)
    })

    test('that were refused are read again by the next call', async () => {
      const folder = await bots.botFolder('garbage')
      const client = kubernetesClient({ inCluster: { server: cluster.url, folder } })
      await expect(workloads(client).list(services, soon())).rejects.toMatchObject(refused)
      await writeFile(join(folder, 'token'), `${bots.token}\n`)
      await expect(workloads(client).list(services, soon())).resolves.toHaveLength(2)
      await client.close()
    })

    test('are not shown to a server nobody vouches for', async () => {
      const kubeconfig = join(await bots.botFolder(''), 'config')
      const config = {
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: cluster.url } }],
        users: [{ name: 'u', user: { token: bots.token } }],
      }
      await writeFile(kubeconfig, JSON.stringify(config))
      const list = workloads(kubernetesClient({ kubeconfig })).list(services, soon())
      await expect(list).rejects.toMatchObject({
        kind: 'terminal',
        code: expect.stringMatching(/^UNABLE_TO_VERIFY|^SELF_SIGNED|^DEPTH_ZERO/),
      })
    })

    test('that do not reach so far name what was not allowed', async () => {
      const elsewhere = workloads(await bots.botClient(), 'kube-system')
      await expect(elsewhere.list(services, soon())).rejects.toMatchObject({
        kind: 'terminal',
        code: '403',
        detail: expect.stringMatching(
          /^system:serviceaccount:backout:backout is not allowed to list \S+ in namespace kube-system$/,
        ),
      })
    })
  })

  test('thirty calls at once share five connections at most', async () => {
    const { hostname, port } = new URL(cluster.url)
    const proxy = await countingProxy(Number(port), hostname)
    const client = await bots.botClient(bots.token, `https://127.0.0.1:${proxy.port}`)
    const list = (): Promise<unknown> => workloads(client).list(services, soon())
    await Promise.all(Array.from({ length: 6 }, list))
    await list()
    expect(proxy.connections()).toBeLessThanOrEqual(5)
    await client.close()
    proxy.close()
  })

  describe('rights', () => {
    test('are complete with our Role, and no more than that', async () => {
      const client = await bots.botClient()
      expect(
        await checkAccess(client, { namespace: 'production', deployments: ['backend'] }, soon()),
      ).toEqual({
        missing: [],
        excess: [],
      })
    })

    test('that are missing, or too many, are named', async () => {
      const client = await bots.botClient()
      const { missing } = await checkAccess(
        client,
        { namespace: 'odd', deployments: ['backend'] },
        soon(),
      )
      expect(missing).toEqual([
        'list deployments.apps in odd',
        'list replicasets.apps in odd',
        'patch deployments.apps backend in odd',
        'list pods in odd',
        'list events in odd',
        'get pods/log in odd',
        'get configmaps in odd',
        'get persistentvolumeclaims in odd',
        'get serviceaccounts in odd',
        'list endpointslices.discovery.k8s.io in odd',
        'list horizontalpodautoscalers.autoscaling in odd',
      ])
      const admin = bots.adminClient()
      const { excess } = await checkAccess(
        admin,
        { namespace: 'production', deployments: ['backend'] },
        soon(),
      )
      expect(excess).toContain('get secrets in production')
      expect(excess).toContain('list pods in every namespace')
      expect(excess).toContain('patch deployments.apps in production')
      expect(excess).toContain('delete deployments.apps backend in production')
    })

    test('are all used, and none is used that the Role does not grant', async () => {
      await grantReadBack(bots, 'production')
      await grantConfigMaps(bots, 'production', ['general'])
      const all = [
        ...rules(['backend', 'frontend']),
        ...READ_BACK_RULES,
        ...configMapRules(['general']),
      ]
      const granted = all.flatMap(({ apiGroups, resources, verbs }) =>
        verbs.flatMap((verb) =>
          apiGroups.flatMap((group) => resources.map((what) => `${verb} ${group}/${what}`)),
        ),
      )
      const client = await bots.botClient()
      const bot = workloads(client)
      const pods = kubernetesInstances({ client, namespace: 'production', deployments })
      // None is there, and the question is a call all the same.
      const question = { port: 8080, path: '/flags', signal: soon() }
      await pods.ask('api', 'gone', question).catch(() => null)
      const maps = kubernetesConfigMaps({ client, namespace: 'production' })
      const where = '/api/v1/namespaces/production/configmaps'
      const map = { metadata: { name: 'general' }, data: { FLAG: 'true' } }
      await cluster.admin.must('POST', where, map)
      const seen = await maps.find('general', 'FLAG', soon())
      const asked = { key: 'k', cause: 'c', dryRun: true, signal: soon() }
      await maps.write({ seen: seen!, to: 'false' }, asked)
      await bot.list(services, soon())
      await bot.logs('api', { tail: 1, signal: soon() })
      for await (const _ of bot.evidence('api', soon()));
      await bot.rollouts(['api'], soon())
      const needs = ['ConfigMap', 'PersistentVolumeClaim', 'ServiceAccount', 'Secret'].map(
        (kind) => ({ kind, name: kind === 'ServiceAccount' ? 'default' : 'not-there' }),
      )
      expect((await bot.needs(needs, soon())).map(({ state }) => state)).toEqual([
        'missing',
        'missing',
        'there',
        'not-known',
      ])
      const [release] = await bot.releases(['api'], soon())
      const settings = { key: 'k', cause: 'c', dryRun: true, signal: soon() }
      await bot.write({ seen: release!, change: { kind: 'restart' } }, settings)
      const calls = await eventually(
        async () =>
          (await cluster.callsBy(botName)).filter(({ namespace }) => namespace === 'production'),
        (told) => told.some(({ verb, resource }) => `${verb} ${resource}` === 'patch deployments'),
      )
      const used = calls.map(({ verb, apiGroup, resource, subresource }) =>
        [`${verb} ${apiGroup}/${resource}`, subresource].filter((part) => part !== '').join('/'),
      )
      expect(calls.filter(({ status }) => status === 403)).toEqual([])
      expect([...new Set(used)].toSorted()).toEqual([...new Set(granted)].toSorted())
    })
  })

  test("the bot's own pod is admitted under the strictest profile", async () => {
    const pods = await eventually(
      async () =>
        JSON.stringify(await cluster.admin.must('GET', '/api/v1/namespaces/backout/pods')),
      (seen) => seen.includes('"serviceAccountName":"backout"'),
    )
    expect(pods).toContain('"serviceAccountName":"backout"')
  })
})
