import { isEmpty, isFields, isSame } from './sameness.ts'
import type { Fields, Inspected, Mount } from './schema.ts'

/** Volumes and folders that are not those of the container that it is to be like, or are missing. */
export function mountDifferences(host: Fields, seen: Inspected): readonly string[] {
  const mounts = listOf(host['Mounts'])
  const own = listOf(seen.HostConfig['Mounts'])
  const binds = listOf(host['Binds'])
  const ownBinds = listOf(seen.HostConfig['Binds'])
  if (!mounts || !own || !binds || !ownBinds) return ['Mounts']
  const places = new Set(mounts.map((mount) => (isFields(mount) ? mount['Target'] : mount)))
  const isThere = (place: unknown): boolean => places.has(place)
  const areBindsSame =
    binds.every((bind) => ownBinds.includes(bind)) &&
    ownBinds.every((bind) => binds.includes(bind) || isThere(placeWithoutSource(bind)))
  const areMountsSame =
    mounts.length === places.size &&
    mounts.every((mount) => isMountOf(mount, own, seen.Mounts)) &&
    own.every((mount) => isFields(mount) && isThere(mount['Target'])) &&
    // One that is left out would be there all the same, and empty.
    seen.Mounts.every(
      ({ Type, Destination }) =>
        Type !== 'volume' ||
        isThere(Destination) ||
        binds.some((bind) => String(bind).split(':')[1] === Destination),
    )
  return [...(areBindsSame ? [] : ['Binds']), ...(areMountsSame ? [] : ['Mounts'])]
}

/** As it was asked for, or a volume that it got without asking for one by name. */
function isMountOf(asked: unknown, own: readonly unknown[], mounted: readonly Mount[]): boolean {
  return (
    own.some((one) => isSame(asked, one)) ||
    mounted.some((one) => {
      const named = byName(one, own)
      return named !== null && isSame(asked, named)
    })
  )
}

/** `null`: it is none, or was asked for by its name. */
function byName({ Type, Name, Destination, RW }: Mount, own: readonly unknown[]): Fields | null {
  const before = own.filter(isFields).find((one) => one['Target'] === Destination)
  if (Type !== 'volume' || Name === '') return null
  if (before && (before['Type'] !== 'volume' || !isEmpty(before['Source']))) return null
  return {
    ...before,
    Type,
    Source: Name,
    Target: Destination,
    ...(RW ? {} : { ReadOnly: true }),
    // What somebody has emptied is not filled again from an image.
    VolumeOptions: { ...Object(before?.['VolumeOptions']), NoCopy: true },
  }
}

/** `/target` and `/target:ro` are volumes without a name, which are asked for by name then. */
function placeWithoutSource(bind: unknown): unknown {
  const [first = '', second] = String(bind).split(':')
  return second?.startsWith('/') ? null : first
}

function listOf(value: unknown): readonly unknown[] | null {
  if (value === null || value === undefined) return []
  return Array.isArray(value) ? value : null
}
