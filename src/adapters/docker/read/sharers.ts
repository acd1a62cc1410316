import pMap from 'p-map'
import { Fault } from '../../../domain/base/fault.ts'
import type { Sharer, Sharers } from '../../../ports/sharers.ts'
import type { DockerHost } from '../client/client.ts'
import { containerPath, listed, nameOf } from './ask.ts'
import { membersOf } from './look.ts'
import type { DockerServices } from './members.ts'
import { Modes, type Listed } from './schema.ts'
import { calledAs, isMeant, sharedWith } from './shares.ts'

const AT_A_TIME = 8
/** For all of them on a host: one that does not answer holds up no plan. */
const MOST_MS = 5_000
const RUNNING = ['running', 'restarting', 'paused']

/** `because`: it could not be looked at. */
type Looked = { readonly one: Listed } & (
  | { readonly modes: Modes['HostConfig'] }
  | { readonly because: string; readonly isGone: boolean }
)

/**
 * One question for the list, which tells whose network is shared, and one for each that runs there and is of none of
 * these services. What took its volumes from another one has them by itself, and keeps them.
 */
export async function sharersAt(
  host: DockerHost,
  services: DockerServices,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<Sharers> {
  const all = await listed(host, signal)
  const members = membersOf(all, services, wanted).map(({ one }) => one)
  if (members.length === 0) return { sharing: [], notLooked: [] }
  const others = all.filter((one) => RUNNING.includes(one.State) && !members.includes(one))
  const late = AbortSignal.timeout(MOST_MS)
  const looked = await pMap(others, (one) => lookedAt(host, one, { signal, late }), {
    concurrency: AT_A_TIME,
  })
  const unlooked = looked.flatMap((one) => ('because' in one ? [one] : []))
  // Something before the Engine may say of one that is there that it is not.
  const now = unlooked.some(({ isGone }) => isGone) ? await listed(host, signal) : []
  const isThere = ({ Id }: Listed): boolean => now.some((one) => one.Id === Id)
  return {
    sharing: [
      ...others.flatMap((one) => networkBy(one, { host, all, members })),
      ...looked.flatMap((one) => {
        return 'modes' in one ? sharedBy(one.one, one.modes, { host, all, members }) : []
      }),
    ],
    notLooked: unlooked
      .filter(({ one, isGone }) => !isGone || isThere(one))
      .map(({ one, because }) => ({ host: host.name, name: calledAs(one), because })),
  }
}

async function lookedAt(
  host: DockerHost,
  one: Listed,
  { signal, late }: { readonly signal: AbortSignal; readonly late: AbortSignal },
): Promise<Looked> {
  try {
    const path = `${containerPath(one.Id)}/json`
    const seen = await host.get(Modes, { path, signal: AbortSignal.any([signal, late]) })
    return { one, modes: seen.HostConfig }
  } catch (error) {
    if (!(error instanceof Fault) || signal.aborted) throw error
    return { one, because: error.detail, isGone: error.code === '404' }
  }
}

type There = {
  readonly host: DockerHost
  readonly all: readonly Listed[]
  readonly members: readonly Listed[]
}

/** The list tells it. */
function networkBy(one: Listed, { host, all, members }: There): readonly Sharer[] {
  return members
    .filter((member) => {
      const its = { Id: member.Id, Name: nameOf(member) }
      return isMeant(one.HostConfig.NetworkMode, its, all)
    })
    .map(({ Id: id }) => ({ host: host.name, id, by: calledAs(one), what: 'network' }))
}

function sharedBy(
  one: Listed,
  modes: Modes['HostConfig'],
  { host, all, members }: There,
): readonly Sharer[] {
  return members.flatMap((member) => {
    const its = { Id: member.Id, Name: nameOf(member) }
    const by = calledAs(one)
    return sharedWith(modes, its, all).map((what) => ({ host: host.name, id: its.Id, by, what }))
  })
}
