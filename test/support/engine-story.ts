import { workingOwners } from '../../src/assess/working-owners.ts'
import type { Engine } from '../../src/engine/engine-types.ts'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRows } from '../../src/adapters/sqlite/read-rows.ts'
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { createHash } from 'node:crypto'
import { assess } from '../../src/assess/assess.ts'
import { whatChanged } from '../../src/assess/what-changed.ts'
import { lookAt } from '../../src/assess/look.ts'
import { verifyItems } from '../../src/assess/verification/verify.ts'
import { renderSurface } from '../../src/chat/render.ts'
import { acceptedView, leadsTo, wantsAnswer } from '../../src/chat/answers/accepted.ts'
import { refusalView } from '../../src/chat/answers/refusal.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import {
  type AssessSettings,
  MatrixSettings,
  MetricsSettings,
  ServiceSettings,
} from '../../src/domain/assessment/settings.ts'
import { leavesTraces, type ConfiguredItem } from '../../src/domain/verification/settings.ts'
import type { CheckpointMoment } from '../../src/domain/incident/checkpoint.ts'
import type { Intent, ReceivedIntent } from '../../src/domain/incident/intent.ts'
import type { Courier } from '../../src/engine/outbox/couriers.ts'
import { statusCourier } from '../../src/engine/outbox/status-courier.ts'
import type { Mailer } from '../../src/ports/mailer.ts'
import { lettersTo } from '../../src/compose/letters.ts'
import type { StatusPages } from '../../src/ports/status-pages.ts'
import { drafted } from './status-posts.ts'
import { steadyClock } from '../../src/engine/steady-clock.ts'
import { parseStored } from '../../src/journal/stored-event.ts'
import type { Clock, Sleep } from '../../src/ports/clock.ts'
import { startEngine } from '../../src/engine/engine.ts'
import type { JournalTold } from '../../src/engine/journal/journal-told.ts'
import type { SignCheckpoint } from '../../src/engine/record-checkpoints.ts'
import type { Observers } from '../../src/engine/record-observations.ts'
import type { Account, Conversations, People } from '../../src/ports/conversations.ts'
import type { Journal } from '../../src/ports/journal.ts'
import type { Log } from '../../src/ports/log.ts'
import type { Pager } from '../../src/ports/pager.ts'
import type { World } from '../../src/ports/world.ts'
import { AlertSettings } from '../../src/domain/alert/settings.ts'
import { MaintenanceSettings, type RunbookSettings } from '../../src/runbook/parts/settings.ts'
import type { PeoplesDeed } from '../../src/runbook/parts/people.ts'
import type { Registry } from '../../src/runbook/procedure.ts'
import { feasibilityReader, runbookOver } from '../../src/runbook/runbook.ts'
import type { DataOptions } from '../../src/sandbox/database/simulated-data.ts'
import type { Placement } from '../../src/sandbox/docker/hosts.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { CDN, checksOver, purgesOver, triedIn } from './application-check.ts'
import { MIGRATION_SETTINGS } from './migration.ts'
import { memorySlack } from './memory-slack.ts'
import { mortal, type Death, type Life } from './mortal.ts'

const CHANNEL = 'C0INCIDENTS'

/** A process dies here and not the machine: thousands of commits need not wait for a disk. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const silent: Log = { info() {}, warn() {}, error() {} }

const plainSettings = {
  services: [
    ServiceSettings.parse({ name: 'backend', url: 'http://backend.invalid' }),
    ServiceSettings.parse({ name: 'frontend', url: 'http://frontend.invalid' }),
  ],
  metrics: MetricsSettings.parse({}),
  matrix: MatrixSettings.parse({}),
  activeUsersKey: 'active_users_count',
  maintenanceKey: 'maintenance_mode',
  clearsCache: true,
  deadlineMs: 3_000,
  deployed: { services: ['backend', 'frontend'] },
}

/** What keeps the services at the bad version, in a story that is told so. */
const keeper = { kind: 'Application', namespace: 'argocd', name: 'shop' } as const

