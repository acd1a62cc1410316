// How large it is, in megabytes of documents, the smallest first: SWITCH_DATA_MEGABYTES=10,100,1000 npm run bench switch-data
import { join } from 'node:path'
import { connect, createServer } from 'node:net'
import { MongoClient } from 'mongodb'
import type { Db, Document, IndexDescription } from 'mongodb'
import { mongodbCollections } from '../../src/adapters/mongodb/collections/collections.ts'
import type { World } from '../../src/ports/world.ts'
import { switchCollections } from '../../src/runbook/database/steps/switch-collections.ts'
import { inverseOf, type Switched } from '../../src/runbook/database/switch-positions.ts'
import { requireBinary } from '../servers/find.ts'
import { startMongodb } from '../servers/mongodb.ts'
import { run } from '../servers/run.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'
import { ms, ratioWithin, reported } from './outcome.ts'
import type { Outcome } from './outcome.ts'

const MEGABYTES = process.env['SWITCH_DATA_MEGABYTES'] ?? '10,100'
const NAMES = ['projects', 'organizations'] as const
const TEXT = 'x'.repeat(400)
const BATCH = 1_000
const INDEXES: IndexDescription[] = [
  { name: 'n_1', key: { n: 1 }, unique: true },
  { name: 'team_1', key: { team: 1 } },
  { name: 'team_1_n_-1', key: { team: 1, n: -1 } },
]
const MOST_TIMES = 0.1
const PAIRS = 3
/** A switch of the largest against one of the smallest: it is renames, whatever they hold. */
const MOST_LARGER = 2

/**
 * How long people have no data: the switch of ours against the runbook's mongodump, drop, mongorestore --drop, on
 * the same server. Stopping and starting the services is the same on both sides and left out on both. FerretDB
 * builds no index for mongorestore, so that the runbook's are built by the driver.
 */
export const switchData = async (): Promise<readonly Outcome[]> => {
  const sizes: Size[] = []
  for (const megabytes of MEGABYTES.split(',').map(Number)) sizes.push(await ofSize(megabytes))
  return [...sizes.flatMap(({ outcomes }) => outcomes), ...flat(sizes)]
}

type Size = {
  readonly megabytes: number
  readonly outcomes: readonly Outcome[]
  /** How long each switch took. */
  readonly tookMs: readonly number[]
}

