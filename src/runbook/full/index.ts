import type { Draft } from '../../domain/plan/plan.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { foundBeside, lostBy, switchPart, type Beside } from '../database/index.ts'
import { standingBeside } from '../database/standing-beside.ts'
import { dependentTasks, switchCautions } from '../database/switch-cautions.ts'
import { switchCollections } from '../database/steps/switch-collections.ts'
import { nothingRuns } from '../kubernetes/index.ts'
import { goneOnWith, leftStanding } from '../../domain/plan/left-standing.ts'
import { hasSwitched, migrationLeft } from '../database/unfinished.ts'
import { finishing, NO_DEED } from '../parts/finish.ts'
import { leftDown } from '../parts/left-down.ts'
import { maintenanceSwitch, type MaintenanceSwitch } from '../parts/maintenance.ts'
import { draftOf, joined, NOTHING, type Part } from '../parts/part.ts'
import type { Pause, Pausing } from '../parts/pausing.ts'
import { openDeeds, type PeoplesDeed } from '../parts/people.ts'
import { applicationPart, proofPart } from '../parts/proof.ts'
import { collectionsOf } from '../parts/require-port.ts'
import { tellPeople, whileStopped } from '../parts/while-stopped.ts'
import { infeasible, wayBack, type Circumstances, type Judged } from '../procedure.ts'
import { without } from './at-zero.ts'
import { glanceAtCode, planCode, type Code } from './code.ts'

type Found =
  /** Code and data are back, and a plan that was stopped has left something. */
  { readonly kind: 'finish'; readonly draft: Draft } | ({ readonly kind: 'whole' } & Whole)

type Whole = {
  /** Back to an earlier release, as the procedures for the code alone plan it. */
  readonly code: Code
  /** What stands beside becomes live; `null`: nothing stands beside. */
  readonly data: Beside | null
  readonly pause: Pause
  /** What a plan that was stopped has left stopped. */
  readonly down: Pick<Pause, 'start' | 'inTwo'>
  /** That plan; `null`: none has left anything. */
  readonly stopped: PlanState | null
  /** The migration that it was to take back. */
  readonly migration: Part
}

const NOT_CONFIGURED = infeasible('not configured')

/**
 * Code, data and caches back as one plan, in the order in which nobody reads or writes what is between two states:
 * people are told, services stopped, data switched, code and caches back while nothing runs, one instance proved,
 * then all, then people are told that it is over.
 */
export function full(pausing: Pausing) {
  return wayBack<'full', Found, MaintenanceSwitch | null>({
    async glance(circumstances) {
      const { full: settings } = circumstances.settings
      if (!settings) return NOT_CONFIGURED
      const code = await glanceAtCode(settings.stop, circumstances)
      if (code.kind === 'infeasible') return code
      const data = (await standing(circumstances)) ? 'the data that stands beside, and ' : ''
      return { ...code, because: `${data}${code.because}`, found: null }
    },

    look: ({ toVersion }, circumstances) => judged(pausing, circumstances, toVersion),

    beside: (circumstances, { message }) => maintenanceSwitch(circumstances, message),

    draft: (found, maintenance, circumstances) =>
      found.kind === 'finish' ? found.draft : wholeDraft(found, maintenance, circumstances),
  })
}

