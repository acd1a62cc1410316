import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { httpEndpoints } from '../adapters/http/endpoints.ts'
import type { Config } from '../config/load-config.ts'
import { Fault } from '../domain/base/fault.ts'
import type { FlagStore, FlagStores } from '../ports/flag-stores.ts'
import { storeOf } from '../runbook/parts/flag-place.ts'
import type { FlagPlaceIn } from '../runbook/parts/flag-settings.ts'

type Opened = Pick<Config, 'environment' | 'settings' | 'authorities'>

/** The stores in which the flag is kept, by their names. Nothing is asked yet, and nothing loaded where there are none. */
export async function openFlagStores(config: Opened): Promise<FlagStores | null> {
  const flag = config.settings.procedures.featureFlag
  if (!flag) return null
  const stores = new Map<string, FlagStore>()
  const { unleash, pm2 } = flagPlaces(config)
  const reached = reachedUnleash(config)
  if (unleash.length > 0 && reached) {
    const { unleashFlag } = await import('../adapters/unleash/flag.ts')
    for (const { place, ...of } of unleash) {
      stores.set(storeOf(flag, place) ?? '', unleashFlag({ ...reached, ...of }))
    }
  }
  if (pm2.length > 0) {
    const { pm2Flag } = await import('../adapters/pm2/flag.ts')
    const at = reachedPm2(config)
    for (const { place, ...of } of pm2) {
      stores.set(storeOf(flag, place) ?? '', pm2Flag({ ...at, ...of }))
    }
  }
  return stores.size === 0 ? null : byName(stores)
}

function byName(stores: ReadonlyMap<string, FlagStore>): FlagStores {
  const named = (name: string): FlagStore => {
    const store = stores.get(name)
    if (store) return store
    const detail = `"${name}" is kept nowhere that is configured`
    throw new Fault({ kind: 'terminal', dependency: 'flag stores', detail })
  }
  return {
    look: async (name, wanted, signal) => named(name).look(wanted, signal),
    write: async (name, write, options) => named(name).write(write, options),
  }
}

/** Where the flag is kept outside of what runs the services, with what each place leaves to the flag. */
export function flagPlaces({ settings }: Pick<Config, 'settings'>): {
  readonly unleash: readonly {
    readonly place: FlagPlaceIn<'unleash'>
    readonly feature: string
    readonly project: string
    readonly environment: string
  }[]
  readonly pm2: readonly {
    readonly place: FlagPlaceIn<'pm2'>
    readonly app: string
    readonly variable: string
    readonly safe: string
  }[]
} {
  const flag = settings.procedures.featureFlag
  const places = flag?.places ?? []
  return {
    unleash: places.flatMap((place) => {
      if (place.in !== 'unleash') return []
      const { feature = flag?.name ?? '', project, environment } = place
      return [{ place, feature, project, environment }]
    }),
    pm2: places.flatMap((place) => {
      if (place.in !== 'pm2') return []
      const { app, env: variable = flag?.name ?? '', safe = flag?.safe ?? '' } = place
      return [{ place, app, variable, safe }]
    }),
  }
}

/** `null`: nothing says where it is. */
export function reachedUnleash({ environment: env, authorities }: Opened) {
  if (env.UNLEASH_URL === undefined || env.UNLEASH_TOKEN === undefined) return null
  const ca = authorities.unleash === undefined ? {} : { ca: authorities.unleash }
  return {
    url: env.UNLEASH_URL,
    token: env.UNLEASH_TOKEN,
    clientToken: env.UNLEASH_CLIENT_TOKEN ?? null,
    endpoints: httpEndpoints({ dependency: 'unleash', ...ca }),
  }
}

export function reachedPm2({ environment: env }: Pick<Config, 'environment'>) {
  return {
    program: env.BACKOUT_PM2 ?? null,
    folders: (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    home: env.PM2_HOME ?? join(homedir(), '.pm2'),
  }
}
