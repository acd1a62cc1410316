import type { DockerHost } from '../client/client.ts'
import { inspected, isWellForAnHour } from './ask.ts'
import { membersOf, type Member } from './look.ts'
import type { DockerServices } from './members.ts'
import type { Listed } from './schema.ts'
import { troubleOf } from './to-container.ts'
import type { Told } from './to-workload.ts'

/** What only a closer look at one container tells, and for how long that is true. */
type Known = { readonly restarts: number; readonly atMs: number }

/** A host, and how it is asked for all of its containers. */
type Listing = {
  readonly host: DockerHost
  readonly listed: (signal: AbortSignal) => Promise<readonly Listed[]>
}

const KNOWN_FOR_MS = 30 * 60_000

/**
 * One question, and one more for each container that is not well, was not looked at for half an hour, or runs for less
 * than an hour: one that runs for longer was not started again since.
 */
export function listing(now: () => number) {
  const known = new Map<string, Known>()
  return async (
    { host, listed }: Listing,
    services: DockerServices,
    wanted: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly { readonly service: string; readonly told: Told }[]> => {
    const all = await listed(signal)
    const members = membersOf(all, services, wanted).filter(
      ({ member }) => member.role === 'serving',
    )
    const told = await Promise.all(members.map((one) => toldOf(host, one, signal)))
    return told.flat()
  }

  async function toldOf(host: DockerHost, { one, member }: Member, signal: AbortSignal) {
    const { service } = member
    const id = `${host.name} ${one.Id}`
    const before = known.get(id)
    if (before && now() - before.atMs < KNOWN_FOR_MS && isWellForAnHour(one)) {
      const { restarts } = before
      return [{ service, told: { host: host.name, one, restarts, trouble: null } }]
    }
    const seen = await inspected(host, one.Id, signal)
    known.delete(id)
    if (!seen) return []
    const restarts = seen.RestartCount
    if (isWellForAnHour(one)) known.set(id, { restarts, atMs: now() })
    for (const [other, { atMs }] of known) if (now() - atMs >= KNOWN_FOR_MS) known.delete(other)
    return [{ service, told: { host: host.name, one, restarts, trouble: troubleOf(seen) } }]
  }
}
