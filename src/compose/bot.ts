import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { every, type Recurring } from '../adapters/cron/every.ts'
import type { BotMetrics } from '../adapters/http/bot-metrics.ts'
import { operatorServer } from '../adapters/http/server.ts'
import { connectSlack } from '../adapters/slack/connect.ts'
import { slackConversations } from '../adapters/slack/conversations.ts'
import type { Listening } from '../adapters/slack/intake.ts'
import { listen } from '../adapters/slack/listen.ts'
import { slackPeople } from '../adapters/slack/people.ts'
import { replyAddresses } from '../adapters/slack/reply-addresses.ts'
import { journalFile, sqliteJournal } from '../adapters/sqlite/journal.ts'
import { renderSurface } from '../chat/render.ts'
import { acceptedView, leadsTo, wantsAnswer } from '../chat/answers/accepted.ts'
import { refusalView } from '../chat/answers/refusal.ts'
import { statusDraft } from '../chat/cards/status-draft.ts'
import type { Config } from '../config/load-config.ts'
import { refusalOf } from '../domain/incident/decide.ts'
import { Fault } from '../domain/base/fault.ts'
import { incidentId } from '../domain/incident/incident-id.ts'
import { startEngine } from '../engine/engine.ts'
import type { Sleep } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { World } from '../ports/world.ts'
import { waysBackIn } from './ways-back.ts'
import { locksOf } from './locks-page.ts'
import { homeOpener } from './home.ts'
import type { OnProduction } from './on-production.ts'
import { targetHealth } from './target-health.ts'

