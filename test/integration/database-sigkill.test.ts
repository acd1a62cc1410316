import { describe, expect, test } from 'vitest'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { card, declare, sign } from '../e2e/reading.ts'
import { missingAllowed } from '../servers/find.ts'
import { runBackout, type Bot } from '../support/bot.ts'
import { A_THOUSAND, ALL, heldIn, REPLACED, startDatabaseStage } from '../support/database-stage.ts'
import { ANA, APPROVERS, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'

const needs = ['mongodb', 'redis'] as const
/** Spread over the three runs of the story; `npm run test:long` kills more often. */
const KILLS = Number(process.env['LONG_KILLS'] ?? 3)
const ENDED = /was carried out|failed|was not begun|was stopped/
/** They are done again and again, each time in one more plan of the same incident. */
const RUNS = ['restore', 'switch', 'undo'] as const
type Kind = (typeof RUNS)[number]
const BACKUPS = ['nightly.archive.gz', 'weekly.archive.gz'] as const

describe.skipIf(needs.some(missingAllowed))('a bot that is killed at any moment of a run', () => {
  test(
    'is followed by one that brings it to the same end, and no document is lost',
    async () => {
      await using stage = await startDatabaseStage(A_THOUSAND)
      const { slack, db, writer, catalogue } = stage
      // Another name makes another restore of it.
      await copyFile(join(catalogue, BACKUPS[0]), join(catalogue, BACKUPS[1]))
      slack.group(APPROVERS).gains(CY)
      const [ana, bo, cy] = [ANA, BO, CY].map((id) => slack.as(id))
      if (!ana || !bo || !cy) throw new Error('somebody is missing')
      let bot: Bot = await stage.startBot()
      await using stopping = new AsyncDisposableStack()
      stopping.defer(() => bot.stop())
      const { incident } = await declare(slack, cy)
      let plans = 0
      let kills = 0
      stopping.defer(() => {
        console.log(`restores, switches and undos killed with SIGKILL: ${kills} of ${KILLS}`)
      })

      const nothingIsLost = async (after: string): Promise<void> => {
        const written = [...stage.asSpoilt, ...writer.written()]
        const held = await heldIn(db)
        expect(
          written.filter((line) => !held.holds(line)),
          after,
        ).toEqual([])
      }
      const ask = async (kind: Kind, cycle: number): Promise<void> => {
        plans += 1
        const backup = kind === 'restore' ? ` --backup ${BACKUPS[cycle % BACKUPS.length]}` : ''
        if (kind !== 'undo') await cy.command(INCIDENTS, `/rollback plan database${backup}`)
        else {
          const { ts } = await card(slack, `run-${plans - 1}`, incident)
          await cy.click(INCIDENTS, ts, 'Undo')
        }
      }
      const signAll = async (kind: Kind): Promise<void> => {
        const waiting = (reads: RegExp) => card(slack, `plan-${plans}`, incident, reads, 60_000)
        await sign(slack, ana, await waiting(kind === 'restore' ? /0 of 1/ : /0 of 2/))
        if (kind !== 'restore') await sign(slack, bo, await waiting(/1 of 2/))
      }
      /** How long it took from its last signature; killed so long after it, where that is given. */
      const carriedOut = async (kind: Kind, cycle: number, killAfterMs: number | null) => {
        await ask(kind, cycle)
        await signAll(kind)
        const signedMs = performance.now()
        const after = `plan ${plans}, ${kind}, killed after ${killAfterMs} ms`
        const ended = card(slack, `run-${plans}`, incident, ENDED, 120_000)
        if (killAfterMs !== null) {
          const timer = Promise.withResolvers<'kill'>()
          setTimeout(() => timer.resolve('kill'), killAfterMs)
          const first = await Promise.race([timer.promise, ended])
          if (first === 'kill') {
            kills += 1
            await bot.kill()
            await nothingIsLost(after)
            bot = await stage.startBot()
          }
        }
        expect((await ended).reads, after).toMatch(/was carried out/)
        const tookMs = performance.now() - signedMs
        await nothingIsLost(after)
        const held = await heldIn(db)
        const spoilt = REPLACED.map((name) => held.spoilt(name) > 0)
        // Wholly as it was, or wholly as in the backup.
        expect(spoilt, after).toEqual(REPLACED.map(() => kind !== 'switch'))
        expect(
          held.names.filter((name) => !name.startsWith('__rb_')),
          after,
        ).toEqual([...ALL].toSorted())
        expect(
          held.names.filter((name) => name.includes('_try')),
          after,
        ).toEqual([])
        return tookMs
      }

      const took = new Map<Kind, number>()
      for (const kind of RUNS) took.set(kind, await carriedOut(kind, 0, null))
      const cycles = Math.ceil(KILLS / RUNS.length)
      for (let cycle = 1; cycle <= cycles; cycle += 1) {
        for (const kind of RUNS) {
          await carriedOut(kind, cycle, ((took.get(kind) ?? 0) * (cycle - 0.5)) / cycles)
        }
      }
      expect(kills).toBeGreaterThanOrEqual(KILLS / 2)
      await bot.stop()
      const { output } = await runBackout(['verify-journal', bot.journal])
      expect(output).toMatch(/^The journal is intact/)
    },
    240_000 + KILLS * 60_000,
  )
})
