import { expect, vi } from 'vitest'
import { parseCommand } from '../../src/chat/reading/parse-command.ts'
import { parsePress } from '../../src/chat/reading/parse-press.ts'
import { readWish } from '../../src/chat/reading/read-wish.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import type { Intent } from '../../src/domain/incident/intent.ts'
import type { ProcedureName } from '../../src/domain/plan/requests.ts'
import { wish, type Surroundings } from './engine-story.ts'
import { pressesNamed } from './pressable.ts'
import { incidentOf, saidOn } from './rollback-story.ts'

/** People at this production, who type and press as in Slack. */
export function inChannel(story: Surroundings, procedures: readonly ProcedureName[]) {
  const { engine } = story.startProcess()
  let said = 0

  async function deliver(incident: string | null, intent: Intent, by: string): Promise<void> {
    const receipt = await engine.receive(incident, wish(`said-${(said += 1)}`, intent, by))
    if (receipt.kind === 'received') engine.wake(receipt.incident)
  }
  const incident = async (): Promise<Incident> => {
    const found = await engine.load(await incidentOf(story))
    if (!found) throw new Error('there is no incident')
    return found
  }

  return {
    engine,
    incident,
    deliver,
    idle: () => engine.idle(),
    async type(line: string, by = 'U0ANA'): Promise<void> {
      const parsed = parseCommand(line, { services: ['backend', 'frontend'] })
      if (parsed.kind !== 'assess' && parsed.kind !== 'roll-back' && parsed.kind !== 'undo') {
        throw new Error(`${line} means ${parsed.kind}`)
      }
      const meant = readWish(parsed, { thread: null, open: engine.open, procedures })
      if ('reason' in meant) throw new Error(meant.reason)
      await deliver(meant.incident, meant.intent, by)
    },
    /** The newest button that is called so, as soon as there is one. */
    async press(label: string, by: string): Promise<void> {
      const { action, value, message } = await vi.waitFor(
        () => {
          const buttons = story.slack.messages.flatMap((one) => {
            return pressesNamed(one.view, label).map((button) => ({ ...button, message: one }))
          })
          const last = buttons.at(-1)
          if (!last) throw new Error(`nothing is called ${label}`)
          return last
        },
        { timeout: 30_000 },
      )
      const pressed = parsePress({
        user: { id: by },
        trigger_id: `press-${(said += 1)}`,
        container: {
          message_ts: message.ts,
          channel_id: message.channel,
          ...(message.thread ? { thread_ts: message.thread } : {}),
        },
        actions: [{ action_id: action, value }],
      })
      if (!pressed) throw new Error(`${label} means nothing`)
      await engine.receive(pressed.incident, pressed)
      engine.wake(pressed.incident)
    },
    /** Waits for a state; work that cannot end keeps the engine from coming to rest. */
    until: (is: (incident: Incident) => boolean) =>
      vi.waitFor(async () => expect(is(await incident())).toBe(true), { timeout: 30_000 }),
    /** What a card says in the end. */
    says: (surface: string, what: RegExp | string) =>
      vi.waitFor(() => expect(saidOn(surface, story)).toMatch(what), { timeout: 30_000 }),
    async watchFor(seconds: number): Promise<void> {
      for (let passed = 0; passed < seconds; passed += 10) {
        story.pass(10_000)
        engine.tick()
        await engine.idle()
      }
    },
  }
}
