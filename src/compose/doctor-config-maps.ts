import { careful, ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import { flagInWords } from '../domain/plan/flag-value.ts'
import type { World } from '../ports/world.ts'
import { keyPlacesOf, readersOf, type KeyPlace } from '../runbook/kubernetes/config-map-flag.ts'

/** The ConfigMaps that hold a flag, as the pods call them, and how they stand. */
export type ConfigMapsSeen = {
  readonly names: readonly string[]
  readonly checks: readonly Check[]
}

/** Where it cannot be asked, what the settings call them: why is found out by whoever asks for the rights. */
export async function seeConfigMaps(
  flag: Parameters<typeof keyPlacesOf>[0] | null,
  world: World,
  signal: AbortSignal,
): Promise<ConfigMapsSeen> {
  const places = flag ? keyPlacesOf(flag) : []
  if (places.length === 0) return { names: [], checks: [] }
  try {
    const seen = await Promise.all(places.map((place) => seeOne(place, world, signal)))
    return {
      names: [...new Set(seen.map(({ name }) => name))],
      checks: seen.map(({ check }) => check),
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { names: [...new Set(places.map(({ configMap }) => configMap))], checks: [] }
  }
}

type Seen = { readonly name: string; readonly check: Check }

async function seeOne(
  place: KeyPlace,
  { deployments, configMaps }: World,
  signal: AbortSignal,
): Promise<Seen> {
  const { configMap, key, services } = place
  const releases = (await deployments?.releases(services, signal)) ?? []
  const meant = readersOf(place, releases)
  if ('problem' in meant) return told(configMap, meant.problem, wrong)
  const name = meant.configMap
  const seen = await configMaps?.find(name, key, signal)
  if (!seen) return told(name, 'it is not there', wrong)
  if (seen.immutable) return told(name, 'it is immutable', careful)
  if (seen.binary) return told(name, `${key} is kept as binary data there`, careful)
  const found = `${key} is ${flagInWords(seen.value)}`
  return { name, check: ok('kubernetes', `ConfigMap ${name}`, found) }
}

function told(name: string, found: string, how: typeof wrong): Seen {
  const todo = 'the flag cannot be switched there: correct procedures.featureFlag in backout.yaml'
  return { name, check: how('kubernetes', `ConfigMap ${name}`, found, todo) }
}
