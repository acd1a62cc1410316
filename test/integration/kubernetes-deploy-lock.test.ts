import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kubernetesWorkloads } from '../../src/adapters/kubernetes/read/workloads.ts'
import type { DeployLockMark, Deployments } from '../../src/ports/deployments.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { changeDeployment, deployService, soon, startBotCluster } from '../support/kubernetes.ts'
import type { BotCluster } from '../support/kubernetes.ts'

const skip = missingAllowed('kubernetes') || outsideAddress('kubernetes') !== undefined
const manifests = join(import.meta.dirname, '../../manifests/kubernetes/deploy-lock')
const bad = 'example.test/backend:v2.0.0'
const cause = 'Backout incident 20261122-abcd plan 1: asked for by U0ANA, signed by U0BO and U0CY'

describe.skipIf(skip)('the deploy lock of the manifests', () => {
  let bots: BotCluster
  let workloads: Deployments

  const deployment = '/apis/apps/v1/namespaces/production/deployments/backend'

  const releaseOf = async () => (await workloads.releases(['backend'], soon()))[0]!
  /** As Backout writes it. */
  const goTo = async (version: string, lock: DeployLockMark) => {
    const seen = await releaseOf()
    const to = seen.previous.find(({ images }) => images[0]?.endsWith(version))
    if (!to) throw new Error(`no revision of ${version} is kept`)
    const options = { key: 'write-1', cause, dryRun: false, signal: soon() }
    return workloads.write({ seen, change: { kind: 'template', to, lock } }, options)
  }
  const deploy = (image: string) => {
    const containers = [{ name: 'backend', image }]
    const patch = { spec: { template: { spec: { containers } } } }
    const type = 'application/strategic-merge-patch+json'
    return bots.cluster.admin.request('PATCH', deployment, patch, type)
  }
  const rollBack = () => goTo('v1.9.0', { images: [bad], renewed: true })

  beforeAll(async () => {
    bots = await startBotCluster()
    const { cluster } = bots
    await deployService(cluster, 'production', 'backend')
    await cluster.setImage('production', 'backend', bad)
    const client = await bots.botClient()
    const deployments = { backend: 'backend' }
    workloads = kubernetesWorkloads({ client, namespace: 'production', deployments })
    await cluster.applyManifest(await readFile(join(manifests, 'policy.yaml'), 'utf8'))
    const binding = await readFile(join(manifests, 'binding.yaml'), 'utf8')
    await cluster.applyManifest(binding.replace('[Warn, Audit]', '[Deny]'))
    expect(await rollBack()).toEqual({ kind: 'written' })
  })
  afterAll(() => bots[Symbol.asyncDispose]())

  test('refuses the image that was rolled back from, and says by whom and what to do', async () => {
    // The API server hears of a new policy a moment after it was written.
    const answer = await eventually(
      async () => {
        const first = await deploy(bad)
        if (first.status === 200) await rollBack()
        return first
      },
      ({ status }) => status !== 200,
    )
    expect(answer.status).toBe(403)
    const { message } = answer.body as { message: string }
    expect(message).toContain(`${bad} was rolled back from: ${cause}`)
    expect(message).toContain('remove the annotation backout.dev/rolled-back-from first')
  })

  test('lets through another image, and what is no deploy', async () => {
    expect((await deploy('example.test/backend:v2.0.1')).status).toBe(200)
    await changeDeployment(bots.cluster, 'production', 'backend', { spec: { replicas: 1 } })
    expect((await releaseOf()).lockedImages).toEqual([bad])
    // Whoever removes the mark with the deploy was told of nothing.
    const slipped = await bots.cluster.admin.request('PATCH', deployment, {
      metadata: { annotations: { 'backout.dev/rolled-back-from': null } },
      spec: { template: { spec: { containers: [{ name: 'backend', image: bad }] } } },
    })
    expect(slipped.status).toBe(403)
  })

  test('lets Backout bring it back, which lifts the mark', async () => {
    expect(await goTo('v2.0.0', { images: [], renewed: false })).toEqual({ kind: 'written' })
    expect(await releaseOf()).toMatchObject({ lockedImages: [] })
    const { metadata } = (await bots.cluster.admin.must('GET', deployment)) as {
      metadata: { annotations: Record<string, string> }
    }
    expect(Object.keys(metadata.annotations).filter((one) => one.includes('rolled-back'))).toEqual(
      [],
    )
    expect((await deploy('example.test/backend:v1.9.0')).status).toBe(200)
    expect((await deploy(bad)).status).toBe(200)
  })

  test('lets whoever is sure remove the mark first', async () => {
    expect(await rollBack()).toEqual({ kind: 'written' })
    expect((await deploy(bad)).status).toBe(403)
    await changeDeployment(bots.cluster, 'production', 'backend', {
      metadata: { annotations: { 'backout.dev/rolled-back-from': null } },
    })
    expect((await deploy(bad)).status).toBe(200)
  })
})
