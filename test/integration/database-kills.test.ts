import { describe, expect, test } from 'vitest'
import { card, declare, sign } from '../e2e/reading.ts'
import { missingAllowed } from '../servers/find.ts'
import { runBackout, type Bot } from '../support/bot.ts'
import { A_THOUSAND, ALL, heldIn, startDatabaseStage } from '../support/database-stage.ts'
import { mongodbProxy } from '../support/mongodb-proxy.ts'
import { ANA, APPROVERS, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'

const needs = ['mongodb', 'redis'] as const
const ENDED = /was carried out|failed|was not begun|was stopped/
const PATIENCE_MS = 240_000

/** The nth such command since the process was started: it is lost with the bot, or its answer is. */
type Moment = {
  readonly command: string
  readonly at: number
  readonly lost: 'command' | 'answer'
}

const moment = (command: string, at: number, lost: Moment['lost']): Moment => ({
  command,
  at,
  lost,
})

/** One run is killed at each of these, and every time another process goes on with it. */
const WHILE_RESTORING = [
  moment('insert', 1, 'answer'),
  moment('createIndexes', 1, 'answer'),
  moment('createIndexes', 2, 'command'),
  moment('renameCollection', 1, 'answer'),
  moment('renameCollection', 2, 'answer'),
  moment('find', 2, 'command'),
]
/** What is done is done: to each of them the next rename is the first. */
const WHILE_SWITCHING = [
  moment('renameCollection', 1, 'command'),
  moment('renameCollection', 1, 'answer'),
  moment('renameCollection', 1, 'answer'),
  moment('renameCollection', 1, 'answer'),
  moment('renameCollection', 1, 'answer'),
]
const WHILE_UNDOING = [
  moment('renameCollection', 2, 'command'),
  moment('renameCollection', 3, 'answer'),
]

describe.skipIf(needs.some(missingAllowed))('a bot that is killed over and over', () => {
  test(
    'restores, switches and switches back all the same, and loses no document',
    async () => {
      let next: Moment | null = null
      let seen = 0
      let bot: Bot | null = null
      let dying = false
      await using stage = await startDatabaseStage(A_THOUSAND, (uri) =>
        mongodbProxy(uri, async (command) => {
          if (next === null || command !== next.command) return 'pass'
          seen += 1
          if (seen < next.at) return 'pass'
          const { lost } = next
          next = null
          dying = true
          void bot?.kill()
          return lost === 'command' ? 'hang-up' : 'lose-the-reply'
        }),
      )
      const { slack, db, writer } = stage
      slack.group(APPROVERS).gains(CY)
      const [ana, bo, cy] = [ANA, BO, CY].map((id) => slack.as(id))
      if (!ana || !bo || !cy) throw new Error('somebody is missing')
      bot = await stage.startBot()
      await using stopping = new AsyncDisposableStack()
      stopping.defer(async () => bot?.stop())
      const { incident } = await declare(slack, cy)

      const nothingIsLost = async (): Promise<void> => {
        const written = [...stage.asSpoilt, ...writer.written()]
        const held = await heldIn(db)
        expect(written.filter((line) => !held.holds(line))).toEqual([])
      }
      /** Signed by the last one that is needed, killed at each of these moments, and carried out in the end. */
      const killedAndDone = async (
        plan: number,
        moments: readonly Moment[],
        signing: () => Promise<void>,
      ) => {
        const runSays = async () => (await card(slack, `run-${plan}`, incident)).reads
        let signed: Promise<unknown> | null = null
        for (const one of moments) {
          seen = 0
          dying = false
          next = one
          if (signed === null) signed = signing().catch(() => {})
          else bot = await stage.startBot()
          await until(() => dying, `${one.command} ${one.at} of plan ${plan}`, 60_000).catch(
            async (cause: unknown) => {
              throw new Error(`the bot lived on: ${await runSays()}`, { cause })
            },
          )
          await bot?.kill()
          await nothingIsLost()
        }
        bot = await stage.startBot()
        const { reads } = await card(slack, `run-${plan}`, incident, ENDED, 60_000)
        expect(reads).toMatch(/was carried out/)
        await nothingIsLost()
        return (await heldIn(db)).names
      }
      const kept = (role: string): string[] =>
        ['organizations', 'projects'].map((name) => `__rb_${incident}_p1_${role}__${name}`)
      const ready = (plan: number, reads: RegExp) =>
        card(slack, `plan-${plan}`, incident, reads, 60_000)
      const twoSign = (plan: number) => async () => {
        await sign(slack, ana, await ready(plan, /0 of 2/))
        await sign(slack, bo, await ready(plan, /1 of 2/))
      }

      await cy.command(INCIDENTS, '/rollback plan database')
      const restored = await killedAndDone(1, WHILE_RESTORING, async () =>
        sign(slack, ana, await ready(1, /0 of 1/)),
      )
      expect(restored).toEqual([...kept('new'), ...ALL].toSorted())
      await cy.command(INCIDENTS, '/rollback plan database')
      const switched = await killedAndDone(2, WHILE_SWITCHING, twoSign(2))
      expect(switched).toEqual([...kept('old'), ...ALL].toSorted())
      await cy.click(INCIDENTS, (await card(slack, 'run-2', incident)).ts, 'Undo')
      const back = await killedAndDone(3, WHILE_UNDOING, twoSign(3))
      expect(back).toEqual(restored)
      await bot.stop()
      const { output } = await runBackout(['verify-journal', bot.journal])
      expect(output).toMatch(/^The journal is intact/)
    },
    PATIENCE_MS,
  )
})
