import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import type { KubernetesCluster } from '../servers/kubernetes/start.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'

/** What happens to a patch on its way: its sender is hung up on, or somebody else is faster. */
type OnPatch =
  | { readonly hangUp: 'before it is passed on' | 'after it was answered' }
  | { readonly first: () => Promise<unknown> }

/** In front of an API server: passes everything on, but for patches. */
export const patchProxy = async (cluster: KubernetesCluster, token: string, onPatch: OnPatch) => {
  await using starting = new AsyncDisposableStack()
  let patches = 0
  const agent = new Agent({ ca: await readFile(cluster.caFile) })
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming
    const isPatch = method === 'PATCH'
    if (isPatch) patches += 1
    const hangUp = isPatch && 'hangUp' in onPatch ? onPatch.hangUp : null
    if (hangUp === 'before it is passed on') {
      // Read to its end, so that it was sent without doubt.
      incoming.resume().on('end', () => outgoing.destroy())
      return
    }
    const passOn = (): void => {
      const passedOn = request(new URL(url, cluster.url), { method, headers, agent }, (answer) => {
        if (hangUp) outgoing.destroy()
        else answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers))
      })
      passedOn.on('error', () => outgoing.destroy())
      incoming.pipe(passedOn)
    }
    if (isPatch && 'first' in onPatch) void onPatch.first().then(passOn)
    else passOn()
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  starting.defer(() => {
    server.closeAllConnections()
    server.close()
    agent.destroy()
  })
  const { path } = starting.use(await freshFolder('patch-proxy'))
  const kubeconfig = join(path, 'config')
  const config = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'u', user: { token } }],
  }
  await writeFile(kubeconfig, JSON.stringify(config))
  const resources = starting.move()
  return {
    kubeconfig,
    patches: () => patches,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
