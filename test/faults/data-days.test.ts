import { expect, test } from 'vitest'
import { NEVER_SECONDS } from '../../src/domain/data/backup.ts'
import type { DataOptions } from '../../src/sandbox/database/simulated-data.ts'
import { folded, saidOn, tell } from '../support/rollback-story.ts'
import { BACKUP, BEGUN_MS, SMALL } from './data-deed.ts'
import {
  DATABASE,
  dataOn,
  damaged,
  leftOnData,
  planAndSign,
  RESTORED,
  SWITCHED,
} from './data-story.ts'

const HOUR_MS = 60 * 60_000
const [nightly] = SMALL.backups ?? []
if (!nightly) throw new Error('there is a backup')

type Backup = NonNullable<DataOptions['backups']>[number]

/** The same database and another backup of it. */
const withBackup = (changes: Partial<Backup>, ...more: readonly Backup[]): DataOptions => ({
  ...SMALL,
  everyMs: 0,
  backups: [{ ...nightly, ...changes }, ...more],
})

async function story(database: DataOptions, told = RESTORED) {
  const around = damaged({ database })
  const process = around.startProcess()
  await tell(around, process, 0, told)
  // Whoever looks at it here may see all of it.
  around.sandbox.onData?.setServer({ lacks: [] })
  const left = await leftOnData(around)
  const plan = (await folded(around))?.plans.at(-1)
  const all = { ...left, plan, card: saidOn('plan-1', around) + saidOn('plan-2', around) }
  return { around, left: all }
}

const inProjects = (changes: Partial<Backup['collections'][number]>): Backup['collections'] =>
  nightly.collections.map((one) => (one.name === 'projects' ? { ...one, ...changes } : one))

test('a backup that holds two states at once, whose unique index does not build: said, and nothing live touched', async () => {
  const documents = [
    { _id: 1, a: 1 },
    { _id: 2, a: 1 },
  ]
  const indexes = [{ v: 2, key: { a: 1 }, name: 'a_1', unique: true }]
  const { around, left } = await story(
    withBackup({ oneMoment: 'not-known', collections: inProjects({ documents, indexes }) }),
  )
  expect(left).toMatchObject({ live: 'damaged', kept: [], fence: false, lost: 0, backend: 3 })
  expect(left.outcomes).toEqual(['failed'])
  expect(left.says).toMatch(
    /^projects: an index was refused: .* \(documents 1, 2\); what was restored was dropped again$/,
  )
  around.end()
})

test('the catalogue remembers such a backup: the next plan takes the one before, and says why', async () => {
  const documents = [
    { _id: 1, a: 1 },
    { _id: 2, a: 1 },
  ]
  const indexes = [{ v: 2, key: { a: 1 }, name: 'a_1', unique: true }]
  const torn = { ...nightly, id: 'es-torn', changedAtMs: nightly.changedAtMs + HOUR_MS }
  const dataAt = { atMs: torn.changedAtMs, exact: true }
  const database = withBackup(
    {},
    { ...torn, dataAt, collections: inProjects({ documents, indexes }) },
  )
  const { around, left } = await story(database, [...RESTORED, ...planAndSign(DATABASE)])
  expect(left.outcomes).toEqual(['failed', 'succeeded'])
  expect(left.plan?.plan?.title).toContain(BACKUP)
  expect(left.plan?.plan?.because).toMatch(
    /es-torn: it cannot be restored: projects: an index was refused: .* \(documents 1, 2\)/,
  )
  const catalogue = (await around.sandbox.world.backups?.list(new AbortController().signal)) ?? []
  const kept = catalogue.find(({ id }) => id === 'es-torn')
  expect(kept?.problem).toMatch(/^it cannot be restored: projects/)
  expect(kept?.manifest).not.toBeNull()
  around.end()
})

