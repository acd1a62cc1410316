import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { card, cards, sign, words, type Card } from '../e2e/reading.ts'
import { tellOnFailure } from '../e2e/tell-on-failure.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { nextSecond } from '../servers/next-second.ts'
import { startBadRelease, type BadRelease } from '../support/bad-release.ts'
import { changeDeployment, deleteReplicaSet, type BotCluster } from '../support/kubernetes.ts'
import { BAD, GOOD, deployed, SERVICES, type Production } from '../support/production.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'

const needs = ['redis', 'kubernetes'] as const
const skip = needs.some(missingAllowed) || outsideAddress('kubernetes') !== undefined
const namespace = 'answers'

/** What the API server and its controllers have against it, as people read it in Slack. */
describe.skipIf(skip)('the card says', () => {
  let story: BadRelease
  let bots: BotCluster
  let production: Production
  let incident: string
  let number = 0
  tellOnFailure(() => story?.bot)

  beforeAll(async () => {
    story = await startBadRelease({ namespace })
    ;({
      bots,
      production,
      declared: { incident },
    } = story)
  })
  afterAll(() => story?.[Symbol.asyncDispose]())

  const must = (method: string, path: string, body?: unknown): Promise<unknown> =>
    bots.cluster.admin.must(method, path, body)
  const change = (name: string, patch: unknown): Promise<unknown> =>
    changeDeployment(bots.cluster, namespace, name, patch)
  const generations = (): Promise<(number | undefined)[]> =>
    Promise.all(
      SERVICES.map(
        async (name) => (await deployed(bots.cluster, namespace, name))?.metadata.generation,
      ),
    )

  const askForPlan = (): Promise<unknown> =>
    production.slack.as(CY).command(INCIDENTS, '/rollback plan')
  /** The newest plan of the incident, once its card reads like that: a void one names versions too. */
  const plan = async (reads = /0 of 2/): Promise<Card> => {
    await askForPlan()
    return until(
      async () => {
        const shown = await cards(production.slack, `plan-${number + 1}`, incident)
        if (shown.length > 0) number += 1
        const [newest] = await cards(production.slack, `plan-${number}`, incident)
        return newest && reads.test(newest.reads) ? newest : undefined
      },
      `a plan to read ${String(reads)}`,
      30_000,
    )
  }
  /** Why there is none. */
  const noPlan = async (): Promise<string> => {
    const says = `Plan ${number + 1} is not possible now`
    await askForPlan()
    const said = await until(
      async () =>
        (await production.slack.chat.all(INCIDENTS)).find(({ text }) =>
          String(text).includes(says),
        ),
      `it to be said: ${says}`,
      15_000,
    )
    return words(said['blocks'])
  }
  const signBoth = async (shown: Card): Promise<void> => {
    await sign(production.slack, production.slack.as(ANA), shown)
    await sign(production.slack, production.slack.as(BO), shown)
  }
  const run = async (shown: Card, reads: RegExp): Promise<Card> => {
    await signBoth(shown)
    return card(production.slack, `run-${number}`, incident, reads, 40_000)
  }
  /** The API server takes a policy up, and lets it go, a moment after it was written. */
  const policyIs = async (wanted: 'in force' | 'lifted'): Promise<void> => {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/backend?dryRun=All`
    const containers = [{ name: 'backend', image: `pipeshub/backend:${GOOD}` }]
    const body = JSON.stringify({ spec: { template: { spec: { containers } } } })
    const type = 'application/strategic-merge-patch+json'
    const isInForce = async () =>
      (await bots.cluster.admin.request('PATCH', path, body, type)).status !== 200
    // One of its caches may be ahead of another.
    let inARow = 0
    await until(async () => {
      inARow = (await isInForce()) === (wanted === 'in force') ? inARow + 1 : 0
      return inARow === 10
    }, `it is ${wanted}`)
  }
  const badAgain = (): Promise<unknown> =>
    Promise.all(
      SERVICES.map((name) => bots.cluster.setImage(namespace, name, `pipeshub/${name}:${BAD}`)),
    )

  test('that a rollout is paused', async () => {
    await change('backend', { spec: { paused: true } })
    onTestFinished(async () => void (await change('backend', { spec: { paused: null } })))
    const shown = await plan()
    expect(shown.reads).toMatch(/backend: its rollout is paused; resume it first/)
    expect(shown.reads).toMatch(/frontend/)
  })

  test('who else writes to the Deployments: Argo CD, an autoscaler, Helm, Flux', async () => {
    const autoscaler = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`
    const tracking = `shop:apps/Deployment:${namespace}/backend`
    const argo = { annotations: { 'argocd.argoproj.io/tracking-id': tracking } }
    const helm = { annotations: { 'meta.helm.sh/release-name': 'shop-web' } }
    const flux = { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }
    await change('backend', { metadata: argo })
    await change('frontend', { metadata: helm })
    await must('POST', autoscaler, {
      metadata: { name: 'backend' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'backend' },
        minReplicas: 2,
        maxReplicas: 9,
      },
    })
    const shown = await plan(/^(?=[^]*Argo CD)(?=[^]*autoscaler backend)(?=[^]*Helm release)/)
    expect(shown.reads).toMatch(/backend: Argo CD application shop may put the newer version back/)
    expect(shown.reads).toMatch(/backend: autoscaler backend \(2–9\) decides how many pods/)
    expect(shown.reads).toMatch(/frontend: Helm release shop-web may put the newer version back/)

    const nothing = { 'argocd.argoproj.io/tracking-id': null, 'meta.helm.sh/release-name': null }
    await must('DELETE', `${autoscaler}/backend`)
    await change('backend', { metadata: { annotations: nothing } })
    await change('frontend', { metadata: { annotations: nothing, ...flux } })
    const changed = await plan(/^(?![^]*(?:Argo CD|autoscaler|Helm))[^]*Flux/)
    expect(changed.reads).not.toMatch(/Argo CD|autoscaler|Helm/)
    expect(changed.reads).toMatch(/frontend: Flux Kustomization apps may put the newer version/)
    await change('frontend', { metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': null } } })
  })

  test('what a policy denies, before anybody signs and when two have signed', async () => {
    await bots.cluster.applyManifest(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: no-old-images }
spec:
  matchConstraints:
    resourceRules:
      - { apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments] }
  validations:
    - expression: "!object.spec.template.spec.containers.exists(c, c.image.endsWith(':v1.9.0'))"
      message: images of last year are not allowed
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: no-old-images }
spec:
  policyName: no-old-images
  validationActions: [Deny]
  matchResources:
    namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${namespace} } }
