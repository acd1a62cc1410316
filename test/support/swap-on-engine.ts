// Also a process of its own, that can be killed: node test/support/swap-on-engine.ts SOCKET KEY INPUT
import { setTimeout as pause } from 'node:timers/promises'
import { dockerContainers } from '../../src/adapters/docker/containers.ts'
import type { Containers, ImageId } from '../../src/ports/containers.ts'
import { SwapInput } from '../../src/runbook/docker/swap-change.ts'
import { swapContainers } from '../../src/runbook/docker/steps/swap-containers.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { assessSettings } from './contracts/settings.ts'

export const swapHost = 'shop-1'
const service = 'app'

export const containersAt = (socketPath: string) =>
  dockerContainers({
    hosts: [{ name: swapHost, socketPath }],
    services: { [service]: { kind: 'container', name: service } },
    ownId: async () => null,
  })

/** What leads the container `app` to another image, by what stands there now. */
export const swapTo = async (containers: Containers, image: ImageId): Promise<SwapInput> => {
  const seen = await containers.sightings([service], AbortSignal.timeout(20_000))
  const one = seen.find(({ role, name }) => role === 'serving' && name === service)
  if (!one) throw new Error('there is no app')
  const { id, name, image: from, sha256, restartPolicy, stopSeconds, publishesPorts } = one
  return {
    changes: [
      {
        service,
        host: swapHost,
        name,
        from: { id, image: from, version: 'before', sha256 },
        to: { image, version: 'after', kept: null },
        publishes: publishesPorts,
        restartPolicy,
        stopSeconds,
      },
    ],
    readyWithinMs: 60_000,
    settleMs: 1_000,
  }
}

/** Turn after turn, as a run does it. How it ended, in the words of the step. */
export const carryOutSwap = async (
  containers: Containers,
  input: SwapInput,
  key: string,
  told: (says: string) => void = () => undefined,
): Promise<string> => {
  const clock = { now: Date.now }
  const { world } = sandboxWorld({ scenario: 'healthy', clock, settings: assessSettings })
  const step = swapContainers.bind(input)
  const context = () => ({
    world: { ...world, containers },
    signal: AbortSignal.timeout(60_000),
    key,
    cause: 'a test',
    sendBeforeMs: Infinity,
    report: told,
    interrupted: new AbortController().signal,
  })
  const prepared = await step.prepare?.(context(), told)
  if (prepared?.ok === false) return `not prepared: ${prepared.says}`
  for (let turn = 0; turn < 600; turn += 1) {
    const found = await step.inspect(context())
    if (found.kind === 'blocked') return `blocked: ${found.says}`
    const applied = found.kind === 'needed' ? await found.apply(context()) : null
    if (applied?.kind === 'refused') return `refused: ${applied.says}`
    const proof = await step.verify(context())
    if (proof.kind !== 'not-yet') return `${proof.kind}: ${proof.says}`
    await pause(100)
  }
  return 'it never ended'
}

const [socketPath, key, input] = process.argv.slice(2)
if (import.meta.main && socketPath && key && input) {
  const containers = containersAt(socketPath)
  const said = await carryOutSwap(containers, SwapInput.parse(JSON.parse(input)), key, console.log)
  containers.close()
  console.log(said)
  process.exit(said.startsWith('verified') ? 0 : 1)
}
