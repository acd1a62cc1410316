import { randomInt } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mayStartDocker, requireBinary } from '../find.ts'
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

type EngineOptions = {
  /** So much, and no more, is on the disk of its images; left out: as much as the machine has. */
  readonly diskBytes?: number
}

// Processes and mounts of its own, which end with it, whoever ends it. What an Engine would write into
// these folders of the machine goes the same way, and so does a disk of its own.
const inItsOwnWorld = `
if [ -n "$1" ]; then
  mkdir -p "$2"
  mount -t tmpfs -o "size=$1" tmpfs "$2"
fi
shift 2
for folder in /run /opt /etc/docker; do
  [ ! -d "$folder" ] || mount -t tmpfs tmpfs "$folder"
done
exec "$@"`

const startDaemon = async (
  folder: string,
  socketPath: string,
  { diskBytes }: EngineOptions,
): Promise<SpawnedServer> => {
  const config = join(folder, 'daemon.json')
  await writeFile(config, '{}')
  const namespaces = ['--mount', '--mount-proc', '--pid', '--fork', '--kill-child']
  const data = join(folder, 'data')
  const disk = [diskBytes === undefined ? '' : String(diskBytes), data]
  const daemon = [
    requireBinary('docker', 'dockerd'),
    // Or it would read the machine's own.
    `--config-file=${config}`,
    `--data-root=${data}`,
    `--exec-root=${join(folder, 'exec')}`,
    `--pidfile=${join(folder, 'pid')}`,
    `--host=unix://${socketPath}`,
    `--cgroup-parent=${cgroupParent(folder)}`,
    // Nothing of the machine's network is changed, but for the bridges of networks that tests make.
    '--bridge=none',
    '--iptables=false',
    '--ip6tables=false',
    '--ip-forward=false',
    // Engines look whether a range is taken, but two that look at once both find it free.
    `--default-address-pool=base=10.${128 + randomInt(127)}.0.0/16,size=24`,
    '--default-address-pool=base=172.16.0.0/12,size=24',
    '--log-level=warn',
  ]
  return spawnServer({
    name: 'docker',
    command: 'unshare',
    args: [...namespaces, '--', 'sh', '-ec', inItsOwnWorld, 'sh', ...disk, ...daemon],
    ready: () => answersPing(socketPath),
    deadlineMs: 60_000,
  })
}

/** The process that `unshare` started, which is the Engine. */
const engineOf = async ({ pid }: SpawnedServer): Promise<number[]> => {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return children.split(' ').filter(Boolean).map(Number)
}

/** One that a test killed may be ending at this very moment. */
const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // It is gone.
    }
  }
}

/** It unmounts and removes what it can itself; what is cut off is ended by the kernel. */
const endDaemon = async (daemon: SpawnedServer): Promise<void> => {
  const pids = await engineOf(daemon)
  signal(pids, 'SIGTERM')
  signal(pids, 'SIGCONT')
  await becomes(() => !isRunning(daemon.pid), endsWithinMs)
  await daemon.stop()
}

/** An Engine of its own for root, in a fresh folder. Two of them are two hosts. */
export const startDocker = async (options: EngineOptions = {}): Promise<DockerEngine> => {
  requireBinary('docker', 'dockerd')
  if (!mayStartDocker()) throw new Error('Only root starts a Docker Engine')
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('docker')).path
  reap({ engine: folder })
  starting.defer(async () => {
    await removeLeavings(folder)
    spare({ engine: folder })
  })
  const socketPath = join(folder, 'docker.sock')
  let daemon = await startDaemon(folder, socketPath, options)
  let pids = [daemon.pid, ...(await engineOf(daemon))]
  starting.defer(() => endDaemon(daemon))
  starting.defer(async () => {
    // One that was paused by a test answers nothing until it is continued; one that was killed, never.
    signal(pids, 'SIGCONT')
    await emptyEngine(socketPath).catch(() => undefined)
  })
  return {
    ...engineClient(socketPath),
    socketPath,
    host: `unix://${socketPath}`,
    folder,
    pids: () => pids,
    log: () => daemon.log(),
    down: async () => {
      await endDaemon(daemon)
      pids = []
    },
    up: async () => {
      daemon = await startDaemon(folder, socketPath, options)
      pids = [daemon.pid, ...(await engineOf(daemon))]
    },
    ...stoppable(starting.move()),
  }
}
