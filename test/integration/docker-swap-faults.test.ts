import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Containers, ImageId } from '../../src/ports/containers.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { container, runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { missingAllowed } from '../servers/find.ts'
import { freePort } from '../servers/spawn.ts'
import { appImage } from '../support/docker.ts'
import { dockerProxy } from '../support/docker-proxy.ts'
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

  const withoutPort = { HostConfig: { NetworkMode: 'apps', RestartPolicy: { Name: 'always' } } }

  test.each([
    ['where a port is published', undefined, 'created'],
    ['where none is', withoutPort, 'running'],
  ] as const)(
    'goes on where the Engine was restarted right after the old one was stopped, %s',
    async (_, more, before) => {
      const { id, containers } = await begun(more)
      const input = await swapTo(containers, good)
      let restarts = 0
      const restarted: Containers = {
        ...containers,
        async write(write, signal) {
          const answer = await containers.write(write, signal)
          if (write.kind !== 'stop' || restarts > 0) return answer
          restarts += 1
          const next = `app-next-${id.slice(0, 12)}`
          expect((await container(engine, next)).status).toBe(before)
          await engine.down()
          await engine.up()
          // A host starts what has a policy and has run before: never the old one, which has none any more.
          expect(await untilContainer(engine, next, { status: before })).toMatchObject({
            imageId: good.id,
            status: before,
          })
          expect((await container(engine, id)).status).toBe('exited')
          return answer
        },
      }
      expect(await carryOutSwap(restarted, input, 'faults/restarted')).toMatch(/^verified/)
      expect(restarts).toBe(1)
      const now = await untilContainer(engine, 'app', { health: 'healthy' })
      expect(now).toMatchObject({ imageId: good.id, status: 'running' })
      const kept = (await containers.sightings(['app'], AbortSignal.timeout(20_000))).map(
        ({ role, state, restartPolicy }) => `${role} ${state} ${restartPolicy}`,
      )
      expect(kept.toSorted()).toEqual(['kept created always', 'serving running always'])
    },
  )

  test('what is between the end of one and the start of the other is one question', async () => {
    const { containers } = await begun()
    const input = await swapTo(containers, good)
    containers.close()
    await using proxy = await dockerProxy(engine.socketPath)
    const proxied = containersAt(proxy.socketPath)
    onTestFinished(() => proxied.close())
    expect(await carryOutSwap(proxied, input, 'faults/between')).toMatch(/^verified/)
    const asked = proxy.asked().map((one) => one.replaceAll(/[0-9a-f]{12,}/g, 'ID'))
    const stop = asked.indexOf('POST /containers/ID/stop')
    expect(asked.slice(stop, stop + 3)).toEqual([
      'POST /containers/ID/stop',
      'GET /containers/json?all=true',
      'POST /containers/ID/start',
    ])
  })

  /** In the two seconds in which the old one ends, somebody does this by hand. */
  const whileItEnds = async (act: (next: string) => Promise<unknown>) => {
    const shell = ['-c', "/start & trap 'sleep 2; exit 0' TERM; while :; do sleep 0.1; done"]
    const slow = { Entrypoint: ['/bin/sh'], Cmd: shell, StopTimeout: 20 }
    const HostConfig = {
      RestartPolicy: { Name: 'always' },
      NetworkMode: 'apps',
      PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(await freePort()) }] },
    }
    const { id, containers } = await begun({ ...slow, HostConfig })
    const input = await swapTo(containers, good)
    let acted = 0
    const disturbed: Containers = {
      ...containers,
      async write(write, signal) {
        if (write.kind !== 'stop' || acted > 0) return containers.write(write, signal)
        acted += 1
        const [answer] = await Promise.all([
          containers.write(write, signal),
          sleep(1_000).then(() => act(`app-next-${id.slice(0, 12)}`)),
        ])
        return answer
      },
    }
    const said = await carryOutSwap(disturbed, input, 'faults/by-hand')
    const [now, ...others] = (
      await containers.sightings(['app'], AbortSignal.timeout(20_000))
    ).filter(({ role }) => role === 'serving')
    expect(others).toEqual([])
    return { said, id, now }
  }

  test('is given back where somebody removes the new one while the old one ends, which has its restart policy again', async () => {
    const { said, id, now } = await whileItEnds((next) =>
      engine.must('DELETE', `/containers/${next}`, { query: { force: '1' } }),
    )
    expect(said).toMatch(/^refused: .*somebody removed the new one; the old one serves again/)
    expect(now).toMatchObject({ id, name: 'app', state: 'running', restartPolicy: 'always' })
  })

  test('stops the old one once more where somebody starts it while it ends', async () => {
    const { said, id, now } = await whileItEnds(async () => {
      for (let turn = 0; turn < 100; turn += 1) {
        const { status } = await container(engine, 'app')
        if (status === 'exited') break
        await sleep(20)
      }
      await engine.must('POST', '/containers/app/start')
    })
    expect(said).toMatch(/^verified/)
    expect(now?.id).not.toBe(id)
    expect(now).toMatchObject({ name: 'app', state: 'running', restartPolicy: 'always' })
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