`)
    const path = '/apis/admissionregistration.k8s.io/v1'
    onTestFinished(async () => {
      await must('DELETE', `${path}/validatingadmissionpolicybindings/no-old-images`)
      await must('DELETE', `${path}/validatingadmissionpolicies/no-old-images`)
      await policyIs('lifted')
    })
    await policyIs('in force')
    const before = await generations()
    const refused = /would be refused: [^]*images of last year are not allowed/
    const shown = await plan(refused)
    const failed = await run(shown, /Failed[^]*Nothing was written/)
    expect(failed.reads).toMatch(
      /no-old-images.*denied request: images of last year are not allowed/,
    )
    expect(failed.reads).toMatch(/Nothing was written/)
    expect(await generations()).toEqual(before)
  })

  test('which quota leaves no room for a pod', async () => {
    const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`
    const hard = { pods: '4' }
    await must('POST', quotas, { metadata: { name: 'small' }, spec: { hard } })
    // As the controller would, which does not run here.
    await must('PATCH', `${quotas}/small/status`, { status: { hard, used: { pods: '4' } } })
    onTestFinished(async () => {
      await must('DELETE', `${quotas}/small`)
      await badAgain()
    })
    const failed = await run(await plan(), /Failed/)
    expect(failed.reads).toMatch(/exceeded quota: small, requested: pods=1/)
  })

  test('nothing of a disruption budget that allows none: a rollout does not evict', async () => {
    await bots.cluster.applyManifest(`
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: backend, namespace: ${namespace} }
spec: { maxUnavailable: 0, selector: { matchLabels: { app: backend } } }
`)
    const done = await run(await plan(), /Every step was carried out and verified/)
    expect(done.reads).toMatch(/backend: 2 of 2 pods ready/)
    await badAgain()
  })

  test('that what was signed is void when the revision to return to is deleted', async () => {
    const before = await generations()
    const shown = await plan()
    await sign(production.slack, production.slack.as(ANA), shown)
    await deleteReplicaSet(bots.cluster, namespace, 'pipeshub/backend:v1.9.0')
    await production.slack.as(BO).click(INCIDENTS, shown.ts, 'Approve')
    const over = await card(production.slack, `plan-${number}`, incident, /Void/, 20_000)
    expect(over.reads).toMatch(/Nothing was written/)
    expect(over.reads).toMatch(/• backend: is not part of it any more/)
    const instead = await card(production.slack, `plan-${number + 1}`, incident)
    expect(instead.reads).toMatch(
      /Not rolled back: backend: revision \d+ \(v1\.9\.0\) is not kept any more; .*: v1\.9\.1/,
    )
    expect(await generations()).toEqual(before)
  })

  test('why an image of the target cannot be pulled, and what stands where', async () => {
    const image = (tag: string) => `pipeshub/backend:${tag}`
    const wait = { wait: false }
    for (const tag of ['missing-1', 'v1.9.7', 'missing-1', 'v2.1.0']) {
      await nextSecond()
      await bots.cluster.setImage(namespace, 'backend', image(tag), tag === 'missing-1' ? wait : {})
    }
    const failed = await run(await plan(/0 of 2[^]*v2\.1\.0/), /Failed[^]*is not taken back/)
    expect(failed.reads).toMatch(/backend: ImagePullBackOff/)
    expect(failed.reads).toMatch(/What step 1 wrote is not taken back/)
    expect(failed.reads).toMatch(/Undo[^]*Plan again/)
  })

  test('that no earlier revision is kept where the history is set to none', async () => {
    await badAgain()
    await Promise.all(
      SERVICES.map(async (name) => {
        await change(name, { spec: { revisionHistoryLimit: 0 } })
        const path = `/apis/apps/v1/namespaces/${namespace}/replicasets?labelSelector=app%3D${name}`
        await until(
          async () =>
            JSON.stringify(await must('GET', path)).match(/"kind":"Deployment"/g)?.length === 1,
          `the old ReplicaSets of ${name} to go`,
          15_000,
        )
      }),
    )
    expect(await noPlan()).toMatch(
      /backend: no earlier revision is kept that differs from what runs/,
    )
  })
})
