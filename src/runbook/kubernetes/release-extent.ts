import { toMs } from '../../domain/base/instant.ts'
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
  const dated = services
    .flatMap((one) => {
      const ms = releasedMs(one)
      return ms === null ? [] : [{ service: one.service, ms }]
    })
    .toSorted((a, b) => b.ms - a.ms)
  const apart = dated.findIndex(({ ms }, index) => {
    const newer = dated[index - 1]
    return newer !== undefined && newer.ms - ms > windowMs
  })
  const together = apart < 0 ? dated : dated.slice(0, apart)
  return new Set(together.map(({ service }) => service))
}
