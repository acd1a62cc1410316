import type { Engine } from '../../src/engine/engine-types.ts'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { evidenceFiles } from '../../src/adapters/files/evidence-files.ts'
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { journalFile } from '../../src/adapters/sqlite/journal-file.ts'
import { assess } from '../../src/assess/assess.ts'
import { whatChanged } from '../../src/assess/what-changed.ts'
import { lookAt } from '../../src/assess/look.ts'
import { renderSurface } from '../../src/chat/render.ts'
import { acceptedView, leadsTo, wantsAnswer } from '../../src/chat/answers/accepted.ts'
import { refusalView } from '../../src/chat/answers/refusal.ts'
import { openWorld } from '../../src/compose/open-world.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { incidentId } from '../../src/domain/incident/incident-id.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import type { World } from '../../src/ports/world.ts'
import type { Intent } from '../../src/domain/incident/intent.ts'
import { startEngine } from '../../src/engine/engine.ts'
import { steadyClock } from '../../src/engine/steady-clock.ts'
import { collectEvidence } from '../../src/runbook/evidence/collect-evidence.ts'
import { feasibilityReader, runbookOver } from '../../src/runbook/runbook.ts'
import { freshFolder } from '../servers/spawn.ts'
import { memorySlack } from '../support/memory-slack.ts'

export const CHANNEL = 'C0INCIDENTS'

export type Signed = {
  /** When the second signature reached the engine. */
  readonly signedAtMs: number
  /** When the journal held that the first step had come to its end, and was looked at. */
  readonly provedAtMs: number
  /** The same of its last step. */
  readonly endedAtMs: number
}

export type EngineBot = AsyncDisposable & {
  readonly world: World
  /** Planned, prepared, and signed by one. What comes back is the second signature, and all it leads to. */
  readonly prepare: (request: PlanRequest) => Promise<() => Promise<Signed>>
}

/** The engine with the real adapters, journal, runbook and cards. Slack is in memory; people answer at once. */
export const engineBot = async (
  procedures: object,
  services: readonly { readonly name: string; readonly url: string }[],
  environment: Readonly<Record<string, string>> = {},
): Promise<EngineBot> => {
  await using starting = new AsyncDisposableStack()
  const { path } = starting.use(await freshFolder('engine-bot'))
  const file = join(path, 'backout.yaml')
  const written = {
    environment: 'production',
    slack: { channels: [CHANNEL] },
    services: services.map((one) => ({ ...one, version: null })),
    approval: { users: ['U0ANA', 'U0BO', 'U0CY'], readSeconds: 0 },
    procedures,
  }
  writeFileSync(file, JSON.stringify(written))
  const variables = { BACKOUT_DATA: path, ...environment }
  const config = loadConfig({ file, variables, needs: [] })
  const { settings } = config
  const { world, close } = await openWorld(config)
  starting.defer(close)
  const clock = steadyClock({ wall: Date.now, monotonic: () => performance.now() })
  const journal = sqliteJournal({ file: journalFile(path), clock })
  starting.defer(() => journal.close())
  const evidence = evidenceFiles(join(path, 'evidence'), clock)
  const feasibility = feasibilityReader(config.runbook)
  const engine: Engine = startEngine({
    journal,
    conversations: memorySlack().conversations,
    people: {
      accountOf: async (user) => ({ kind: 'member', email: `${user}@example.test` }),
      membersOf: async () => [],
    },
    alerts: settings.alerts,
    rules: {
      approval: settings.approval,
      evidenceDeadlineMs: settings.evidence.deadlineSeconds * 1000,
      watchHours: settings.watch.hours,
    },
    world: async () => world,
    runbook: async () => runbookOver(world, config.runbook),
    observers: {
      assess: ({ symptoms, plans }, stopped) =>
        assess(
          world,
          config.assess,
          symptoms,
          (sharing, began) => feasibility(sharing, plans, stopped, began),
          stopped,
        ),
      writeReport: async () => ({ ok: true, says: 'written' }),
      collectEvidence: (incident, stopped) =>
        collectEvidence(incident, world, evidence, config.evidence, stopped),
      look: (part, stopped) => lookAt(world, config.assess, stopped, { part }),
      workingOwners: async () => [],
      changes: (stopped) => whatChanged(world, config.assess, stopped),
      verify: async () => [],
    },
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    clock,
    sleep: async (ms, signal) => {
      await pause(ms, undefined, { signal }).catch(() => undefined)
    },
    log: {
      info() {},
      warn: (message, about) => console.error(message, about),
      error: (message, about) => console.error(message, about),
    },
    render: (surface, incident) =>
      renderSurface(surface, incident, {
        environment: settings.environment,
        open: engine.open,
        approval: settings.approval,
        contacts: settings.contacts,
      }),
    renderRefusal: refusalView,
    couriers: [],
    pagers: [],
    accepted: { wantsAnswer, leadsTo, render: acceptedView },
    newIncidentId: () =>
      incidentId(new Date().toISOString(), crypto.getRandomValues(new Uint8Array(3))),
    environment: settings.environment,
    headlineChannel: CHANNEL,
  })
  starting.defer(() => engine.stop())
  const resources = starting.move()
  return {
    world,
    prepare: (request) => prepare(engine, request),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const prepare = async (engine: Engine, request: PlanRequest): Promise<() => Promise<Signed>> => {
  let id: string | null = null
  const wish = async (by: string, intent: Intent): Promise<number> => {
    const place = { channel: CHANNEL, thread: null }
    const received = { delivery: crypto.randomUUID(), by, place, card: null, intent }
    const atMs = Date.now()
    const receipt = await engine.receive(id, received)
    if (receipt.kind !== 'received') throw new Error(`a wish was not received: ${receipt.kind}`)
    id = receipt.incident
    engine.wake(id)
    return atMs
  }
  const plan = async () => (await engine.load(id ?? ''))?.plans.at(-1)
  const approve = async (by: string): Promise<number> => {
    const shown = await plan()
    return wish(by, {
      kind: 'approve',
      plan: shown?.number ?? 0,
      digest: shown?.plan?.digest ?? '',
    })
  }

  await wish('U0ANA', { kind: 'assess', symptoms: [] })
  await engine.idle()
  await wish('U0ANA', { kind: 'declare' })
  await engine.idle()
  await wish('U0ANA', { kind: 'plan', request })
  await engine.idle()
  const { rehearsal, evidence, preparation, plan: drafted } = (await plan()) ?? {}
  const isPrepared = drafted?.preparation === undefined || preparation?.ok
  if (!rehearsal?.ok || !evidence?.ok || !isPrepared) {
    throw new Error(`not prepared: ${rehearsal?.says}; ${evidence?.says}; ${preparation?.says}`)
  }
  await approve('U0BO')
  await engine.idle()
  if ((await plan())?.approvals.length !== 1) throw new Error('the first signature does not stand')

  return async () => {
    const signedAtMs = await approve('U0CY')
    await engine.idle()
    const run = (await plan())?.run
    const restored = run?.steps.at(0)
    const last = run?.steps.at(-1)
    const isOver = restored?.kind === 'succeeded' && last?.kind === 'succeeded'
    if (run?.ended?.outcome !== 'succeeded' || !isOver) {
      throw new Error(`it was not rolled back: ${JSON.stringify(run)}`)
    }
    await wish('U0ANA', { kind: 'close' })
    await engine.idle()
    return {
      signedAtMs,
      provedAtMs: Date.parse(restored.at),
      endedAtMs: Date.parse(last.at),
    }
  }
}
