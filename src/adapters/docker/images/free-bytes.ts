import { statfs } from 'node:fs/promises'
import type { DockerHost } from '../client/client.ts'
import { Info } from '../read/schema.ts'

/**
 * How much is free where a host keeps its images. An Engine does not tell; where it answers at a socket, and its folder
 * can be seen from here, the file system does.
 */
export async function freeBytesAt(
  host: DockerHost,
  isOverSocket: (name: string) => boolean,
  signal: AbortSignal,
): Promise<number | null> {
  if (!isOverSocket(host.name)) return null
  const { DockerRootDir: folder } = await host.get(Info, { path: '/info', signal })
  if (!folder.startsWith('/')) return null
  // What is called so where this process runs is the Engine's own only if its images lie in it.
  return statfs(`${folder}/image`).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  )
}