test('a key that somebody has written twice into what is restored says nothing of the backup', async () => {
  const around = damaged({ database: { ...SMALL, everyMs: 0 } })
  const { onData, world } = around.sandbox
  const process = around.startProcess(null, {
    world: (inner) => ({
      ...inner,
      collections: inner.collections && {
        ...inner.collections,
        createIndexes(name, ...more) {
          if (name.endsWith('organizations')) onData?.write(name, { _id: 'theirs', slug: 'org-1' })
          return inner.collections!.createIndexes(name, ...more)
        },
      },
    }),
  })
  await tell(around, process, 0, RESTORED)
  expect((await leftOnData(around)).says).toMatch(/an index was refused: .* \(documents "row-1"/)
  const catalogue = (await world.backups?.list(new AbortController().signal)) ?? []
  expect(catalogue.map(({ problem }) => problem)).toEqual([null, null])
  around.end()
})

test('documents that would expire at once are still there when they are compared, and the card says how many', async () => {
  const seconds = 3_600
  const dayAgo = { $date: new Date(BEGUN_MS - 24 * HOUR_MS).toISOString() }
  const documents = Array.from({ length: 40 }, (_, at) => ({ _id: `row-${at}`, seenAt: dayAgo }))
  const indexes = [{ v: 2, key: { seenAt: 1 }, name: 'seenAt_1', expireAfterSeconds: seconds }]
  const database = withBackup({ collections: inProjects({ documents, indexes }) })
  const { around, left } = await story(database, SWITCHED.slice(0, -2))
  expect(left.plan?.plan?.cautions).toContain(
    '40 documents of projects expire right after the switch.',
  )
  const beside = (await around.sandbox.world.collections?.list(new AbortController().signal)) ?? []
  const staged = beside.find(({ name }) => name.endsWith('_new__projects'))?.name ?? ''
  expect(around.sandbox.onData?.documents(staged)).toHaveLength(40)
  around.end()

  const after = damaged({ database })
  await tell(after, after.startProcess(), 0, SWITCHED)
  const names = [
    'projects',
    (await dataOn(after)).kept.length > 0 ? staged.replace('_new__', '_old__') : '',
  ]
  const measured = await after.sandbox.world.collections?.measure(
    names,
    new AbortController().signal,
  )
  const secondsOf = measured?.map(({ indexes: has }) => {
    return has.find(({ name }) => name === 'seenAt_1')?.['expireAfterSeconds']
  })
  // In what is live as before; in what is kept nothing expires.
  expect(secondsOf).toEqual([seconds, NEVER_SECONDS])
  after.end()
})

test.each(['listCollections', 'bypassDocumentValidation'])(
  'an account that lacks %s: said by name when it is planned, and nothing is begun',
  async (right) => {
    const lacks = [right]
    const { around, left } = await story({ ...SMALL, server: { lacks } })
    expect(left.outcomes).toEqual(['infeasible'])
    const because = left.plan?.ended && 'because' in left.plan.ended ? left.plan.ended.because : ''
    expect(String(because)).toMatch(new RegExp(`lacks .*${right}`))
    around.end()
  },
)

test('whoever follows the changes is named, and so is what holds copies and who rebuilds it', async () => {
  const { around, left } = await story({ ...SMALL, everyMs: 0 }, SWITCHED.slice(0, -2))
  const cautions = left.plan?.plan?.cautions.join('\n') ?? ''
  expect(cautions).toContain(
    'search index is not rolled back with it: rebuild from empty (search team).',
  )
  // A person ticks it, once it is done.
  expect(left.plan?.plan?.tasks).toEqual(['search index: rebuild from empty (search team)'])
  expect(cautions).toMatch(
    /Whoever follows changes of these collections, such as a search index, is cut off by it/,
  )
  around.end()
})

test('a backup of a node that was behind is as old as its data: its lag is said, and the loss is counted', async () => {
  const at = BEGUN_MS - 3 * HOUR_MS
  const lagging = {
    changedAtMs: at,
    dataAt: { atMs: at, exact: false },
    lagSeconds: 1_800,
    oneMoment: 'yes' as const,
    collections: inProjects({
      documents: [
        ...(nightly.collections.find(({ name }) => name === 'projects')?.documents ?? []),
      ].slice(2),
    }),
  }
  const { around, left } = await story(withBackup(lagging), SWITCHED.slice(0, -2))
  const [first] = (await folded(around))?.plans ?? []
  expect(first?.plan?.cautions.join('\n')).toMatch(/at the latest, and may be older\./)
  expect(first?.plan?.cautions.join('\n')).toMatch(/copied from a server that was 30 min behind/)
  // The two that the backup lacks are told by comparing, whatever its file says.
  expect(left.plan?.plan?.lost).toMatch(
    /^2 documents created and 16 changed since the backup are set aside/,
  )
  expect(left.plan?.plan?.title).toContain(BACKUP)
  const catalogue = await around.sandbox.world.backups?.list(new AbortController().signal)
  const own = catalogue?.find(({ manifest }) => manifest?.purpose === 'safety')?.manifest
  expect(own).toMatchObject({ node: 'mongo-0.mongo:27017', lagSeconds: 0, oneMoment: 'yes' })
  around.end()
})
