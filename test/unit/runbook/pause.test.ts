import { describe, expect, test } from 'vitest'
import type { World } from '../../../src/ports/world.ts'
import { pauseContainers } from '../../../src/runbook/docker/pause.ts'
import { markOf } from '../../../src/runbook/kubernetes/scaling.ts'
import { pauseDeployments } from '../../../src/runbook/kubernetes/pause.ts'
import type { Circumstances } from '../../../src/runbook/procedure.ts'
import { stepIn } from '../../../src/runbook/runbook.ts'
import { REGISTRY } from '../../../src/runbook/registry.ts'
import { patience } from '../../support/contracts/outside.ts'
import { inSandbox, settings, type AnySandbox } from './in-sandbox.ts'
import { hostSettings, onHosts } from './on-hosts.ts'

const SERVICES = ['backend', 'frontend']

const PLATFORMS = {
  kubernetes: {
    pausing: pauseDeployments,
    planned: settings,
    sandbox: (): AnySandbox => inSandbox(),
  },
  docker: { pausing: pauseContainers, planned: hostSettings, sandbox: (): AnySandbox => onHosts() },
} as const

async function paused(name: keyof typeof PLATFORMS) {
  const { pausing, planned, sandbox: staged } = PLATFORMS[name]
  const sandbox = staged()
  const circumstances: Circumstances = {
    world: sandbox.world,
    settings: planned,
    plans: [],
    beganAt: null,
    signal: patience(),
    stepOf: (id) => stepIn(REGISTRY, id),
  }
  const pause = await pausing(SERVICES, circumstances, { givesBackAfter: 'switch-collections' })
  if ('problem' in pause) throw new Error(pause.problem)
  return { ...pause, sandbox }
}

/** Each write waits until as many have been asked for: one after the other would wait for ever. */
function together(world: World, count: number): { world: World; readonly asked: () => number } {
  const all = Promise.withResolvers<void>()
  let asked = 0
  function waiting<Args extends readonly unknown[], Answer>(
    write: (...args: Args) => Promise<Answer>,
  ) {
    return async (...args: Args): Promise<Answer> => {
      asked += 1
      if (asked === count) all.resolve()
      await all.promise
      return write(...args)
    }
  }
  const { deployments, containers } = world
  return {
    asked: () => asked,
    world: {
      ...world,
      deployments: deployments && { ...deployments, write: waiting(deployments.write) },
      containers: containers && { ...containers, write: waiting(containers.write) },
    },
  }
}

describe.each(
  Object.keys(PLATFORMS).filter((one): one is keyof typeof PLATFORMS => one in PLATFORMS),
)('services that are stopped within a plan, on %s', (name) => {
  test.each(['stop', 'start'] as const)(
    'are asked to %s all at once: the second before the first has ended',
    async (which) => {
      const { stop, start, sandbox } = await paused(name)
      const acts = ({ id }: { readonly id: string }) => id !== 'suspend-owner'
      const [planned, ...more] = { stop, start }[which].steps.filter(acts)
      expect(more).toEqual([])
      if (which === 'start') await sandbox.carryOut(stop.steps.find(acts)!)
      const { world, asked } = together(sandbox.world, 2)
      const context = { ...sandbox.context(), world }
      const step = sandbox.runbook.bind(planned!)
      const found = await step.inspect(context)
      if (found.kind !== 'needed') throw new Error(`it is ${found.kind}`)
      expect(await found.apply(context)).toMatchObject({ kind: 'written' })
      expect(asked()).toBe(2)
      expect(await sandbox.carryOut(planned!)).toMatchObject({ proof: { kind: 'verified' } })
    },
  )

  test('are told of as stopped until they are started', async () => {
    const { stop, start } = await paused(name)
    const said = 'backend, frontend are stopped'
    expect(stop.steps.map(({ meanwhile }) => meanwhile)).toContain(said)
    expect(start.steps.map(({ endsMeanwhile }) => endsMeanwhile)).toContain(said)
    const given = start.steps.map(({ endsMeanwhile }) => endsMeanwhile).toSorted()
    expect(given).toEqual(stop.steps.map(({ meanwhile }) => meanwhile).toSorted())
  })
})

test('one of several that was scaled by somebody else stops none of them', async () => {
  const { stop, sandbox } = await paused('kubernetes')
  sandbox.others.scale('frontend', 7)
  const step = sandbox.runbook.bind(stop.steps.at(-1)!)
  expect(await step.inspect(sandbox.context())).toEqual({
    kind: 'blocked',
    begun: false,
    says: 'frontend: somebody scaled it to 7 meanwhile',
  })
})

test('after a crash between two of them only the other one is scaled', async () => {
  const { stop, sandbox } = await paused('kubernetes')
  const step = sandbox.runbook.bind(stop.steps.at(-1)!)
  const { deployments } = sandbox.world
  const [backend] = await deployments!.sightings(['backend'], patience())
  const key = markOf('i-1/plan-1', 'to stop')
  const options = { key, cause: 'test', dryRun: false, signal: patience() }
  await deployments!.write({ seen: backend!, change: { kind: 'replicas', to: 0 } }, options)
  expect(await step.inspect(sandbox.context())).toMatchObject({
    kind: 'needed',
    begun: true,
    remaining: { title: expect.stringMatching(/^Scale frontend from \d to 0 replicas$/) },
  })
})
