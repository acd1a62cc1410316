import type { Listed, Mount } from './schema.ts'

/** On every container of Backout's own: `manifests/compose` writes it. */
export const OWN_PART = 'backout.part'

/** Where Engines are spoken to, or the folder in which that place is. */
const ENGINE_SOCKET =
  /(docker|containerd|podman)\.sock$|^(\/var)?\/run(\/docker|\/containerd|\/podman)?\/?$/

export type Surroundings = {
  readonly all: readonly Listed[]
  /** The container that this proxy runs in; `null`: in none. */
  readonly ownId: string | null
  /** Where this proxy finds the Engine. */
  readonly engineSocket: string
}

/**
 * Why this container is left alone even where the settings name it: it is this proxy's or Backout's, has a volume of
 * theirs, or has the Engine's own socket. `null`: it is none of these.
 */
export function sparedBecause(one: Listed, around: Surroundings): string | null {
  const { all, ownId, engineSocket } = around
  if (one.Id === ownId) return 'this proxy itself runs in it'
  if (OWN_PART in one.Labels) return 'it is a part of Backout'
  if (one.Mounts.some((mount) => isSocket(mount, engineSocket))) {
    return 'it has the socket of the Engine, and whoever chooses its image is root on the host'
  }
  const own = all.filter(({ Id, Labels }) => Id === ownId || OWN_PART in Labels)
  if (sharesWith(one, own)) return 'it has a volume of this proxy, so it is a part of Backout'
  const parts = all.filter((other) => own.includes(other) || sharesWith(other, own))
  return sharesWith(one, parts) ? 'it has a volume of Backout, which may hold its journal' : null
}

function isSocket({ Source, Destination }: Mount, engineSocket: string): boolean {
  return [Source, Destination].some((path) => path === engineSocket || ENGINE_SOCKET.test(path))
}

/** What its owner may write to; a file that many only read, as that of the time zone, says nothing. */
function sharesWith(one: Listed, owners: readonly Listed[]): boolean {
  const theirs = owners.filter(({ Id }) => Id !== one.Id).flatMap(({ Mounts }) => Mounts)
  return theirs.some((their) => their.RW && one.Mounts.some((mount) => isSame(mount, their)))
}

function isSame(one: Mount, other: Mount): boolean {
  if (one.Name !== '' && one.Name === other.Name) return true
  return isWithin(one.Source, other.Source) || isWithin(other.Source, one.Source)
}

function isWithin(path: string, folder: string): boolean {
  if (path === '' || folder === '') return false
  return `${path}/`.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}
