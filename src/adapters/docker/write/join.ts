import type { ContainerWritten } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import type { OwnEndpoint } from '../read/own-networks.ts'
import { DONE, sent } from './answers.ts'

/** Puts a container into these networks, one after the other, up to the first that does not take it. */
export async function join(
  host: DockerHost,
  id: string,
  networks: readonly (readonly [network: string, endpoint: OwnEndpoint])[],
  signal: AbortSignal,
): Promise<ContainerWritten> {
  for (const [network, endpoint] of networks) {
    const path = `/networks/${encodeURIComponent(network)}/connect`
    const body = { Container: id, EndpointConfig: endpoint }
    // Their order is that of its interfaces.
    const said = await sent(() => host.write({ method: 'POST', path, body, signal }))
    if (said.kind !== 'done') return said
  }
  return DONE
}
