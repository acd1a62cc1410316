import { readKeptName } from '../../src/domain/data/kept-name.ts'
import type { Engine } from '../../src/engine/engine-types.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import type { ContainerWrite } from '../../src/ports/containers.ts'
import type { DataOptions } from '../../src/sandbox/database/simulated-data.ts'
import type { Document } from '../../src/sandbox/database/documents.ts'
import { NEVER_SECONDS } from '../../src/domain/data/backup.ts'
import { atRest, wish, type Surroundings, type Ways } from '../support/engine-story.ts'
import { MIGRATION } from '../support/migration.ts'
import type { Death } from '../support/mortal.ts'
import { eventsOf, folded, incidentOf, saidOn, tell, tellMore } from '../support/rollback-story.ts'
import { damaged, DATABASE, leftOnData, planAndSign, RESTORED, SWITCHED } from './data-story.ts'
import { turns } from './held-at.ts'
import { seenOn } from './hosts-story.ts'
import { both, isWrite, outward, type Call, type Made } from './outward.ts'

const HOUR_MS = 60 * 60_000
export const BEGUN_MS = Date.UTC(2026, 10, 22, 3, 12, 7)
export const BACKUP = 'es-nightly'
/** Of one of the collections: a year, so that nothing expires in a story. */
const YEAR_SECONDS = 31_536_000

const rows = (count: number, of: (at: number) => Omit<Document, '_id'>): readonly Document[] =>
  Array.from({ length: count }, (_, at) => ({ _id: `row-${at}`, ...of(at) }))

const bySlug = { v: 2, key: { slug: 1 }, name: 'slug_1', unique: true }
const bySeen = { v: 2, key: { seenAt: 1 }, name: 'seenAt_1', expireAfterSeconds: YEAR_SECONDS }

const others = [
  { name: 'users', documents: rows(2, (at) => ({ email: `u${at}@example.com` })) },
  { name: 'documents', documents: rows(2, (at) => ({ title: `d${at}` })) },
]

/** Two collections of them damaged, and one backup. */
export function damagedData(of: {
  readonly organizations: number
  readonly projects: number
}): DataOptions {
  const organizations = {
    name: 'organizations',
    indexes: [bySlug],
    documents: rows(of.organizations, (at) => ({
      slug: `org-${at}`,
      name: `o${at}`,
      plan: 'free',
    })),
  }
  const projects = {
    name: 'projects',
    indexes: [bySeen],
    documents: rows(of.projects, (at) => ({ name: `p${at}`, organization: `org-${at % 6}` })),
  }
  return {
    collections: [
      {
        ...organizations,
        documents: organizations.documents.map((one) => ({ ...one, name: 'undefined' })),
      },
      {
        ...projects,
        documents: projects.documents.map((one) => ({ ...one, organization: 'undefined' })),
      },
      ...others,
    ],
    backups: [
      {
        id: BACKUP,
        changedAtMs: BEGUN_MS - 3 * HOUR_MS,
        dataAt: { atMs: BEGUN_MS - 3 * HOUR_MS, exact: true },
        oneMoment: 'yes',
        verifiedAtMs: BEGUN_MS - 2 * HOUR_MS,
        collections: [organizations, projects, ...others],
      },
    ],
  }
}

/** Few documents: what a story costs is the story. */
export const SMALL = damagedData({ organizations: 6, projects: 12 })

const FULL: PlanRequest = { kind: 'full', toVersion: null, backup: null }

export const DEEDS = {
  restore: { before: RESTORED.slice(0, 2), request: DATABASE },
  switch: { before: RESTORED, request: DATABASE },
  undo: { before: SWITCHED, request: { kind: 'undo', plan: 2 } },
  salvage: { before: SWITCHED, request: { kind: 'salvage' } },
  'tidy-up': { before: RESTORED, request: { kind: 'tidy-up' } },
  full: { before: RESTORED, request: FULL },
  migrated: { before: RESTORED, request: DATABASE },
  'undo of migrated': { before: SWITCHED, request: { kind: 'undo', plan: 2 } },
  'undo of full': {
    before: [...RESTORED, ...planAndSign(FULL)],
    request: { kind: 'undo', plan: 2 },
  },
} as const satisfies Readonly<
  Record<string, { readonly before: typeof RESTORED; readonly request: PlanRequest }>
