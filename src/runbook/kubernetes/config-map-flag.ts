import { toMs } from '../../domain/base/instant.ts'
import type { ConfigMapKey } from '../../ports/config-maps.ts'
import type { Manager, Release } from '../../ports/deployment-state.ts'
import { cautionsOf } from '../parts/cautions.ts'
import type { FlagBackend, PlaceFound } from '../parts/flag-place.ts'
import type { FlagPlaceIn, FlagSettings } from '../parts/flag-settings.ts'
import { NOTHING, partOf } from '../parts/part.ts'
import { configMapsOf, deploymentsOf } from '../parts/require-port.ts'
import type { Circumstances } from '../procedure.ts'
import { configMapRead } from './config-map-read.ts'
import { NO_SUCH_DEPLOYMENT } from './no-such-deployment.ts'
import { within } from './pace.ts'
import { goneMeanwhile } from './release-cautions.ts'
import { setConfigMapKey } from './steps/set-config-map-key.ts'
import { switchable } from './switchable.ts'

/** A place with what is left out filled in. */
export type KeyPlace = FlagPlaceIn<'config-map'> & { readonly key: string; readonly safe: string }
type Reader = {
  readonly release: Release
  readonly template: unknown
  readonly templateHash: string
}

export function keyPlacesOf(
  flag: Pick<FlagSettings, 'name' | 'safe' | 'places'>,
): readonly KeyPlace[] {
  return flag.places.flatMap((place) => {
    if (place.in !== 'config-map') return []
    const { key = flag.name, safe = flag.safe } = place
    return [{ ...place, key, safe }]
  })
}

/** Keys of ConfigMaps that the pods of Deployments read. */
export const configMapFlags: FlagBackend = async (flag, { world, settings, signal }) => {
  const places = keyPlacesOf(flag)
  if (places.length === 0) return []
  const { kubernetes } = settings
  if (!kubernetes) {
    return places.map(({ configMap }) =>
      problem(`ConfigMap ${configMap}: no Deployment is configured that could read it`),
    )
  }
  const services = [...new Set(places.flatMap((place) => place.services))]
  const releases = await deploymentsOf(world).releases(services, signal)
  return Promise.all(
    places.map(async (place): Promise<PlaceFound> => {
      const meant = readersOf(place, releases)
      if ('problem' in meant) return problem(meant.problem)
      const { configMap, readers } = meant
      const seen = await configMapsOf(world).find(configMap, place.key, signal)
      if (!seen) return problem(`ConfigMap ${configMap} is not there`)
      if (seen.value === place.safe) {
        const unreadBy = await unreadIn(seen, readers, { world, signal })
        return { ...foundIn(seen, place.safe), switched: NOTHING, unreadBy, cautions: () => [] }
      }
      return foundAt(place, seen, { readers, namespace: kubernetes.namespace })
    }),
  )
}

function problem(because: string): PlaceFound {
  return { kind: 'problem', because, known: true }
}

/** The ConfigMap that the pods of all of them read, and what these are made of. */
export function readersOf(
  { configMap, key, services }: Pick<KeyPlace, 'configMap' | 'key' | 'services'>,
  releases: readonly Release[],
):
  | { readonly problem: string }
  | { readonly configMap: string; readonly readers: readonly Reader[] } {
  const found = [...new Set(services)].map((service) => readerIn(releases, service))
  const problems = found.flatMap((one) => ('problem' in one ? [one.problem] : []))
  if (problems.length > 0) return { problem: problems.join('; ') }
  const readers = found.flatMap((one) => ('problem' in one ? [] : [one]))
  const templates = readers.map(({ release: { service }, template }) => ({ service, template }))
  const read = configMapRead({ configMap, key }, templates)
  return read.kind === 'problem'
    ? { problem: read.because }
    : { configMap: read.configMap, readers }
}

function readerIn(
  releases: readonly Release[],
  service: string,
): Reader | { readonly problem: string } {
  const release = releases.find((one) => one.service === service)
  if (!release) return { problem: `${service}: ${NO_SUCH_DEPLOYMENT}` }
  const standing = switchable(release)
  if ('problem' in standing) return { problem: `${service}: ${standing.problem}` }
  const { template, templateHash } = standing.current
  return { release, template, templateHash }
}

function foundAt(
  { configMap: called, safe: to }: KeyPlace,
  seen: ConfigMapKey,
  { readers, namespace }: { readonly readers: readonly Reader[]; readonly namespace: string },
): PlaceFound {
  const { configMap, key, uid, value, managedBy } = seen
  const name = `ConfigMap ${configMap}`
  const obstacle = obstacleIn(seen, { to, services: readers.map(({ release }) => release.service) })
  if (obstacle !== null) return problem(`${name}: ${obstacle}`)
  const services = readers.map(({ release: { service, uid: of }, templateHash }) => {
    return { service, uid: of, templateHash }
  })
  const paces = readers.map(({ release }) => release.pace)
  const input = { configMap, uid, key, from: value, to, services, ...within(paces) }
  const targets = [
    `config map ${namespace}/${configMap}`,
    ...readers.map(({ release }) => `deployment ${namespace}/${release.name}`),
  ]
  return {
    ...foundIn(seen, to),
    switched: partOf(setConfigMapKey, input, { targets }),
    cautions: (suspended) => [
      ...(configMap === called ? [] : [otherName(configMap, called)]),
      ...(value === null ? [`${name}: ${key} is not set there now.`] : []),
      ...readers.flatMap(({ release }) => [
        ...(release.replicas === 0
          ? [`${release.service}: it is scaled to 0. Nothing of it runs until it is scaled up.`]
          : []),
        ...goneMeanwhile(release),
      ]),
      ...cautionsOf(
        { service: name, managedBy: managedBy.map(ofNoHistory) },
        suspended,
        'the old value',
      ),
    ],
  }
}

function foundIn({ key, configMap, value }: ConfigMapKey, to: string) {
  return { kind: 'found', place: `${key} of ConfigMap ${configMap}`, value, to } as const
}

/** Those with pods that began before whoever wrote the key last wrote there: a pod reads it when it begins. */
async function unreadIn(
  { changedAt }: ConfigMapKey,
  readers: readonly Reader[],
  { world, signal }: Pick<Circumstances, 'world' | 'signal'>,
): Promise<readonly string[]> {
  if (changedAt === null) return []
  const all = await Promise.all(
    readers.map(async ({ release: { service } }) => {
      const pods = (await world.instances?.list(service, signal)) ?? []
      const older = pods.filter(({ ending, startedAt }) => {
        return !ending && startedAt !== null && toMs(startedAt) < toMs(changedAt)
      })
      return older.length > 0 ? [service] : []
    }),
  )
  return all.flat()
}

/** What nobody here can change in it, and what to do instead; `null`: it can be changed. */
function obstacleIn(
  { key, immutable, binary, ownedBy }: ConfigMapKey,
  { to, services }: { readonly to: string; readonly services: readonly string[] },
): string | null {
  if (ownedBy) return `${ownedBy} owns it and would write over it`
  if (immutable) {
    const readers = services.join(' and ')
    return `it is immutable, and is not replaced; deploy another one with ${key}: "${to}", and let ${readers} refer to that`
  }
  return binary ? `${key} is kept as binary data there, and no value of a flag` : null
}

/** Its history is one of versions, and says nothing of a key. */
function ofNoHistory(manager: Manager): Manager {
  return { ...manager, keepsHistory: false }
}

function otherName(configMap: string, called: string): string {
  return `ConfigMap ${configMap} is what the pods read for ${called}: its name carries a hash of what it held. The next apply makes a new one, with the value that stands in its source; change it there, too.`
}
