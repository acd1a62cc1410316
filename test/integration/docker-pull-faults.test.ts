import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ImageId } from '../../src/ports/containers.ts'
import { runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { pushImage } from '../servers/docker/images.ts'
import { startRegistry, type Registry } from '../servers/docker/registry.ts'
import { missingAllowed } from '../servers/find.ts'
import { appImage, withBytes } from '../support/docker.ts'
import { slowedDown } from '../support/slow-registry.ts'
import { carryOutSwap, containersAt, swapTo } from '../support/swap-on-engine.ts'

const IMAGE_BYTES = 32_000_000
/** Of the Engine that has too little: for what runs there it is enough. */
const DISK_BYTES = 24_000_000
const BYTES_PER_SECOND = 12_000_000
const nameAt = (port: number) => `127.0.0.1:${port}/shop/app`
const PROCESS = fileURLToPath(import.meta.resolve('../support/swap-on-engine.ts'))
const Running = z.object({ Id: z.string(), State: z.object({ Pid: z.number().positive() }) })

describe.skipIf(missingAllowed('docker'))('a swap whose image has to be pulled first', () => {
  const lasting = new AsyncDisposableStack()
  let stack = new AsyncDisposableStack()
  let registry: Registry
  let good: ImageId & { readonly digest: string }
  /** Fast enough for a test, and slow enough to see it pull. */
  let slow: Awaited<ReturnType<typeof slowedDown>>

  beforeAll(async () => {
    const builder = lasting.use(await startDocker())
    registry = lasting.use(await startRegistry())
    slow = lasting.use(await slowedDown(registry.port, BYTES_PER_SECOND))
    const light = await appImage(builder, { name: nameAt(slow.port), version: 'v1' })
    const heavy = await withBytes(builder, light, IMAGE_BYTES)
    good = { ...heavy, digest: await pushImage(builder, registry, heavy) }
  })
  afterAll(() => lasting.disposeAsync())
  afterEach(async () => {
    const used = stack
    stack = new AsyncDisposableStack()
    await used.disposeAsync()
  })

  /** `app` runs, and the image that it is to have is in a registry alone. */
  const given = async (engine: DockerEngine) => {
    const bad = await appImage(engine, { name: nameAt(slow.port), version: 'v2' })
    await runContainer(engine, { image: bad.reference, name: 'app', restart: 'always' })
    await untilContainer(engine, 'app', { health: 'healthy' })
    const containers = containersAt(engine.socketPath)
    stack.defer(() => containers.close())
    return { containers, bad, input: await swapTo(containers, good) }
  }
  /** Which process serves: it is another one after every stop. */
  const serving = async (engine: DockerEngine) => {
    const { Id, State } = Running.parse(await engine.must('GET', '/containers/app/json'))
    return { id: Id, pid: State.Pid }
  }

  test('on a disk that becomes full is not begun, says so, and leaves what runs alone', async () => {
    const engine = stack.use(await startDocker({ diskBytes: DISK_BYTES }))
    const { containers, input } = await given(engine)
    const before = await serving(engine)
    const said = await carryOutSwap(containers, input, 'INC-1/plan-1')
    expect(said).toMatch(/^not prepared: app after on shop-1: .*no space left on device/)
    expect(await serving(engine)).toEqual(before)
    expect((await engine.request('GET', `/images/${good.id}/json`)).status).toBe(404)
    const names = (await containers.sightings(['app'], AbortSignal.timeout(20_000))).map(
      (one) => one.name,
    )
    expect(names).toEqual(['app'])
  })

  test('whose process is killed while it pulls is carried out by the next one, and until then nothing is stopped', async () => {
    const engine = stack.use(await startDocker())
    const { containers, bad, input } = await given(engine)
    const before = await serving(engine)
    const args = [PROCESS, engine.socketPath, 'INC-1/plan-1', JSON.stringify(input)]
    const start = () => spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    /** All that it says, in order; whatever it comes to. */
    const hear = async (child: ReturnType<typeof start>, each: (text: string) => void) => {
      const ended = once(child, 'exit')
      let heard = ''
      for await (const chunk of child.stdout) {
        heard += String(chunk)
        each(heard)
      }
      return { heard, code: (await ended)[0] as number | null }
    }
    const first = start()
    const killed = await hear(first, (text) => {
      if (text.includes('pulling app after')) first.kill('SIGKILL')
    })
    expect(killed.code).toBeNull()
    expect(await serving(engine)).toEqual(before)
    expect((await engine.request('GET', `/images/${good.id}/json`)).status).toBe(404)

    let servingWhilePulled: unknown = null
    const next = start()
    const { heard, code } = await hear(next, (text) => {
      if (text.includes('pulling app after')) servingWhilePulled ??= serving(engine)
    })
    expect(heard).toMatch(/^pulling app after on shop-1/)
    expect(await servingWhilePulled).toEqual(before)
    expect(code).toBe(0)
    const left = await containers.sightings(['app'], AbortSignal.timeout(20_000))
    expect(left.map(({ role, state, image }) => [role, state, image.id])).toEqual(
      expect.arrayContaining([
        ['serving', 'running', good.id],
        ['kept', 'created', bad.id],
      ]),
    )
  })
})
