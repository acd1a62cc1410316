import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { labelSelectors } from '../../src/adapters/kubernetes/read/selector.ts'
import type { Selector } from '../../src/adapters/kubernetes/read/schema.ts'
import { kubernetesWorkloads } from '../../src/adapters/kubernetes/read/workloads.ts'
import { kubeconfigText } from '../servers/kubernetes/kubeconfig.ts'
import { deploymentOf, podOf } from '../support/api-objects.ts'
import { fakeApiServer } from '../support/fake-api-server.ts'
import type { ApiObject, Labels } from '../support/fake-api-server.ts'

type Made = ReturnType<typeof deploymentOf>

const eventsOfOthers: readonly ApiObject[] = Array.from({ length: 1_500 }, (_, at) => ({
  metadata: { name: `event-${at}`, uid: `uid-event-${at}` },
  involvedObject: { uid: 'uid-other' },
}))

const soon = () => AbortSignal.timeout(10_000)

/** Workloads over a namespace that holds these Deployments, and what a test puts there besides. */
async function workloadsOver(made: Made[], pods: ApiObject[], foreign: ApiObject[] = []) {
  const server = await fakeApiServer({
    shop: () => ({
      deployments: made.map(({ deployment }) => deployment),
      replicasets: [...made.map(({ replicaSet }) => replicaSet), ...foreign],
      pods,
      horizontalpodautoscalers: [],
      events: eventsOfOthers,
    }),
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const folder = mkdtempSync(join(tmpdir(), 'lists-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, kubeconfigText({ url: server.url, ca: '', token: 't' }))
  const client = kubernetesClient({ kubeconfig })
  onTestFinished(() => client.close())
  const names = made.map(({ deployment }) => deployment.metadata.name)
  const workloads = kubernetesWorkloads({
    client,
    namespace: 'shop',
    deployments: Object.fromEntries(names.map((name) => [name, name])),
  })
  const { lists } = server
  return {
    server,
    workloads,
    rollouts: (services: readonly string[] = names) => workloads.rollouts(services, soon()),
    names,
    /** What was listed while this ran. */
    async listed(work: () => Promise<unknown>) {
      const before = lists.length
      await work()
      return lists.slice(before)
    },
  }
}

const kindsOf = (lists: readonly { readonly kind: string }[]) =>
  lists.map(({ kind }) => kind).toSorted()

const twenty = Array.from({ length: 20 }, (_, at) => `service-${at}`)

describe('of a namespace that is full of others', () => {
  const made = twenty.map((name) => deploymentOf(name, { app: name, team: 'shop' }))
  const ours = twenty.map((name) => podOf(`${name}-1`, { app: name, team: 'shop' }))
  const others = Array.from({ length: 1_000 }, (_, number) =>
    podOf('other-1', { app: 'other', team: 'shop' }, { number }),
  )

  test('only what twenty Deployments made is asked for, in one list of each kind', async () => {
    const { workloads, rollouts, listed, names } = await workloadsOver(made, [...others, ...ours])
    const first = await listed(rollouts)
    // Where requests go is asked once all pods are there.
    expect(kindsOf(first)).toEqual(['deployments', 'endpointslices', 'pods', 'replicasets'])
    for (const { kind, items } of first) expect(items).toBe(kind === 'endpointslices' ? 0 : 20)
    expect(kindsOf(await listed(rollouts))).toEqual(kindsOf(first))
    const all = await listed(() => workloads.list(names, soon()))
    expect(kindsOf(all)).toEqual(['deployments', 'horizontalpodautoscalers', 'pods', 'replicasets'])
    for (const one of await rollouts()) expect(one).toMatchObject({ ready: 1, others: 0 })
  })

  test('of one Deployment only that one is read', async () => {
    const { rollouts, listed } = await workloadsOver(made, [...others, ...ours])
    const lists = await listed(() => rollouts(['service-7']))
    expect(lists.map(({ items }) => items)).toEqual([1, 1, 1, 0])
  })

  test('those that share no label are asked for one by one, a few at a time', async () => {
    const apart = twenty.map((name) => deploymentOf(name, { [`app-${name}`]: 'yes' }))
    const pods = twenty.map((name) => podOf(`${name}-1`, { [`app-${name}`]: 'yes' }))
    const { rollouts, listed, server } = await workloadsOver(apart, [...others, ...pods])
    const lists = await listed(rollouts)
    expect(lists).toHaveLength(42)
    expect(server.mostAtOnce()).toBeLessThanOrEqual(5)
    expect(lists.reduce((sum, { items }) => sum + items, 0)).toBe(60)
    for (const one of await rollouts()) expect(one).toMatchObject({ ready: 1, others: 0 })
  })
})

describe('a long list', () => {
  const labels = { app: 'backend' }
  const pods = Array.from({ length: 600 }, (_, number) => podOf('backend-1', labels, { number }))

  test('comes in pages', async () => {
    const { rollouts, listed } = await workloadsOver([deploymentOf('backend', labels)], pods)
    const lists = await listed(async () => {
      expect(await rollouts()).toMatchObject([{ ready: 600, others: 0 }])
    })
    expect(lists.filter(({ kind }) => kind === 'pods').map(({ items }) => items)).toEqual([
      250, 250, 100,
    ])
  })

  test('of small things comes in larger pages', async () => {
    const { workloads, listed } = await workloadsOver([deploymentOf('backend', labels)], [])
    const lists = await listed(async () => {
      for await (const piece of workloads.evidence('backend', soon()))
        expect(piece.name).toBeTruthy()
    })
    expect(lists.filter(({ kind }) => kind === 'events').map(({ items }) => items)).toEqual([1_500])
  })

  test('is begun anew when the API server has forgotten where it was', async () => {
    const { rollouts, server } = await workloadsOver([deploymentOf('backend', labels)], pods)
    server.forget(1)
    expect(await rollouts()).toMatchObject([{ ready: 600 }])
    server.forget(100)
    await expect(rollouts()).rejects.toMatchObject({ kind: 'retryable', code: '410' })
  })
})

describe('what a Deployment made is told by its selector', () => {
  test.each<[string, object]>([
    ['In', { matchExpressions: [{ key: 'app', operator: 'In', values: ['backend', 'b2'] }] }],
    ['NotIn', { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['other'] }] }],
    ['Exists', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }],
    [
      'DoesNotExist',
      {
        matchLabels: { app: 'backend' },
        matchExpressions: [{ key: 'gone', operator: 'DoesNotExist' }],
      },
    ],
  ])('with %s', async (_, selector) => {
    const labels = { app: 'backend' }
    const made = deploymentOf('backend', labels, selector)
    const { rollouts } = await workloadsOver([made], [podOf('backend-1', labels)])
    expect(await rollouts()).toMatchObject([{ ready: 1, others: 0, complete: true }])
  })

  test('and one that was made anew with another selector is not missed', async () => {
    const made = [deploymentOf('backend', { app: 'backend' })]
    const pods = [podOf('backend-1', { app: 'backend' })]
    const { rollouts } = await workloadsOver(made, pods)
    expect(await rollouts()).toMatchObject([{ ready: 1 }])
    made[0] = deploymentOf('backend', { name: 'backend' })
    pods[0] = podOf('backend-1', { name: 'backend' })
    expect(await rollouts()).toMatchObject([{ ready: 1 }])
    const [gone] = made.splice(0)
    expect(await rollouts()).toEqual([])
    if (gone) made.push(gone)
    expect(await rollouts()).toMatchObject([{ ready: 1 }])
  })

  test('a pod with its labels that another ReplicaSet made is not one of its strays', async () => {
    const labels = { app: 'backend' }
    const pods = [podOf('backend-1', labels), podOf('theirs', labels), podOf('deleted', labels)]
    const { replicaSet } = deploymentOf('theirs', { app: 'theirs' })
    const theirs = { ...replicaSet, metadata: { ...replicaSet.metadata, name: 'theirs' } }
    const foreign = { ...theirs, metadata: { ...theirs.metadata, uid: 'uid-theirs' } }
    const { rollouts } = await workloadsOver([deploymentOf('backend', labels)], pods, [foreign])
    // The ReplicaSet "deleted" is gone: its pod runs on, and is one of ours until it ends.
    expect(await rollouts()).toMatchObject([{ ready: 1, others: 1 }])
  })
})

describe('label selectors', () => {
  const equal = (matchLabels: Labels): Selector => ({ matchLabels, matchExpressions: [] })
  const part = { part: 'shop' }
  const within = (key: string, ...values: string[]): Selector => ({
    matchLabels: {},
    matchExpressions: [{ key, operator: 'In', values }],
  })

  test.each<[string, readonly Selector[], readonly string[]]>([
    ['none', [], []],
    ['one', [equal({ app: 'a', ...part })], ['app=a,part=shop']],
    [
      'two that share their labels',
      [equal({ app: 'a', ...part }), equal({ app: 'b', ...part })],
      ['app in (a,b),part in (shop)'],
    ],
    [
      'a label and a set of values',
      [equal({ app: 'a' }), within('app', 'b', 'c')],
      ['app in (a,b,c)'],
    ],
    [
      'a label that tells nobody apart, which would select everybody’s',
      [equal({ app: 'a', ...part }), equal({ component: 'b', ...part })],
      ['app=a,part=shop', 'component=b,part=shop'],
    ],
    [
      'two of three',
      [equal({ app: 'a' }), equal({ name: 'x' }), equal({ app: 'b' })],
      ['app in (a,b)', 'name=x'],
    ],
    ['the same twice', [equal({ app: 'a' }), equal({ app: 'a' })], ['app=a']],
  ])('for %s', (_, selectors, texts) => {
    expect(labelSelectors(selectors).toSorted()).toEqual(texts.toSorted())
  })

  test('are not longer than an address may be', () => {
    const many = Array.from({ length: 120 }, (_, at) => equal({ app: `${'x'.repeat(60)}${at}` }))
    const texts = labelSelectors(many)
    expect(texts).toHaveLength(3)
    for (const text of texts) expect(encodeURIComponent(text).length).toBeLessThan(6_000)
  })
})