>
export type Deed = keyof typeof DEEDS
export const EVERY_DEED = Object.keys(DEEDS).filter((one): one is Deed => one in DEEDS)

/** What is watched: where the whole goes back, whatever it is written to. */
const portsOf = (deed: Deed): readonly string[] =>
  deed === 'full' || deed === 'undo of full'
    ? ['data', 'backups', 'cluster', 'hosts', 'cache']
    : ['data', 'backups', 'jobs']

/** The database in which it is done: the release has also migrated what a switch does not replace, in some. */
export function dataOf(deed: Deed): DataOptions {
  const migrated = deed === 'migrated' || deed === 'undo of migrated'
  return migrated ? { ...SMALL, migration: MIGRATION } : SMALL
}

/** One of the backends runs beside the frontend, and one alone. */
export const ON_HOSTS = {
  platform: 'docker',
  placement: { 'shop-1': ['backend', 'frontend'], 'shop-2': ['backend'] },
} as const

/** One call to the database or its backups while the deed is carried out. */
export type DataCall = Made & { readonly at: number; readonly writes: boolean }

export type Options = {
  readonly death?: Death
  /** Left out: the services are Deployments. */
  readonly platform?: 'docker'
  /** Left out: `SMALL`. */
  readonly database?: DataOptions
  readonly server?: DataOptions['server']
  /** Right before the `nth` call of the run to the database or its backups; and around it. */
  readonly through?: (
    call: DataCall,
    make: () => Promise<unknown>,
    around: Surroundings,
    engine: Engine,
  ) => Promise<unknown>
  /** Before the deed is asked for. */
  readonly given?: (around: Surroundings) => void
  /** More ways, nearer to the process. */
  readonly ways?: Ways
  /** Once it is over. */
  readonly later?: (around: Surroundings) => void | Promise<void>
  /** After it, by a process that lives. */
  readonly more?: readonly PlanRequest[]
}

/** Somebody stops the run, and it has heard of that. */
export async function stopRun(around: Surroundings, engine: Engine): Promise<void> {
  const id = await incidentOf(around)
  await engine.receive(id, wish('abort', { kind: 'abort', plan: null }, 'U0BO'))
  engine.wake(id)
  await turns()
}

/** Somebody stops it right before that call of it. */
export function stoppedAt(nth: number): NonNullable<Options['through']> {
  return async (call, make, around, engine) => {
    if (call.nth === nth) await stopRun(around, engine)
    return make()
  }
}

/** Everything up to the deed by a process that lives, the deed by one that may die, and the rest by a second one. */
export async function dataDeed(deed: Deed, options: Options = {}) {
  const { death = null, server, through, given, later, ways = {}, more = [], platform } = options
  const { database = dataOf(deed) } = options
  const around = damaged({
    database: { ...database, ...(server && { server }) },
    ...(platform ? ON_HOSTS : {}),
  })
  const wasThere = around.sandbox.onData?.names() ?? []
  const before = around.startProcess()
  await tell(around, before, 0, DEEDS[deed].before)
  await before.engine.stop()
  given?.(around)
  const made: DataCall[] = []
  let changed = 0
  const watching = outward(async (call, make) => {
    if (!portsOf(deed).includes(call.port)) return make()
    const types = (await eventsOf(around)).map(({ event }) => event.type)
    if (types.lastIndexOf('run-started') <= types.lastIndexOf('run-ended')) return make()
    const writes = isWrite(call)
    const one = {
      nth: made.length + 1,
      name: nameOf(call, around),
      at: first.life.calls,
      changed,
      writes,
    }
    made.push(one)
    if (writes) changed += 1
    return through ? through(one, make, around, first.engine) : make()
  })
  const first: ReturnType<typeof around.startProcess> = around.startProcess(
    death,
    both(watching, ways),
  )
  await first.engine.resume()
  await tellMore(around, first, planAndSign(DEEDS[deed].request))
  const process = death ? around.startProcess() : first
  if (death) await process.engine.resume()
  await atRest(process.engine, process.life)
  await later?.(around)
  for (const request of more) await tellMore(around, process, planAndSign(request))
  await process.engine.idle()
  const left = {
    ...(await leftAfter(around, wasThere, deed)),
    made,
    died: first.life.dead,
    /** Which of its calls change something. */
    effects: first.life.effects,
  }
  around.end()
  return left
}

