import { nameOf } from './ask.ts'
import type { Sharer } from '../../../ports/sharers.ts'
import type { Inspected, Listed, Modes } from './schema.ts'

/**
 * Whether `container:…` means this one: by its whole id, its name, or the beginning of its id, in this order, as an
 * Engine reads it.
 */
export function isMeant(
  mode: string,
  { Id, Name }: Pick<Inspected, 'Id' | 'Name'>,
  all: readonly Pick<Listed, 'Id' | 'Names'>[],
): boolean {
  const [, named] = /^container:\/?(.+)$/.exec(mode) ?? []
  if (named === undefined) return false
  if (named === Id || named === Name) return true
  return Id.startsWith(named) && !all.some((one) => one.Id !== Id && nameOf(one) === named)
}

/** What it shares with that one, beside its network. */
export function sharedWith(
  { PidMode, IpcMode }: Modes['HostConfig'],
  of: Pick<Inspected, 'Id' | 'Name'>,
  all: readonly Pick<Listed, 'Id' | 'Names'>[],
): readonly Sharer['what'][] {
  const modes = [
    ['processes', PidMode],
    ['memory', IpcMode],
  ] as const
  return modes.flatMap(([what, mode]) => (isMeant(mode, of, all) ? [what] : []))
}

/** A proxy may keep its name back. */
export function calledAs(one: Pick<Listed, 'Id' | 'Names'>): string {
  return nameOf(one) || `container ${one.Id.slice(0, 12)}`
}
