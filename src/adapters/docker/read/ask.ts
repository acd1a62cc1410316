import { toMs } from '../../../domain/base/instant.ts'
import { Fault } from '../../../domain/base/fault.ts'
import type { DockerHost } from '../client/client.ts'
import { Info, Inspected, InspectedImage, ListedAll, Version, type Listed } from './schema.ts'

/** Every container of the host, also those that do not run. */
export function listed(host: DockerHost, signal: AbortSignal): Promise<readonly Listed[]> {
  return host.get(ListedAll, { path: '/containers/json', query: { all: 'true' }, signal })
}

/** `null`: it is not there any more. */
export function inspected(
  host: DockerHost,
  id: string,
  signal: AbortSignal,
): Promise<Inspected | null> {
  return orAbsent(host.get(Inspected, { path: `${containerPath(id)}/json`, signal }))
}

/** By its id, or by a reference. `null`: it is not on the host. */
export function inspectedImage(
  host: DockerHost,
  name: string,
  signal: AbortSignal,
): Promise<InspectedImage | null> {
  return orAbsent(host.get(InspectedImage, { path: `/images/${encodeURI(name)}/json`, signal }))
}

/** By the clock of the host: it need not be ours. */
export async function hostTimeMs(host: DockerHost, signal: AbortSignal): Promise<number> {
  const { SystemTime } = await host.get(Info, { path: '/info', signal })
  return toMs(SystemTime)
}

export async function platformOfHost(host: DockerHost, signal: AbortSignal): Promise<string> {
  const { Os, Arch } = await host.get(Version, { path: '/version', signal })
  return `${Os}/${Arch}`
}

/** "Up 5 hours (healthy)"; less than one is told in seconds and minutes. */
export function isWellForAnHour({ State, Status }: Listed): boolean {
  const isLong = /^Up (About an hour|\d+ (hours|days|weeks|months|years))/.test(Status)
  return State === 'running' && isLong && !/\((unhealthy|health: starting)\)/.test(Status)
}

export function containerPath(id: string): string {
  return `/containers/${encodeURIComponent(id)}`
}

export function nameOf({ Names }: Pick<Listed, 'Names'>): string {
  // Of a container that others are linked to, more than one is told: its own has one slash.
  const own = Names.find((name) => name.lastIndexOf('/') <= 0) ?? Names[0] ?? ''
  return own.replace(/^\//, '')
}

async function orAbsent<T>(asked: Promise<T>): Promise<T | null> {
  return asked.catch((error: unknown) => {
    if (error instanceof Fault && error.code === '404') return null
    throw error
  })
}