/** `fence up`, `stop backend on shop-1`. */
function nameOf({ port, name, args: [first] }: Call, { sandbox }: Surroundings): string {
  if (name === 'fence') return `fence ${String(first)}`
  if (port !== 'hosts' || name !== 'write') return name
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what that port is asked to write
  const write = first as ContainerWrite
  if (write.kind === 'create') return `create ${write.role} ${write.service} on ${write.host}`
  // Somebody else may have removed it.
  const service = sandbox.onHosts.serviceOf(write.id) ?? 'nothing'
  return `${write.kind} ${service} on ${write.host}`
}

export type Left = Awaited<ReturnType<typeof dataDeed>>

const BESIDE = ['new organizations of plan 1', 'new projects of plan 1']
const ASIDE = ['old organizations of plan 1', 'old projects of plan 1']

/** How each of them ends when all goes well, and what is kept then. */
export const ENDS: Readonly<Record<Deed, Partial<Left>>> = {
  restore: { live: 'damaged', kept: BESIDE },
  switch: { live: 'restored', kept: ASIDE },
  undo: { live: 'damaged', kept: BESIDE },
  salvage: { live: 'restored', kept: ASIDE },
  'tidy-up': { live: 'damaged', kept: [] },
  full: { live: 'restored', kept: ASIDE },
  'undo of full': { live: 'damaged', kept: BESIDE },
  migrated: {
    live: 'restored',
    kept: [...['documents', 'migrations', 'users'].map((one) => `copy ${one} of plan 2`), ...ASIDE],
    migration: 'taken back',
    runs: 1,
  },
  'undo of migrated': {
    live: 'damaged',
    kept: [...BESIDE, ...['documents', 'migrations', 'users'].map((one) => `old ${one} of plan 2`)],
    migration: 'applied',
    runs: 1,
  },
}

/** What was removed when its reply was lost makes another plan of it: so it is asked for once more. */
export function againAfter(deed: Deed): Pick<Options, 'more'> {
  return deed === 'tidy-up' ? { more: [DEEDS[deed].request] } : {}
}

/**
 * The state of one collection by what is in it. `salvaged`: what people deleted after the switch came back as it was set
 * aside, so that a few of them are spoilt.
 */
function stateOf(
  documents: readonly Document[],
  { salvaged }: { readonly salvaged: boolean },
): string {
  if (documents.length === 0) return 'missing'
  const first = documents.filter(({ _id: id }) => typeof id === 'string' && id.startsWith('row-'))
  if (first.length < 3) return 'another'
  const spoilt = first.filter(({ name, organization }) =>
    [name, organization].includes('undefined'),
  )
  return spoilt.length > (salvaged ? first.length / 2 : 0) ? 'damaged' : 'restored'
}

