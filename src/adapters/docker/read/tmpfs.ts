import { z } from 'zod'
import type { Inspected } from './schema.ts'

/** Read beside the rest: what is written back is kept as it is. */
const Tmpfs = z.record(z.string(), z.unknown()).catch({})

/** As it was asked for: `--tmpfs` stands by itself, and `--mount type=tmpfs` among the mounts. */
export function tmpfsOf({ HostConfig }: Pick<Inspected, 'HostConfig'>): readonly string[] {
  const mounted = HostConfig.Mounts.filter(({ Type }) => Type === 'tmpfs')
  const all = [
    ...Object.keys(Tmpfs.parse(HostConfig['Tmpfs'])),
    ...mounted.map(({ Target }) => Target),
  ]
  return [...new Set(all)].toSorted()
}
