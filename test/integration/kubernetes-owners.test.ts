import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkAccess } from '../../src/adapters/kubernetes/client/access.ts'
import { checkOwners } from '../../src/adapters/kubernetes/owners/check-owners.ts'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import type { KubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { kubernetesOwners } from '../../src/adapters/kubernetes/owners/owners.ts'
import type { OwnerName } from '../../src/domain/plan/owner.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { closedPort, faultOf, silentServer } from '../support/contracts/outside.ts'
import { ownersContract } from '../support/contracts/owners.ts'
import { botName, grantOwners, soon, startBotCluster } from '../support/kubernetes.ts'
import type { BotCluster } from '../support/kubernetes.ts'
import { defineOwners, ownerPath, putOwner, setOwner } from '../support/owners.ts'

const ours = { namespace: 'production', deployments: ['backend', 'frontend'] }
const owners = (client: KubernetesClient) => kubernetesOwners({ client, ours })
const application: OwnerName = { kind: 'Application', namespace: 'argocd', name: 'pipeshub' }

const skip = missingAllowed('kubernetes') || outsideAddress('kubernetes') !== undefined

describe.skipIf(skip)('owners in a real cluster', () => {
  let bots: BotCluster

  beforeAll(async () => {
    bots = await startBotCluster()
    await bots.cluster.createNamespace('argocd')
    await defineOwners(bots.cluster)
  })
  afterAll(() => bots[Symbol.asyncDispose]())

  const at = async (server: string) => {
    const folder = await bots.botFolder(bots.token)
    return owners(kubernetesClient({ inCluster: { server, folder } }))
  }

  let namespaces = 0

  ownersContract('kubernetes', {
    /** Each in a namespace of its own, which is told as the one the contract speaks of. */
    async start() {
      namespaces += 1
      const namespace = `owners-${namespaces}`
      const { cluster } = bots
      await cluster.createNamespace(namespace)
      const moved = <Name extends OwnerName>(owner: Name): Name => ({ ...owner, namespace })
      const inner = owners(bots.adminClient())
      return {
        owners: {
          list: async (names, signal) =>
            (await inner.list(names.map(moved), signal)).map((one) => {
              return { ...one, namespace: 'owners' }
            }),
          write: (write, options) => inner.write({ ...write, owner: moved(write.owner) }, options),
        },
        put: (owner) => putOwner(cluster, moved(owner)),
        set: (owner, setting) => setOwner(cluster, moved(owner), setting),
      }
    },
    refusing: async () => at(`https://127.0.0.1:${await closedPort()}`),
    silent: async () => {
      const { host, port } = await silentServer()
      return at(`https://${host}:${port}`)
    },
  })

  const told = async (more: Parameters<typeof putOwner>[2], name = 'pipeshub') => {
    await putOwner(bots.cluster, { ...application, name }, more)
    const [found] = await owners(bots.adminClient()).list([{ ...application, name }], soon())
    return found
  }
  const resources = (status: string) => ({
    resources: [
      { kind: 'Deployment', namespace: 'production', name: 'backend', status },
      { kind: 'ConfigMap', namespace: 'production', name: 'settings', status: 'OutOfSync' },
      { kind: 'Deployment', namespace: 'elsewhere', name: 'backend', status: 'OutOfSync' },
    ],
  })

  test.each([
    ['nothing', {}, null],
    ['that all is as in Git', { sync: { status: 'Synced' } }, false],
    ['that something is not', { sync: { status: 'OutOfSync' } }, true],
    [
      'that ours is, and others are not',
      { sync: { status: 'OutOfSync' }, ...resources('Synced') },
      false,
    ],
    ['that ours is not', { sync: { status: 'OutOfSync' }, ...resources('OutOfSync') }, true],
    ['that it does not know of ours', resources('Unknown'), null],
    [
      'nothing new, as it cannot compare',
      { sync: { status: 'Unknown' }, ...resources('Synced') },
      null,
    ],
  ])('an application that says %s of Git', async (_says, status, wantsOther) => {
    expect(await told({ status })).toMatchObject({ wantsOther, atWork: false })
  })

  test('an application that is syncing right now says so', async () => {
    const status = { operationState: { phase: 'Running' } }
    expect(await told({ status }, 'busy')).toMatchObject({ atWork: true })
  })

  test('an application that something else makes is kept by that', async () => {
    const controller = { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', name: 'shops' }
    const ownerReferences = [{ ...controller, uid: 'a', controller: true }]
    expect(await told({ metadata: { ownerReferences } }, 'made')).toMatchObject({
      keptBy: 'ApplicationSet shops',
    })
    const mark = (app: string) => `root:argoproj.io/Application:argocd/${app}`
    const tracked = (app: string) => ({
      metadata: { annotations: { 'argocd.argoproj.io/tracking-id': mark(app) } },
    })
    expect(await told(tracked('nested'), 'nested')).toMatchObject({
      keptBy: 'Argo CD application root',
    })
    expect(await told(tracked('of-another'), 'copied')).toMatchObject({ keptBy: null })
  })

  test('an application that another one has applied is kept by that, whatever its marks', async () => {
    const name = { ...application, name: 'child' }
    await putOwner(bots.cluster, name)
    const labels = { 'app.kubernetes.io/instance': 'root' }
    await bots.cluster.admin.must(
      'PATCH',
      `${ownerPath(name)}?fieldManager=argocd-controller`,
      JSON.stringify({ metadata: { labels } }),
      'application/merge-patch+json',
    )
    expect(await owners(bots.adminClient()).list([name], soon())).toMatchObject([
      { keptBy: 'another Argo CD application' },
    ])
  })

  test('an application says when it last looked, and what is no time is none', async () => {
    const reconciledAt = '2026-11-22T03:12:07Z'
    expect(await told({ status: { reconciledAt } }, 'looked')).toMatchObject({
      lookedAt: reconciledAt,
    })
    expect(await told({ status: { reconciledAt: 'soon' } }, 'odd')).toMatchObject({
      lookedAt: null,
    })
  })

  test('a scaled object counts for the Deployment of its own namespace only', async () => {
    const scaled = (namespace: string): OwnerName => {
      return { kind: 'ScaledObject', namespace, name: 'queue' }
    }
    const scales = async (namespace: string) => {
      await putOwner(bots.cluster, scaled(namespace))
      const [found] = await owners(bots.adminClient()).list([scaled(namespace)], soon())
      return found?.scales
    }
    expect(await scales('production')).toBe('backend')
    expect(await scales('argocd')).toBe('')
  })

  test('an application whose automation is switched off by its own flag is suspended already', async () => {
    await putOwner(bots.cluster, { ...application, name: 'off' })
    await setOwner(bots.cluster, { ...application, name: 'off' }, { enabled: false, prune: true })
    const [found] = await owners(bots.adminClient()).list([{ ...application, name: 'off' }], soon())
    expect(found).toMatchObject({ suspended: true, setting: { enabled: false, prune: true } })
  })

  test('a suspension leaves everything else of the object as it was', async () => {
    const name = { ...application, name: 'whole' }
    await putOwner(bots.cluster, name)
    const read = async () => {
      const { body } = await bots.cluster.admin.request('GET', ownerPath(name))
      const { spec } = body as { spec: { syncPolicy: object } }
      return spec
    }
    const before = await read()
    const port = owners(bots.adminClient())
    const [found] = await port.list([name], soon())
    const { uid, setting: from, whenSuspended: to } = found!
    await port.write({ owner: name, uid, from, to }, { dryRun: false, signal: soon() })
    const { syncPolicy, ...rest } = before
    expect(await read()).toEqual({
      ...rest,
      syncPolicy: { ...syncPolicy, automated: undefined },
    })
  })

  test('the doctor says what is there, what would not stay suspended, and what is not there', async () => {
    const named = (name: string) => ({ ...application, name })
    await putOwner(bots.cluster, named('plain'))
    const mark = 'root:argoproj.io/Application:argocd/nested'
    await putOwner(bots.cluster, named('nested'), {
      metadata: { annotations: { 'argocd.argoproj.io/tracking-id': mark } },
    })
    const names = [named('plain'), named('nested'), named('nowhere')]
    const checks = await checkOwners(owners(bots.adminClient()), names, soon())
    expect(checks.map(({ state, tried, found }) => `${state} ${tried}: ${found}`)).toEqual([
      'ok Argo CD application argocd/plain: works by itself',
      'careful Argo CD application argocd/nested: Argo CD application root makes it, and would take a suspension back',
      'wrong Argo CD application argocd/nowhere: it is not there',
    ])
  })

  describe('the bot under its own ServiceAccount', () => {
    const suspend = [application]
    const access = async () =>
      checkAccess(
        await bots.botClient(),
        { namespace: 'production', deployments: ['backend', 'frontend'], suspend },
        soon(),
      )

    test('may not touch what no Role names, and is told which right is missing', async () => {
      const fault = await faultOf(owners(await bots.botClient()).list(suspend, soon()))
      expect(fault).toMatchObject({ kind: 'terminal', code: '403' })
      expect((await access()).missing).toEqual([
        'get applications.argoproj.io pipeshub in argocd',
        'patch applications.argoproj.io pipeshub in argocd',
      ])
    })

    test('suspends and resumes with the Role of the manifests, which grants no call it does not make', async () => {
      await grantOwners(bots)
      expect(await access()).toEqual({ missing: [], excess: [] })
      await putOwner(bots.cluster, application)
      const port = owners(await bots.botClient())
      const [found] = await port.list(suspend, soon())
      const { uid, setting, whenSuspended } = found!
      const write = (from: typeof setting, to: typeof setting) =>
        port.write({ owner: application, uid, from, to }, { dryRun: false, signal: soon() })
      expect(await write(setting, whenSuspended)).toEqual({ kind: 'written' })
      expect(await write(whenSuspended, setting)).toEqual({ kind: 'written' })
      const calls = (await bots.cluster.callsBy(botName)).filter(
        ({ resource }) => resource === 'applications',
      )
      expect(new Set(calls.map(({ verb }) => verb))).toEqual(new Set(['get', 'patch']))
    })

    test('may not touch another application', async () => {
      await putOwner(bots.cluster, { ...application, name: 'payments' })
      const other = [{ ...application, name: 'payments' }]
      const fault = await faultOf(owners(await bots.botClient()).list(other, soon()))
      expect(fault).toMatchObject({ kind: 'terminal', code: '403' })
    })
  })
})
