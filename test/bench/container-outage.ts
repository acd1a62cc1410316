import { writeFile } from 'node:fs/promises'
import { z } from 'zod'
import type { ImageId } from '../../src/ports/containers.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { runContainer, untilContainer } from '../servers/docker/containers.ts'
import type { DockerEngine } from '../servers/docker/engine.ts'
import { freePort } from '../servers/spawn.ts'

const EVERY_MS = 5
const WAITS_MS = 500

/** Nothing on the Engine but this one, which publishes a port and is healthy. Where it answers. */
export const publishedAlone = async (
  engine: DockerEngine,
  image: ImageId,
  at?: number,
): Promise<string> => {
  await emptyEngine(engine.socketPath)
  const port = at ?? (await freePort())
  await published(engine, image, port)
  await untilContainer(engine, 'app', { health: 'healthy' })
  return `http://127.0.0.1:${port}`
}

const Network = z.object({ Id: z.string() })

/**
 * Whoever asks at the port before the new container is reachable makes the kernel of the host ask where its address is. Nobody answers,
 * and it asks again after a second. Here it does so after 20 ms.
 */
export const findsAtOnce = async (engine: DockerEngine): Promise<void> => {
  const { Id } = Network.parse(await engine.must('GET', '/networks/apps'))
  await writeFile(`/proc/sys/net/ipv4/neigh/br-${Id.slice(0, 12)}/retrans_time_ms`, '20')
}

/** As the runbook starts it: the last of its commands. */
export const published = (engine: DockerEngine, { digest, reference }: ImageId, port: number) =>
  runContainer(engine, {
    image: digest ?? reference,
    name: 'app',
    more: {
      HostConfig: {
        NetworkMode: 'apps',
        PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
      },
    },
  })

export type Outage = {
  /** From the last answer of the old one to the first of the new one, as a client sees it. */
  readonly outageMs: number
  /** From the beginning of the work to the first answer of the new one. */
  readonly tookMs: number
}

const Answered = z.object({ version: z.string() })

/**
 * Asked whether the ones before were answered or not: what comes to a port before its container can be reached hangs at the host for
 * up to a second, and whoever waited for it would see nothing of what others are answered meanwhile.
 */
export const outageOf = async (
  url: string,
  wanted: string,
  work: () => Promise<unknown>,
): Promise<Outage> => {
  let lastOldMs = performance.now()
  let firstNewMs: number | null = null
  const over = new AbortController()
  const ask = async (): Promise<void> => {
    const atMs = performance.now()
    const version = await fetch(`${url}/version`, { signal: AbortSignal.timeout(WAITS_MS) })
      .then(async (answer) => Answered.parse(await answer.json()).version)
      .catch(() => null)
    if (version === wanted) firstNewMs ??= performance.now()
    else if (version !== null) lastOldMs = Math.max(lastOldMs, atMs)
  }
  const asking = (async () => {
    const asked: Promise<void>[] = []
    const isAnswered = (): boolean => firstNewMs !== null
    while (!over.signal.aborted || !isAnswered()) {
      asked.push(ask())
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
    await Promise.all(asked)
    return firstNewMs ?? Number.NaN
  })()
  const beganMs = performance.now()
  await work()
  over.abort()
  const newMs = await asking
  return { outageMs: newMs - lastOldMs, tookMs: newMs - beganMs }
}
