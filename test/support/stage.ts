import { DatabaseSync } from 'node:sqlite'
import { Event } from '../../src/domain/incident/event.ts'
import { card, declare, planned, type Card } from '../e2e/reading.ts'
import { apiProxy, type ApiProxy } from './api-proxy.ts'
import type { Bot } from './bot.ts'
import type { BotCluster } from './kubernetes.ts'
import {
  BAD,
  cachedKeys,
  deployed,
  fillCache,
  GOOD,
  keptKeys,
  releaseBadly,
  SERVICES,
  startProduction,
  type Production,
} from './production.ts'
import { ANA, BO, CY, INCIDENTS } from './slack/fixture.ts'
import { until } from './slack/waiting.ts'

/** A rollback that waits for its second signature. */
export type Prepared = {
  readonly incident: string
  readonly plan: Card
  /** Clicks, and does not wait: what comes next may be the bot's end. */
  readonly sign: () => void
  readonly isSigned: () => boolean
  readonly events: () => readonly Event[]
  readonly ended: () => Extract<Event, { type: 'run-ended' }> | undefined
  /** Throws unless it is done, was done once, and left alone what is none of its business. */
  readonly mustBeDone: () => Promise<void>
  readonly close: () => Promise<void>
}

/** A production where rollback after rollback is told, and a bot that is killed and started at will. */
export type Stage = AsyncDisposable & {
  readonly production: Production
  /** Between the bot and the API server. */
  readonly proxy: ApiProxy
  readonly bot: () => Bot
  readonly shoot: () => void
  /** Another process over the same data, once the one before it is gone. */
  readonly startAgain: () => Promise<void>
  readonly prepare: () => Promise<Prepared>
}

export async function startStage(bots: BotCluster, namespace: string): Promise<Stage> {
  await using starting = new AsyncDisposableStack()
  const production = starting.use(await startProduction(bots, { namespace }))
  const proxy = starting.use(await apiProxy(bots.cluster))
  await production.reach(proxy.url)
  await releaseBadly(bots, namespace)
  const { slack } = production
  let bot = await production.startBot()
  starting.defer(() => bot.stop())
  const resources = starting.move()
  const deployments = () =>
    Promise.all(SERVICES.map((name) => deployed(bots.cluster, namespace, name)))

  async function prepare(): Promise<Prepared> {
    await Promise.all(
      SERVICES.map((name) => bots.cluster.setImage(namespace, name, `pipeshub/${name}:${BAD}`)),
    )
    await fillCache(production, 300)
    const kept = await keptKeys(production)
    const cy = slack.as(CY)
    const declared = await declare(slack, cy)
    const { incident } = declared
    const plan = await planned(slack, cy, declared)
    const events = () => eventsOf(bot, incident)
    const isSignedBy = (user: string): boolean =>
      events().some((event) => event.type === 'plan-approved' && event.by === user)
    await slack.as(ANA).click(INCIDENTS, plan.ts, 'Approve')
    await until(() => isSignedBy(ANA), 'the first signature')
    const before = await deployments()
    return {
      incident,
      plan,
      events,
      sign: () =>
        void slack
          .as(BO)
          .click(INCIDENTS, plan.ts, 'Approve')
          .catch(() => undefined),
      isSigned: () => isSignedBy(BO),
      ended: () => events().find((event) => event.type === 'run-ended'),
      async mustBeDone() {
        const wrong = onceEach(events(), 3)
        for (const [index, now] of (await deployments()).entries()) {
          const { spec, metadata, status } = now ?? {}
          const image = spec?.template.spec.containers[0]?.image ?? ''
          if (!image.endsWith(`:${GOOD}`)) wrong.push(`${image} runs`)
          const writes = (metadata?.generation ?? 0) - (before[index]?.metadata.generation ?? 0)
          if (writes !== 1) wrong.push(`${image}: ${writes} changes were accepted`)
          const { replicas, updatedReplicas, availableReplicas } = status ?? {}
          const pods = `${replicas}/${updatedReplicas}/${availableReplicas}`
          if (pods !== '2/2/2') wrong.push(`${image}: pods ${pods}`)
        }
        const cached = await cachedKeys(production)
        if (cached !== 0) wrong.push(`${cached} cache keys are left`)
        if ((await keptKeys(production)) !== kept) wrong.push('other keys were touched')
        if (wrong.length > 0) throw new Error(wrong.join('; '))
      },
      async close() {
        const { ts } = await card(slack, 'thread-card', incident, /Close incident/, 15_000)
        await cy.click(INCIDENTS, ts, 'Close incident')
        await cy.modal()
        await cy.submit({ outcome: 'resolved' })
        const closed = () => events().some(({ type }) => type === 'incident-closed')
        await until(closed, `${incident} to be closed`)
      },
    }
  }

  return {
    production,
    proxy,
    bot: () => bot,
    shoot: () => void process.kill(bot.pid, 'SIGKILL'),
    async startAgain() {
      await bot.kill()
      bot = await production.startBot()
    },
    prepare,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** What stands in the journal more than once, or not at all, and should stand there once, of a run of so many steps. */
export function onceEach(events: readonly Event[], steps: number): string[] {
  const lines = events.flatMap((event) => {
    if (event.type === 'run-started') return [event.type]
    if (event.type === 'run-ended') return [`${event.type} ${event.outcome}`]
    if (event.type === 'step-started' || event.type === 'step-succeeded') {
      return [`${event.type} ${event.step}`]
    }
    return event.type === 'step-failed' ? [`${event.type} ${event.step}: ${event.says}`] : []
  })
  const done = Array.from({ length: steps }, (_, step) => `step-succeeded ${step}`)
  const wanted = ['run-started', 'run-ended succeeded', ...done]
  const missing = wanted.filter((line) => !lines.includes(line))
  const twice = lines.filter((line, index) => lines.indexOf(line) !== index)
  const failed = lines.filter((line) => line.startsWith('step-failed'))
  return [
    ...missing.map((line) => `no ${line}`),
    ...twice.map((line) => `twice: ${line}`),
    ...failed,
  ]
}

/** Whether such an event is written down: cheap enough to be asked all the time. */
export function hasHappened(
  { journal }: Bot,
  incident: string,
  {
    type,
    plan,
    step,
  }: { readonly type: Event['type']; readonly plan: number; readonly step?: number },
): boolean {
  const database = new DatabaseSync(journal, { readOnly: true, timeout: 2_000 })
  try {
    const found = database.prepare(
      `SELECT 1 FROM events WHERE incident = ? AND body ->> 'type' = ? AND body ->> 'plan' = ?
        AND (? IS NULL OR body ->> 'step' = ?) LIMIT 1`,
    )
    return found.get(incident, type, plan, step ?? null, step ?? null) !== undefined
  } finally {
    database.close()
  }
}

/** What is written down of an incident. A process that begins or ends has the file for itself for a moment. */
export function eventsOf({ journal }: Bot, incident: string): Event[] {
  const database = new DatabaseSync(journal, { readOnly: true, timeout: 2_000 })
  try {
    const query = 'SELECT body FROM events WHERE incident = ? ORDER BY sequence'
    const rows = database.prepare(query).all(incident)
    return rows.map(({ body }) => Event.parse(JSON.parse(String(body))))
  } finally {
    database.close()
  }
}
