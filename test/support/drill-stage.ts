import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { drillsOf, type Drills } from '../../src/compose/drills/drills-of.ts'
import { markedIn } from '../../src/compose/drills/in-drill-channel.ts'
import { loadConfig, type Config } from '../../src/config/load-config.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import type { Intent } from '../../src/domain/incident/intent.ts'
import { steadyClock } from '../../src/engine/steady-clock.ts'
import type { People } from '../../src/ports/conversations.ts'
import { memorySlack } from './memory-slack.ts'
import { ANA, DRILLS } from './slack/fixture.ts'
import { until } from './slack/waiting.ts'
import { shippedSettings } from './bot.ts'

/** Whoever is connected to has been asked something that a drill must not ask. */
export async function startTrap() {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    at: `127.0.0.1:${port}`,
    connections: () => connections,
    stop: () => new Promise((done) => server.close(done)),
  }
}

const EVERYTHING = `
drills: { channel: ${DRILLS} }
paging: { pagerduty: { eventsUrl: "http://AT", apiUrl: "http://AT" }, directMessages: true }
`

/** The settings of a team that has all there is, every address of it at one place. */
export function teamOf(at: string, folder: string): Config {
  const file = join(folder, 'backout.yaml')
  writeFileSync(file, `${shippedSettings({})}${EVERYTHING.replaceAll('AT', at)}`)
  return loadConfig({
    file,
    needs: [],
    variables: {
      BACKOUT_DATA: folder,
      BACKEND_URL: `http://${at}`,
      FRONTEND_URL: `http://${at}`,
      PROMETHEUS_URL: `http://${at}`,
      ALERTMANAGER_URL: `http://${at}`,
      REDIS_URL: `redis://${at}`,
      MONGODB_URI: `mongodb://${at}/es`,
      SLACK_API_URL: `http://${at}/api/`,
      SLACK_BOT_TOKEN: 'xoxb-real',
      BACKOUT_PAGERDUTY_ROUTING_KEY: 'r'.repeat(32),
    },
  })
}

const people: People = {
  accountOf: async (user) => ({ kind: 'member', email: `${user}@pipeshub.example` }),
  membersOf: async () => [],
}

/** It goes with the test. */
export function drillFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backout-drills-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Drills over a Slack that only keeps what it is told. `beside`: what else whoever builds them would hand in. */
export function drillStage(
  config: Config,
  beside: object = {},
  slack = memorySlack(),
  acts: () => boolean = () => true,
) {
  const conversations = markedIn(DRILLS, slack.conversations)
  const clock = steadyClock({ wall: Date.now, monotonic: () => performance.now() })
  const warnings: unknown[] = []
  const shared = {
    ...beside,
    conversations,
    people,
    shownIn: <Shown>(shown: Shown) => shown,
    clock,
    log: {
      info() {},
      warn: (...said: unknown[]) => void warnings.push(said),
      error: (...said: unknown[]) => void warnings.push(said),
    },
  }
  const drills = drillsOf(config, { ...shared, acts })
  const served = () => {
    const found = drills.beside[0]?.served()
    if (!found || 'reason' in found) throw new Error('no drill is running')
    return found
  }
  let deliveries = 0
  const wish = async (
    incident: string | null,
    intent: Intent,
    by = ANA,
    card: string | null = null,
  ) => {
    deliveries += 1
    const place = { channel: DRILLS, thread: null }
    const received = { delivery: `test:${deliveries}`, by, place, card, intent }
    return served().receive({ incident, received })
  }
  const incident = (id: string, what: string, is: (found: Incident) => boolean) =>
    until(
      async () => {
        const found = await served().incident(id)
        return found && is(found) ? found : undefined
      },
      what,
      30_000,
    )
  return {
    drills,
    slack,
    warnings,
    served,
    wish,
    incident,
    type: (line: Parameters<Drills['command']>[0], channel = DRILLS) =>
      drills.command(line, { by: ANA, place: { channel, thread: null } }),
  }
}

export const startOf = (scenario: string, fault: string | null = null) =>
  ({ what: 'start', scenario, fault }) as const

/** A drill with an incident that was declared, and its id. */
export async function declaredIn(stage: ReturnType<typeof drillStage>): Promise<string> {
  const nothing = { description: 'Errors', services: ['backend'], symptoms: [], procedure: null }
  await stage.wish(null, { kind: 'start', ...nothing, toVersion: null })
  const open = await until(() => stage.served().openIncidents()[0], 'an incident to be declared')
  return open.id
}
