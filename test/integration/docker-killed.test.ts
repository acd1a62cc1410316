import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ImageId } from '../../src/ports/containers.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { missingAllowed } from '../servers/find.ts'
import { appImage } from '../support/docker.ts'
import { containersAt, swapTo } from '../support/swap-on-engine.ts'

/** Spread over a whole swap; `npm run test:long` kills more often. */
const KILLS = Number(process.env['LONG_KILLS'] ?? 2)
const PROCESS = fileURLToPath(import.meta.resolve('../support/swap-on-engine.ts'))

describe.skipIf(missingAllowed('docker'))('the process that swaps a container', () => {
  const stack = new AsyncDisposableStack()
  let engine: DockerEngine
  let good: ImageId
  let bad: ImageId
  let kills = 0

  beforeAll(async () => {
    engine = stack.use(await startDocker())
    good = await appImage(engine, { name: 'shop/app', version: 'v1' })
    bad = await appImage(engine, { name: 'shop/app', version: 'v2' })
  })
  afterEach(() => emptyEngine(engine.socketPath))
  afterAll(async () => {
    await stack.disposeAsync()
    console.log(`swaps killed with SIGKILL: ${kills}`)
  })

  /** Its exit code; `null`: it was killed. It is given so long. */
  const swapping = async (input: unknown, killAfterMs: number): Promise<number | null> => {
    const args = [PROCESS, engine.socketPath, 'INC-1/plan-1', JSON.stringify(input)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    const ended = once(child, 'exit')
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    const [code] = await ended
    clearTimeout(timer)
    return typeof code === 'number' ? code : null
  }

  test(
    'is killed at any moment, and the next one comes to the same end',
    async () => {
      const wanted = async () => {
        await runContainer(engine, { image: bad.reference, name: 'app', restart: 'always' })
        await untilContainer(engine, 'app', { health: 'healthy' })
        const containers = containersAt(engine.socketPath)
        const input = await swapTo(containers, good)
        containers.close()
        return input
      }
      const startedMs = performance.now()
      expect(await swapping(await wanted(), 60_000)).toBe(0)
      const wholeMs = performance.now() - startedMs
      for (let time = 1; time <= KILLS; time += 1) {
        await emptyEngine(engine.socketPath)
        const input = await wanted()
        const afterMs = (wholeMs * time) / (KILLS + 1)
        if ((await swapping(input, afterMs)) === null) kills += 1
        expect(await swapping(input, 60_000), `after ${Math.round(afterMs)} ms`).toBe(0)
        const containers = containersAt(engine.socketPath)
        const left = await containers.sightings(['app'], AbortSignal.timeout(20_000))
        containers.close()
        expect(
          left.map(({ role, state, image, restartPolicy }) => [
            role,
            state,
            image.id,
            restartPolicy,
          ]),
          `after ${Math.round(afterMs)} ms`,
        ).toEqual(
          expect.arrayContaining([
            ['serving', 'running', good.id, 'always'],
            ['kept', 'created', bad.id, 'always'],
          ]),
        )
        expect(left).toHaveLength(2)
      }
      expect(kills).toBeGreaterThan(0)
    },
    60_000 + KILLS * 30_000,
  )
})
