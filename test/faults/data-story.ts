import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import { readKeptName } from '../../src/domain/data/kept-name.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import type { World } from '../../src/ports/world.ts'
import { surroundings, type Surroundings } from '../support/engine-story.ts'
import { ASKED, folded, planned, SIGNED } from '../support/rollback-story.ts'

const signal = new AbortController().signal

export const DATABASE: PlanRequest = { kind: 'database', backup: null }

/** A release has damaged two collections, and users go on writing. One of the signers is a data owner. */
export function damaged(options: Parameters<typeof surroundings>[0] = {}): Surroundings {
  return surroundings({ scenario: 'data-corruption', dataOwners: ['U0BO'], ...options })
}

export function planAndSign(request: PlanRequest) {
  return [planned(request), ...SIGNED]
}

export const RESTORED = [...ASKED.slice(0, -1), ...planAndSign(DATABASE)]
export const SWITCHED = [...RESTORED, ...planAndSign(DATABASE)]

/** How the live data stands, what is kept beside it, and who runs. */
export async function dataOn({ sandbox }: Surroundings) {
  const { onData, world } = sandbox
  if (!onData || !world.collections || !world.cache) throw new Error('the story is of data')
  const [list, backend, maintenance] = await Promise.all([
    world.collections.list(signal),
    backendsIn(world),
    world.cache.readText('maintenance_mode', signal),
  ])
  const kept = list.flatMap(({ name }) => {
    const read = readKeptName(name)
    return read ? [`${read.role} ${read.collection} of plan ${read.plan}`] : []
  })
  const spoilt = onData.documents('projects').filter(({ organization }) => {
    return organization === 'undefined'
  }).length
  return {
    live: spoilt > 0 ? 'damaged' : 'as before the release',
    kept: kept.toSorted(),
    fence: onData.fenceIsUp(),
    lost: onData.lost().length,
    backend,
    maintenance,
  }
}

/** How many of the backend are asked for, or run. */
async function backendsIn({ deployments, containers }: World): Promise<number | null> {
  const [release] = (await deployments?.releases(['backend'], signal)) ?? []
  const seen = await containers?.sightings(['backend'], signal)
  const running = seen?.filter(({ role, state }) => role === 'serving' && state === 'running')
  return running?.length ?? release?.replicas ?? null
}

/** What a story has left. */
export async function leftOnData(around: Surroundings) {
  around.pass(5_000)
  const incident = await folded(around)
  const plans = incident?.plans ?? []
  return {
    ...(await dataOn(around)),
    outcomes: plans.map(({ run, ended }) => run?.ended?.outcome ?? ended?.kind ?? null),
    says: plans.map(({ run }) => run?.ended?.says ?? null).at(-1),
    steps: plans.map(({ plan, run }) =>
      (run?.steps ?? []).map(({ kind }, at) => `${plan?.steps[at]?.id} ${kind}`),
    ),
    proof: verifyJournal(around.file).kind,
  }
}