function wholeDraft(
  { code, data, pause, down, stopped, migration }: Whole,
  maintenance: MaintenanceSwitch | null,
  circumstances: Circumstances,
): Draft {
  const { settings, plans } = circumstances
  const people = tellPeople(maintenance, plans)
  const { suspended, restored, cache } = code
  const switched = data ? switchPart(data, settings) : NOTHING
  const { versions } = restored
  const parts = whileStopped(joined([switched, migration, restored, cache]), {
    told: people,
    stop: without(pause.stop, suspended),
    afterwards: [
      pause.inTwo.one,
      down.inTwo.one,
      proofPart(settings, { versions, without: [] }),
      applicationPart(settings),
      without(pause.inTwo.rest, suspended),
      down.inTwo.rest,
      // A copy made while nothing runs would be one of the maintenance page.
      code.purge,
    ],
    people: peopleStill(circumstances, stopped),
    givesBackAfter: data ? switchCollections.id : code.first,
  })
  const stoppedFor = { services: settings.full?.stop ?? [], by: 'procedures.full.stop' }
  const started = down.start.changes.map(({ what }) => nothingRuns(what))
  const names = data?.restored.compared.collections.map(({ name }) => name) ?? []
  const words = {
    title: [code.title, ...(data ? [`${names.join(', ')} to ${data.restored.backup}`] : [])].join(
      '; ',
    ),
    because: [
      code.because,
      ...(data ? [`${data.restored.backup} stands beside, verified and compared`] : []),
    ].join('; '),
    lost: [...(data ? [lostBy(data.restored)] : []), code.lost, ...people.on.lost].join(' '),
    undo: 'Yes: data, code and caches back in the other order, as one plan with its own signatures. The data only until it is tidied up.',
    cautions: [
      ...(data ? [] : [withoutData(stopped)]),
      ...new Set([
        ...code.cautions.filter((one) => !started.includes(one)),
        ...pause.stop.cautions,
        ...migration.cautions,
        ...(data ? switchCautions({ ...data, release: null }, settings, stoppedFor) : []),
      ]),
    ],
    ...(data || hasSwitched(stopped) ? dependentTasks(settings) : {}),
    ...code.around,
  }
  return draftOf('full', words, [{ ...NOTHING, steps: suspended }, ...parts], settings)
}

/** What people have not done yet, in the plan that is gone on with or in one before it. */
function peopleStill(
  { settings, plans }: Circumstances,
  stopped: PlanState | null,
): readonly PeoplesDeed[] {
  return openDeeds(settings.full?.people ?? [], stopped ? goneOnWith(plans, stopped.number) : [])
}

function withoutData(stopped: PlanState | null): string {
  return stopped && hasSwitched(stopped)
    ? `The data was switched by plan ${stopped.number}, and stays so.`
    : 'The database stays as it is: nothing is restored beside the live data. “plan database” prepares that; a plan made after it takes the data back too.'
}

async function standing({ world, settings, plans, signal }: Circumstances): Promise<boolean> {
  if (!settings.database || !world.collections) return false
  return standingBeside(plans, await collectionsOf(world).list(signal)).kind === 'stands'
}

async function judged(
  pausing: Pausing,
  circumstances: Circumstances,
  toVersion: string | null,
): Promise<Judged<Found>> {
  const { full: settings } = circumstances.settings
  if (!settings) return NOT_CONFIGURED
  const { stop } = settings
  const [code, withData] = await Promise.all([
    planCode({ toVersion }, stop, circumstances),
    standing(circumstances),
  ])
  const first = code.kind === 'infeasible' ? NO_DEED : code.found.first
  const givesBackAfter = withData ? switchCollections.id : first
  const stopped = leftStanding(circumstances.plans)
  const [data, pause, down, migration] = await Promise.all([
    withData ? foundBeside(circumstances) : null,
    pausing(stop, circumstances, { givesBackAfter, replaces: true }),
    leftDown(circumstances, { givesBackAfter }),
    withData ? NOTHING : migrationLeft(stopped, circumstances),
  ])
  if ('problem' in pause) return infeasible(pause.problem)
  if ('problem' in migration) return infeasible(migration.problem)
  if (code.kind === 'infeasible') {
    const { people = [] } = settings
    const finish = { kind: 'full', stopped, pause, people, inner: migration } as const
    const draft = await finishing(finish, circumstances)
    return draft ? feasibleTo({ kind: 'finish', draft }, draft) : code
  }
  if (data?.kind === 'infeasible') return data
  const found = {
    kind: 'whole',
    code: code.found,
    data: data?.found ?? null,
    pause,
    down,
    stopped,
    migration,
  } as const
  return feasibleTo(found, code)
}

function feasibleTo(found: Found, { because }: Pick<Draft, 'because'>): Judged<Found> {
  return { kind: 'feasible', to: null, because, warnings: [], found }
}
