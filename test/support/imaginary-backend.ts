import { z } from 'zod'
import type { Draft } from '../../src/domain/plan/plan.ts'
import { defineStep } from '../../src/engine/run/step.ts'
import { draftOf, NOTHING, partOf } from '../../src/runbook/parts/part.ts'
import { proofPart } from '../../src/runbook/parts/proof.ts'
import {
  infeasible,
  wayBack,
  type Circumstances,
  type Judged,
  type Registry,
} from '../../src/runbook/procedure.ts'
import { REGISTRY } from '../../src/runbook/registry.ts'
import type { sandboxWorld } from '../../src/sandbox/world.ts'

type Sandbox = ReturnType<typeof sandboxWorld>
type Change = { readonly service: string; readonly from: string; readonly to: string }

const BEFORE = 'v1.9.0'
const CHANGES = z.object({
  changes: z.array(z.object({ service: z.string(), from: z.string(), to: z.string() })),
})

/** A machine that runs containers. What it runs is what the services of the sandbox answer with. */
export function imaginaryMachine({ others }: Sandbox) {
  const containers = new Map(
    ['backend', 'frontend'].map((service) => [service, { version: 'v2.0.0', label: '' }]),
  )
  const starting: { service: string; version: string; label: string }[] = []
  const images = Promise.withResolvers<void>()

  return {
    containers,
    /** How often the proxy has read its configuration. */
    reloads: 0,
    proxied: '',
    /** Until then no image arrives. */
    letPull: () => images.resolve(),
    pull: () => images.promise,
    recreate(service: string, version: string, label: string): void {
      starting.push({ service, version, label })
    },
    /** What else happens while containers start. */
    meanwhile: async (): Promise<void> => {},
    /** One more of those that start has started, each time somebody looks. */
    async look(): Promise<void> {
      await this.meanwhile()
      const next = starting.shift()
      if (!next) return
      const { service, version, label } = next
      containers.set(service, { version, label })
      others.deploy(service, version)
    },
    isStarting: (service: string) => starting.some((one) => one.service === service),
  }
}

type Machine = ReturnType<typeof imaginaryMachine>

function recreateContainers(machine: Machine) {
  const isAt = ({ service }: Change, version: string) =>
    machine.containers.get(service)?.version === version
  return defineStep({
    id: 'recreate-containers',
    input: CHANGES,
    deadlineMs: ({ changes }) => changes.length * 60_000,
    onAbort: 'finish',
    title: ({ changes }) =>
      `Recreate ${changes.map(({ service, to }) => `${service} ${to}`).join(' and ')}`,
    changes: ({ changes }) => changes.map(({ service, from, to }) => ({ what: service, from, to })),
    versionsAfter: ({ changes }) =>
      Object.fromEntries(changes.map(({ service, to }) => [service, [to]])),
    async prepare(_, { changes }, report) {
      for (const [done, { service, to }] of changes.entries()) {
        report(`pulling ${service} ${to}`, { done, total: changes.length, unit: 'images' })
        await machine.pull()
      }
      return { ok: true, says: `${changes.length} images are here` }
    },
    async inspect({ key }, { changes }) {
      const ours = changes.filter(({ service }) => machine.containers.get(service)?.label === key)
      const begun = ours.length > 0 || changes.some(({ service }) => machine.isStarting(service))
      if (changes.every((one) => isAt(one, one.to)))
        return { kind: 'done', begun, says: 'they run' }
      const stranger = changes.find((one) => !isAt(one, one.from) && !isAt(one, one.to))
      if (stranger) return { kind: 'blocked', begun, says: `${stranger.service} is another one` }
      return { kind: 'needed', begun, seen: changes.filter((one) => isAt(one, one.from)) }
    },
    async apply({ key }, _, left) {
      for (const { service, to } of left) {
        if (!machine.isStarting(service)) machine.recreate(service, to, key)
      }
      return { kind: 'written' }
    },
    async verify(_, { changes }) {
      await machine.look()
      const done = changes.filter((one) => isAt(one, one.to)).length
      const says = `${done} of ${changes.length} containers run`
      if (done === changes.length) return { kind: 'verified', says }
      return {
        kind: 'not-yet',
        says,
        progress: { done, total: changes.length, unit: 'containers' },
      }
    },
    onUndo: {
      kind: 'invert',
      input: ({ changes }) => ({
        changes: changes.map(({ service, from, to }) => ({ service, from: to, to: from })),
      }),
    },
  })
}

