import { z } from 'zod'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { dockerContainers } from '../../src/adapters/docker/containers.ts'
import type { ImageId } from '../../src/ports/containers.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { container, runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { missingAllowed } from '../servers/find.ts'
import { appImage } from '../support/docker.ts'

const host = 'shop-1'
const patience = () => AbortSignal.timeout(60_000)
const Exec = z.object({ Id: z.string() })

/** What the warnings of a restart and of a stop say of an Engine. */
describe.skipIf(missingAllowed('docker'))('a container that is stopped and started again', () => {
  const stack = new AsyncDisposableStack()
  let engine: DockerEngine
  let image: ImageId

  beforeAll(async () => {
    engine = stack.use(await startDocker())
    image = await appImage(engine, { name: 'shop/app', version: 'v1' })
  })
  afterEach(() => emptyEngine(engine.socketPath))
  afterAll(() => stack.disposeAsync())

  const said = async (name: string, command: string): Promise<string> => {
    const body = { Cmd: ['/bin/sh', '-c', command], AttachStdout: true }
    const { Id } = Exec.parse(await engine.must('POST', `/containers/${name}/exec`, { body }))
    const { text } = await engine.request('POST', `/exec/${Id}/start`, { body: { Detach: false } })
    // Each piece has its length in front.
    return text.replaceAll(/[^\x20-\x7e]/g, '').trim()
  }
  /** One that listens nowhere, as in one network only one can have the port. */
  const beside = async (name: string, HostConfig: Readonly<Record<string, string>>) => {
    const sleeps = { Entrypoint: ['/bin/sleep'], Cmd: ['1000'], Healthcheck: { Test: ['NONE'] } }
    const body = { Image: image.reference, ...sleeps, HostConfig }
    await engine.must('POST', '/containers/create', { query: { name }, body })
    await engine.must('POST', `/containers/${name}/start`)
  }
  const started = async (HostConfig: Readonly<Record<string, unknown>>) => {
    const more = { HostConfig, StopTimeout: 1 }
    const { id } = await runContainer(engine, { image: image.reference, name: 'app', more })
    await untilContainer(engine, id, { health: 'healthy' })
    const containers = dockerContainers({
      hosts: [{ name: host, socketPath: engine.socketPath }],
      services: {
        app: { kind: 'container', name: 'app' },
        tunnel: { kind: 'container', name: 'tunnel' },
      },
      ownId: async () => null,
    })
    onTestFinished(() => containers.close())
    /** As a restart does it. */
    const again = async (): Promise<void> => {
      for (const write of [
        { kind: 'stop', host, id } as const,
        { kind: 'start', host, id, restartPolicy: 'no' } as const,
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- it ends before it begins again
        expect(await containers.write(write, patience())).toEqual({ kind: 'done' })
      }
      await untilContainer(engine, id, { health: 'healthy' })
    }
    return { containers, again }
  }

  test('leaves whoever shares its network cut off, and running, until that one is restarted', async () => {
    const { containers, again } = await started({})
    await beside('tunnel', { NetworkMode: 'container:app' })
    const asks = () => said('tunnel', 'wget -q -O - http://127.0.0.1:8080/version || echo cut off')
    expect(await asks()).toContain('"version":"v1"')
    await again()
    expect(await container(engine, 'tunnel')).toMatchObject({ status: 'running' })
    expect(await asks()).toContain('cut off')
    const { sharing } = await containers.sharers(['app'], patience())
    const mayNotEnd = async () =>
      (await containers.sightings(['tunnel'], patience())).map((one) => one.mayNotEnd)
    expect(await mayNotEnd()).toEqual([[]])
    expect(sharing).toMatchObject([{ by: 'tunnel', what: 'network' }])
    await engine.must('POST', '/containers/tunnel/restart', { query: { t: '0' } })
    expect(await asks()).toContain('"version":"v1"')
    await engine.must('POST', '/containers/app/stop', { query: { t: '1' } })
    expect(await mayNotEnd()).toEqual([[expect.stringMatching(/whose network it shares/)]])
    const refused = engine.must('POST', '/containers/tunnel/restart', { query: { t: '0' } })
    await expect(refused).rejects.toThrow(/non running container/)
  })

  test('ends whoever shares its processes, and leaves the old memory to whoever shares that', async () => {
    const { again } = await started({ IpcMode: 'shareable' })
    await beside('tracer', { PidMode: 'container:app' })
    await beside('reader', { IpcMode: 'container:app' })
    await said('app', 'echo here >/dev/shm/one')
    expect(await said('reader', 'cat /dev/shm/one')).toContain('here')
    await again()
    await untilContainer(engine, 'tracer', { status: 'exited' })
    expect(await said('app', 'cat /dev/shm/one || echo none')).toContain('none')
    expect(await said('reader', 'cat /dev/shm/one || echo none')).toContain('here')
    await engine.must('POST', '/containers/reader/restart', { query: { t: '0' } })
    expect(await said('reader', 'cat /dev/shm/one || echo none')).toContain('none')
    await engine.must('POST', '/containers/tracer/start')
  })

  test('has nothing left of what lay in a tmpfs, and all of the rest', async () => {
    const Mounts = [{ Type: 'tmpfs', Target: '/mem' }]
    const { containers, again } = await started({ Tmpfs: { '/scratch': '' }, Mounts })
    const [seen] = await containers.sightings(['app'], patience())
    expect(seen?.tmpfs).toEqual(['/mem', '/scratch'])
    const files = '/scratch/one /mem/one /tmp/one'
    const left = () => said('app', `for f in ${files}; do cat $f 2>/dev/null || echo none; done`)
    await said('app', `for f in ${files}; do echo here >$f; done`)
    expect(await left()).toMatch(/^\W*here\W*here\W*here$/)
    await again()
    expect(await left()).toMatch(/^\W*none\W*none\W*here$/)
  })
})
