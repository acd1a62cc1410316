import { Fault } from '../../../domain/base/fault.ts'
import type { AtRegistry, ImageId } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { registryOf } from '../read/image-names.ts'
import { Distribution } from '../read/schema.ts'
import { saysNotThere, whyNotShown } from './not-shown.ts'
import { credentialsFor, type RegistryConfig } from './registry-credentials.ts'
import { wantsLogin, whyNoLogin } from './wants-login.ts'

/**
 * Has the host ask its registry for the image, as a pull would, and pulls nothing:
 * https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Distribution
 */
export async function atRegistry(
  host: DockerHost,
  { digest }: ImageId & { readonly digest: string },
  config: RegistryConfig,
  signal: AbortSignal,
): Promise<AtRegistry> {
  const credentials = credentialsFor(digest, config)
  try {
    await host.get(Distribution, {
      path: `/distribution/${digest}/json`,
      headers: credentials.kind === 'found' ? { 'x-registry-auth': credentials.header } : {},
      signal,
    })
    return { kind: 'there' }
  } catch (error) {
    // Without an answer it is the host that could not be asked.
    if (!(error instanceof Fault) || !/^[45]\d\d$/.test(error.code ?? '')) throw error
    const { detail } = error
    if (wantsLogin(detail)) {
      return { kind: 'refused', because: whyNoLogin(digest, credentials) }
    }
    if (!saysNotThere(detail)) return { kind: 'not-known', because: detail }
    const hidden = await whyNotShown(host, digest, credentials, signal)
    return hidden === null
      ? { kind: 'gone', because: `${registryOf(digest)} does not have it any more` }
      : { kind: 'refused', because: hidden }
  }
}
