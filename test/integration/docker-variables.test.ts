import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { SwapInput } from '../../src/runbook/docker/swap-change.ts'
import { swapContainers } from '../../src/runbook/docker/steps/swap-containers.ts'
import type { ImageId } from '../../src/ports/containers.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { missingAllowed } from '../servers/find.ts'
import { appImage } from '../support/docker.ts'
import { proxiedEngine, type ProxiedEngine } from '../support/proxied-engine.ts'
import { carryOutSwap, containersAt, swapTo } from '../support/swap-on-engine.ts'

const FLAG = 'MULTI_TENANT_ENABLED'
const soon = () => AbortSignal.timeout(20_000)

describe.skipIf(missingAllowed('docker'))('a variable of a real container', () => {
  const stack = new AsyncDisposableStack()
  let engine: DockerEngine
  let proxy: ProxiedEngine
  let plain: ImageId
  let setting: ImageId

  beforeAll(async () => {
    engine = stack.use(await startDocker())
    const services = { app: { container: 'app' } }
    const variables = { app: { [FLAG]: ['true', 'false'] } }
    proxy = stack.use(await proxiedEngine(engine.socketPath, services, variables))
    const starts = ['/bin/sh', '-c', `echo "says: \${${FLAG}-not set}"; exec /start`]
    const says = `CMD ${JSON.stringify(starts)}`
    plain = await appImage(engine, { name: 'shop/app', version: 'v1', changes: [says] })
    const sets = [says, `ENV ${FLAG}=true`]
    setting = await appImage(engine, { name: 'shop/app', version: 'v2', changes: sets })
  })
  afterEach(() => emptyEngine(engine.socketPath))
  afterAll(() => stack.disposeAsync())

  const started = async (image: ImageId, env: Record<string, string> = {}, socket = '') => {
    await runContainer(engine, { image: image.reference, name: 'app', env, restart: 'always' })
    await untilContainer(engine, 'app', { health: 'healthy' })
    const containers = containersAt(socket || proxy.socketPath)
    onTestFinished(() => containers.close())
    const serving = async () => {
      const seen = await containers.sightings(['app'], soon())
      const found = seen.find(({ role, name }) => role === 'serving' && name === 'app')
      if (!found) throw new Error('there is no app')
      return found
    }
    return {
      containers,
      serving,
      /** As it is told, and as the process in it has it. */
      async value() {
        const { id } = await serving()
        const told = await containers.variableOf(['app'], FLAG, soon())
        const found = told.find((one) => one.id === id)
        for (let turn = 0; turn < 100; turn += 1) {
          const [log] = await containers.logs('app', { tail: 20, signal: soon() })
          const says = log?.lines.find((line) => line.includes('says: '))?.replace(/.*says: /, '')
          if (says !== undefined) return [found?.value, found?.from, says]
          await sleep(100)
        }
        throw new Error('it says nothing')
      },
      async switching(from: string | null, to: string | null): Promise<SwapInput> {
        const input = await swapTo(containers, (await serving()).image)
        const variable = { name: FLAG, from, to }
        return { ...input, changes: input.changes.map((one) => ({ ...one, variable })) }
      },
    }
  }

  const undoOf = (input: SwapInput): SwapInput => {
    const { onUndo } = swapContainers.bind(input)
    if (onUndo?.kind !== 'invert') throw new Error('it has no inverse')
    return onUndo.step.input as SwapInput
  }

  test('is switched through the proxy, told by the process itself, and put back to what it was', async () => {
    const { containers, serving, value, switching } = await started(plain, { [FLAG]: 'true' })
    const before = await serving()
    expect(await value()).toEqual(['true', 'container', 'true'])
    const input = await switching('true', 'false')
    expect(await carryOutSwap(containers, input, 'i/plan-1')).toBe(
      `verified: app has ${FLAG} "false" on shop-1`,
    )
    expect(await value()).toEqual(['false', 'container', 'false'])
    expect(await carryOutSwap(containers, undoOf(input), 'i/plan-2')).toBe(
      `verified: app has ${FLAG} "true" on shop-1`,
    )
    expect(await value()).toEqual(['true', 'container', 'true'])
    const after = await serving()
    expect([after.sha256, after.image.id]).toEqual([before.sha256, before.image.id])
    expect(proxy.refusals()).toEqual([])
  })

  test.each([
    ['that nobody sets', () => plain, [null, null, 'not set']],
    ['that its image sets', () => setting, ['true', 'image', 'true']],
  ] as const)('one %s is set, and is nobody’s again after an undo', async (_, image, was) => {
    const { containers, value, switching } = await started(image())
    expect(await value()).toEqual(was)
    const input = await switching(was[0], 'false')
    expect(await carryOutSwap(containers, input, 'i/plan-1')).toMatch(/^verified/)
    expect(await value()).toEqual(['false', 'container', 'false'])
    expect(await carryOutSwap(containers, undoOf(input), 'i/plan-2')).toMatch(/^verified/)
    expect(await value()).toEqual(was)
    expect(proxy.refusals()).toEqual([])
  })

  test('what its image sets can be taken away from one container', async () => {
    const { containers, value, switching } = await started(setting, {}, engine.socketPath)
    const input = await switching('true', null)
    expect(await carryOutSwap(containers, input, 'i/plan-1')).toBe(
      `verified: app has ${FLAG} not set on shop-1`,
    )
    expect(await value()).toEqual([null, null, 'not set'])
  })

  test('the proxy lets no other variable be switched, and no other value be given', async () => {
    const { containers, value, switching } = await started(plain, { [FLAG]: 'true' })
    const input = await switching('true', '$(reboot)')
    expect(await carryOutSwap(containers, input, 'i/plan-1')).toMatch(/^refused: .*differs in Env/)
    expect(await value()).toEqual(['true', 'container', 'true'])
  })
})
