import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requireBinary } from '../find.ts'
import { reap, spare } from '../reaper.ts'
import { isRunning } from '../run.ts'
import { freshFolder, spawnServer, stoppable } from '../spawn.ts'
import type { SpawnedServer, Stoppable } from '../spawn.ts'
import { answersPing, becomes, emptyEngine, engineClient } from './client.ts'
import type { EngineClient } from './client.ts'
import { cgroupParent, removeLeavings } from './leavings.ts'

export type DockerEngine = Stoppable &
  EngineClient & {
    readonly socketPath: string
    /** As `DOCKER_HOST` wants it. */
    readonly host: string
    readonly folder: string
    /** Of the Engine itself, and of what started it; others after `up`. */
    readonly pids: () => readonly number[]
    readonly log: () => string
    /** Ends the Engine and its containers as a reboot does: what is on its disk stays. */
    readonly down: () => Promise<void>
    /** Starts it again with what is on its disk. */
    readonly up: () => Promise<void>
  }

const endsWithinMs = 20_000

// Processes and mounts of its own, which end with it, whoever ends it. What an Engine would write into
// these folders of the machine goes the same way.
const inItsOwnWorld = `
for folder in /run /opt /etc/docker; do
  [ ! -d "$folder" ] || mount -t tmpfs tmpfs "$folder"
done
exec "$@"`

const startDaemon = async (folder: string, socketPath: string): Promise<SpawnedServer> => {
  const config = join(folder, 'daemon.json')
  await writeFile(config, '{}')
  const namespaces = ['--mount', '--mount-proc', '--pid', '--fork', '--kill-child']
  const daemon = [
    requireBinary('docker', 'dockerd'),
    // Or it would read the machine's own.
    `--config-file=${config}`,
    `--data-root=${join(folder, 'data')}`,
    `--exec-root=${join(folder, 'exec')}`,
    `--pidfile=${join(folder, 'pid')}`,
    `--host=unix://${socketPath}`,
    `--cgroup-parent=${cgroupParent(folder)}`,
    // Nothing of the machine's network is changed, but for the bridges of networks that tests make.
    '--bridge=none',
    '--iptables=false',
    '--ip6tables=false',
    '--ip-forward=false',
    '--log-level=warn',
  ]
  return spawnServer({
    name: 'docker',
    command: 'unshare',
    args: [...namespaces, '--', 'sh', '-ec', inItsOwnWorld, 'sh', ...daemon],
    ready: () => answersPing(socketPath),
    deadlineMs: 60_000,
  })
}

/** The process that `unshare` started, which is the Engine. */
const engineOf = async ({ pid }: SpawnedServer): Promise<number[]> => {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return children.split(' ').filter(Boolean).map(Number)
}

/** It unmounts and removes what it can itself; what is cut off is ended by the kernel. */
const endDaemon = async (daemon: SpawnedServer): Promise<void> => {
  for (const pid of await engineOf(daemon)) {
    process.kill(pid, 'SIGTERM')
    // One that was paused by a test takes no SIGTERM until it is continued.
    process.kill(pid, 'SIGCONT')
  }
  await becomes(() => !isRunning(daemon.pid), endsWithinMs)
  await daemon.stop()
}

/** An Engine of its own for root, in a fresh folder. Two of them are two hosts. */
export const startDocker = async (): Promise<DockerEngine> => {
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('docker')).path
  reap({ engine: folder })
  starting.defer(async () => {
    await removeLeavings(folder)
    spare({ engine: folder })
  })
  const socketPath = join(folder, 'docker.sock')
  let daemon = await startDaemon(folder, socketPath)
  let pids = [daemon.pid, ...(await engineOf(daemon))]
  starting.defer(() => endDaemon(daemon))
  // One that was killed has nothing to be asked for any more.
  starting.defer(() => emptyEngine(socketPath).catch(() => undefined))
  return {
    ...engineClient(socketPath),
    socketPath,
    host: `unix://${socketPath}`,
    folder,
    pids: () => pids,
    log: () => daemon.log(),
    down: () => endDaemon(daemon),
    up: async () => {
      daemon = await startDaemon(folder, socketPath)
      pids = [daemon.pid, ...(await engineOf(daemon))]
    },
    ...stoppable(starting.move()),
  }
}
