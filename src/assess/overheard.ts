import type { OtherChange } from '../domain/workload/other-change.ts'
import type { ConfigMapKey } from '../ports/config-maps.ts'
import type { StoredFlag } from '../ports/flag-stores.ts'
import type { World } from '../ports/world.ts'

type Read = Pick<World, 'configMaps' | 'flagStores'>

/** When what is read anyway was last written, whoever reads it: a way back looks at the places of its flag. */
export function overhearing({ configMaps, flagStores }: Read): {
  readonly read: Read
  readonly heard: () => readonly OtherChange[]
} {
  const changes = new Map<string, OtherChange>()
  const hear = (change: OtherChange | null) => {
    if (change) changes.set(change.says, change)
  }
  return {
    heard: () => [...changes.values()],
    read: {
      configMaps: configMaps && {
        ...configMaps,
        async find(...asked) {
          const found = await configMaps.find(...asked)
          if (found) hear(configMapChange(found))
          return found
        },
      },
      flagStores: flagStores && {
        ...flagStores,
        async look(store, ...asked) {
          const found = await flagStores.look(store, ...asked)
          hear(flagChange(store, found))
          return found
        },
      },
    },
  }
}

function configMapChange({ configMap, key, lastWritten }: ConfigMapKey): OtherChange | null {
  if (!lastWritten) return null
  const says = `ConfigMap ${configMap} with ${key} was written`
  const since = { time: lastWritten.at, exact: true }
  return { kind: 'configuration', says, since, by: lastWritten.by }
}

function flagChange(store: string, { lastChange }: StoredFlag): OtherChange | null {
  if (!lastChange) return null
  const { what, at, by } = lastChange
  const since = { time: at, exact: true }
  return what === 'started-anew'
    ? { kind: 'restart', says: `what goes by ${store} was started anew`, since, by }
    : { kind: 'flag', says: `${store} was ${what}`, since, by }
}
