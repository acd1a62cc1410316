import type { ImageId } from '../../src/ports/containers.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { freePort } from '../servers/spawn.ts'
import { appImage } from '../support/docker.ts'
import { carryOutSwap, containersAt, swapTo } from '../support/swap-on-engine.ts'
import { ratioWithin, type Outcome } from './outcome.ts'

const PAIRS = 7
const MOST_OF_BASELINE = 0.95
const EVERY_MS = 5

/**
 * How long nobody answers at the published port while one image takes the place of another that is on the host already: ours,
 * and the runbook's order. That one goes by the Engine's API, without the start of a command for each step.
 */
export const containerSwap = async (): Promise<readonly Outcome[]> => {
  await using engine = await startDocker()
  const good = await appImage(engine, { name: 'shop/app', version: 'v1' })
  const bad = await appImage(engine, { name: 'shop/app', version: 'v2' })
  const containers = containersAt(engine.socketPath)
  let runs = 0
  const ours = async (): Promise<number> => {
    const url = await begun(engine, bad)
    const input = await swapTo(containers, good)
    runs += 1
    return outage(url, 'v1', async () => {
      const said = await carryOutSwap(containers, input, `bench/plan-${runs}`)
      if (!said.startsWith('verified')) throw new Error(said)
    })
  }
  const theirs = async (): Promise<number> => {
    const url = await begun(engine, bad)
    return outage(url, 'v1', async () => {
      await engine.must('POST', '/containers/app/stop')
      await engine.must('DELETE', '/containers/app')
      await started(engine, good, Number(new URL(url).port))
    })
  }
  const found = await ratioWithin({
    what: 'outage of a container that publishes a port, image local, to stop, rm, run',
    gate: MOST_OF_BASELINE,
    pairs: PAIRS,
    sides: { subject: ours, baseline: theirs },
  })
  containers.close()
  return [found]
}

const begun = async (engine: DockerEngine, image: ImageId): Promise<string> => {
  await emptyEngine(engine.socketPath)
  const port = await freePort()
  await started(engine, image, port)
  await untilContainer(engine, 'app', { health: 'healthy' })
  return `http://127.0.0.1:${port}`
}

const started = (engine: DockerEngine, image: ImageId, port: number) =>
  runContainer(engine, {
    image: image.reference,
    name: 'app',
    more: {
      HostConfig: {
        NetworkMode: 'apps',
        PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
      },
    },
  })

/** From the last answer of the old one to the first of the new one, as a client sees it. */
const outage = async (
  url: string,
  wanted: string,
  work: () => Promise<unknown>,
): Promise<number> => {
  let lastOldMs = performance.now()
  let firstNewMs: number | null = null
  const over = new AbortController()
  const asking = (async () => {
    while (!over.signal.aborted || firstNewMs === null) {
      const atMs = performance.now()
      const version = await fetch(`${url}/version`, { signal: AbortSignal.timeout(500) })
        .then((answer) => answer.text())
        .catch(() => '')
      if (version.includes(wanted)) firstNewMs ??= performance.now()
      else if (version !== '') lastOldMs = atMs
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
  })()
  await work()
  over.abort()
  await asking
  return (firstNewMs ?? Number.NaN) - lastOldMs
}