export async function leftAfter(around: Surroundings, wasThere: readonly string[], deed?: Deed) {
  const { onData } = around.sandbox
  if (!onData) throw new Error('the story is of data')
  const left = await leftOnData(around)
  const [inProjects, inOrganizations] = ['projects', 'organizations'].map((name) =>
    stateOf(onData.documents(name), { salvaged: deed === 'salvage' }),
  )
  const incident = await folded(around)
  const number = incident?.plans.length ?? 0
  const run = incident?.plans.at(-1)?.run
  const keys = around.slack.messages.map(({ key }) => key)
  const onHosts = around.sandbox.world.containers !== null
  return {
    ...left,
    /** How many backends there are when all goes well. */
    backends: onHosts ? 2 : 3,
    stands: onHosts ? await containersOn(around) : [],
    live:
      inProjects === inOrganizations && inProjects !== undefined
        ? inProjects
        : `projects ${inProjects}, organizations ${inOrganizations}`,
    strangers: onData.names().filter((name) => !wasThere.includes(name) && !readKeptName(name)),
    expires: await expiryOfLive(around),
    ...migrationOn(around),
    step: run?.steps.find(({ kind }) => kind === 'failed') ?? null,
    said: saidOn(`run-${number}`, around),
    /** What its steps say of themselves. */
    told: (run?.steps ?? [])
      .flatMap((one) => ('says' in one && one.says !== null ? [one.says] : []))
      .join('\n'),
    twice: keys.filter((key, index) => keys.indexOf(key) !== index),
  }
}

/** Whether it is taken back, by its ledger and by every document that was there before; and how often that was tried. */
function migrationOn({ sandbox: { onData, onJobs } }: Surroundings) {
  if (!onData || !onJobs) return { migration: 'none', runs: 0 }
  const applied = onData.documents('migrations').length > 0
  const downs = ['users', 'documents'].flatMap((name) =>
    onData.documents(name).flatMap(({ _id: id, downs: count = 0 }) => {
      return typeof id === 'string' && id.startsWith('row-') ? [Number(count)] : []
    }),
  )
  const same = [...new Set(downs)].join(' and ')
  const runs = onJobs.runs()
  if (applied && same === '0') return { migration: 'applied', runs }
  const migration = !applied && same === '1' ? 'taken back' : `ledger ${applied}, down ${same}`
  return { migration, runs }
}

/** `backend on shop-1: v1.9.0 running`, of each that serves or is to. */
export async function containersOn(around: Surroundings): Promise<readonly string[]> {
  return (await seenOn(around))
    .filter(({ role }) => role === 'serving')
    .map(({ name, service, host, labels, state }) => {
      const called = name === `pipeshub-${service}-1` ? service : name
      return `${called} on ${host}: ${labels.version} ${state}`
    })
    .toSorted()
}

/** Within how long documents of the live collection expire. */
async function expiryOfLive({ sandbox }: Surroundings): Promise<unknown> {
  const { signal } = new AbortController()
  const [found] = (await sandbox.world.collections?.measure(['projects'], signal)) ?? []
  const seconds = found?.indexes.find(({ name }) => name === 'seenAt_1')?.['expireAfterSeconds']
  return seconds === NEVER_SECONDS ? 'never' : seconds
}

/** What holds of every story, however it ended: what is wrong with it. */
export function wrongIn(left: Awaited<ReturnType<typeof leftAfter>>): readonly string[] {
  const {
    migration,
    live,
    lost,
    fence,
    strangers,
    proof,
    twice,
    backend,
    maintenance,
    outcomes,
    says,
  } = left
  const given = backend === left.backends && maintenance === null
  const ended = outcomes.at(-1)
  return [
    ...(['damaged', 'restored'].includes(live) ? [] : [`live is ${live}`]),
    ...(['none', 'applied', 'taken back'].includes(migration) ? [] : [migration]),
    ...(lost > 0 ? [`${lost} writes of users are lost`] : []),
    ...(fence ? ['the fence is up'] : []),
    ...strangers.map((name) => `nobody lists ${name}`),
    ...(left.expires === YEAR_SECONDS || live !== 'damaged' ? [] : ['what is live expires never']),
    ...(proof === 'intact' ? [] : [`the journal is ${proof}`]),
    ...twice.map((key) => `said twice: ${key}`),
    ...(given || (['failed', 'aborted'].includes(String(ended)) && says !== null)
      ? []
      : ['it does not say that nothing was given back']),
  ]
}
