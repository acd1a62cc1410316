import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import type { RunbookSettings } from '../../../src/runbook/parts/settings.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { patience } from '../../support/contracts/outside.ts'
import { runEnded, stepStarted, stepSucceeded } from '../../support/plan-story.ts'
import { MIGRATION, MIGRATION_SETTINGS } from '../../support/migration.ts'
import { incidentWith, overSandbox, settings } from './in-sandbox.ts'

const DATABASE: PlanRequest = { kind: 'database', backup: null }

export const dataSettings: RunbookSettings = {
  ...settings,
  database: {
    collections: ['projects', 'organizations'],
    maxBackupAgeMs: 48 * 3_600_000,
    writers: ['backend'],
    keepMs: 7 * 24 * 3_600_000,
    mostWrittenMeanwhile: 1_000,
    personal: ['users'],
    proveBy: [{ id: 'uploads-work', title: 'File uploads work', writes: true }],
    dependentStores: [],
  },
}

/** The release has also changed what a switch does not replace. */
const migratedSettings: RunbookSettings = {
  ...dataSettings,
  database: { ...dataSettings.database!, migration: MIGRATION_SETTINGS },
}

/** The runbook over Deployments and the database that the release has damaged; nobody writes to it. */
export function onData({ migrated = false }: { readonly migrated?: boolean } = {}) {
  const migration = migrated ? { migration: MIGRATION } : {}
  const sandbox = overSandbox('kubernetes', migrated ? migratedSettings : dataSettings, {
    scenario: 'data-corruption',
    database: { everyMs: 0, ...migration },
    slowestMs: 0,
  })
  const { collections, backups, deployments } = sandbox.world
  if (!collections || !backups || !deployments) throw new Error('the sandbox has everything')
  return {
    ...sandbox,
    collections,
    backups,
    /** What is in the database and in the catalogue. */
    async standing() {
      const [list, catalogue, releases] = await Promise.all([
        collections.list(patience()),
        backups.list(patience()),
        deployments.releases(['backend'], patience()),
      ])
      const measured = await collections.measure(
        list.map(({ name }) => name),
        patience(),
      )
      const kept = list.map(({ name, uuid }) => {
        const of = measured.find((one) => one.name === name)
        return { name, uuid, documents: of?.documents, indexes: of?.indexes }
      })
      const byName = kept.toSorted((a, b) => (a.name < b.name ? -1 : 1))
      const pods = releases.map(({ service, replicas }) => `${service}: ${replicas}`)
      return { data: byName, backups: catalogue.map(({ id }) => id).toSorted(), pods }
    },
  }
}

export type Data = ReturnType<typeof onData>

const restore: PlanRequest = { kind: 'restore-beside', backup: null }
const backup: PlanRequest = { kind: 'backup' }
const tidy: PlanRequest = { kind: 'tidy-up' }

/** Every step over a database, as the first plan that holds it makes it. */
export const everyStepOnData: Readonly<
  Record<string, readonly [request: PlanRequest, index: number]>
> = {
  'back-up-data': [backup, 0],
  'restore-beside': [restore, 1],
  'compare-data': [restore, 2],
  'scale-workloads': [DATABASE, 1],
  'switch-collections': [DATABASE, 2],
  'prove-application': [DATABASE, 5],
  'copy-beside': [DATABASE, 3],
  'take-migration-back': [DATABASE, 4],
  'salvage-documents': [{ kind: 'salvage' }, 0],
  'drop-kept-data': [tidy, 0],
}

/** Restored beside, and compared: what the journal says of it. */
async function restored(data: Data): Promise<Incident> {
  const draft = await data.drafted(restore)
  for (const planned of draft.steps.slice(0, 2)) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await data.carryOut(planned)
  }
  const found = await data.runbook.bind(draft.steps[2]!).inspect(data.context())
  if (found.kind !== 'needed') throw new Error(`it is ${found.kind}`)
  const done = await found.apply(data.context())
  const facts = done.kind === 'written' ? done.found?.facts : undefined
  if (facts === undefined) throw new Error('nothing was counted')
  const compared = { ...stepSucceeded(2), facts } as Event
  return incidentWith(draft, [...doneUntil(2), stepStarted(2), compared, runEnded()], restore)
}

const doneUntil = (index: number): readonly Event[] =>
  Array.from({ length: index }, (_, at) => [stepStarted(at), stepSucceeded(at)]).flat()

/** Where that step has something to do. */
export async function dataFor(step: string): Promise<Data> {
  const migrated = step === 'copy-beside' || step === 'take-migration-back'
  const data = onData({ migrated })
  if (step === 'back-up-data' || step === 'restore-beside') return data
  const incident = await restored(data)
  if (step === 'take-migration-back') {
    await data.carryOut((await data.drafted(DATABASE, incident)).steps[3]!)
  }
  return over(data, step === 'salvage-documents' ? await switched(data, incident) : incident)
}

/** What was restored is live. */
async function switched(data: Data, before: Incident): Promise<Incident> {
  const draft = await data.drafted(DATABASE, before)
  await data.carryOut(draft.steps[2]!, 'i-1/plan-2')
  return incidentWith(draft, doneUntil(3), DATABASE)
}

/** It plans over that incident. */
function over(data: Data, incident: Incident): Data {
  const drafted = (request: PlanRequest) => data.drafted(request, incident)
  return {
    ...data,
    drafted,
    problem: (request) => data.problem(request, incident),
    stepOf: async (request, index) =>
      data.runbook.bind((await drafted(request)).steps[index ?? 0]!),
  }
}
