import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { kubeconfigText } from '../servers/kubernetes/kubeconfig.ts'
import { deploymentOf, podOf } from '../support/api-objects.ts'
import type { Namespace } from '../support/fake-api-server.ts'
import { fakeApiServer } from '../support/fake-api-server.ts'
import { atMost } from './outcome.ts'
import type { Outcome } from './outcome.ts'

const OTHERS = 5_000
/** As large as pods are, with their volumes, conditions and managed fields. */
const POD_BYTES = 8_000
const SERVICES = ['backend', 'frontend']
const MOST_MB = 60

const SUBJECT = resolve(import.meta.dirname, 'large-cluster-subject.ts')

const Measured = z.object({ grownMb: z.number(), looks: z.number() })

/** The Deployments of the bot, and besides them as many pods of others. */
const namespaceWith = (others: number): Namespace => {
  const made = SERVICES.map((name) => deploymentOf(name, { app: name }))
  return {
    deployments: made.map(({ deployment }) => deployment),
    replicasets: made.map(({ replicaSet }) => replicaSet),
    pods: [
      ...Array.from({ length: others }, (_, number) =>
        podOf('other-1', { app: 'other' }, { number, padding: POD_BYTES }),
      ),
      ...SERVICES.map((name) => podOf(`${name}-1`, { app: name }, { padding: POD_BYTES })),
    ],
    horizontalpodautoscalers: [],
  }
}

/**
 * The Kubernetes adapter alone, in a process of its own: what its largest moment takes more in a
 * namespace with thousands of pods of others than in one without.
 */
export const largeCluster = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const [small, large] = [namespaceWith(0), namespaceWith(OTHERS)]
  const server = resources.use(await fakeApiServer({ small: () => small, large: () => large }))
  const folder = mkdtempSync(join(tmpdir(), 'large-cluster-'))
  resources.defer(() => rmSync(folder, { recursive: true }))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, kubeconfigText({ url: server.url, ca: '', token: 'token' }))
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-semi-space-size=2',
    SUBJECT,
    kubeconfig,
    ...SERVICES,
  ])
  const { grownMb, looks } = Measured.parse(JSON.parse(stdout))
  const most = Math.max(...server.lists.map(({ items }) => items))
  return [
    atMost({
      what: `memory that ${looks} looks at a namespace with ${OTHERS} pods of others take at most`,
      measured: grownMb,
      gate: MOST_MB,
      unit: 'MB',
      details: [
        `its peak, against the peak of as many looks at one without them`,
        `${(server.lists.length / (2 * looks)).toFixed(1)} lists a look, ${most} objects in the largest answer`,
      ],
    }),
  ]
}