const runbookSettings = {
  environment: 'production',
  dataOwners: false,
  deadlineMs: plainSettings.deadlineMs,
  services: plainSettings.services,
  docker: null,
  database: null,
  featureFlag: null,
  full: null,
  kubernetes: {
    namespace: 'production',
    services: ['backend', 'frontend'],
    releaseWindowMs: 30 * 60_000,
    suspend: [],
  },
  cache: { prefixes: ['cache:'], protectedPrefixes: ['sess:'] },
  maintenance: MaintenanceSettings.parse({}),
}

/** The same services as containers, in a story that is told so. */
const dockerSettings = {
  services: plainSettings.deployed.services,
  releaseWindowMs: 30 * 60_000,
  readyWithinMs: 120_000,
  settleMs: 10_000,
}

const WEEK_MS = 7 * 24 * 3_600_000

/** The database of the services, in a story in which it is damaged. */
const databaseSettings = {
  collections: ['projects', 'organizations'],
  maxBackupAgeMs: 48 * 3_600_000,
  writers: ['backend'],
  mostWrittenMeanwhile: 1_000,
  personal: ['users'],
  dependentStores: [{ name: 'search index', afterwards: 'rebuild from empty', by: 'search team' }],
}

/** The group of those who sign for data, in a story that has some. */
const DATA_OWNERS = 'S0DATA'

type SandboxOptions = Parameters<typeof sandboxWorld>[0]

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** What stands between a process and the world. */
export type Ways = {
  readonly journal?: (inner: Journal) => Journal
  readonly conversations?: (inner: Conversations) => Conversations
  readonly people?: (inner: People) => People
  readonly world?: (inner: World) => World
  /** Asked before each write; left out: no other process acts. */
  readonly mayAct?: () => boolean
  /** Shared with another engine; left out: this one is alone. */
  readonly breathe?: () => Promise<void>
  /** Where it says what a person has to look at; left out: nobody reads it. */
  readonly log?: Log
  /** What the process has said of its journal; left out: it has had no engine before. */
  readonly told?: JournalTold
}

function itself<Port>(inner: Port): Port {
  return inner
}

