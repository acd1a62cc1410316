import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import type { KubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { kubernetesConfigMaps } from '../../src/adapters/kubernetes/config-maps/config-maps.ts'
import { kubernetesInstances } from '../../src/adapters/kubernetes/instances/instances.ts'
import { kubernetesWorkloads } from '../../src/adapters/kubernetes/read/workloads.ts'
import type { BoundStep } from '../../src/engine/run/step.ts'
import { runbookOver } from '../../src/runbook/runbook.ts'
import { FLAG } from '../../src/sandbox/production.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import {
  configMapsContract,
  type ConfigMapsFixture,
  type GivenConfigMap,
} from '../support/contracts/config-maps.ts'
import { assessSettings, runbookSettingsOf } from '../support/contracts/settings.ts'
import { declared, incidentAfter, opened } from '../support/builders.ts'
import { flagSettings, IN_CONFIG_MAP } from '../support/flag.ts'
import { writeContextOn } from '../unit/runbook/write-context.ts'
import { closedPort, silentServer } from '../support/contracts/outside.ts'
import { botName, grantConfigMaps, soon, startBotCluster } from '../support/kubernetes.ts'
import type { BotCluster } from '../support/kubernetes.ts'

const skip = missingAllowed('kubernetes') || outsideAddress('kubernetes') !== undefined
const MAP = 'general-5hch2k'

