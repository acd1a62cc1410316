import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { card, declare, sign } from '../e2e/reading.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { askRedis } from '../servers/redis.ts'
import { runBackout, type Bot } from '../support/bot.ts'
import { A_THOUSAND, ALL, heldIn, REPLACED } from '../support/database-stage.ts'
import { startFullStage } from '../support/full-stage.ts'
import { startBotCluster } from '../support/kubernetes.ts'
import {
  BAD,
  cachedKeys,
  deployed,
  fillCache,
  GOOD,
  keptKeys,
  SERVICES,
} from '../support/production.ts'
import { ANA, APPROVERS, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'
import { eventsOf, hasHappened, onceEach } from '../support/stage.ts'

type Kind = 'full' | 'undo'

const needs = ['mongodb', 'redis', 'kubernetes'] as const
const skip = needs.some(missingAllowed) || outsideAddress('kubernetes') !== undefined

/** One in the whole plan and one in its undo; `npm run test:long` kills more often, and twice as often in the first. */
const KILLS = Number(process.env['LONG_KILLS'] ?? 2)
const EACH: Readonly<Record<Kind, number>> = {
  full: Math.round((KILLS * 2) / 3),
  undo: Math.round(KILLS / 3),
}
const NAMESPACE = 'whole'
const REPLICAS = 2
/** Of so many writes each Deployment hears: backend is stopped, goes back, and starts, one alone and then all. */
const WRITES = {
  full: { backend: 4, frontend: 1 },
  // What ran before has been proved long ago: all of it starts at once.
  undo: { backend: 3, frontend: 1 },
} as const

/** So long after a step has begun or was done; the steps are counted from 0. */
type Moment = {
  readonly step: number
  readonly what: 'step-started' | 'step-succeeded'
  readonly afterMs: number
}

/** The first of them lie spread over all of the run, then each lies deeper in what is going on. */
function momentOf(at: number, all: number, steps: number): Moment {
  const moments = steps * 2
  const most = Math.min(all, moments)
  const place = Math.floor((((at % most) + 0.5) * moments) / most)
  const round = Math.floor(at / most)
  const step = Math.floor(place / 2)
  const what = place % 2 === 0 ? 'step-started' : 'step-succeeded'
  return { step, what, afterMs: [0, 30, 120, 500, 1_500][round] ?? 1_500 }
}

describe.skipIf(skip)('a bot that is killed at any moment of a whole plan', () => {
  test(
    'is followed by one that ends it once, and no document is lost',
    async () => {
      await using bots = await startBotCluster()
      await using stage = await startFullStage(bots, NAMESPACE, A_THOUSAND)
      const { production, shop } = stage
      const { slack, redis } = production
      slack.group(APPROVERS).gains(CY)
      const [ana, bo, cy] = [ANA, BO, CY].map((id) => slack.as(id))
      if (!ana || !bo || !cy) throw new Error('somebody is missing')
      let bot: Bot = await production.startBot()
      await using stopping = new AsyncDisposableStack()
      stopping.defer(() => bot.stop())
      const { incident } = await declare(slack, cy)
      let plans = 0
      const killed: Record<Kind, string[]> = { full: [], undo: [] }
      stopping.defer(() => {
        const { full, undo } = killed
        console.log(
          `whole plans killed with SIGKILL: ${full.length} of full (${full.join(', ')}), ${undo.length} of its undo (${undo.join(', ')})`,
        )
      })

      const asked = () => askRedis(redis.host, redis.port, 'GET maintenance_mode')
      const eventsOfPlan = () =>
        eventsOf(bot, incident).filter((event) => 'plan' in event && event.plan === plans)
      const stepsOf = (): number => {
        const proposed = eventsOfPlan().findLast(({ type }) => type === 'plan-proposed')
        return proposed?.type === 'plan-proposed' ? proposed.proposal.steps.length : 0
      }
      const generations = async (): Promise<readonly number[]> => {
        const all = await Promise.all(
          SERVICES.map((name) => deployed(bots.cluster, NAMESPACE, name)),
        )
        return all.map((one) => one?.metadata.generation ?? 0)
      }
      const nothingIsLost = async (after: string): Promise<void> => {
        const written = [...shop.asSpoilt, ...shop.writer.written()]
        const held = await heldIn(shop.db)
        expect(
          written.filter((line) => !held.holds(line)),
          after,
        ).toEqual([])
      }

      const prepare = async (line: string | null, signatures: number): Promise<void> => {
        plans += 1
        if (line !== null) await cy.command(INCIDENTS, line)
        else {
          const { ts } = await card(slack, `run-${plans - 1}`, incident)
          await cy.click(INCIDENTS, ts, 'Undo')
        }
        const shown = await card(
          slack,
          `plan-${plans}`,
          incident,
          new RegExp(`0 of ${signatures}`),
          180_000,
        )
        if (signatures > 1) await sign(slack, ana, shown)
      }
      const happened = (type: Event['type'], step?: number): boolean =>
        hasHappened(bot, incident, { type, plan: plans, ...(step !== undefined && { step }) })
      /** Kills it then; false: the run was over before. */
      const shotAt = async ({ step, what, afterMs }: Moment): Promise<boolean> => {
        const isTime = () => happened(what, step) || happened('run-ended')
        await until(isTime, `${what} of ${step}`, 120_000)
        if (afterMs > 0) await sleep(afterMs)
        if (happened('run-ended')) return false
        await bot.kill()
        return true
      }

      const mustStand = async (kind: Kind, before: readonly number[], after: string) => {
        await nothingIsLost(after)
        expect(onceEach(eventsOfPlan(), stepsOf()), after).toEqual([])
        const held = await heldIn(shop.db)
        expect(
          REPLACED.map((name) => held.spoilt(name) > 0),
          after,
        ).toEqual(REPLACED.map(() => kind === 'undo'))
        const known = held.names.filter((name) => !name.startsWith('__rb_'))
        expect(known, after).toEqual([...ALL].toSorted())
        const now = await generations()
        expect(
          now.map((one, index) => one - (before[index] ?? 0)),
          after,
        ).toEqual(SERVICES.map((name) => WRITES[kind][name]))
        for (const name of SERVICES) {
          const found = await deployed(bots.cluster, NAMESPACE, name)
          const image = found?.spec.template.spec.containers[0]?.image
          expect(image, after).toBe(`pipeshub/${name}:${kind === 'full' ? GOOD : BAD}`)
          expect(found?.status, after).toMatchObject({
            replicas: REPLICAS,
            updatedReplicas: REPLICAS,
            availableReplicas: REPLICAS,
          })
        }
        expect(await asked(), after).toContain('$-1')
        expect(await cachedKeys(production), after).toBe(0)
      }
      const carriedOut = async (kind: Kind, killAt: number | null) => {
        await fillCache(production, 50)
        const kept = await keptKeys(production)
        await prepare(kind === 'full' ? '/rollback plan full' : null, 2)
        const before = await generations()
        const moment = killAt === null ? null : momentOf(killAt, EACH[kind], stepsOf())
        const shown = await card(slack, `plan-${plans}`, incident, /1 of 2/)
        // What comes next may be its end: nobody waits for what it says.
        await bo.click(INCIDENTS, shown.ts, 'Approve', { seen: shown.message })
        const when = moment ? `${moment.what} ${moment.step} + ${moment.afterMs} ms` : 'no time'
        const after = `plan ${plans}, ${kind}, killed at ${when}`
        if (moment && (await shotAt(moment))) {
          killed[kind].push(when)
          await nothingIsLost(after)
          bot = await production.startBot()
        }
        await until(() => happened('run-ended'), `${after}: its end`, 120_000)
        await mustStand(kind, before, after)
        expect(await keptKeys(production), after).toBe(kept)
        await card(slack, `run-${plans}`, incident, /was carried out/, 60_000)
      }

      await prepare('/rollback plan database', 1)
      await sign(slack, ana, await card(slack, 'plan-1', incident))
      await card(slack, 'run-1', incident, /was carried out/, 120_000)
      for (let at = 0; at < EACH.full; at += 1) {
        await carriedOut('full', at)
        await carriedOut('undo', at < EACH.undo ? at : null)
      }
      expect(killed.full.length).toBeGreaterThanOrEqual(EACH.full / 2)
      await bot.stop()
      const { output } = await runBackout(['verify-journal', bot.journal])
      expect(output).toMatch(/^The journal is intact/)
    },
    240_000 + KILLS * 60_000,
  )
})
