import { Fault } from '../../../domain/base/fault.ts'
import type { DockerHost } from '../client/client.ts'
import { isSameRepository } from '../read/image-names.ts'
import { Distribution, ListedImages } from '../read/schema.ts'
import type { Credentials } from './registry-credentials.ts'
import { whyNoLogin } from './wants-login.ts'

const IS_NOT_THERE = /manifest unknown|name unknown|not found|no such manifest/i

/** Of the same repository, the newest that lie on the host: what was only built there its registry never had. */
const ASKED_AT_MOST = 3

export function saysNotThere(said: string): boolean {
  return IS_NOT_THERE.test(said)
}

/**
 * Why a registry may have an image of which it says that it does not: many say so of whatever they would only show to
 * somebody else. `null`: it took our credentials, or shows to everybody what is in that repository. An Engine does not tell
 * whether it asked for a login.
 */
export async function whyNotShown(
  host: DockerHost,
  digest: string,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<string | null> {
  if (credentials.kind === 'found' || (await showsAnother(host, digest, signal))) return null
  const because = whyNoLogin(digest, credentials)
  return credentials.kind === 'none' ? `${because}, and it does not show this image` : because
}

/** What is shown there is shown by repositories. Without an answer nothing was seen. */
async function showsAnother(
  host: DockerHost,
  digest: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const lying = await host.get(ListedImages, { path: '/images/json', signal })
    const others = lying
      .toSorted((a, b) => b.Created - a.Created)
      .flatMap(({ RepoDigests }) => RepoDigests)
      .filter((one) => isSameRepository(one, digest) && sha256Of(one) !== sha256Of(digest))
    const shown = await Promise.all(
      others.slice(0, ASKED_AT_MOST).map((one) => isShown(host, one, signal)),
    )
    return shown.includes(true)
  } catch (error) {
    if (error instanceof Fault) return false
    throw error
  }
}

async function isShown(host: DockerHost, digest: string, signal: AbortSignal): Promise<boolean> {
  try {
    await host.get(Distribution, { path: `/distribution/${digest}/json`, signal })
    return true
  } catch (error) {
    if (error instanceof Fault) return false
    throw error
  }
}

function sha256Of(digest: string): string | undefined {
  return digest.split('@')[1]
}
