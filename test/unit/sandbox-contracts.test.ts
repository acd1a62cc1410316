import { expect, test } from 'vitest'
import type { FlagStore } from '../../src/ports/flag-stores.ts'
import type { World } from '../../src/ports/world.ts'
import { healthy } from '../../src/sandbox/production.ts'
import type { Production } from '../../src/sandbox/production.ts'
import { imageId } from '../../src/sandbox/docker/images.ts'
import type { DataOptions } from '../../src/sandbox/database/simulated-data.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { alertsContract } from '../support/contracts/alerts.ts'
import { backupsContract } from '../support/contracts/backups.ts'
import { cacheContract } from '../support/contracts/cache.ts'
import { collectionsContract } from '../support/contracts/collections.ts'
import { configMapsContract } from '../support/contracts/config-maps.ts'
import { containersContract, hostName } from '../support/contracts/containers.ts'
import { databaseContract } from '../support/contracts/database.ts'
import { endpointsContract } from '../support/contracts/endpoints.ts'
import { flagStoreContract } from '../support/contracts/flag-stores.ts'
import { instancesContract } from '../support/contracts/instances.ts'
import { jobsContract } from '../support/contracts/jobs.ts'
import { metricsContract } from '../support/contracts/metrics.ts'
import { MIGRATION } from '../support/migration.ts'
import { faultOf, patience } from '../support/contracts/outside.ts'
import { ownersContract } from '../support/contracts/owners.ts'
import { assessSettings as settings } from '../support/contracts/settings.ts'
import { variableWritesContract } from '../support/contracts/variable-writes.ts'
import { workloadWritesContract, type WritesFixture } from '../support/contracts/workload-writes.ts'
import { workloadsContract } from '../support/contracts/workloads.ts'

const clock = { now: () => Date.now() }

function production(changes: Partial<Production> = {}) {
  const sandbox = sandboxWorld({ scenario: 'healthy', clock, settings })
  sandbox.change(changes)
  const { world, deployedAtMs } = sandbox
  const { endpoints, metrics, cache, database, workloads, deployments, owners, alerts } = world
  if (!metrics || !cache || !database || !workloads || !deployments || !owners || !alerts)
    throw new Error('the sandbox has everything')
  const ports = { endpoints, metrics, cache, database, workloads, deployments, owners, alerts }
  return { ...sandbox, ...ports, deployedAtMs }
}

metricsContract('the sandbox', {
  async start(state) {
    const { requestsPerSecond, errorsPerSecond, p95Seconds, up } = state
    const { metrics, deployedAtMs } = production({
      requestsPerSecond,
      errorPercent: (100 * errorsPerSecond) / (requestsPerSecond ?? 1),
      p95Seconds,
      crashLooping: !up,
    })
    return { metrics, settings: settings.metrics, deployedAtMs, now: clock.now }
  },
  refusing: async () => production({ prometheus: 'refusing' }).metrics,
  silent: async () => production({ prometheus: 'silent' }).metrics,
})

const cacheWith = async (clearingRight: Production['clearingRight']) => {
  const { cache, change } = production({ clearingRight })
  return {
    cache,
    async store(key: string, what: number | 'text' | 'structure') {
      const stored =
        typeof what === 'number'
          ? ({ kind: 'number', value: what } as const)
          : ({ kind: 'not-a-number', because: `it holds a ${what}` } as const)
      change({ keys: { [key]: stored } })
    },
  }
}

cacheContract('the sandbox', {
  start: () => cacheWith('granted'),
  mayNotClear: () => cacheWith('refused'),
  notTold: () => cacheWith('not-told'),
  refusing: async () => production({ redis: 'refusing' }).cache,
  silent: async () => production({ redis: 'silent' }).cache,
})

databaseContract('the sandbox', {
  start: async () => production().database,
  refusing: async () => production({ mongodb: 'refusing' }).database,
  silent: async () => production({ mongodb: 'silent' }).database,
})

