import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { assess } from '../../src/assess/assess.ts'
import { assessmentCard } from '../../src/chat/views/assessment-card.ts'
import { headline } from '../../src/chat/views/headline.ts'
import { refusalView } from '../../src/chat/views/refusal.ts'
import { threadCard } from '../../src/chat/views/thread-card.ts'
import { MatrixSettings, MetricsSettings, ServiceSettings } from '../../src/domain/settings.ts'
import type { Intent, ReceivedIntent } from '../../src/domain/intent.ts'
import { startEngine, type Engine } from '../../src/engine/engine.ts'
import type { Conversations } from '../../src/ports/conversations.ts'
import type { Journal } from '../../src/ports/journal.ts'
import type { Log } from '../../src/ports/log.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { memorySlack } from './memory-slack.ts'
import { mortal, type Death, type Life } from './mortal.ts'

const CHANNEL = 'C0INCIDENTS'

const silent: Log = { info() {}, warn() {}, error() {} }

const settings = {
  services: [
    ServiceSettings.parse({ name: 'backend', url: 'http://backend.invalid' }),
    ServiceSettings.parse({ name: 'frontend', url: 'http://frontend.invalid' }),
  ],
  metrics: MetricsSettings.parse({}),
  matrix: MatrixSettings.parse({}),
  activeUsersKey: 'active_users_count',
  deadlineMs: 3_000,
  kubernetes: { services: ['backend', 'frontend'] },
}

/** Everything that outlives a process: the journal, Slack, the world and the clock. */
export function surroundings(options: { readonly ids?: readonly string[] } = {}) {
  const ids = [...(options.ids ?? [])]
  const folder = mkdtempSync(join(tmpdir(), 'backout-engine-'))
  let nowMs = Date.UTC(2026, 10, 22, 3, 12, 7)
  const clock = { now: () => nowMs }
  const journal = sqliteJournal({ file: join(folder, 'journal.sqlite'), clock })
  const slack = memorySlack()
  const { world } = sandboxWorld({ scenario: 'errors-62', clock, settings })

  return {
    clock,
    journal: journal as Journal,
    file: join(folder, 'journal.sqlite'),
    slack,
    /** One process. Give it a death, and it ends there. */
    startProcess(
      death: Death = null,
      through: (inner: Conversations) => Conversations = (inner) => inner,
    ): { engine: Engine; life: Life } {
      const life: Life = { calls: 0, dead: false }
      const engine = startEngine({
        journal: mortal(journal as Journal, life, death),
        conversations: mortal(through(slack.conversations), life, death),
        people: mortal({ kindOf: async () => 'member' as const }, life, death),
        assess: (symptoms) => {
          const looking = { assess: () => assess(world, settings, symptoms) }
          return mortal(looking, life, death).assess()
        },
        clock,
        sleep: async (ms) => {
          nowMs += ms
          await new Promise((resolve) => setImmediate(resolve))
          if (life.dead) await new Promise(() => {})
        },
        log: silent,
        render: (surface, incident) =>
          surface === 'assessment-card'
            ? assessmentCard(incident, 'production', [])
            : surface === 'headline'
              ? headline(incident, 'production')
              : threadCard(incident),
        renderRefusal: refusalView,
        newIncidentId: () =>
          ids.shift() ?? `20261122-${String(journal.recent(1e14).length + 1).padStart(4, '0')}`,
        headlineChannel: CHANNEL,
      })
      return { engine, life }
    },
    setBack(ms: number) {
      nowMs -= ms
    },
    end() {
      journal.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Surroundings = ReturnType<typeof surroundings>

/** A wish as Slack delivers it; the same `delivery` again is the same wish. */
export function wish(delivery: string, intent: Intent, card: string | null = null): ReceivedIntent {
  return { delivery, by: 'U0ANA', place: { channel: CHANNEL, thread: null }, card, intent }
}

/** Resolves when the engine has come to rest, or its process is dead. */
export async function atRest(engine: Engine, life: Life): Promise<void> {
  const settled = engine.settled().then(() => true)
  for (;;) {
    const tick = new Promise<boolean>((resolve) => setImmediate(() => resolve(life.dead)))
    if (await Promise.race([settled, tick])) return
  }
}

/** Assessed, and declared: the beginning of most stories. */
export async function declaredIncident(through?: (inner: Conversations) => Conversations) {
  const around = surroundings()
  const { engine } = around.startProcess(null, through)
  const receipt = engine.receive(null, wish('d1', { kind: 'assess', symptoms: [] }))
  const id = receipt.kind === 'received' ? receipt.incident : ''
  engine.wake(id)
  await engine.settled()
  engine.receive(id, wish('d2', { kind: 'declare' }))
  engine.wake(id)
  await engine.settled()
  return { around, engine, id }
}
