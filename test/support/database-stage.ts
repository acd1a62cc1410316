import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { BSON, MongoClient, type Db } from 'mongodb'
import { stringify } from 'yaml'
import { SCOPES } from '../../src/chat/scopes.ts'
import { readKeptName } from '../../src/domain/data/kept-name.ts'
import { startApp } from '../servers/app/start.ts'
import { startMongodb } from '../servers/mongodb.ts'
import { askRedis, startRedis, type RedisServer } from '../servers/redis.ts'
import { freshFolder } from '../servers/spawn.ts'
import { dumpInto, toolFolders } from './backups.ts'
import { startConfiguredBot, type Bot } from './bot.ts'
import { APPROVERS, BO, INCIDENTS, pipeshub } from './slack/fixture.ts'
import { startSlack, type Slack } from './slack/slack.ts'

export const DATABASE = 'shop'

/** The shop's database: of two collections a migration spoils some documents and deletes the last ones. */
export type Sizes = Readonly<
  Record<'projects' | 'organizations' | 'sessions', number> & {
    spoilt: Readonly<Record<'projects' | 'organizations', number>>
    /** Of each of the two. */
    deleted: number
  }
>

export const TWENTY_THOUSAND: Sizes = {
  projects: 12_000,
  organizations: 4_000,
  sessions: 4_000,
  spoilt: { projects: 3_000, organizations: 400 },
  deleted: 150,
}

export const TWO_HUNDRED_THOUSAND = tenTimes(TWENTY_THOUSAND)

function tenTimes({ projects, organizations, sessions, spoilt, deleted }: Sizes): Sizes {
  return {
    projects: 10 * projects,
    organizations: 10 * organizations,
    sessions: 10 * sessions,
    spoilt: { projects: 10 * spoilt.projects, organizations: 10 * spoilt.organizations },
    deleted: 10 * deleted,
  }
}

/** For trials in which a run is made again and again. */
export const A_THOUSAND: Sizes = {
  projects: 900,
  organizations: 300,
  sessions: 50,
  spoilt: { projects: 200, organizations: 40 },
  deleted: 9,
}

export const REPLACED = ['projects', 'organizations'] as const
export const ALL = [...REPLACED, 'sessions'] as const

/** A server, a backup by the real mongodump, the migration that came after it, and users who go on writing. */
export type Shop = AsyncDisposable & {
  readonly uri: string
  readonly db: Db
  /** Where the backups are. */
  readonly catalogue: string
  /** Every document as the migration left it, as `collection: document`. */
  readonly asSpoilt: readonly string[]
  readonly writer: Writer
}

