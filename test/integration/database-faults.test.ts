import { truncate, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BSON } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerTo, card, declare, sign, type Declared } from '../e2e/reading.ts'
import { tellOnFailure } from '../e2e/tell-on-failure.ts'
import { missingAllowed } from '../servers/find.ts'
import type { Bot } from '../support/bot.ts'
import {
  ALL,
  DATABASE,
  heldIn,
  REPLACED,
  startDatabaseStage,
  type DatabaseStage,
} from '../support/database-stage.ts'
import { archiveOf } from '../support/dumped.ts'
import { ANA, APPROVERS, CY, INCIDENTS } from '../support/slack/fixture.ts'

const needs = ['mongodb', 'redis'] as const
const ENDED = /was carried out|failed|was not begun|was stopped/
const SIZES = {
  projects: 900,
  organizations: 300,
  sessions: 50,
  spoilt: { projects: 200, organizations: 40 },
  deleted: 9,
}
const TWO_STATES = 'two-states.archive'

/** A unique index, and two documents that it cannot hold: as a dump of a database that people were writing to. */
const twoStates = (): Buffer => {
  const index = (key: string, more: object) => ({
    v: { $numberInt: '2' },
    key: { [key]: { $numberInt: '1' } },
    name: key === '_id' ? '_id_' : `${key}_1`,
    ...more,
  })
  return archiveOf(
    REPLACED.map((collection) => ({
      db: DATABASE,
      collection,
      documents: ['one', 'other'].map((id) => BSON.serialize({ _id: id, number: 1 })),
      metadata: {
        options: {},
        indexes: [index('_id', {}), index('number', { unique: true })],
        collectionName: collection,
        type: 'collection',
      },
    })),
    { perBlock: 100 },
  )
}

describe.skipIf(needs.some(missingAllowed))('a backup that cannot be restored', () => {
  let stage: DatabaseStage
  let bot: Bot
  let declared: Declared
  tellOnFailure(() => bot)

  beforeAll(async () => {
    stage = await startDatabaseStage(SIZES)
    stage.slack.group(APPROVERS).gains(CY)
    const nightly = join(stage.catalogue, 'nightly.archive.gz')
    await truncate(nightly, Math.floor((await stat(nightly)).size / 2))
    await writeFile(join(stage.catalogue, TWO_STATES), twoStates())
    bot = await stage.startBot()
    declared = await declare(stage.slack, stage.slack.as(CY))
  })
  afterAll(async () => {
    await bot?.stop()
    await stage?.[Symbol.asyncDispose]()
  })

  /** The run of it says why, and the server holds what it held. */
  const failed = async (plan: number, backup: string): Promise<string> => {
    const { slack } = stage
    const { incident } = declared
    await slack.as(CY).command(INCIDENTS, `/rollback plan database --backup ${backup}`)
    await sign(slack, slack.as(ANA), await card(slack, `plan-${plan}`, incident, /0 of 1/))
    const { reads } = await card(slack, `run-${plan}`, incident, ENDED, 60_000)
    const wanted = [...stage.asSpoilt, ...stage.writer.written()]
    const held = await heldIn(stage.db)
    expect(held.names).toEqual([...ALL].toSorted())
    expect(wanted.filter((line) => !held.holdsLive(line))).toEqual([])
    return reads
  }

  test('an archive that was cut off fails, and nothing of it is left beside the live data', async () => {
    const reads = await failed(1, 'nightly.archive.gz')
    const why = 'its compression is damaged, or it was cut off'
    expect(reads).toContain(`${why}; what was restored was dropped again`)
    const catalogue = await answerTo(stage.slack.as(CY), 'backups')
    expect(catalogue).toMatch(new RegExp(`Not usable:\\* nightly\\.archive\\.gz.*\\n *${why}`))
  })

  test('documents that break a unique index of the backup are said, and it is not switched to', async () => {
    const reads = await failed(2, TWO_STATES)
    expect(reads).toMatch(/projects: an index was refused: .*; what was restored was dropped again/)
  })
})