/** Everything that outlives a process: the journal, Slack, the world and the clock. */
export function surroundings(
  options: {
    readonly ids?: readonly string[]
    /** What runs the services; left out: Deployments of Kubernetes. */
    readonly platform?: 'kubernetes' | 'docker'
    /** Which services run on which host of containers; left out: all on one. */
    readonly placement?: Placement
    /** Argo CD puts the bad version back, and may be suspended. */
    readonly kept?: boolean
    /** Other ways back than those of the program, over what this makes of the sandbox. */
    readonly registry?: (sandbox: ReturnType<typeof sandboxWorld>) => Registry
    /** People who sign for data: plans that change some need one of them. */
    readonly dataOwners?: readonly string[]
    /** What else than messages is sent outward. */
    readonly couriers?: readonly Courier[]
    /** What calls people, and is asked who has answered. */
    readonly pagers?: readonly Pager[]
    /** How production does; left out: a bad release runs. */
    readonly scenario?: 'errors-62' | 'healthy' | 'data-corruption' | 'tenant-flag'
    /** The database and its backups; left out, there are some where the scenario is about them. */
    readonly database?: DataOptions
    /** What people do while code, data and caches go back as one plan; left out: nothing. */
    readonly people?: readonly PeoplesDeed[]
    /** Whether there is a CDN that holds copies of pages. */
    readonly cdn?: true
    /** The flag that may be switched off; left out: none. */
    readonly featureFlag?: RunbookSettings['featureFlag']
    /** What Deployments read; left out: nothing. */
    readonly configMaps?: SandboxOptions['configMaps']
    /** Flags that are kept in stores of their own; left out: none are. */
    readonly flags?: SandboxOptions['flags']
    /** What a switch has replaced is kept so long; left out: for a week. */
    readonly keepMs?: number
    /** How long production is watched; left out: for half an hour. */
    readonly watchHours?: number
    /** The status page that people publish on. */
    readonly statusPage?: StatusPages
    /** The mail server that letters to key customers go to, and who they are. */
    readonly mail?: { readonly mailer: Mailer; readonly customers: Parameters<typeof lettersTo>[0] }
    /** How long it may be older than the state. */
    readonly statusOverdueMs?: number
    /** What one organisation must not see of another; left out: nothing is asked. */
    readonly isolation?: AssessSettings['isolation']
    /** What is verified after a rollback; nothing if left out. */
    readonly verification?: readonly ConfiguredItem[]
    /** When people are told that no report is published; left out: never. */
    readonly reportHours?: number
    /** When the thread is told how far the journal is, and signed by whom; left out: never. */
    readonly checkpoints?: {
      readonly of: readonly CheckpointMoment[]
      readonly sign?: SignCheckpoint
    }
    /** Writes the report; left out: it is written. */
    readonly writeReport?: Observers['writeReport']
  } = {},
) {
  const ids = [...(options.ids ?? [])]
  const settings = { ...plainSettings, isolation: options.isolation ?? [] }
  const { kept = false, dataOwners = [], couriers = [], pagers = [] } = options
  const { watchHours = 0, scenario = 'errors-62', platform = 'kubernetes' } = options
  const approval = ApprovalSettings.parse({
    groups: ['S0APPROVERS'],
    readSeconds: 0,
    dataOwners: { groups: dataOwners.length > 0 ? [DATA_OWNERS] : [] },
  })
  const { statusPage, statusOverdueMs, verification: items = [] } = options
  const { reportHours = 0, checkpoints } = options
  const plan = { items, deadlineMs: settings.deadlineMs }
  const rules = {
    approval,
    evidenceDeadlineMs: 60_000,
    watchHours,
    reportHours,
    ...(checkpoints && { checkpoints: checkpoints.of }),
    verification: items.map(({ id, title, by }) => ({ id, title, by })),
    ...(statusOverdueMs === undefined ? {} : { statusOverdueMs }),
  }
  const folder = mkdtempSync(join(FOLDER, 'backout-engine-'))
  const time = virtualTime(Date.UTC(2026, 10, 22, 3, 12, 7))
  const { clock } = time
  const file = join(folder, 'journal.sqlite')
  // As each process would: what is written now has the time of the process that was started last.
  let processClock: Clock = { now: time.wall }
  const journalClock = { now: () => processClock.now() }
  const journal = sqliteJournal({ file, clock: journalClock })
  const connections = [journal]
  const slack = memorySlack()
  const placement = options.placement && { placement: options.placement }
  const sandbox = sandboxWorld({
    scenario,
    clock,
    settings,
    slowestMs: 0,
    platform,
    ...placement,
    ...(options.database && { database: options.database }),
    ...(options.configMaps && { configMaps: options.configMaps }),
    ...(options.flags && { flags: options.flags }),
  })
  if (kept) sandbox.others.keep({ ...keeper, version: 'v2.0.0' })
  const planned = {
    ...runbookSettings,
    dataOwners: dataOwners.length > 0,
    database: sandbox.onData && {
      ...databaseSettings,
      proveBy: triedIn(settings).map(({ id, title, check }) => {
        return { id, title, writes: leavesTraces(check) }
      }),
      keepMs: options.keepMs ?? WEEK_MS,
      ...(sandbox.onJobs && { migration: MIGRATION_SETTINGS }),
    },
    docker: platform === 'docker' ? dockerSettings : null,
    purges: options.cdn ? [{ id: CDN.id, title: CDN.title }] : [],
    featureFlag: options.featureFlag ?? null,
    full: sandbox.onData ? { stop: ['backend'], people: options.people ?? [] } : null,
    kubernetes:
      platform === 'docker'
        ? null
        : { ...runbookSettings.kubernetes, suspend: kept ? [keeper] : [] },
  }
  const registry = options.registry?.(sandbox)
  /** What Slack says about people now; a test may change it. */
  const people = {
    approvers: ['U0ANA', 'U0BO', 'U0CY'],
    dataOwners,
    accountOf: async (user: string): Promise<Account> => {
      return { kind: 'member', email: `${user}@pipeshub.example` }
    },
  }
  let made = 0
  const feasibility = feasibilityReader(planned, registry)
  const never = new AbortController().signal
  const askedPeople: People = {
    accountOf: (user) => people.accountOf(user),
    membersOf: async (group) => (group === DATA_OWNERS ? people.dataOwners : people.approvers),
  }

  return {
    clock,
    journal: journal as Journal,
    file,
    /** The same journal as another process opens it. */
    connect(): Journal {
      const another = sqliteJournal({ file, clock: journalClock })
      connections.push(another)
      return another
    },
    slack,
    sandbox,
    people,
    /** One process. Give it a death, and it ends there; its calls outward go through these. */
    startProcess(
      death: Death = null,
      {
        journal: throughJournal = itself,
        conversations = itself,
        people: through = itself,
        world: throughWorld = itself,
        mayAct = () => true,
        breathe,
        log = silent,
        told,
      }: Ways = {},
    ): { engine: Engine; life: Life } {
      const life: Life = { calls: 0, effects: [], dead: false }
      const steady = steadyClock({ wall: time.wall, monotonic: clock.now })
      processClock = steady
      const asked = mortalWorld(throughWorld(sandbox.world), life, death)
      const sleep: Sleep = (ms, signal) => time.sleep(ms, signal, life)
      const checks = mortal(checksOver(asked, settings, sleep), life, death)
      const purges = mortal(purgesOver(asked, settings, sleep), life, death)
      const world = { ...asked, checks, purges }
      const observers: Observers = {
        assess: ({ symptoms, plans }) =>
          assess(sandbox.world, settings, symptoms, (sharing, began) =>
            feasibility(sharing, plans, never, began),
          ),
        collectEvidence: async () => ({ ok: true, says: 'kept' }),
        writeReport: options.writeReport ?? (async () => ({ ok: true, says: 'written' })),
        look: (part, stopped) => lookAt(sandbox.world, settings, stopped, { part }),
        workingOwners: (owners, stopped) =>
          workingOwners(sandbox.world, owners, settings.deadlineMs, stopped),
        changes: (stopped) => whatChanged(sandbox.world, settings, stopped),
        verify: (wanted, stopped) =>
          verifyItems(
            wanted,
            { world: sandbox.world, settings, plan, newId: () => 'check-1' },
            stopped,
          ),
      }
      const { mail } = options
      const { customers = [] } = mail ?? {}
      const letters =
        mail &&
        lettersTo(customers, { open: async () => mortal(mail.mailer, life, death), clock: steady })
      const engine = startEngine({
        journal: mortal(throughJournal(journal), life, death),
        conversations: mortal(conversations(slack.conversations), life, death),
        people: mortal(through(askedPeople), life, death),
        rules,
        world: async () => world,
        runbook: async () => runbookOver(world, planned, registry),
        observers: mortal(observers, life, death),
        hash,
        clock: steady,
        sleep,
        log,
        told,
        render: (surface, incident) => {
          return renderSurface(surface, incident, {
            environment: 'production',
            open: () => [],
            approval,
            contacts: { onCall: [], support: [], channels: [], customers },
            letters: letters?.all,
            ...(statusPage && { drafted }),
          })
        },
        renderRefusal: refusalView,
        accepted: { wantsAnswer, leadsTo, render: acceptedView },
        couriers: [
          ...couriers,
          ...(statusPage ? [courierTo(statusPage, life, death)] : []),
          ...(letters ? [letters.courier] : []),
        ],
        ...(letters && { letters: { drafted: letters.drafted, publishers: PUBLISHERS } }),
        ...(statusPage && { statusPage: { drafted, publishers: PUBLISHERS } }),
        pagers,
        mayAct,
        breathe,
        ...(checkpoints?.sign && { signCheckpoint: checkpoints.sign }),
        newIncidentId: () => ids.shift() ?? `20261122-${String((made += 1)).padStart(4, '0')}`,
        alerts: AlertSettings.parse({}),
        environment: 'production',
        headlineChannel: CHANNEL,
      })
      return { engine, life }
    },
    pass: (ms: number) => time.move(ms),
    /** Somebody sets the machine's clock: back, or forward. */
    setClock: time.setClock,
    end() {
      for (const one of connections) one.close()
      // Some end it twice.
      if (existsSync(file)) proveReadable(file)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Time passes only while somebody sleeps, and then to whoever wakes first. The dead wake nobody. */
function virtualTime(startMs: number) {
  let nowMs = startMs
  let aheadMs = 0
  let sleepers: { readonly life: Life; readonly dueMs: number; readonly wake: () => void }[] = []

  function wakeNext(): void {
    sleepers = sleepers.filter(({ life }) => !life.dead).toSorted((a, b) => a.dueMs - b.dueMs)
    const next = sleepers.shift()
    if (sleepers.length > 0) setImmediate(wakeNext)
    if (!next) return
    nowMs = Math.max(nowMs, next.dueMs)
    next.wake()
  }

  return {
    clock: { now: () => nowMs },
    /** What the machine shows. */
    wall: () => nowMs + aheadMs,
    move(ms: number) {
      nowMs += ms
    },
    setClock(byMs: number) {
      aheadMs += byMs
    },
    sleep(ms: number, signal: AbortSignal, life: Life): Promise<void> {
      if (signal.aborted) return Promise.resolve()
      // Only a turn, in which no time passes.
      if (ms === 0) return new Promise((wake) => setImmediate(() => life.dead || wake()))
      if (sleepers.length === 0) setImmediate(wakeNext)
      return new Promise((wake) => {
        const sleeper = { life, dueMs: nowMs + ms, wake }
        sleepers.push(sleeper)
        const wakeEarly = (): void => {
          sleepers = sleepers.filter((one) => one !== sleeper)
          wake()
        }
        signal.addEventListener('abort', wakeEarly, { once: true })
      })
    },
  }
}

/** Who may publish, beside the approvers. */
const PUBLISHERS = { users: ['U0PUB'], groups: [] }

function courierTo(pages: StatusPages, life: Life, death: Death): Courier {
  const open = async () => mortal(pages, life, death)
  return statusCourier({ open, canBeAsked: pages.find !== undefined })
}

/** Everything outside that a process reads or writes. */
function mortalWorld(world: World, life: Life, death: Death): World {
  const { workloads, deployments, containers, ledger, cache, endpoints, owners } = world
  const { collections, backups, configMaps, jobs } = world
  return {
    ...world,
    configMaps: configMaps && mortal(configMaps, life, death),
    endpoints: mortal(endpoints, life, death),
    workloads: workloads && mortal(workloads, life, death),
    deployments: deployments && mortal(deployments, life, death),
    containers: containers && mortal(containers, life, death),
    ledger: ledger && mortal(ledger, life, death),
    cache: cache && mortal(cache, life, death),
    owners: owners && mortal(owners, life, death),
    collections: collections && mortal(collections, life, death),
    backups: backups && mortal(backups, life, death),
    jobs: jobs && mortal(jobs, life, death),
  }
}

export type Surroundings = ReturnType<typeof surroundings>

/** A wish as Slack delivers it; the same `delivery` again is the same wish. */
export function wish(delivery: string, intent: Intent, by = 'U0ANA'): ReceivedIntent {
  return { delivery, by, place: { channel: CHANNEL, thread: null }, card: null, intent }
}

/** Resolves when the engine has come to rest, or its process is dead. */
export async function atRest(engine: Engine, life: Life): Promise<void> {
  await untilDead(life, engine.idle())
}

/** What `work` comes to; `null` when the process that does it dies before. */
export async function untilDead<Result>(life: Life, work: Promise<Result>): Promise<Result | null> {
  const done = work.then((result) => ({ result }))
  for (;;) {
    const first = await Promise.race([done, nextTurn()])
    if (first) return first.result
    if (!life.dead) continue
    // What it had asked of the journal before it died is on disk after this.
    await nextTurn()
    return null
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Assessed, and declared: the beginning of most stories. */
export async function declaredIncident(conversations: Ways['conversations'] = itself) {
  const around = surroundings()
  const { engine } = around.startProcess(null, { conversations })
  const receipt = await engine.receive(null, wish('d1', { kind: 'assess', symptoms: [] }))
  const id = receipt.kind === 'received' ? receipt.incident : ''
  engine.wake(id)
  await engine.idle()
  await engine.receive(id, wish('d2', { kind: 'declare' }))
  engine.wake(id)
  await engine.idle()
  return { around, engine, id }
}

/** Whatever this version writes, it reads wholly: a field that it does not know itself would stop the incident (J3). */
function proveReadable(file: string): void {
  const rows = readRows(file)
  try {
    let last = 0
    for (let page = rows.after(last); page.length > 0; page = rows.after(last)) {
      for (const row of page) parseStored(row)
      last = page.at(-1)?.position ?? last
    }
  } finally {
    rows.close()
  }
}
