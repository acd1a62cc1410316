import type { FlagValue } from '../../domain/plan/flag-value.ts'
import type { OwnerName } from '../../domain/plan/owner.ts'
import type { Circumstances } from '../procedure.ts'
import type { FlagPlace, FlagSettings } from './flag-settings.ts'
import type { Part } from './part.ts'

/** What stands at one place, and the part of a plan that switches it there. */
export type PlaceFound =
  | {
      readonly kind: 'found'
      /** For people: `MULTI_TENANT in deployment shop/backend`. */
      readonly place: string
      readonly value: FlagValue
      readonly to: string
      /** Nothing where it stands so already. */
      readonly switched: Part
      /** Where it stands so already: the services with instances that began before it was last written. */
      readonly unreadBy?: readonly string[]
      /** What people have to know of it. `suspended`: they are told of elsewhere. */
      readonly cautions: (suspended: readonly OwnerName[]) => readonly string[]
    }
  | {
      readonly kind: 'problem'
      readonly because: string
      /** `false`: it could not be looked at, so that it may be possible all the same. */
      readonly known: boolean
    }

/** Looks at those of the places that are its own. `how`: for an assessment, or for a plan. Throws a `Fault`. */
export type FlagBackend = (
  flag: FlagSettings,
  circumstances: Circumstances,
  how: 'glance' | 'look',
) => Promise<readonly PlaceFound[]>

/** The services that are replaced, wherever they run, so that they go by what stands at a place. */
export function servicesAt(place: FlagPlace): readonly string[] {
  if (place.in === 'config-map') return place.services
  return 'service' in place ? [place.service] : []
}

/** Under which name the store of a place is asked; `null`: what runs the services keeps the flag. */
export function storeOf({ name }: Pick<FlagSettings, 'name'>, place: FlagPlace): string | null {
  switch (place.in) {
    case 'unleash': {
      const { feature = name, environment } = place
      return `flag ${feature} of ${environment} in Unleash`
    }
    case 'pm2':
      return `${place.env ?? name} of ${place.app} in pm2`
    case 'kubernetes-env':
    case 'config-map':
    case 'docker-env':
      return null
    default:
      return place satisfies never
  }
}
