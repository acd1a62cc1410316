import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Containers, ImageId } from '../../src/ports/containers.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { container, runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { missingAllowed } from '../servers/find.ts'
import { appImage } from '../support/docker.ts'
import { carryOutSwap, containersAt, swapTo } from '../support/swap-on-engine.ts'

describe.skipIf(missingAllowed('docker'))('a swap on a real Engine', () => {
  const stack = new AsyncDisposableStack()
  let engine: DockerEngine
  let good: ImageId
  let bad: ImageId

  beforeAll(async () => {
    engine = stack.use(await startDocker())
    good = await appImage(engine, { name: 'shop/app', version: 'v1' })
    bad = await appImage(engine, { name: 'shop/app', version: 'v2' })
  })
  afterEach(() => emptyEngine(engine.socketPath))
  afterAll(() => stack.disposeAsync())

  const begun = async (more?: Readonly<Record<string, unknown>>) => {
    const options = { image: bad.reference, name: 'app', restart: 'always' } as const
    const { id } = await runContainer(engine, more ? { ...options, more } : options)
    await untilContainer(engine, 'app', { health: 'healthy' })
    const containers = containersAt(engine.socketPath)
    onTestFinished(() => containers.close())
    return { id, containers }
  }

  test('goes on where the Engine was restarted after the old one was stopped and before the new one was started', async () => {
    const { id, containers } = await begun()
    const input = await swapTo(containers, good)
    let restarts = 0
    const restarted: Containers = {
      ...containers,
      async write(write, signal) {
        const answer = await containers.write(write, signal)
        if (write.kind !== 'stop' || restarts > 0) return answer
        restarts += 1
        await engine.down()
        await engine.up()
        // Whatever has a policy is started by it: neither of the two.
        expect((await container(engine, id)).status).toBe('exited')
        return answer
      },
    }
    expect(await carryOutSwap(restarted, input, 'faults/restarted')).toMatch(/^verified/)
    expect(restarts).toBe(1)
    const now = await untilContainer(engine, 'app', { health: 'healthy' })
    expect(now).toMatchObject({ imageId: good.id, status: 'running' })
    const kept = (await containers.sightings(['app'], AbortSignal.timeout(20_000))).map(
      ({ role, state }) => `${role} ${state}`,
    )
    expect(kept.toSorted()).toEqual(['kept created', 'serving running'])
  })

  test('is given back where the new one takes more memory than it may, and says so', async () => {
    const hungry = await appImage(engine, {
      name: 'shop/app',
      version: 'v3',
      changes: [`CMD ${JSON.stringify(['/bin/sh', '-c', 'x=a; while :; do x=$x$x; done'])}`],
    })
    const Memory = 32 * 1024 * 1024
    const limits = { NetworkMode: 'apps', Memory, MemorySwap: Memory }
    const { id, containers } = await begun({ HostConfig: limits })
    const input = await swapTo(containers, hungry)
    const said = await carryOutSwap(containers, input, 'faults/hungry')
    expect(said).toMatch(/^refused: .*out of memory.*the old one serves again/)
    expect(await container(engine, 'app')).toMatchObject({ id, status: 'running' })
  })
})
