// What an Engine leaves in the kernel and its own end does not take along: processes and mounts go
// with the namespaces it runs in, but bridges and control groups are the machine's.
import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../run.ts'

/** Of all containers of the Engine in this folder. */
export const cgroupParent = (folder: string): string => `/${basename(folder)}`

const foldersIn = (path: string): string[] => {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(path, name))
  } catch {
    return []
  }
}

/** The kernel refuses while a process in there is still ending. */
const removeFolders = async (path: string): Promise<void> => {
  for (const inner of foldersIn(path)) await removeFolders(inner)
  for (let attempt = 0; ; attempt += 1) {
    try {
      return rmdirSync(path)
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(25)
    }
  }
}

/** One in each hierarchy where the kernel has several. */
const cgroupsOf = (folder: string): string[] => {
  const root = '/sys/fs/cgroup'
  const name = basename(folder)
  return [root, ...foldersIn(root)].flatMap(foldersIn).filter((path) => basename(path) === name)
}

const bridgesUp = (): string[] =>
  readdirSync('/sys/class/net').filter((name) => name.startsWith('br-'))

/** The Engine names a bridge after its network, and keeps its networks in a file. */
const bridgesOf = (folder: string): string[] => {
  const up = bridgesUp()
  if (up.length === 0) return []
  try {
    const known = readFileSync(join(folder, 'data/network/files/local-kv.db'), 'latin1')
    return up.filter((name) => known.includes(name.slice('br-'.length)))
  } catch {
    return []
  }
}

/** Once nothing of the Engine runs any more, and while its folder is still there. */
export const removeLeavings = async (folder: string): Promise<void> => {
  for (const bridge of bridgesOf(folder)) {
    await run('busybox', ['ip', 'link', 'set', bridge, 'down'])
    await run('busybox', ['brctl', 'delbr', bridge])
  }
  for (const path of cgroupsOf(folder)) await removeFolders(path)
}

/** The Engine's own are in its namespace, and those of its containers in its control groups. */
const processesOf = (folder: string, namespace: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return (
        readlinkSync(`/proc/${pid}/ns/pid`) === namespace ||
        readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`${cgroupParent(folder)}/`)
      )
    } catch {
      return false
    }
  })

/** Asked while the Engine runs; what it gives back looks what is still there of all that there was. */
export const traces = (engine: {
  readonly folder: string
  readonly pids: () => readonly number[]
}) => {
  const { folder } = engine
  const namespace = readlinkSync(`/proc/${engine.pids().at(-1)}/ns/pid`)
  const bridges = bridgesOf(folder)
  return () => ({
    processes: processesOf(folder, namespace),
    mounts: readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(folder)),
    bridges: bridgesUp().filter((name) => bridges.includes(name)),
    controlGroups: cgroupsOf(folder),
    folders: [folder].filter(existsSync),
  })
}