const withData = (changes: Partial<Production> = {}, database: DataOptions = {}) => {
  const sandbox = sandboxWorld({ scenario: 'healthy', clock, settings, database })
  sandbox.change(changes)
  const { onData, world } = sandbox
  const { collections, backups } = world
  if (!collections || !backups || !onData) throw new Error('the sandbox has data')
  return { collections, backups, onData }
}

collectionsContract('the sandbox', {
  async start(given) {
    const seeded = Object.entries(given).map(([name, one]) => ({ name, ...one }))
    const { collections, onData } = withData({}, { collections: seeded, everyMs: 0 })
    return {
      collections,
      others: {
        put: async (name, document) => void onData.write(name, document),
        remove: async (name, id) => onData.delete(name, id),
        read: async (name) => onData.documents(name),
        async replace(name) {
          onData.drop(name)
          onData.create({ name })
        },
      },
    }
  },
  refusing: async () => withData({ mongodb: 'refusing' }).collections,
  silent: async () => withData({ mongodb: 'silent' }).collections,
  called: 'the sandbox',
  cannot: [],
})

const withJobs = (changes: Partial<Production> = {}) => {
  let nowMs = clock.now()
  const moved = { now: () => nowMs }
  const database = { migration: MIGRATION, everyMs: 0 }
  const sandbox = sandboxWorld({ scenario: 'healthy', clock: moved, settings, database })
  sandbox.change(changes)
  const { onJobs, world } = sandbox
  if (!world.jobs || !onJobs) throw new Error('the sandbox has a migration')
  return { jobs: world.jobs, onJobs, pass: (ms: number) => void (nowMs += ms) }
}

jobsContract('the sandbox', {
  async start() {
    const { jobs, onJobs, pass } = withJobs()
    return {
      jobs,
      async end(_, how) {
        onJobs.end(how === 'well' ? 'well' : 'fails')
        pass(10_000)
      },
    }
  },
  async refused() {
    const { jobs, onJobs } = withJobs()
    onJobs.refuse('another image than the one of the migration')
    return jobs
  },
  refusing: async () => withJobs({ kubernetes: 'refusing' }).jobs,
  silent: async () => withJobs({ kubernetes: 'silent' }).jobs,
})

backupsContract('the sandbox', {
  async start({ live = {}, backups: given = {}, server }) {
    const named = <One extends object>(of: Readonly<Record<string, One>>) =>
      Object.entries(of).map(([name, one]) => ({ name, documents: [], ...one }))
    const nowMs = clock.now()
    const found = Object.entries(given).map(([id, { collections, ageMinutes, otherDatabase }]) => ({
      id,
      changedAtMs: nowMs - 60_000 * ageMinutes,
      collections: named(collections),
      otherDatabases: otherDatabase === undefined ? [] : [otherDatabase],
    }))
    const options = { collections: named(live), backups: found, everyMs: 0, paceMs: 0 }
    const { backups, onData } = withData(server ? { mongodb: server } : {}, options)
    return {
      backups,
      database: 'es',
      others: {
        read: async (name) => onData.documents(name),
        names: async () => onData.names().toSorted(),
        indexes: async (name) => onData.indexes(name),
        damage: async (id, how) => onData.damageBackup(id, how),
        remove: async (id) => onData.removeBackup(id),
      },
    }
  },
  called: 'the sandbox',
  cannot: [],
})

const endpointsOf = (changes: Partial<Production>) => ({
  endpoints: production(changes).endpoints,
  url: settings.services[0]!.url,
})

endpointsContract('the sandbox', {
  start: async () => endpointsOf({}),
  refusing: async () => endpointsOf({ services: 'refusing' }),
  silent: async () => endpointsOf({ services: 'silent' }),
})

workloadsContract('the sandbox', {
  start: async (state) => ({
    workloads: production({ ...healthy, crashLooping: state === 'crash-looping' }).workloads,
    secret: 'tr0ub4dor',
  }),
  refusing: async () => production({ kubernetes: 'refusing' }).workloads,
  silent: async () => production({ kubernetes: 'silent' }).workloads,
})

