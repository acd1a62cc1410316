import { z } from 'zod'
import type { ImageId } from '../../src/ports/containers.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { runContainer, untilContainer } from '../servers/docker/containers.ts'
import type { DockerEngine } from '../servers/docker/engine.ts'
import { freePort } from '../servers/spawn.ts'

const EVERY_MS = 5

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

export const outageOf = async (
  url: string,
  wanted: string,
  work: () => Promise<unknown>,
): Promise<Outage> => {
  let lastOldMs = performance.now()
  let firstNewMs: number | null = null
  const over = new AbortController()
  const asking = (async () => {
    while (!over.signal.aborted || firstNewMs === null) {
      const atMs = performance.now()
      const version = await fetch(`${url}/version`, { signal: AbortSignal.timeout(500) })
        .then(async (answer) => Answered.parse(await answer.json()).version)
        .catch(() => null)
      if (version === wanted) firstNewMs ??= performance.now()
      else if (version !== null) lastOldMs = atMs
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
    return firstNewMs
  })()
  const beganMs = performance.now()
  await work()
  over.abort()
  const newMs = await asking
  return { outageMs: newMs - lastOldMs, tookMs: newMs - beganMs }
}
