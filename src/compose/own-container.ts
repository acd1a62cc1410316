import { readFile } from 'node:fs/promises'

/** Files that an Engine mounts into every container, from a folder that is called like it. */
const ITS_FOLDER = /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf)/
const ITS_GROUP = /(?:docker[-/]|\/)([0-9a-f]{64})(?:\.scope)?$/m

/** The id of the container that this process runs in; `null`: in none, as far as can be told. */
export async function ownContainerId(): Promise<string | null> {
  const [mounts, groups] = await Promise.all(
    ['/proc/self/mountinfo', '/proc/self/cgroup'].map((file) => {
      return readFile(file, 'utf8').catch(() => '')
    }),
  )
  return ITS_FOLDER.exec(mounts ?? '')?.[1] ?? ITS_GROUP.exec(groups ?? '')?.[1] ?? null
}
