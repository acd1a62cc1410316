import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kubeconfigText } from '../../servers/kubernetes/kubeconfig.ts'
import { freshFolder } from '../../servers/spawn.ts'
import { fakeApiServer } from '../../support/fake-api-server.ts'
import { deployed, template } from '../../support/kubernetes-days.ts'
import type { Incident, Ran } from './incident.ts'

/** An API server whose Deployments have run all of this; a real one would give every ReplicaSet the age of the test. */
export async function clusterThatRan(ran: NonNullable<Incident['ran']>, nowSeconds: number) {
  const opened = new AsyncDisposableStack()
  const parts = Object.entries(ran).map(([service, versions]: [string, Ran]) =>
    deployed(
      service,
      versions.map(([version, ago, setting = 'usual'], index) => ({
        name: `${service}-${index + 1}`,
        created: new Date((nowSeconds - ago) * 1_000).toISOString(),
        template: template(`shop/${service}:${version}`, {
          app: service,
          env: [{ name: 'SETTING', value: setting }],
        }),
      })),
    ),
  )
  const server = opened.use(
    await fakeApiServer({
      production: () => ({
        deployments: parts.map(({ deployment }) => deployment),
        replicasets: parts.flatMap(({ replicaSets }) => replicaSets),
        pods: [],
        horizontalpodautoscalers: [],
      }),
    }),
  )
  const { path } = opened.use(await freshFolder('ran'))
  const KUBECONFIG = join(path, 'kubeconfig')
  writeFileSync(KUBECONFIG, kubeconfigText({ url: server.url, ca: '', token: 't' }))
  const deployments = Object.fromEntries(Object.keys(ran).map((service) => [service, service]))
  return {
    settings: { procedures: { kubernetes: { namespace: 'production', deployments } } },
    variables: { KUBECONFIG },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
