import type { z } from 'zod'
import type { HostConfig, Inspected, MountEntry } from './schema.ts'

type Entry = z.infer<typeof MountEntry>

/**
 * Its volumes, each by its name, also those that were made for it without one: a successor that asked for one
 * without a name would get a new one, which is empty.
 */
export function ownMounts({
  HostConfig: host,
  Mounts,
}: Pick<Inspected, 'HostConfig' | 'Mounts'>): Pick<HostConfig, 'Binds' | 'Mounts'> {
  const Binds = host.Binds.filter((bind) => sourceOf(bind) !== null)
  const bound = new Set(Binds.map(targetOf))
  const asked = new Map(host.Mounts.map((entry) => [entry.Target, entry]))
  const named = Mounts.flatMap((mounted): Entry[] => {
    const { Type, Name, Destination, RW } = mounted
    const entry = asked.get(Destination)
    if (Type !== 'volume' || Name === '' || bound.has(Destination)) return []
    if (entry && entry.Source !== '') return []
    return [
      {
        ...entry,
        Type: 'volume',
        Source: Name,
        Target: Destination,
        ...(RW ? {} : { ReadOnly: true }),
        // What somebody has emptied is not filled again from an image.
        VolumeOptions: { ...Object(entry?.['VolumeOptions']), NoCopy: true },
      },
    ]
  })
  const replaced = new Set(named.map(({ Target }) => Target))
  const rest = host.Mounts.filter(({ Target }) => !replaced.has(Target))
  return { Binds, Mounts: [...rest, ...named.toSorted((a, b) => (a.Target < b.Target ? -1 : 1))] }
}

/** The Engine names a volume that nobody gave a name. */
export function isNamed({ Type, Source }: Entry): boolean {
  return Type !== 'volume' || !/^[0-9a-f]{64}$/.test(Source)
}

/** `null`: a volume without a name. `source:/target:ro`, `/target`, `/target:ro`. */
function sourceOf(bind: string): string | null {
  const [source = '', target] = bind.split(':')
  return target?.startsWith('/') ? source : null
}

function targetOf(bind: string): string {
  return bind.split(':')[1] ?? ''
}
