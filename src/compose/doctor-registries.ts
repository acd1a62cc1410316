import { registryOf } from '../adapters/docker/read/image-names.ts'
import type { Config } from '../config/load-config.ts'
import { careful, ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import { toMs } from '../domain/base/instant.ts'
import type { LedgerEntry } from '../domain/workload/ledger.ts'
import type { AtRegistry } from '../ports/containers.ts'
import type { World } from '../ports/world.ts'

/** Every host asks every registry that something ran from for one image, as a pull would: nothing is pulled. */
export async function checkRegistries(
  { settings }: Pick<Config, 'settings'>,
  { containers, ledger }: Pick<World, 'containers' | 'ledger'>,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { docker } = settings.procedures
  if (!docker || !containers || !ledger) return []
  try {
    const entries = await ledger.entries(Object.keys(docker.services))
    return await Promise.all(
      newestOfEach(entries).map(async ({ host, registry, image, digest }) => {
        const tried = `${registry}, asked by ${host}`
        const found = await containers.atRegistry(host, { ...image, digest }, signal)
        return checkOf(tried, found)
      }),
    )
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [wrong('registry', 'registries', error.detail, 'check the way to that host')]
  }
}

function checkOf(tried: string, found: AtRegistry): Check {
  switch (found.kind) {
    case 'there':
      return ok('registry', tried, 'it gives what ran last')
    case 'refused': {
      const todo =
        'correct its entry of auths, or add one, in the file that BACKOUT_REGISTRY_CONFIG_FILE names'
      return wrong('registry', tried, found.because, todo)
    }
    case 'gone': {
      const because = `what ran last is not in it: ${found.because}`
      return careful('registry', tried, because, 'see to it that clean-ups keep what ran')
    }
    case 'not-known':
      return careful('registry', tried, found.because, 'check the way there from that host')
    default:
      return found satisfies never
  }
}

/** Of each host and registry the image that was seen last. */
function newestOfEach(entries: readonly LedgerEntry[]) {
  const known = entries.flatMap(({ host, image, lastSeenAt }) => {
    const { digest } = image
    return digest === null
      ? []
      : [{ host, image, digest, lastSeenAt, registry: registryOf(digest) }]
  })
  const newest = known.toSorted((a, b) => toMs(b.lastSeenAt) - toMs(a.lastSeenAt))
  const groups = Map.groupBy(newest, ({ host, registry }) => `${host} ${registry}`)
  return [...groups.values()].flatMap(([first]) => first ?? [])
}