export type Bot = {
  readonly httpPort: number
  /** Rejects when Slack refuses us for good, or production cannot be opened. Otherwise never ends. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

const TICK_SECONDS = 10
const LOOK_AT_TARGETS_SECONDS = 30

/** With Slack away, production is opened without it after this: a wrong address still stops the start. */
const OPEN_WITHOUT_SLACK_MS = 1_000

const sleep: Sleep = async (ms, signal) => {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}

/**
 * Builds the bot from its parts and starts it. Decides nothing. `openWorld` loads what talks to
 * production, which takes as long as connecting to Slack: Slack comes first.
 */
export async function startBot(
  config: Config,
  openWorld: () => Promise<World>,
  log: Log,
): Promise<Bot> {
  const { environment: env, settings } = config
  const clock = { now: Date.now }
  let opening: Promise<OnProduction> | null = null
  const production = () => (opening ??= openProduction())
  async function openProduction(): Promise<OnProduction> {
    const [world, onProduction] = await Promise.all([openWorld(), loadOnProduction()])
    return onProduction(config, world, clock, isClosed)
  }
  const world = async () => (await production()).world
  const isClosed = async (id: string) => (await engine.load(id))?.closed != null
  const journal = sqliteJournal({ file: journalFile(env.BACKOUT_DATA), clock })
  const slack = connectSlack({
    botToken: env.SLACK_BOT_TOKEN ?? '',
    apiUrl: env.SLACK_API_URL ?? null,
    mode:
      settings.slack.mode === 'socket'
        ? { kind: 'socket', appToken: env.SLACK_APP_TOKEN ?? '' }
        : {
            kind: 'http',
            signingSecret: env.SLACK_SIGNING_SECRET ?? '',
            port: env.SLACK_HTTP_PORT,
          },
    log,
    now: clock.now,
  })
  const replies = replyAddresses(clock.now)
  const conversations = slackConversations({
    client: slack.messages,
    replies,
    newEditId: () => crypto.randomUUID().slice(0, 8),
    us: slack.identified,
    log,
  })
  const people = slackPeople(slack.questions, slack.identified)
  const targets = targetHealth(world, config.assess)
  let counting: Promise<BotMetrics> | null = null
  const metrics = () => (counting ??= loadMetrics())
  const server = await operatorServer({
    host: env.BACKOUT_HTTP_HOST,
    port: env.BACKOUT_HTTP_PORT,
    readiness: async () => [
      { part: 'slack', trouble: slack.trouble(), essential: true },
      { part: 'journal', trouble: await journalTrouble(journal), essential: true },
      ...targets.troubles().map((target) => ({ ...target, essential: false })),
    ],
    metrics,
    locks: locksOf(env.BACKOUT_LOCKS_TOKEN, (count) => engine.declared(count)),
  })

  const engine = startEngine({
    journal,
    conversations,
    people,
    clock,
    sleep,
    log,
    rules: {
      approval: settings.approval,
      evidenceDeadlineMs: settings.evidence.deadlineSeconds * 1000,
    },
    world,
    runbook: async () => (await production()).runbook,
    hash,
    render: (surface, incident) =>
      renderSurface(surface, incident, {
        environment: settings.environment,
        open: () => engine.open(),
        approval: settings.approval,
        contacts: settings.contacts,
      }),
    renderRefusal: refusalView,
    accepted: { wantsAnswer, leadsTo, render: acceptedView },
    newIncidentId: () =>
      incidentId(new Date(clock.now()).toISOString(), crypto.getRandomValues(new Uint8Array(3))),
    environment: settings.environment,
    headlineChannel: settings.slack.channels[0] ?? '',
    observers: {
      async assess(incident, stopped) {
        const assessment = await (await production()).observers.assess(incident, stopped)
        const { assessed, assessSeconds } = await metrics()
        assessed.inc({ decision: assessment.decision })
        assessSeconds.observe(assessment.tookMs / 1000)
        return assessment
      },
      collectEvidence: async (incident, stopped) =>
        (await production()).observers.collectEvidence(incident, stopped),
      look: async (stopped) => (await production()).observers.look(stopped),
    },
  })
  const answering = {
    world,
    settings: config.assess,
    environment: settings.environment,
    contacts: settings.contacts,
    incident: engine.load,
    declared: engine.declared,
    open: engine.open,
    linkTo: conversations.linkTo,
  }

  const receive: Listening['receive'] = async ({ incident, received }) => {
    const receipt = await engine.receive(incident, received)
    // What follows is not what a person waits for: after the acknowledgement (J9).
    if (receipt.kind === 'received') setImmediate(engine.wake, receipt.incident)
    return receipt
  }

  listen({
    app: slack.app,
    client: slack.questions,
    conversations,
    replies,
    log,
    channels: settings.slack.channels,
    services: settings.services.map(({ name }) => name),
    procedures: waysBackIn(config),
    receive,
    incidentIn: engine.inThread,
    incident: engine.load,
    openIncidents: engine.open,
    statusDraft: (incident, stage) => statusDraft(stage, incident, settings.environment),
    whoIs: engine.whoIs,
    refusePerson: refusalOf,
    answer: async (command) => (await answers()).answer(command, answering),
    openHome: homeOpener({ ...answering, client: slack.questions, log, whoIs: engine.whoIs }),
  })

  const stopping = new AbortController()
  await engine.resume()
  const recurring: Recurring[] = []
  const connected = slack.start(sleep, stopping.signal)
  // All that takes time and that a connection does not need.
  const opened = Promise.race([connected, sleep(OPEN_WITHOUT_SLACK_MS, stopping.signal)]).then(
    () => {
      if (stopping.signal.aborted) return null
      recurring.push(
        every(
          TICK_SECONDS,
          'engine',
          () => {
            engine.tick()
            metrics().then(
              ({ openIncidents }) => openIncidents.set(engine.open().length),
              (error: unknown) => log.warn('metrics cannot be counted', { error }),
            )
          },
          log,
        ),
        every(LOOK_AT_TARGETS_SECONDS, 'targets', targets.look, log),
      )
      return Promise.all([production(), metrics(), answers()])
    },
  )
  const failed = Promise.all([connected, opened]).then(() => new Promise<never>(() => {}))

  return {
    httpPort: server.port,
    failed,
    async stop() {
      stopping.abort()
      await Promise.all(recurring.map((one) => one.stop()))
      await slack.stop().catch((error: unknown) => log.warn('Slack did not close', { error }))
      await engine.stop()
      await server.stop()
      journal.close()
    },
  }
}

const answers = () => import('./answer.ts')

async function loadOnProduction() {
  return (await import('./on-production.ts')).onProduction
}

async function loadMetrics(): Promise<BotMetrics> {
  return (await import('../adapters/http/bot-metrics.ts')).botMetrics()
}

async function journalTrouble(journal: { check(): Promise<void> }): Promise<string | null> {
  try {
    await journal.check()
    return null
  } catch (error) {
    return error instanceof Fault ? error.detail : String(error)
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
