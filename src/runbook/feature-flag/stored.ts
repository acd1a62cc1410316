import type { FlagBackend, PlaceFound } from '../parts/flag-place.ts'
import { storeOf } from '../parts/flag-place.ts'
import { NOTHING, partOf } from '../parts/part.ts'
import { flagStoresOf } from '../parts/require-port.ts'
import { setStoredFlag } from './steps/set-stored-flag.ts'

/** Flags that are kept outside of what runs the services. */
export const storedFlags: FlagBackend = (flag, { world, signal }) => {
  const stores = flag.places.flatMap((place) => {
    const store = storeOf(flag, place)
    return store === null ? [] : [{ store, to: place.safe ?? flag.safe }]
  })
  return Promise.all(
    stores.map(async ({ store, to }): Promise<PlaceFound> => {
      const found = await flagStoresOf(world).look(store, to, signal)
      const { identity, value, holders, obstacle, cautions } = found
      if (obstacle !== null)
        return { kind: 'problem', because: `${store}: ${obstacle}`, known: true }
      const stands = value === to && holders.every((one) => one.value === to)
      const down = holders.flatMap((one) => (one.down?.givenUp === true ? [one.name] : []))
      const input = { store, identity, from: value, to, ...(down.length > 0 && { down }) }
      return {
        kind: 'found',
        place: store,
        value,
        to,
        switched: stands ? NOTHING : partOf(setStoredFlag, input, { targets: [store] }),
        cautions: () => (stands ? [] : cautions),
      }
    }),
  )
}
