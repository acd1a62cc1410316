import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { KubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { kubernetesWorkloads } from '../../src/adapters/kubernetes/read/workloads.ts'
import type { Release, Rollout } from '../../src/ports/deployment-state.ts'
import type { Deployments, WorkloadWrite, Written } from '../../src/ports/deployments.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import type { KubernetesCluster } from '../servers/kubernetes/start.ts'
import { faultOf } from '../support/contracts/outside.ts'
import {
  botName,
  changeDeployment,
  deployService,
  plainSecret,
  soon,
  startBotCluster,
} from '../support/kubernetes.ts'
import type { BotCluster } from '../support/kubernetes.ts'
import { patchProxy } from '../support/patch-proxy.ts'

const skip = missingAllowed('kubernetes') || outsideAddress('kubernetes') !== undefined
const nowMs = Date.UTC(2026, 10, 22, 3, 12, 7)

const Pods = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string(), uid: z.string() }) })),
})
const Templated = z.object({
  spec: z.object({
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
    }),
  }),
})
const Observed = z.object({
  metadata: z.object({ generation: z.number() }),
  status: z.object({ observedGeneration: z.number() }),
})

describe.skipIf(skip)('kubernetes', () => {
  let bots: BotCluster
  let cluster: KubernetesCluster
  /** Of the bot, for the marks in the log. */
  let bot: KubernetesClient
  let marks = 0
  let namespaces = 0

  beforeAll(async () => {
    bots = await startBotCluster()
    ;({ cluster } = bots)
    bot = await bots.botClient()
  })
  afterAll(() => bots[Symbol.asyncDispose]())

  const over = (client: KubernetesClient, namespace: string): Deployments =>
    kubernetesWorkloads({
      client,
      namespace,
      deployments: { api: 'backend', other: 'not-in-the-role' },
      now: () => nowMs,
    })

  /** A namespace with our Role and a Deployment, and the bot in it. */
  const stage = async (options?: Parameters<typeof deployService>[3]) => {
    namespaces += 1
    const namespace = `case-${namespaces}`
    await bots.grantIn(namespace)
    await deployService(cluster, namespace, 'backend', options)
    const workloads = over(await bots.botClient(), namespace)
    const release = async (): Promise<Release> => (await workloads.releases(['api'], soon()))[0]!
    const rollout = async (): Promise<Rollout> => (await workloads.rollouts(['api'], soon()))[0]!
    const write = (
      seen: Release,
      change: WorkloadWrite['change'],
      dryRun = false,
    ): Promise<Written> => {
      const settings = { key: 'write-1', cause: 'plan 1', dryRun, signal: soon() }
      return workloads.write({ seen, change }, settings)
    }
    const until = (good: (seen: Rollout) => boolean): Promise<Rollout> => eventually(rollout, good)
    const deploy = (version: string): Promise<void> =>
      cluster.setImage(namespace, 'backend', `example.test/backend:${version}`, { wait: false })
    return { namespace, workloads, release, rollout, write, until, deploy }
  }

  const back = ({ previous: [to] }: Release): WorkloadWrite['change'] => {
    if (!to) throw new Error('there is nothing to return to')
    return { kind: 'template', to }
  }

  const must = (method: string, path: string, body?: unknown): Promise<unknown> =>
    cluster.admin.must(method, path, body)

  /** A call of the bot's own: when it is in the audit log, those that were answered before are, too. */
  const mark = async (): Promise<string> => {
    marks += 1
    const path = `/api/v1/namespaces/marks/configmaps/mark-${marks}`
    await faultOf(bot.get(path, { signal: soon() }))
    return path
  }

  /** What the bot asked for in this namespace while `work` ran: `patch deployments`. */
  const callsOf = async (namespace: string, work: () => Promise<unknown>): Promise<string[]> => {
    const from = await mark()
    await work()
    const to = await mark()
    const calls = await eventually(
      () => cluster.callsBy(botName),
      (all) => all.some(({ uri }) => uri === to),
    )
    const at = (path: string) => calls.findIndex(({ uri }) => uri === path)
    return calls
      .slice(at(from) + 1, at(to))
      .filter((call) => call.namespace === namespace)
      .map(({ verb, resource, status }) => `${verb} ${resource} ${status}`)
  }

  /** Resolves when the controller has taken up what the Deployment says now. */
  const observed = async (namespace: string): Promise<void> => {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/backend`
    const seen = await eventually(
      async () => Observed.parse(await must('GET', path)),
      ({ metadata, status }) => status.observedGeneration === metadata.generation,
    )
    expect(seen.status.observedGeneration).toBe(seen.metadata.generation)
  }

  test('the releases of all services cost three calls, a sighting of them two', async () => {
    const { namespace, workloads } = await stage()
    const asked = ['api', 'other']
    const sighting = await callsOf(namespace, () => workloads.sightings(asked, soon()))
    expect(sighting.toSorted()).toEqual(['list deployments 200', 'list replicasets 200'])
    const releases = await callsOf(namespace, () => workloads.releases(asked, soon()))
    expect(releases.toSorted()).toEqual([
      'list deployments 200',
      'list horizontalpodautoscalers 200',
      'list replicasets 200',
    ])
  })

  test('a write is one call', async () => {
    const { namespace, release, write } = await stage()
    const seen = await release()
    const three = { kind: 'replicas', to: 3 } as const
    const calls = await callsOf(namespace, () => write(seen, three))
    expect(calls).toEqual(['patch deployments 200'])
  })

  test('a write leaves who made it and why, and touches no annotation of others', async () => {
    const { namespace, release, write, until } = await stage()
    const theirs = { metadata: { annotations: { 'example.com/on-call': 'documents' } } }
    await changeDeployment(cluster, namespace, 'backend', theirs)
    expect(await write(await release(), { kind: 'restart' })).toEqual({ kind: 'written' })
    await until(({ complete }) => complete)
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/backend`
    expect(await must('GET', path)).toMatchObject({
      metadata: {
        annotations: {
          'example.com/on-call': 'documents',
          'deployment.kubernetes.io/revision': '2',
          'backout.dev/last-write': 'write-1',
          'kubernetes.io/change-cause': 'plan 1',
        },
        managedFields: expect.arrayContaining([expect.objectContaining({ manager: 'backout' })]),
      },
      spec: {
        template: {
          metadata: {
            annotations: {
              'example.com/owner': 'documents',
              'kubectl.kubernetes.io/restartedAt': '2026-11-22T03:12:07.000Z',
            },
          },
        },
      },
    })
  })

  test('where there are no annotations at all, a look says so, and they are made', async () => {
    const spec = { paused: true }
    const { namespace, release, write } = await stage({ spec, wait: false })
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/backend`
    const bare = JSON.stringify(await must('GET', path))
    expect(bare).not.toContain('deployment.kubernetes.io/revision')
    const seen = await release()
    const one = { kind: 'replicas', to: 1 } as const
    expect(await callsOf(namespace, () => write(seen, one))).toEqual([
      'patch deployments 422',
      'list deployments 200',
      'patch deployments 200',
    ])
    expect(await release()).toMatchObject({ replicas: 1, lastWrite: 'write-1' })
  })

  test('what is refused is sent once', async () => {
    const { namespace, release, write } = await stage()
    const seen = await release()
    const invalid = { kind: 'replicas', to: -1 } as const
    expect(await callsOf(namespace, () => write(seen, invalid))).toEqual([
      'patch deployments 422',
      'list deployments 200',
    ])
  })

  test('a Deployment that is paused says so, and a write to it is not complete', async () => {
    const { namespace, release, rollout, write, deploy, until } = await stage()
    await deploy('v2.0.0')
    await until(({ complete, others }) => complete && others === 0)
    await changeDeployment(cluster, namespace, 'backend', { spec: { paused: true } })
    const paused = await release()
    expect(paused.paused).toBe(true)
    const told = await until(({ troubles: [first, ...more] }) => {
      return first?.startsWith('DeploymentPaused') === true && more.length === 0
    })
    expect(told.troubles).toEqual(['DeploymentPaused: Deployment is paused'])
    await write(paused, back(paused))
    await observed(namespace)
    const { complete, others, failed } = await rollout()
    expect({ complete, others, failed }).toEqual({ complete: false, others: 2, failed: null })
  })

  test('a disruption budget that allows none does not hinder a rollback', async () => {
    const { namespace, release, write, deploy, until } = await stage()
    await cluster.applyManifest(`
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: backend, namespace: ${namespace} }
spec: { maxUnavailable: 0, selector: { matchLabels: { app: backend } } }
`)
    await deploy('v2.0.0')
    await until(({ complete }) => complete)
    const seen = await release()
    await write(seen, back(seen))
    expect(await until(({ complete }) => complete)).toMatchObject({ complete: true, others: 0 })
  })

  test('a quota that leaves no room for a pod is waited for, and said in its words', async () => {
    const { namespace, deploy, until } = await stage()
    const hard = { pods: '2' }
    const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`
    await must('POST', quotas, { metadata: { name: 'small' }, spec: { hard } })
    // As the controller would, which does not run here.
    await must('PATCH', `${quotas}/small/status`, { status: { hard, used: { pods: '2' } } })
    await deploy('v2.0.0')
    const { failed, complete, troubles } = await until((seen) => /quota/.test(seen.troubles.join()))
    expect(troubles.join()).toMatch(/FailedCreate: pods .*exceeded quota: small, requested: pods=1/)
    expect({ failed, complete }).toEqual({ failed: null, complete: false })
  })

  test('a registry that asks for patience is waited for, and an image that is not there is not', async () => {
    const { deploy, until } = await stage()
    await deploy('limited')
    const limited = await until(({ troubles }) => troubles.join().includes('429'))
    expect(limited.troubles.join()).toMatch(/ImagePullBackOff: .* 429 Too Many Requests/)
    expect(limited.failed).toBeNull()
    await deploy('missing')
    const missing = await until((seen) => seen.failed !== null)
    expect(missing.failed).toMatch(/ImagePullBackOff: .*not found/)
  })

  test.each([
    ['denied', /ErrImagePull: pull access denied/],
    ['unnamed', /InvalidImageName: .*couldn't parse image name/],
    ['keyless', /CreateContainerConfigError: couldn't find key POOL/],
  ])('what no waiting mends fails at once, by name: %s', async (tag, words) => {
    const { deploy, until } = await stage()
    await deploy(tag)
    expect((await until(({ failed }) => failed !== null)).failed).toMatch(words)
  })

  test('a pod for which no node has room is waited for, and says so', async () => {
    const { deploy, until } = await stage()
    await deploy('roomless')
    const { failed, complete, troubles } = await until((seen) =>
      /Unsched/.test(seen.troubles.join()),
    )
    expect(troubles.join()).toMatch(/Unschedulable: 0\/1 nodes are available/)
    expect({ failed, complete }).toEqual({ failed: null, complete: false })
  })

  test('a Deployment that is only the template of a rollout of Argo Rollouts says who serves', async () => {
    const { namespace, release, until } = await stage()
    await until(({ complete }) => complete)
    const path = `/apis/apps/v1/namespaces/${namespace}`
    const { spec } = Templated.parse(await must('GET', `${path}/deployments/backend`))
    const { metadata, ...template } = spec.template
    const labels = { ...metadata.labels, 'rollouts-pod-template-hash': 'x1' }
    await must('PATCH', `${path}/deployments/backend`, { spec: { replicas: 0 } })
    expect((await release()).servedBy).toBeNull()
    // As the rollout's controller makes it, which does not run here; its pods are made by the cluster's own.
    const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'shop', uid: 'u-1' }
    await must('POST', `${path}/replicasets`, {
      metadata: { name: 'shop-x1', labels, ownerReferences: [{ ...owner, controller: true }] },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { ...template, metadata: { ...metadata, labels } },
      },
    })
    const served = await eventually(release, ({ servedBy }) => servedBy !== null)
    expect(served.servedBy).toBe('Argo Rollouts rollout shop')
  })

  test('a release tells how long its rollout took', async () => {
    const { deploy, release, until } = await stage()
    await deploy('slow-v2.0.0')
    await until(({ complete }) => complete)
    const { lastTookMs } = (await release()).pace
    expect(lastTookMs).toBeGreaterThanOrEqual(2_000)
    expect(lastTookMs).toBeLessThan(60_000)
  })

  test('an old pod that does not end is named, and is told when a Service still sends to it', async () => {
    const { namespace, release, rollout, write, until } = await stage()
    await until(({ complete }) => complete)
    const path = `/api/v1/namespaces/${namespace}/pods`
    const [old] = Pods.parse(await must('GET', path)).items
    if (!old) throw new Error('there is no pod')
    const { name, uid } = old.metadata
    // As on a node that is lost: nobody says that it has ended.
    await must('PATCH', `${path}/${name}`, { metadata: { finalizers: ['example.com/held'] } })
    expect(await write(await release(), { kind: 'restart' })).toEqual({ kind: 'written' })
    const done = await until(({ complete, ending }) => complete && ending.length === 1)
    expect(done).toMatchObject({ others: 0, ending: [name] })

    const now = Pods.parse(await must('GET', path)).items.map(({ metadata }) => metadata)
    const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`
    await must('POST', slices, {
      metadata: { name: 'by-hand', labels: { 'kubernetes.io/service-name': 'backend' } },
      addressType: 'IPv4',
      endpoints: now.map((one, index) => ({
        addresses: [`10.9.0.${index + 1}`],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', namespace, name: one.name, uid: one.uid },
      })),
    })
    expect((await rollout()).requests).toEqual({ toOthers: [name], without: [] })
    const without = now.filter((one) => one.uid !== uid).map((one) => one.name)
    await must('PATCH', `${slices}/by-hand`, {
      endpoints: now.map((one, index) => ({
        addresses: [`10.9.0.${index + 1}`],
        conditions: { ready: false },
        targetRef: { kind: 'Pod', namespace, name: one.name, uid: one.uid },
      })),
    })
    const { toOthers, without: unserved } = (await rollout()).requests ?? {}
    expect({ toOthers, unserved: unserved?.toSorted() }).toEqual({
      toOthers: [],
      unserved: without.toSorted(),
    })
  })

  describe('refused in readable words is', () => {
    const policy = (namespace: string) => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: few-replicas }
spec:
  matchConstraints:
    resourceRules:
      - { apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments] }
  validations: [{ expression: 'object.spec.replicas <= 3', message: at most three replicas here }]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: few-replicas }
spec:
  policyName: few-replicas
  validationActions: [Deny]
  matchResources:
    namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${namespace} } }
`

    test('what a policy denies, a dry run of it too', async () => {
      const { namespace, release, write } = await stage()
      await cluster.applyManifest(policy(namespace))
      const before = await release()
      const five = { kind: 'replicas', to: 5 } as const
      const dry = await eventually(
        () => write(before, five, true),
        ({ kind }) => kind === 'refused',
      )
      const refusal = {
        kind: 'refused',
        because: expect.stringMatching(/few-replicas.*denied request: at most three replicas here/),
      }
      expect(dry).toEqual(refusal)
      expect(await write(before, five)).toEqual(refusal)
      expect(await release()).toEqual(before)
    })

    test('what is invalid', async () => {
      const { release, write } = await stage()
      expect(await write(await release(), { kind: 'replicas', to: -1 })).toEqual({
        kind: 'refused',
        because: expect.stringContaining('spec.replicas: Invalid value: -1'),
      })
      const seen = await release()
      // Left out without a word, it would be found missing only later.
      const template = { ...Object(seen.current?.template), notYetInvented: true }
      const to = { ...seen.current!, template }
      const refusal = await write(seen, { kind: 'template', to })
      expect(refusal).toEqual({
        kind: 'refused',
        because: expect.stringContaining('unknown field "spec.template.notYetInvented"'),
      })
      expect(JSON.stringify(refusal)).not.toContain(plainSecret)
      expect(await release()).toEqual(seen)
    })

    test('what the Role does not name', async () => {
      const { namespace, workloads, write } = await stage()
      await deployService(cluster, namespace, 'not-in-the-role')
      const [seen] = await workloads.releases(['other'], soon())
      expect(await write(seen!, { kind: 'restart' })).toEqual({
        kind: 'refused',
        because: `${botName} is not allowed to patch deployments.apps not-in-the-role in namespace ${namespace}`,
      })
    })
  })

  test('a deadline that the bad release missed is not held against the way back', async () => {
    const spec = { progressDeadlineSeconds: 1 }
    const { release, rollout, write, deploy, until } = await stage({ spec })
    await deploy('never-ready')
    const bad = await until(({ failed }) => failed !== null)
    expect(bad.failed).toMatch(/^ProgressDeadlineExceeded: ReplicaSet "backend-\w+" has timed out/)
    expect(bad.troubles).toContain(bad.failed)
    const seen = await release()
    await write(seen, back(seen))
    const way: Rollout[] = []
    do way.push(await rollout())
    while (!way.at(-1)?.complete && way.length < 500)
    expect(way.at(-1)).toMatchObject({ complete: true, failed: null, troubles: [] })
    expect(way.filter(({ failed }) => failed !== null)).toEqual([])
  })

  test('zero is not complete while one pod does not go', async () => {
    const { namespace, release, rollout, write, until } = await stage()
    const pods = `/api/v1/namespaces/${namespace}/pods`
    const [held] = Pods.parse(await must('GET', pods)).items
    const path = `${pods}/${held?.metadata.name}`
    await must('PATCH', path, { metadata: { finalizers: ['example.com/held'] } })
    await write(await release(), { kind: 'replicas', to: 0 })
    await eventually(
      async () => Pods.parse(await must('GET', pods)).items.length,
      (left) => left === 1,
    )
    await observed(namespace)
    expect(await rollout()).toMatchObject({ desired: 0, ready: 0, complete: false })
    await must('PATCH', path, { metadata: { finalizers: null } })
    expect(await until(({ complete }) => complete)).toMatchObject({ complete: true })
  })

  test.each([
    ['before it is passed on', false],
    ['after it was answered', true],
  ] as const)('the outcome is unknown when the line is cut %s', async (hangUp, done) => {
    const { namespace, release, write } = await stage()
    const before = await release()
    await using proxy = await patchProxy(cluster, bots.token, { hangUp })
    const client = bots.through(proxy.kubeconfig)
    const settings = { key: 'write-1', cause: 'plan 1', dryRun: false, signal: soon() }
    const change = { kind: 'replicas', to: 3 } as const
    const fault = await faultOf(over(client, namespace).write({ seen: before, change }, settings))
    expect(fault).toMatchObject({ kind: 'unknown-outcome', dependency: 'kubernetes' })
    expect(proxy.patches()).toBe(1)
    expect((await release()).lastWrite).toBe(done ? 'write-1' : null)
    // Whoever looks first and sends it again does it once, whatever became of the first.
    const again = await write(before, change)
    expect(again.kind).toBe(done ? 'changed-meanwhile' : 'written')
    expect(await release()).toMatchObject({ replicas: 3, generation: before.generation + 1 })
  })

  describe('between our look and our write', () => {
    const writeWhile = async (
      { namespace, release }: Awaited<ReturnType<typeof stage>>,
      first: () => Promise<unknown>,
    ) => {
      const seen = await release()
      await using proxy = await patchProxy(cluster, bots.token, { first })
      const workloads = over(bots.through(proxy.kubeconfig), namespace)
      const settings = { key: 'write-1', cause: 'plan 1', dryRun: false, signal: soon() }
      const written = await workloads.write({ seen, change: { kind: 'replicas', to: 3 } }, settings)
      expect(proxy.patches()).toBe(1)
      return { seen, written }
    }

    test('somebody deploys, and is not overwritten', async () => {
      const place = await stage()
      const { written } = await writeWhile(place, () => place.deploy('v2.0.1'))
      expect(written).toEqual({ kind: 'changed-meanwhile' })
      expect(await place.release()).toMatchObject({ replicas: 2, lastWrite: null })
    })

    test('the workload becomes another one of the same name, which is left alone', async () => {
      const place = await stage()
      const { seen, written } = await writeWhile(place, async () => {
        await must('DELETE', `/apis/apps/v1/namespaces/${place.namespace}/deployments/backend`)
        await deployService(cluster, place.namespace, 'backend')
      })
      expect(written).toEqual({ kind: 'changed-meanwhile' })
      const { uid, generation, lastWrite } = await place.release()
      expect(uid).not.toBe(seen.uid)
      expect({ generation, lastWrite }).toEqual({ generation: seen.generation, lastWrite: null })
    })

    test('the workload is deleted', async () => {
      const place = await stage()
      const path = `/apis/apps/v1/namespaces/${place.namespace}/deployments/backend`
      const { written } = await writeWhile(place, () => must('DELETE', path))
      expect(written).toEqual({ kind: 'changed-meanwhile' })
    })
  })

  describe('evidence', () => {
    const pieces = async (workloads: Deployments) => {
      const found: Record<string, string> = {}
      for await (const piece of workloads.evidence('api', soon())) {
        found[piece.name] = 'skipped' in piece ? `skipped: ${piece.skipped}` : ''
        if ('text' in piece) for await (const part of piece.text) found[piece.name] += part
      }
      return found
    }

    test('of what crashed holds what it said before, too, and what others changed', async () => {
      await cluster.writeLogs(['starting', 'DB_PASSWORD=hunter2', 'gone'])
      const { workloads, until } = await stage({ version: 'crashing', replicas: 1, wait: false })
      await until(({ failed }) => failed !== null)
      // Events are written after what they tell of.
      const found = await eventually(
        () => pieces(workloads),
        (seen) => seen['api/events.json']?.includes('ScalingReplicaSet') === true,
      )
      expect(found['api/events.json']).toContain('Scaled up replica set')
      const logs = Object.entries(found).filter(([name]) => name.endsWith('.log'))
      expect(logs.map(([name]) => name.replace(/-\w+-\w+\//, '/'))).toEqual([
        'api/backend/backend.log',
        'api/backend/backend.previous.log',
      ])
      for (const [, text] of logs) expect(text).toBe('starting\nDB_PASSWORD=***\ngone\n')
      expect(found['api/deployment.json']).toContain('"value": "production"')
    })

    test('that cannot be had is left out, with the reason', async () => {
      const pod = { nodeName: 'no-such-node' }
      const { workloads, until } = await stage({ replicas: 1, pod, wait: false })
      await until(({ ready, troubles }) => ready === 0 && troubles.length === 0)
      const found = await eventually(
        () => pieces(workloads),
        (seen) => Object.keys(seen).length > 4,
      )
      const [name = ''] = Object.keys(found).slice(4)
      expect(name).toMatch(/^api\/backend-\w+-\w+\/backend\.log$/)
      expect(found[name]).toMatch(/^skipped: not found: .*no-such-node/)
    })
  })
})