const startWrites = async (): Promise<WritesFixture> => {
  let nowMs = Date.UTC(2026, 10, 22, 3, 12, 7)
  const sandbox = sandboxWorld({
    scenario: 'healthy',
    clock: { now: () => nowMs },
    settings,
  })
  sandbox.change({ missingVersions: ['missing'] })
  const { deployments } = sandbox.world
  if (!deployments) throw new Error('the sandbox has deployments')
  return {
    deployments,
    deploy: async (service, version) => sandbox.others.deploy(service, version),
    removeRevision: async (service, version) => sandbox.others.removeRevision(service, version),
    editRevision: async (service, version) => sandbox.others.editRevision(service, version),
    async pass(ms) {
      nowMs += ms
    },
    missing: 'missing',
    secrets: ['tr0ub4dor'],
  }
}

variableWritesContract('the sandbox', startWrites)

workloadWritesContract('the sandbox', {
  start: startWrites,
  refusing: async () => production({ kubernetes: 'refusing' }).deployments,
  silent: async () => production({ kubernetes: 'silent' }).deployments,
})

const configMapsOf = ({ world: { configMaps } }: { readonly world: World }) => {
  if (!configMaps) throw new Error('the sandbox has ConfigMaps')
  return configMaps
}

configMapsContract('the sandbox', {
  async start() {
    const sandbox = production()
    const { put, set } = sandbox.others.configMaps
    return {
      configMaps: configMapsOf(sandbox),
      put: async (name, map) => put(name, map),
      set: async (name, key, value) => set(name, key, value),
    }
  },
  refusing: async () => configMapsOf(production({ kubernetes: 'refusing' })),
  silent: async () => configMapsOf(production({ kubernetes: 'silent' })),
})

const onDocker = (
  changes: Partial<Production> = {},
  now = (): number => Date.UTC(2026, 10, 22, 3, 12, 7),
) => {
  const sandbox = sandboxWorld({
    scenario: 'healthy',
    clock: { now },
    settings,
    platform: 'docker',
    placement: { [hostName]: ['backend', 'frontend'] },
  })
  sandbox.change(changes)
  const { containers } = sandbox.world
  if (!containers) throw new Error('the sandbox has containers')
  return { ...sandbox, containers }
}

containersContract('the sandbox', {
  async start() {
    let nowMs = Date.UTC(2026, 10, 22, 3, 12, 7)
    const sickVersions = { sick: 'unhealthy', brief: 'exits' } as const
    const { containers, onHosts } = onDocker({ sickVersions }, () => nowMs)
    const [stranger = ''] = onHosts.strangers()
    const imageOf = (version: string) => imageId(`pipeshub/backend:${version}`)
    let variables = 0
    return {
      containers,
      stopSeconds: 10,
      images: {
        good: imageOf('v1.9.0'),
        bad: imageOf('v2.0.0'),
        unhealthy: imageOf('sick'),
        exits: imageOf('brief'),
      },
      gone: imageOf('gone'),
      stranger,
      secrets: ['tr0ub4dor'],
      others: {
        remove: async (name) => onHosts.remove(name),
        restart: async (name) => onHosts.restart(name),
        composeUp: async (service) => onHosts.composeUp(service),
        composeUpEdited: async (service) =>
          onHosts.deploy(service, { variable: String((variables += 1)) }),
        removeImage: async (image) => onHosts.removeImage(image),
        share: async (name, what, by) => onHosts.share(name, what, by),
      },
      inspect: async (id) => onHosts.inspect(id),
      volumes: async () => onHosts.volumes(),
      imageNames: async () => onHosts.imageNames(hostName),
      async pass(ms) {
        nowMs += ms
      },
    }
  },
  refusing: async () => onDocker({ hosts: { [hostName]: 'refusing' } }).containers,
  silent: async () => onDocker({ hosts: { [hostName]: 'silent' } }).containers,
})

const instancesOf = ({ world }: { readonly world: World }) => {
  if (!world.instances) throw new Error('the sandbox has instances')
  return world.instances
}

