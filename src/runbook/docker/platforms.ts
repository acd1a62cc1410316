import { hasRunWell, type LedgerEntry } from '../../domain/workload/ledger.ts'
import type { ImageAtHost, ImageId } from '../../ports/containers.ts'
import type { SwapChange } from './swap-change.ts'

/** What a host says of an image, and what was recorded of the service. */
export type Known = {
  readonly imageAt: (host: string, image: ImageId) => Promise<ImageAtHost>
  readonly recorded: () => Promise<readonly LedgerEntry[]>
}

type Wanted = Pick<SwapChange, 'service' | 'host'> & {
  readonly from: Pick<SwapChange['from'], 'image'>
  readonly to: Pick<SwapChange['to'], 'image'>
}

/**
 * Whether an image is for another machine than its host. Many run what is for another platform all the same: 386 on
 * amd64, or what is emulated. A host that runs such a one as the service now, or ran one well, does so again.
 */
export async function isForeign(
  { service, host, from, to }: Wanted,
  { platform, hostPlatform }: Pick<ImageAtHost, 'platform' | 'hostPlatform'>,
  { imageAt, recorded }: Known,
): Promise<boolean> {
  if (platform === null || hostPlatform === null || platform === hostPlatform) return false
  const ranThere = (await recorded()).filter((one) => {
    return one.service === service && one.host === host && hasRunWell(one)
  })
  const images = new Map(
    [from.image, ...ranThere.map(({ image }) => image)].map((one) => [one.id, one]),
  )
  if (images.has(to.image.id)) return false
  const others = await Promise.all([...images.values()].map((one) => imageAt(host, one)))
  return others.every((one) => one.platform !== platform)
}