describe.skipIf(skip)('ConfigMaps in a real cluster', () => {
  let bots: BotCluster
  let namespaces = 0

  beforeAll(async () => {
    bots = await startBotCluster()
  })
  afterAll(() => bots[Symbol.asyncDispose]())

  const configMaps = (client: KubernetesClient, namespace = 'production') =>
    kubernetesConfigMaps({ client, namespace })

  const pathIn = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`

  const put = async (
    namespace: string,
    name: string,
    { data, binary = [], immutable = false }: GivenConfigMap,
    metadata: object = {},
  ): Promise<void> => {
    const { admin } = bots.cluster
    await admin.request('DELETE', `${pathIn(namespace)}/${name}`)
    const binaryData = Object.fromEntries(binary.map((key) => [key, 'AAECAw==']))
    const map = { metadata: { name, ...metadata }, data, binaryData, immutable }
    await admin.must('POST', pathIn(namespace), map)
  }

  const set = async (
    namespace: string,
    name: string,
    data: Readonly<Record<string, string | null>>,
  ): Promise<void> => {
    const merged = JSON.stringify({ data })
    const type = 'application/merge-patch+json'
    await bots.cluster.admin.must('PATCH', `${pathIn(namespace)}/${name}`, merged, type)
  }

  /** With exactly the rights of the manifests, in a namespace of its own. */
  const start = async (): Promise<ConfigMapsFixture & { readonly namespace: string }> => {
    namespaces += 1
    const namespace = `maps-${namespaces}`
    await bots.grantIn(namespace)
    await grantConfigMaps(bots, namespace, [MAP])
    return {
      namespace,
      configMaps: configMaps(await bots.botClient(), namespace),
      put: (name, map) => put(namespace, name, map),
      set: (name, key, value) => set(namespace, name, { [key]: value }),
    }
  }

  const at = async (server: string) => {
    const folder = await bots.botFolder(bots.token)
    return configMaps(kubernetesClient({ inCluster: { server, folder } }))
  }

  configMapsContract('kubernetes', {
    start,
    refusing: async () => at(`https://127.0.0.1:${await closedPort()}`),
    silent: async () => {
      const { host, port } = await silentServer()
      return at(`https://${host}:${port}`)
    },
  })

  const options = { key: 'write-1', cause: 'plan 1', dryRun: false, signal: soon() }

  test('without the right, the refusal names it', async () => {
    const { namespace, configMaps: maps } = await start()
    await put(namespace, 'other', { data: { FLAG: 'true' } })
    const seen = await maps.find('other', 'FLAG', soon())
    if (!seen) throw new Error('it is not there')
    expect(await maps.write({ seen, to: 'false' }, { ...options, signal: soon() })).toEqual({
      kind: 'refused',
      because: `${botName} is not allowed to patch configmaps other in namespace ${namespace}`,
    })
  })

  test('a write leaves its key, and touches no annotation of others', async () => {
    const { namespace, configMaps: maps } = await start()
    const annotations = { 'example.com/owner': 'documents' }
    await put(namespace, MAP, { data: { FLAG: 'true' } }, { annotations })
    const seen = await maps.find(MAP, 'FLAG', soon())
    await maps.write({ seen: seen!, to: 'false' }, { ...options, signal: soon() })
    expect(await bots.cluster.admin.must('GET', `${pathIn(namespace)}/${MAP}`)).toMatchObject({
      data: { FLAG: 'false' },
      metadata: {
        annotations: { ...annotations, 'backout.dev/last-write': 'write-1' },
        managedFields: expect.arrayContaining([expect.objectContaining({ manager: 'backout' })]),
      },
    })
  })

  test('whoever keeps it elsewhere is named', async () => {
    const { namespace, configMaps: maps } = await start()
    const tracking = `shop:/ConfigMap:${namespace}/${MAP}`
    const controller = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', name: 'general' }
    const metadata = {
      annotations: { 'argocd.argoproj.io/tracking-id': tracking },
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'shop' },
      ownerReferences: [{ ...controller, uid: 'a', controller: true }],
    }
    await put(namespace, MAP, { data: { FLAG: 'true' } }, metadata)
    const found = await maps.find(MAP, 'FLAG', soon())
    expect(found?.managedBy.map(({ says }) => says)).toEqual([
      'Argo CD application shop',
      'Flux Kustomization shop',
    ])
    expect(found?.ownedBy).toBe('SealedSecret general')
  })

  test('a flag is switched where the pods read it, they are made anew, and both is undone', async () => {
    const { namespace, configMaps: maps } = await start()
    const { cluster } = bots
    await put(namespace, MAP, { data: { [FLAG]: 'true' } })
    const configMapKeyRef = { name: MAP, key: FLAG }
    const env = [{ name: FLAG, valueFrom: { configMapKeyRef } }]
    await cluster.deploy(namespace, 'backend', 'example.test/backend:v2.0.0', 2, {
      container: { env },
    })
    const deployments = { backend: 'backend' }
    const workloads = kubernetesWorkloads({
      client: await bots.botClient(),
      namespace,
      deployments,
    })
    const world = { ...NOTHING, workloads, deployments: workloads, configMaps: maps }
    const featureFlag = flagSettings(IN_CONFIG_MAP.settings)
    const settings = runbookSettingsOf({ ...assessSettings, deployed: { services: ['backend'] } })
    const kubernetes = { ...settings.kubernetes!, namespace }
    const runbook = runbookOver(world, { ...settings, kubernetes, featureFlag })
    const request = { kind: 'feature-flag', flag: null } as const
    const resolved = await runbook.resolve(request, incidentAfter(opened, declared), soon())
    if (resolved.kind === 'infeasible') throw new Error(resolved.because)
    const [planned] = resolved.draft.steps
    if (!planned) throw new Error('there is no step')
    const podsNow = async () =>
      (
        await kubernetesInstances({ client: bots.adminClient(), namespace, deployments }).list(
          'backend',
          soon(),
        )
      )
        .filter(({ ending }) => !ending)
        .map(({ id }) => id)

    const carryOut = async (step: BoundStep, key: string) => {
      const context = () => writeContextOn(world, key)
      expect((await step.rehearse(context())).kind).toBe('accepted')
      const found = await step.inspect(context())
      if (found.kind !== 'needed') throw new Error(found.says)
      expect(await found.apply(context())).toEqual({ kind: 'written' })
      const proof = await eventually(
        () => step.verify(context()),
        ({ kind }) => kind !== 'not-yet',
      )
      expect(proof).toEqual({
        kind: 'verified',
        says: expect.stringContaining('2 of 2 pods ready'),
      })
      expect(await step.inspect(context())).toMatchObject({ kind: 'done', begun: true })
    }

    const step = runbook.bind(planned)
    const before = await podsNow()
    await carryOut(step, 'i-1/plan-1')
    expect(await maps.find(MAP, FLAG, soon())).toMatchObject({ value: 'false' })
    const between = await podsNow()
    expect(between.filter((pod) => before.includes(pod))).toEqual([])
    if (step.onUndo?.kind !== 'invert') throw new Error('it has no inverse')
    await carryOut(runbook.bind(step.onUndo.step), 'i-1/plan-2')
    expect(await maps.find(MAP, FLAG, soon())).toMatchObject({ value: 'true' })
    expect((await podsNow()).filter((pod) => between.includes(pod))).toEqual([])
  })
})

/** A world in which nothing else can be asked. */
const NOTHING = {
  clock: { now: Date.now },
  endpoints: {
    ask: async () => ({ status: 200, body: '{}', contentType: '', truncated: false }),
  },
  metrics: null,
  cache: null,
  database: null,
  collections: null,
  backups: null,
  containers: null,
  ledger: null,
  instances: null,
  owners: null,
  flagStores: null,
  alerts: null,
}