instancesContract(
  'the sandbox of a cluster',
  {
    async start() {
      let nowMs = Date.UTC(2026, 10, 22, 3, 12, 7)
      const options = { scenario: 'healthy', clock: { now: () => nowMs }, settings } as const
      const sandbox = sandboxWorld(options)
      return {
        instances: instancesOf(sandbox),
        replicas: 3,
        replace: async () => sandbox.others.deploy('backend', 'v2.0.1'),
        async pass(ms) {
          nowMs += ms
        },
        pages: { port: 8080, path: '/flags', value: null },
      }
    },
    refusing: async () => instancesOf(production({ kubernetes: 'refusing' })),
    silent: async () => instancesOf(production({ kubernetes: 'silent' })),
  },
  { asks: true },
)

instancesContract(
  'the sandbox of hosts',
  {
    async start() {
      let nowMs = Date.UTC(2026, 10, 22, 3, 12, 7)
      const sandbox = onDocker({}, () => nowMs)
      return {
        instances: instancesOf(sandbox),
        replicas: 1,
        async replace() {
          nowMs += 1_000
          sandbox.onHosts.composeUp('backend')
        },
        async pass(ms) {
          nowMs += ms
        },
        pages: null,
      }
    },
    refusing: async () => instancesOf(onDocker({ hosts: { [hostName]: 'refusing' } })),
    silent: async () => instancesOf(onDocker({ hosts: { [hostName]: 'silent' } })),
  },
  { asks: false },
)

alertsContract('the sandbox', {
  start: async (alerts) => production({ alerts }).alerts,
  refusing: async () => production({ alertmanager: 'refusing' }).alerts,
  silent: async () => production({ alertmanager: 'silent' }).alerts,
})

ownersContract('the sandbox', {
  async start() {
    const { owners, others } = production()
    return {
      owners,
      put: async (owner) => others.keep({ ...owner, version: null }),
      set: async (owner, setting) => others.setOwner(owner, setting),
    }
  },
  refusing: async () => production({ kubernetes: 'refusing' }).owners,
  silent: async () => production({ kubernetes: 'silent' }).owners,
})

const FLAG = 'MULTI_TENANT of backend in pm2'

const storedFlag = (changes: Partial<Production> = {}, holders: readonly string[] = []) => {
  const flags = { [FLAG]: { value: 'true', holders } }
  const sandbox = sandboxWorld({ scenario: 'healthy', clock, settings, flags })
  sandbox.change(changes)
  const stores = sandbox.world.flagStores
  if (!stores) throw new Error('there are flags')
  const { onFlags } = sandbox
  const store: FlagStore = {
    look: (wanted, signal) => stores.look(FLAG, wanted, signal),
    write: (write, options) => stores.write(FLAG, write, options),
  }
  return {
    stores,
    onFlags,
    store,
    unsafe: 'true',
    safe: 'false',
    others: {
      set: async (value: string) => onFlags.set(FLAG, value),
      remove: async () => onFlags.remove(FLAG),
    },
  }
}

flagStoreContract('the sandbox', {
  start: async () => storedFlag(),
  async startShared() {
    const flag = storedFlag({}, ['backend (0)', 'backend (1)'])
    return {
      ...flag,
      setOne: async (value) => flag.onFlags.setHolder(FLAG, 'backend (1)', value),
    }
  },
  refusing: async () => storedFlag({ flagStores: { [FLAG]: 'refusing' } }).store,
  silent: async () => storedFlag({ flagStores: { [FLAG]: 'silent' } }).store,
})

test('a flag of the sandbox has an obstacle, another identity, or another store', async () => {
  const { store, stores, onFlags } = storedFlag()
  const { identity } = await store.look('false', patience())
  onFlags.obstruct(FLAG, 'the store is read only')
  expect(await store.look('false', patience())).toMatchObject({
    obstacle: 'the store is read only',
  })
  const written = await store.write(
    { identity, from: 'true', to: 'false' },
    { cause: 'Ana', signal: patience() },
  )
  expect(written).toEqual({ kind: 'refused', because: 'the store is read only' })
  onFlags.replace(FLAG)
  expect((await store.look('false', patience())).identity).not.toBe(identity)
  expect(await faultOf(stores.look('another', 'false', patience()))).toMatchObject({
    kind: 'terminal',
  })
})