function flat(sizes: readonly Size[]): readonly Outcome[] {
  const [small, large] = [sizes[0], sizes.at(-1)]
  if (!small || !large || small === large) return []
  const [before, after] = [medianOf(small.tookMs), medianOf(large.tookMs)]
  const ratio = after / before
  return [
    {
      what: `a switch of ${large.megabytes} MB against one of ${small.megabytes} MB`,
      verdict: ratio <= MOST_LARGER ? 'pass' : 'FAIL',
      measured: `${ratio.toFixed(2)} x`,
      gate: `<= ${MOST_LARGER} x`,
      details: [`${ms(after)} and ${ms(before)}, in the middle of ${large.tookMs.length} each`],
    },
  ]
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

async function ofSize(megabytes: number): Promise<Size> {
  await using resources = new AsyncDisposableStack()
  const folder = resources.use(await freshFolder('switch-data')).path
  const server = resources.use(await startMongodb())
  const counted = resources.use(await countingCommands(server.uri))
  const client = resources.adopt(await new MongoClient(server.uri).connect(), (one) => one.close())
  const stores = resources.adopt(
    mongodbCollections({ uri: counted.uri, database: 'ours' }),
    (one) => one.close(),
  )
  const documents = Math.ceil((megabytes * 1_000_000) / TEXT.length / NAMES.length)
  const ours = client.db('ours')
  const runbook = client.db('runbook')
  for (const name of NAMES) {
    for (const one of [name, besideOf(name)]) await fill(ours, one, documents)
    await fill(runbook, name, documents)
  }
  await run(requireBinary('mongodb', 'mongodump'), dumpOf(server.uri, join(folder, 'latest')))

  const listed = await stores.list(AbortSignal.timeout(10_000))
  const uuidOf = (name: string): string => listed.find((one) => one.name === name)?.uuid ?? ''
  let switched: Switched[] = NAMES.map((name) => ({
    name,
    live: { uuid: uuidOf(name), asideAs: `__rb_bench_p1_old__${name}` },
    beside: { uuid: uuidOf(besideOf(name)), standsAs: besideOf(name) },
  }))
  const { identity } = await stores.server(AbortSignal.timeout(10_000))
  const world = { collections: stores, clock: { now: Date.now } } as unknown as World
  const context = {
    world,
    signal: AbortSignal.timeout(60 * 60_000),
    interrupted: new AbortController().signal,
    key: 'bench/plan-1/0',
    cause: 'bench',
    sendBeforeMs: Number.POSITIVE_INFINITY,
    report: () => {},
  }
  let between = 0
  const all: number[] = []
  const subject = async (): Promise<number> => {
    const input = {
      server: identity,
      collections: switched,
      expiries: [],
      fence: false,
      since: null,
    }
    const step = switchCollections.bind(input)
    counted.reset()
    const beganMs = performance.now()
    const found = await step.inspect(context)
    if (found.kind !== 'needed') throw new Error(found.says)
    const done = await found.apply(context)
    if (done.kind !== 'written') throw new Error(JSON.stringify(done))
    const proof = await step.verify(context)
    const tookMs = performance.now() - beganMs
    if (proof.kind !== 'verified') throw new Error(JSON.stringify(proof))
    between = counted.betweenRenames()
    all.push(tookMs)
    switched = switched.map(inverseOf)
    return tookMs
  }
  const baseline = async (): Promise<number> => {
    const beganMs = performance.now()
    await run(requireBinary('mongodb', 'mongodump'), dumpOf(server.uri, join(folder, 'before')))
    for (const name of NAMES) await runbook.collection(name).drop()
    const restore = [`--uri=${server.uri}`, '--drop', '--noIndexRestore', join(folder, 'latest')]
    await run(requireBinary('mongodb', 'mongorestore'), restore)
    for (const name of NAMES) await index(runbook, name)
    return performance.now() - beganMs
  }
  const what = `downtime of a switch of ${megabytes} MB in ${NAMES.length} collections, against the runbook’s`
  const outcomes = [
    await ratioWithin({ what, gate: MOST_TIMES, sides: { subject, baseline }, pairs: PAIRS }),
    reported(`commands from the first rename to the last, of ${megabytes} MB`, `${between}`, [
      `at most ${2 * NAMES.length + 2} where the server holds the id against the name`,
      'FerretDB does not: it is asked before each of them and after it',
    ]),
  ]
  return { megabytes, outcomes, tookMs: all }
}

const besideOf = (name: string): string => `__rb_bench_p1_new__${name}`

const dumpOf = (uri: string, to: string): string[] => [
  `--uri=${uri}`,
  '--db=runbook',
  `--out=${to}`,
]

async function fill(db: Db, name: string, documents: number): Promise<void> {
  const one = (n: number): Document => ({ n, team: n % 97, text: TEXT })
  for (let from = 0; from < documents; from += BATCH) {
    const size = Math.min(BATCH, documents - from)
    await db.collection(name).insertMany(Array.from({ length: size }, (_, at) => one(from + at)))
  }
  await index(db, name)
}

const index = (db: Db, name: string) => db.collection(name).createIndexes(INDEXES)

/** In front of the server: which commands come by, by their names. */
async function countingCommands(uri: string) {
  const { hostname, port } = new URL(uri)
  let commands: string[] = []
  const proxy = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      socket.setNoDelay(true).on('error', () => undefined)
      socket.on('close', () => [near, far].forEach((one) => one.destroy()))
    }
    // What is sent here is small: a message comes in one piece.
    near.on('data', (chunk: Buffer) => {
      commands.push(chunk.toString('latin1').includes('renameCollection') ? 'rename' : 'other')
      far.write(chunk)
    })
    far.on('data', (chunk) => near.write(chunk))
  })
  const own = await freePort()
  await new Promise<void>((resolve) => proxy.listen(own, '127.0.0.1', resolve))
  return {
    uri: `mongodb://127.0.0.1:${own}/`,
    reset: () => {
      commands = []
    },
    betweenRenames: () => commands.lastIndexOf('rename') - commands.indexOf('rename') + 1,
    [Symbol.asyncDispose]: async () => {
      proxy.close()
    },
  }
}
