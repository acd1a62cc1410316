import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Event } from '../../src/domain/event.ts'
import { countOf } from '../e2e/journaled.ts'
import { card, declare, planned } from '../e2e/reading.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { apiProxy, type ApiProxy } from '../support/api-proxy.ts'
import { runBackout, type Bot } from '../support/bot.ts'
import { botName, startBotCluster, type BotCluster } from '../support/kubernetes.ts'
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
} from '../support/production.ts'
import type { ApiCall } from '../support/slack/faults.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import { dicts, str } from '../support/slack/json.ts'
import { until } from '../support/slack/waiting.ts'

const needs = ['redis', 'kubernetes'] as const
const skip = needs.some(missingAllowed) || outsideAddress('kubernetes') !== undefined

/** Each kills its own bot, in its own namespace and Slack, over the one API server. */
const stages = 3

/** When the bot is killed: at the nth such thing after the second signature was clicked. */
type Moment = { readonly at: number } & (
  | { readonly what: 'call of the API server'; readonly when: 'before' | 'after' }
  | { readonly what: 'message in Slack'; readonly when: 'before' | 'after' }
  | { readonly what: 'event in the journal' }
)

const nameOf = (moment: Moment): string =>
  `${'when' in moment ? `${moment.when} ` : ''}${moment.what} ${moment.at}`

type Told = {
  readonly moment: string
  readonly incident: string
  readonly killed: boolean
  /** How far the run was when it was cut off. */
  readonly cutOffAt: string
}

/** A process that begins or ends has the file for itself for a moment. */
const journaled = ({ journal }: Bot, incident: string): Event[] => {
  const database = new DatabaseSync(journal, { readOnly: true, timeout: 2_000 })
  try {
    const query = 'SELECT body FROM events WHERE incident = ? ORDER BY sequence'
    const rows = database.prepare(query).all(incident)
    return rows.map(({ body }) => Event.parse(JSON.parse(String(body))))
  } finally {
    database.close()
  }
}

type Stage = AsyncDisposable & {
  readonly production: Production
  /** The whole rollback, killed at that moment and finished by the next process. */
  readonly tell: (moment: Moment | null) => Promise<Told>
  readonly counted: () => { calls: number; messages: number; events: number }
  readonly told: Told[]
  readonly bot: () => Bot
}

