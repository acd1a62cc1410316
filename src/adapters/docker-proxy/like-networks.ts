import { isDeepStrictEqual } from 'node:util'
import { jsonOf } from '../../domain/base/json-of.ts'
import { isEmpty, isFields, isSame } from './sameness.ts'
import type { Fields, Inspected } from './schema.ts'

/** Networks that one is put into after it was created, each as it is asked for. */
export const PROMISED = 'backout.networks'

/** Of these nothing can be chosen. */
const PLAIN = new Set(['host', 'none', 'bridge', 'default', ''])

/** Its own network, which may be told by its id; or another one of its own, once it has left that one. */
export function isModeOf(asked: unknown, seen: Inspected): boolean {
  const own = seen.HostConfig['NetworkMode'] ?? ''
  if (typeof own !== 'string') return false
  if (asked === own) return true
  if (own === '' || own === 'default') return asked === 'bridge'
  if (PLAIN.has(own) || own.includes(':') || typeof asked !== 'string') return false
  return !PLAIN.has(asked) && Object.hasOwn(networksOf(seen), asked)
}

/** What is asked for in this network that the container has not there. */
export function endpointDifferences(
  network: string,
  asked: unknown,
  seen: Inspected,
): readonly string[] {
  const networks = networksOf(seen)
  const own = Object.hasOwn(networks, network) ? networks[network] : undefined
  if (!own || !isFields(asked ?? {})) return [network.slice(0, 100)]
  const wanted = isFields(asked) ? asked : {}
  const keys = new Set([...Object.keys(wanted), ...CHOSEN])
  const wrong = [...keys].filter((key) => {
    if (!CHOSEN.includes(key)) return true
    if (key === 'Aliases') return !isDeepStrictEqual(names(wanted[key]), aliasesOf(own, seen))
    return !isSame(orNone(wanted[key]), orNone(own[key]))
  })
  return wrong.map((key) => `${network.slice(0, 100)}.${key}`)
}

/** What can be asked for in a network; all else is given. */
const CHOSEN = ['IPAMConfig', 'Links', 'Aliases', 'DriverOpts', 'GwPriority']

/** One that was created and not started yet is also in those that it is still to be put into. */
function networksOf(seen: Inspected): Readonly<Record<string, Fields>> {
  const promised = seen.State.Status === 'created' ? seen.Config.Labels[PROMISED] : undefined
  return { ...promisedNetworks(promised), ...seen.NetworkSettings.Networks }
}

export function promisedNetworks(label: unknown): Readonly<Record<string, Fields>> {
  const said = typeof label === 'string' ? jsonOf(label) : undefined
  const all = isFields(said) ? Object.entries(said) : []
  return Object.fromEntries(all.filter((one): one is [string, Fields] => isFields(one[1])))
}

/** Without the beginning of its id, which each one is given. */
function aliasesOf(own: Fields, { Id }: Inspected): readonly unknown[] {
  return names(own['Aliases']).filter((alias) => alias !== Id.slice(0, 12))
}

function names(value: unknown): readonly unknown[] {
  if (isEmpty(value)) return []
  return Array.isArray(value) ? [...new Set(value.map(String))].toSorted() : [value]
}

/** Of no priority it tells nothing, or zero. */
function orNone(value: unknown): unknown {
  return value === 0 ? null : value
}