/** `isDown`: what people are told that the shop is closed by. */
export async function startShop(sizes: Sizes, isDown: () => Promise<boolean>): Promise<Shop> {
  await using starting = new AsyncDisposableStack()
  const catalogue = starting.use(await freshFolder('catalogue')).path
  const { uri } = starting.use(await startMongodb())
  const client = starting.adopt(await new MongoClient(uri).connect(), (one) => one.close())
  const db = client.db(DATABASE)
  await filled(db, sizes)
  const archive = join(catalogue, 'nightly.archive.gz')
  await dumpInto(uri, { database: DATABASE, options: ['--gzip', `--archive=${archive}`] })
  const asSpoilt = await spoil(db, sizes)
  const writer = starting.use(startWriter(db, isDown))
  const resources = starting.move()
  return {
    uri,
    db,
    catalogue,
    asSpoilt,
    writer,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** What Backout is told of the shop's database. */
export const shopSettings = (catalogue: string) => ({
  name: DATABASE,
  collections: REPLACED,
  // What a restore itself finds in a backup that nobody has read is told here.
  backups: { folder: catalogue, verifyNew: false },
  // It obeys the switch that says that the shop is closed.
  writers: [],
  keepDays: 0,
  restoreMegabytesPerSecond: 1,
  dependentStores: [{ name: 'search index', afterwards: 'rebuild from empty', by: 'search team' }],
})

/** Whether people are told in this Redis that the shop is closed. Where it cannot be asked, nobody writes. */
export async function isClosedIn({ host, port }: RedisServer): Promise<boolean> {
  const told = await askRedis(host, port, 'GET maintenance_mode').catch(() => 'true')
  return told.includes('true')
}

export type DatabaseStage = AsyncDisposable &
  Omit<Shop, 'uri'> & {
    readonly slack: Slack
    readonly startBot: () => Promise<Bot>
  }

export async function startDatabaseStage(
  sizes: Sizes,
  /** Where the bot finds the server. */
  through: (uri: string) => Promise<string> = async (uri) => uri,
): Promise<DatabaseStage> {
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('database-story')).path
  const [redis, app] = await Promise.all([startRedis({ args: [] }), startApp()])
  for (const one of [redis, app]) starting.use(one)
  const shop = starting.use(await startShop(sizes, () => isClosedIn(redis)))
  const { uri, db, catalogue, asSpoilt, writer } = shop
  const slack = starting.adopt(
    await startSlack({ ...pipeshub(), scopes: Object.keys(SCOPES) }),
    (one) => one.stop(),
  )

  const { botToken, appToken } = slack.workspace.app
  const env = {
    SLACK_BOT_TOKEN: botToken,
    SLACK_APP_TOKEN: appToken,
    SLACK_API_URL: slack.apiUrl,
    REDIS_URL: redis.url,
    MONGODB_URI: await through(uri),
    BACKOUT_MONGO_TOOLS: toolFolders()[0] ?? '',
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  }
  const settings = stringify({
    environment: 'production',
    slack: { channels: [INCIDENTS] },
    services: [{ name: 'backend', url: app.url }],
    approval: { groups: [APPROVERS], readSeconds: 0, dataOwners: { users: [BO] } },
    procedures: {
      database: shopSettings(catalogue),
    },
  })
  const resources = starting.move()
  return {
    slack,
    db,
    catalogue,
    asSpoilt,
    writer,
    startBot: () => startConfiguredBot({ settings, env, data: folder }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const seeded = (name: string, at: number) => ({
  _id: `${name}-${String(at).padStart(5, '0')}`,
  organization: `organization-${at % 97}`,
  number: at,
  text: `${name} `.repeat(6 + (at % 9)),
})

async function filled(db: Db, sizes: Sizes): Promise<void> {
  for (const name of ALL) {
    const all = Array.from({ length: sizes[name] }, (_, at) => seeded(name, at))
    await fill(db, name, all)
  }
}

async function fill(db: Db, name: string, all: ReturnType<typeof seeded>[]): Promise<void> {
  const collection = db.collection<{ _id: string }>(name)
  for (let at = 0; at < all.length; at += 1_000)
    await collection.insertMany(all.slice(at, at + 1_000))
  await collection.createIndex({ number: 1 }, { unique: true })
  await collection.createIndex({ organization: 1, number: -1 })
}

/** What the release did: it wrote two collections anew. One statement that changes thousands takes FerretDB an hour. */
async function spoil(db: Db, sizes: Sizes): Promise<string[]> {
  const lines: string[] = []
  for (const name of REPLACED) {
    const all = Array.from({ length: sizes[name] - sizes.deleted }, (_, at) => {
      const document = seeded(name, at)
      return at < sizes.spoilt[name] ? { ...document, organization: 'undefined' } : document
    })
    await db.collection(name).drop()
    await fill(db, name, all)
    lines.push(...all.map((one) => lineOf(name, one)))
  }
  return lines
}

export type Writer = AsyncDisposable & {
  /** What the server has confirmed, as `collection: document`. */
  readonly written: () => ReadonlySet<string>
  /** How many of a collection: inserted, not changed. */
  readonly inserted: (collection: string) => number
  readonly stop: () => Promise<void>
}

/** Users of the shop: they write as long as it is open, and not while the shop is closed. */
function startWriter(db: Db, isDown: () => Promise<boolean>): Writer {
  const written = new Set<string>()
  const inserted = new Map<string, number>()
  const stopping = new AbortController()
  const insert = async (name: string, at: number): Promise<void> => {
    const document = { ...seeded(`late-${name}`, at), number: 1_000_000 + at }
    await db.collection<{ _id: string }>(name).insertOne(document)
    written.add(lineOf(name, document))
    inserted.set(name, (inserted.get(name) ?? 0) + 1)
  }
  const writing = (async () => {
    for (let at = 0; !stopping.signal.aborted; at += 1) {
      if (!(await isDown())) await insert(at % 3 === 0 ? 'organizations' : 'projects', at)
      await sleep(60)
    }
  })()
  // Whoever waits for it is told; until then it is nobody's.
  writing.catch(() => {})
  const stop = async (): Promise<void> => {
    stopping.abort()
    await writing
  }
  return {
    written: () => written,
    inserted: (name) => inserted.get(name) ?? 0,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

export const lineOf = (name: string, document: object): string =>
  `${name}: ${BSON.EJSON.stringify(document, { relaxed: false })}`

export type Held = {
  readonly names: readonly string[]
  /** Anywhere, live or kept. */
  readonly holds: (line: string) => boolean
  /** In what people use now. */
  readonly holdsLive: (line: string) => boolean
  readonly idsOf: (name: string) => ReadonlySet<string>
  /** How many of them bear the mark of the migration. */
  readonly spoilt: (name: string) => number
}

/** What the server holds now, live and kept, by the name under which people know it. */
export async function heldIn(db: Db): Promise<Held> {
  const names = await namesIn(db)
  const live = new Set<string>()
  const aside = new Set<string>()
  const ids = new Map<string, ReadonlySet<string>>()
  const spoilt = new Map<string, number>()
  for (const name of names) {
    const documents = await db.collection(name).find().toArray()
    const known = readKeptName(name)
    for (const one of documents) {
      if (known) aside.add(lineOf(known.collection, one))
      else live.add(lineOf(name, one))
    }
    ids.set(name, new Set(documents.map(({ _id: id }) => String(id))))
    const bad = documents.filter((one) => one['organization'] === 'undefined')
    spoilt.set(name, bad.length)
  }
  // What is renamed while it is read, as by a command of a bot that is dead by now, may be read twice or never.
  if ((await namesIn(db)).join() !== names.join()) return heldIn(db)
  return {
    names,
    holds: (line) => live.has(line) || aside.has(line),
    holdsLive: (line) => live.has(line),
    idsOf: (name) => ids.get(name) ?? new Set(),
    spoilt: (name) => spoilt.get(name) ?? 0,
  }
}

export async function namesIn(db: Db): Promise<string[]> {
  const listed = await db.listCollections({}, { nameOnly: true }).toArray()
  return listed.map(({ name }) => name).toSorted()
}