const startStage = async (bots: BotCluster, namespace: string): Promise<Stage> => {
  await using starting = new AsyncDisposableStack()
  const production = starting.use(await startProduction(bots, { namespace }))
  const proxy: ApiProxy = starting.use(await apiProxy(bots.cluster))
  await production.reach(proxy.url)
  await releaseBadly(bots, namespace)
  const { slack } = production
  const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  let bot = await production.startBot()
  starting.defer(() => bot.stop())
  let counts = { calls: 0, messages: 0, events: 0 }
  const told: Told[] = []
  const resources = starting.move()

  /** Counts what happens from now on, and shoots when it is time. */
  const aim = (incident: string, moment: Moment | null, shoot: () => void) => {
    counts = { calls: 0, messages: 0, events: 0 }
    const hits = (
      what: Moment['what'],
      when: 'before' | 'after' | null,
      count: number,
    ): boolean => {
      if (moment?.what !== what || moment.at !== count) return false
      if ('when' in moment && moment.when !== when) return false
      shoot()
      return true
    }
    const answered: string[] = []
    proxy.decide(({ when, url }) => {
      if (when === 'before') counts.calls += 1
      else answered.push(url)
      const count = when === 'before' ? counts.calls : answered.length
      return hits('call of the API server', when, count) ? 'hung up on' : 'on its way'
    })
    const isOurs = ({ body }: ApiCall): boolean => JSON.stringify(body).includes(incident)
    const messages = (when: 'before' | 'after') =>
      slack.faults.add(
        'chat.*',
        { kind: when === 'before' ? 'refuse' : 'lost-reply' },
        {
          times: 1,
          when: (call) => {
            if (!isOurs(call)) return false
            // Asked for both kinds of loss, and counted once.
            if (when === 'before') counts.messages += 1
            return hits('message in Slack', when, counts.messages)
          },
        },
      )
    const faults = [messages('before'), messages('after')]
    const before = journaled(bot, incident).length
    let over = false
    const reading = (async () => {
      while (!over) {
        counts.events = journaled(bot, incident).length - before
        if (moment?.what === 'event in the journal' && counts.events >= moment.at) {
          over = true
          shoot()
        }
        await sleep(2)
      }
    })()
    return async () => {
      over = true
      await reading
      proxy.decide(null)
      for (const fault of faults) fault.remove()
    }
  }

  const tell = async (moment: Moment | null): Promise<Told> => {
    await Promise.all(
      SERVICES.map((name) => bots.cluster.setImage(namespace, name, `pipeshub/${name}:${BAD}`)),
    )
    await fillCache(production, 300)
    const kept = await keptKeys(production)
    const declared = await declare(slack, cy)
    const { incident } = declared
    const plan = await planned(slack, cy, declared)
    const approved = (by: string): boolean =>
      journaled(bot, incident).some((event) => event.type === 'plan-approved' && event.by === by)
    await ana.click(INCIDENTS, plan.ts, 'Approve')
    await until(() => approved(ANA), 'the first signature')
    const generations = await Promise.all(
      SERVICES.map(async (name) => (await deployed(bots.cluster, namespace, name))?.metadata),
    )

    let killed = false
    const lowered = aim(incident, moment, () => {
      killed = true
      process.kill(bot.pid, 'SIGKILL')
    })
    void bo.click(INCIDENTS, plan.ts, 'Approve').catch(() => undefined)
    const ended = (): Event | undefined =>
      journaled(bot, incident).find(({ type }) => type === 'run-ended')
    await until(() => killed || ended(), 'the end of the bot, or of the run', 30_000)
    if (moment === null) await sleep(1_500)
    await lowered()
    const cutOffAt = journaled(bot, incident).at(-1)?.type ?? ''
    if (killed) {
      await bot.kill()
      bot = await production.startBot()
      // A click that nobody took is made again.
      if (!approved(BO)) await bo.click(INCIDENTS, plan.ts, 'Approve')
    }
    const last = await until(ended, `the run of ${incident} to end`, 30_000)
    expect(last).toMatchObject({ outcome: 'succeeded' })

    for (const [index, name] of SERVICES.entries()) {
      const now = await deployed(bots.cluster, namespace, name)
      expect(now?.spec.template.spec.containers[0]?.image).toBe(`pipeshub/${name}:${GOOD}`)
      expect(now?.metadata.generation).toBe((generations[index]?.generation ?? 0) + 1)
      expect(now?.status).toMatchObject({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 })
    }
    expect(await cachedKeys(production)).toBe(0)
    expect(await keptKeys(production)).toBe(kept)
    const { ts } = await card(slack, 'thread-card', incident, /Close incident/, 15_000)
    await cy.click(INCIDENTS, ts, 'Close incident')
    await until(
      () => countOf(journaled(bot, incident), 'incident-closed') === 1,
      `${incident} to be closed`,
    )
    const one = { moment: moment ? nameOf(moment) : 'none', incident, killed, cutOffAt }
    told.push(one)
    return one
  }
  return {
    production,
    tell,
    counted: () => counts,
    told,
    bot: () => bot,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

describe.skipIf(skip)('a rollback that is killed', () => {
  let bots: BotCluster
  let all: Stage[] = []

  beforeAll(async () => {
    bots = await startBotCluster()
    all = await Promise.all(upTo(stages).map((number) => startStage(bots, `stage-${number}`)))
  })
  afterAll(async () => {
    await Promise.all(all.map((stage) => stage[Symbol.asyncDispose]()))
    await bots?.[Symbol.asyncDispose]()
  })

  test('is finished by the next process, at whatever moment it was cut off', async () => {
    const [first] = all
    await first?.tell(null)
    const { calls = 0, messages = 0, events = 0 } = first?.counted() ?? {}
    console.log(
      `without a kill: ${calls} calls of the API server, ${messages} messages, ${events} events`,
    )
    const moments: Moment[] = [
      ...upTo(calls).flatMap((at): Moment[] => [
        { what: 'call of the API server', when: 'before', at },
        { what: 'call of the API server', when: 'after', at },
      ]),
      ...upTo(messages).flatMap((at): Moment[] => [
        { what: 'message in Slack', when: 'before', at },
        { what: 'message in Slack', when: 'after', at },
      ]),
      ...upTo(events).map((at): Moment => ({ what: 'event in the journal', at })),
    ]
    const left = [...moments]
    const began = Date.now()
    const failed: string[] = []
    await Promise.all(
      all.map(async (stage) => {
        for (let moment = left.shift(); moment; moment = left.shift()) {
          const name = nameOf(moment)
          await stage.tell(moment).catch((error: unknown) => {
            failed.push(`${name}: ${String(error)}\n${stage.bot().output().slice(-600)}`)
            left.length = 0
          })
        }
      }),
    )
    const told = all.flatMap((stage) => stage.told)
    const killed = told.filter((one) => one.killed)
    console.log(
      `killed at ${killed.length} of ${moments.length} moments, in ${Math.round((Date.now() - began) / 1000)} s; cut off after:`,
      Object.fromEntries(
        [...Map.groupBy(killed, ({ cutOffAt }) => cutOffAt)].map(([at, some]) => [at, some.length]),
      ),
    )
    expect(failed).toEqual([])
    expect(killed.length).toBeGreaterThanOrEqual(40)
  }, 330_000)
})

void [runBackout, botName, dicts, str]
