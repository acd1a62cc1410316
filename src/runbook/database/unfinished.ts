import type { PlanState } from '../../domain/plan/plan-state.ts'
import { NOTHING, type Part } from '../parts/part.ts'
import { collectionsOf } from '../parts/require-port.ts'
import type { Circumstances } from '../procedure.ts'
import {
  migrationCautions,
  migrationNow,
  migrationPart,
  whyNotCopied,
  type Migration,
} from './migration.ts'
import { switchCollections } from './steps/switch-collections.ts'
import { takeMigrationBack } from './steps/take-migration-back.ts'

/** Whether this plan has switched the data, whatever became of it later. */
export function hasSwitched(state: PlanState | null): boolean {
  return stepOf(state, switchCollections.id)?.kind === 'succeeded'
}

/**
 * The migration that a plan was to take back once it had switched the data, and has not proved to have: what its ledger
 * says now decides, which is also how people say that they have mended it. Nothing, where there is none.
 */
export async function migrationLeft(
  stopped: PlanState | null,
  { world, settings, signal }: Circumstances,
): Promise<{ readonly problem: string } | Part> {
  const step = stepOf(stopped, takeMigrationBack.id)
  if (!stopped || !step || step.kind === 'succeeded' || !hasSwitched(stopped)) return NOTHING
  const stores = collectionsOf(world)
  const [migration, server, list] = await Promise.all([
    migrationNow({ world, settings, signal }),
    stores.server(signal),
    stores.list(signal),
  ])
  if (!migration) return NOTHING
  const { number } = stopped
  if (migration.says === 'not-there') return { ...NOTHING, cautions: migrationCautions(migration) }
  if (migration.says === 'not-applied') return { ...NOTHING, cautions: [isDone(number, migration)] }
  const problem = whyNotCopied(migration, list)
  if (problem !== null) return { problem }
  const isTried = step.kind === 'failed' || step.kind === 'started'
  return {
    ...migrationPart(migration, server),
    cautions: [
      ...(isTried ? [runsOnceMore(number)] : []),
      ...migrationCautions(migration),
      `What it changes is taken back by undoing plan ${number}, and not by undoing this one.`,
    ],
  }
}

function isDone(plan: number, { ledger: { collection } }: Migration): string {
  return `Plan ${plan} was to take the migration back: ${collection} says now that it is not applied, and nothing of it is run.`
}

function runsOnceMore(plan: number): string {
  return `Plan ${plan} has begun to take the migration back, and how far it came is not clear. Sign only once somebody has looked: where its ledger still says that it is applied, it runs once more, on what is there now.`
}

function stepOf(state: PlanState | null, id: string) {
  const at = state?.plan?.steps.findIndex((step) => step.id === id) ?? -1
  return state?.run?.steps[at]
}