function reloadProxy(machine: Machine) {
  const running = () => machine.containers.get('backend')?.version ?? ''
  return defineStep({
    id: 'reload-proxy',
    input: z.object({ proxy: z.string() }),
    deadlineMs: () => 10_000,
    onAbort: 'finish',
    // It points to whatever runs.
    onUndo: { kind: 'repeat' },
    title: ({ proxy }) => `Let ${proxy} find the containers anew`,
    async inspect() {
      if (machine.proxied === running()) return { kind: 'done', begun: 'no-mark', says: 'it does' }
      return { kind: 'needed', begun: 'no-mark', seen: null }
    },
    async apply() {
      machine.reloads += 1
      machine.proxied = running()
      return { kind: 'written' }
    },
    verify: async () => ({ kind: 'verified', says: `it finds ${machine.proxied}` }),
  })
}

type Options = { readonly finish?: NonNullable<Draft['finish']> }

/** The ways back of the program, without its own of code, and with one over this machine. */
export function registryWith(machine: Machine, { finish }: Options = {}): Registry {
  const recreate = recreateContainers(machine)
  const reload = reloadProxy(machine)

  function judged(wanted: string | null): Judged<readonly Change[]> {
    const to = wanted ?? BEFORE
    const changes = [...machine.containers].flatMap(([service, { version }]) =>
      version === to ? [] : [{ service, from: version, to }],
    )
    if (changes.length === 0) return infeasible(`every container runs ${to} already`)
    const because = `${changes.map(({ service }) => service).join(' and ')} to ${to}`
    return { kind: 'feasible', to, because, warnings: [], found: changes }
  }

  const docker = wayBack<'docker', readonly Change[], null>({
    glance: async () => judged(null),
    look: async ({ toVersion }) => judged(toVersion),
    beside: async () => null,
    draft(changes, _, { settings }) {
      const recreated = partOf(recreate, { changes: [...changes] }, { targets: ['machine one'] })
      const proof = proofPart(settings, { versions: recreated.versions, without: [] })
      const to = changes[0]?.to ?? ''
      const words = {
        title: `containers back to ${to}`,
        because: 'it ran before',
        lost: 'Nothing is deleted.',
        undo: 'Yes: the same containers back to what runs now.',
        preparation: `Pull ${changes.length} images of ${to}`,
        ...(finish ? { finish } : {}),
      }
      return draftOf(
        'docker',
        words,
        [recreated, partOf(reload, { proxy: 'the proxy' }), proof],
        settings,
      )
    },
  })
  const { waysBack, steps } = REGISTRY
  return {
    ...REGISTRY,
    waysBack: { ...waysBack, kubernetes: null, docker },
    steps: [...steps, recreate, reload],
  }
}

/** A way back that changes data, and does nothing else: who has to sign it is said by the table. */
export function registryWithData(restored: string[]): Registry {
  const restore = defineStep({
    id: 'restore-dump',
    input: z.object({ backup: z.string() }),
    deadlineMs: () => 60_000,
    onAbort: 'finish',
    onUndo: { kind: 'leave' },
    title: ({ backup }) => `Restore ${backup}`,
    async inspect(_, { backup }) {
      if (restored.includes(backup)) return { kind: 'done', begun: 'no-mark', says: 'it is there' }
      return { kind: 'needed', begun: 'no-mark', seen: null }
    },
    async apply(_, { backup }) {
      restored.push(backup)
      return { kind: 'written' }
    },
    verify: async (_, { backup }) => ({ kind: 'verified', says: `${backup} is there` }),
  })

  async function judged(backup: string | null): Promise<Judged<string>> {
    const found = backup ?? 'dump-7'
    return { kind: 'feasible', to: null, because: `${found} is whole`, warnings: [], found }
  }

  const full = wayBack<'full', string, null>({
    glance: () => judged(null),
    look: ({ backup }) => judged(backup),
    beside: async () => null,
    draft(backup, _, { settings }: Circumstances) {
      const words = {
        title: `the data back to ${backup}`,
        because: 'it is the newest',
        lost: 'What was written since.',
        undo: 'No.',
      }
      const parts = [partOf(restore, { backup }), { ...NOTHING, targets: ['database shop'] }]
      return draftOf('full', words, parts, settings)
    },
  })
  const { waysBack, steps } = REGISTRY
  return {
    ...REGISTRY,
    waysBack: { ...waysBack, kubernetes: null, full },
    steps: [...steps, restore],
  }
}
