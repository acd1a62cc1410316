import { toMs } from '../../domain/base/instant.ts'
import { cameTogether } from '../../domain/workload/came-together.ts'
import type { NewestChange } from '../../domain/workload/newest-change.ts'
import type { Revision } from '../../domain/workload/workload.ts'

type Running = {
  readonly service: string
  readonly current: Revision | null
  readonly previous: readonly Revision[]
  readonly changed: NewestChange | null
}

/**
 * Since when what a service runs is asked for: a restart is no release. Milliseconds since the epoch;
 * `null`: not known.
 */
export function releasedMs({ current, previous, changed }: Running): number | null {
  if (!current) return null
  const end = previous.findIndex(({ content }) => content !== current.content)
  const same = end < 0 ? previous : previous.slice(0, end)
  const first = same.at(-1)
  if (first) return toMs(first.createdAt)
  return toMs(changed?.since?.time ?? current.createdAt)
}

/**
 * The newest release: the services whose templates came together, each within the window of another one
 * of them, the newest included. Of what is not known it is not said that it belongs there.
 */
export function newestRelease(services: readonly Running[], windowMs: number): ReadonlySet<string> {
  const dated = services.flatMap((one) => {
    const ms = releasedMs(one)
    return ms === null ? [] : [{ service: one.service, ms }]
  })
  return cameTogether(dated, windowMs)
}
