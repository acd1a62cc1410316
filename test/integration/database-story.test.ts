import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readKeptName } from '../../src/domain/data/kept-name.ts'
import { answerTo, card, declare, sign, type Declared } from '../e2e/reading.ts'
import { tellOnFailure } from '../e2e/tell-on-failure.ts'
import { missingAllowed } from '../servers/find.ts'
import { runBackout, type Bot } from '../support/bot.ts'
import {
  ALL,
  heldIn,
  namesIn,
  REPLACED,
  startDatabaseStage,
  TWENTY_THOUSAND,
  TWO_HUNDRED_THOUSAND,
  type DatabaseStage,
} from '../support/database-stage.ts'
import { ANA, APPROVERS, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import { until } from '../support/slack/waiting.ts'

const needs = ['mongodb', 'redis'] as const
const ENDED = /was carried out|failed|was not begun|was stopped/
/** FerretDB reads a collection of this size in seconds, on a busy machine in many. */
/** `LONG_DOCUMENTS=yes vitest run …`: ten times as many. */
const SIZES = process.env['LONG_DOCUMENTS'] ? TWO_HUNDRED_THOUSAND : TWENTY_THOUSAND
const PATIENCE_MS = process.env['LONG_DOCUMENTS'] ? 1_800_000 : 240_000
const number = (digits = ''): number => Number(digits.replaceAll(',', ''))

describe.skipIf(needs.some(missingAllowed))('a database that a migration has spoilt', () => {
  let stage: DatabaseStage
  let bot: Bot
  let ana: Person
  let bo: Person
  let cy: Person
  let declared: Declared
  tellOnFailure(() => bot)

  beforeAll(async () => {
    stage = await startDatabaseStage(SIZES)
    stage.slack.group(APPROVERS).gains(CY)
    ana = stage.slack.as(ANA)
    bo = stage.slack.as(BO)
    cy = stage.slack.as(CY)
    bot = await stage.startBot()
    declared = await declare(stage.slack, cy)
  }, PATIENCE_MS)
  afterAll(async () => {
    await bot?.stop()
    await stage?.[Symbol.asyncDispose]()
  })

  const carriedOut = async (run: number): Promise<string> => {
    const { reads } = await card(stage.slack, `run-${run}`, declared.incident, ENDED, PATIENCE_MS)
    expect(reads).toMatch(/was carried out/)
    return reads
  }
  /** What the plan says, once two people have signed it, one of them a data owner; and what its run says. */
  const signedByTwo = async (plan: number) => {
    const surface = `plan-${plan}` as const
    const { incident } = declared
    const shown = await card(stage.slack, surface, incident, /0 of 2/, 60_000)
    await sign(stage.slack, ana, shown)
    await sign(stage.slack, bo, await card(stage.slack, surface, incident))
    return { plan: shown.reads, run: await carriedOut(plan) }
  }
  const kept = (role: string, plan: number, collection: string): string =>
    `__rb_${declared.incident}_p${plan}_${role}__${collection}`
  const pairOf = (role: string, plan: number): string[] =>
    REPLACED.map((name) => kept(role, plan, name))
  /** Nothing that the server ever confirmed is gone; what the migration wrote stays until it is tidied up. */
  const everythingIsThere = async () => {
    const written = [...stage.writer.written()]
    const held = await heldIn(stage.db)
    const wanted = held.names.some((name) => readKeptName(name))
      ? [...stage.asSpoilt, ...written]
      : written
    expect(wanted.filter((line) => !held.holds(line))).toEqual([])
    expect(held.names).toEqual(
      [...ALL, ...held.names.filter((name) => readKeptName(name))].toSorted(),
    )
    return { ...held, written }
  }
  const usersWriteOn = (collection: string, more = 10) => {
    const before = stage.writer.inserted(collection)
    return until(
      () => stage.writer.inserted(collection) >= before + more,
      `${more} documents more in ${collection}`,
      60_000,
    )
  }

  test('the plan to restore beside says which backup, and that users notice nothing', async () => {
    await cy.command(INCIDENTS, '/rollback plan database')
    const { reads } = await card(stage.slack, 'plan-1', declared.incident, /0 of 1/, 60_000)
    expect(reads).toMatch(/restore projects, organizations of nightly\.archive\.gz beside/)
    expect(reads).toMatch(/the newest backup from before the trouble began/)
    expect(reads).toMatch(/What is lost:\* Nothing: the live data is only read/)
    expect(reads).toMatch(/Left as they are: sessions\./)
  })

  test(
    'killed while it restores, it begins the restore anew, and counts what a switch would lose',
    async () => {
      const { slack, db, writer } = stage
      await sign(slack, ana, await card(slack, 'plan-1', declared.incident))
      const trying = async () =>
        (await namesIn(stage.db)).find((name) => /_try\w+__projects$/.test(name))
      const arrived = async () => {
        const name = await trying()
        return name !== undefined && (await db.collection(name).findOne()) !== null && name
      }
      const left = await until(arrived, 'the first restored document', PATIENCE_MS)
      await bot.kill()
      expect(await trying()).toBe(left)
      const atRestart = {
        organizations: writer.inserted('organizations'),
        projects: writer.inserted('projects'),
      }
      bot = await stage.startBot()
      const reads = await carriedOut(1)
      expect(reads).toMatch(
        /count, indexes, options and a hash of all documents are as in the backup/,
      )
      for (const name of REPLACED) {
        const loss = new RegExp(
          `${name}: ([\\d,]+) documents created and ([\\d,]+) changed since the backup are set aside; ([\\d,]+) documents deleted since come back`,
        )
        const [, created, changed, deleted] = loss.exec(reads) ?? []
        expect(number(created)).toBeGreaterThanOrEqual(atRestart[name])
        expect(number(created)).toBeLessThanOrEqual(writer.inserted(name))
        expect([number(changed), number(deleted)]).toEqual([SIZES.spoilt[name], SIZES.deleted])
      }
      expect(await namesIn(stage.db)).toEqual([...pairOf('new', 1), ...ALL].toSorted())
      await everythingIsThere()
    },
    PATIENCE_MS,
  )

  test('what was copied before is in the catalogue, verified', async () => {
    const says = await answerTo(cy, 'backups')
    expect(says).toMatch(new RegExp(`Verified:\\* before-${declared.incident}-p1\\.archive\\.gz`))
    expect(says).toMatch(/nightly\.archive\.gz/)
  })

  test(
    'two sign the switch, and people have the data of the backup',
    async () => {
      const run = await card(stage.slack, 'run-1', declared.incident)
      await cy.click(INCIDENTS, run.ts, 'Prepare the switch')
      const said = await signedByTwo(2)
      expect(said.plan).toMatch(
        new RegExp(
          `collection projects\\*: .*\\n +[\\d,]+ documents created and ${SIZES.spoilt.projects.toLocaleString('en')} changed since the backup are set aside`,
        ),
      )
      expect(said.plan).toMatch(
        /search index is not rolled back with it: rebuild from empty \(search team\)/,
      )
      expect(said.run).toMatch(/2 switched; what was live is kept/)
      await Promise.all([usersWriteOn('projects'), usersWriteOn('organizations')])
      const { names: now, idsOf, spoilt } = await everythingIsThere()
      expect(now).toEqual([...pairOf('old', 1), ...ALL].toSorted())
      for (const name of REPLACED) {
        expect(spoilt(name)).toBe(0)
        expect(idsOf(name).size).toBeGreaterThan(SIZES[name])
        const indexes = await stage.db.collection(name).indexes()
        expect(indexes.map((one) => `${one.name} ${one.unique === true}`).toSorted()).toEqual([
          '_id_ false',
          'number_1 true',
          'organization_1_number_-1 false',
        ])
      }
    },
    PATIENCE_MS,
  )

  test(
    'Undo switches back, and sets aside what was written since in its turn',
    async () => {
      await cy.click(INCIDENTS, (await card(stage.slack, 'run-2', declared.incident)).ts, 'Undo')
      await signedByTwo(3)
      await Promise.all([usersWriteOn('projects'), usersWriteOn('organizations')])
      const { names: now, spoilt } = await everythingIsThere()
      expect(now).toEqual([...pairOf('new', 1), ...ALL].toSorted())
      expect(spoilt('projects')).toBe(SIZES.spoilt.projects)
    },
    PATIENCE_MS,
  )

  test(
    'the undo is undone, and salvage copies back all that users wrote meanwhile',
    async () => {
      await cy.click(INCIDENTS, (await card(stage.slack, 'run-3', declared.incident)).ts, 'Undo')
      await signedByTwo(4)
      await cy.command(INCIDENTS, '/rollback salvage')
      const { run } = await signedByTwo(5)
      expect(run).toMatch(/projects: [\d,]+ documents copied back/)
      expect(run).not.toMatch(/left where they are/)
      const { written, holdsLive, spoilt } = await everythingIsThere()
      expect(written.filter((line) => !holdsLive(line))).toEqual([])
      expect(spoilt('projects')).toBe(0)
    },
    PATIENCE_MS,
  )

  test(
    'tidied up, the live data and the nightly backup are all that is left',
    async () => {
      await cy.command(INCIDENTS, '/rollback tidy-up')
      await signedByTwo(6)
      const { names: now, written, holdsLive } = await everythingIsThere()
      expect(now).toEqual([...ALL].toSorted())
      expect(written.filter((line) => !holdsLive(line))).toEqual([])
      const files = await readdir(stage.catalogue)
      expect(files.filter((name) => name.includes('before-'))).toEqual([])
      expect(await answerTo(cy, 'backups')).toMatch(/nightly\.archive\.gz/)
    },
    PATIENCE_MS,
  )

  test('the journal is whole, and nothing went wrong unseen', async () => {
    await stage.writer.stop()
    await bot.stop()
    const { code, output } = await runBackout(['verify-journal', bot.journal])
    expect(output).toMatch(/^The journal is intact/)
    expect(code).toBe(0)
    expect(bot.output()).not.toMatch(/"level":(50|60)/)
  })
})
