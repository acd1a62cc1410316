import { z } from 'zod'
import { jsonOf } from '../../../domain/base/json-of.ts'
import { OURS } from './labels.ts'
import { Endpoint, type Inspected } from './schema.ts'

/** How it is found in a network. What the Engine has given it there is left out. */
export type OwnEndpoint = Partial<
  Pick<Endpoint, 'IPAMConfig' | 'Links' | 'Aliases' | 'DriverOpts' | 'GwPriority'>
>

export type OwnNetworks = {
  /** The one that it is created in. */
  readonly mode: string
  readonly endpoints: Readonly<Record<string, OwnEndpoint>>
}

/** Of these nothing can be asked for; they are named by the mode. */
const PLAIN = new Set(['host', 'none', 'bridge', 'default', ''])

export function ownNetworks(container: Inspected): OwnNetworks {
  const { Id, HostConfig, NetworkSettings } = container
  const entries = Object.entries(NetworkSettings.Networks)
  const endpoints = [...entries, ...stillToJoin(container)]
    .filter(([name]) => name !== 'host' && name !== 'none')
    .map(([name, endpoint]): [string, OwnEndpoint] => [name, ownEndpoint(Id, endpoint)])
  return {
    mode: modeOf(HostConfig.NetworkMode, entries),
    endpoints: Object.fromEntries(endpoints),
  }
}

const Promised = z.record(z.string(), Endpoint)

/** Of one of ours that was not put into all of its networks yet. What has run, others may have taken out of one. */
export function stillToJoin(container: Inspected): readonly (readonly [string, Endpoint])[] {
  const { State, Config, NetworkSettings } = container
  if (State.Status !== 'created') return []
  const promised = Promised.safeParse(jsonOf(Config.Labels[OURS.networks] ?? '{}')).data ?? {}
  return Object.entries(promised).filter(([name]) => !(name in NetworkSettings.Networks))
}

/** A network may be named by its id; and the container may have left the one that it was created in. */
function modeOf(mode: string, networks: readonly (readonly [string, Endpoint])[]): string {
  if (mode === '' || mode === 'default') return 'bridge'
  if (PLAIN.has(mode) || mode.includes(':')) return mode
  const named = networks.find(([name, { NetworkID }]) => name === mode || NetworkID === mode)
  return (named ?? networks[0])?.[0] ?? mode
}

export function ownEndpoint(id: string, endpoint: Endpoint): OwnEndpoint {
  const { IPAMConfig, Links, DriverOpts, GwPriority } = endpoint
  const Aliases = [...new Set(endpoint.Aliases)].filter((alias) => alias !== id.slice(0, 12))
  const addresses = Object.fromEntries(Object.entries(IPAMConfig).filter(([, value]) => !!value))
  return {
    ...(Object.keys(addresses).length > 0 ? { IPAMConfig: addresses } : {}),
    ...(Links.length > 0 ? { Links } : {}),
    ...(Aliases.length > 0 ? { Aliases } : {}),
    ...(Object.keys(DriverOpts).length > 0 ? { DriverOpts } : {}),
    ...(GwPriority ? { GwPriority } : {}),
  }
}
