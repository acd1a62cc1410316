import type { Config } from '../config/load-config.ts'
import { careful, ok, type Check } from '../domain/base/doctor-check.ts'
import type { ItemResult } from '../domain/verification/item.ts'
import {
  leavesTraces,
  type ConfiguredItem,
  type VerificationCheck,
} from '../domain/verification/settings.ts'
import type { World } from '../ports/world.ts'
import { foundNow } from './verify-now.ts'

/** What the probes ask is tried with them. */
const TRIED_BY_PROBES: ReadonlySet<VerificationCheck['kind']> = new Set([
  'person',
  'workloads',
  'health',
  'isolation',
  'cache',
  'database',
  'monitoring',
])

/** That it is not configured is told once, with all that is blind without it. */
function isToldMissing(
  kind: VerificationCheck['kind'],
  { metrics, workloads }: Pick<World, 'metrics' | 'workloads'>,
): boolean {
  const asks = DEPENDENCIES[kind]
  return (asks === 'prometheus' && !metrics) || (asks === 'kubernetes' && !workloads)
}

/** Before the doctor's own deadline, so that it is said which item has no answer. */
const MOST_MS = 8_000

const DEPENDENCIES: Partial<Record<VerificationCheck['kind'], string>> = {
  query: 'prometheus',
  'server-errors': 'prometheus',
  logs: 'kubernetes',
  'error-lines': 'kubernetes',
  alerts: 'alertmanager',
}

/** Everything that would be verified after a rollback and can be tried without leaving anything behind. */
export async function checkVerification(
  config: Pick<Config, 'assess' | 'verification'>,
  world: World,
): Promise<readonly Check[]> {
  const items = config.verification.items.filter(({ check: { kind } }) => {
    return !TRIED_BY_PROBES.has(kind) && !isToldMissing(kind, world)
  })
  const writing = items.filter(({ check }) => leavesTraces(check))
  const tried = items.filter((item) => !writing.includes(item))
  const { verification } = config
  const deadlineMs = Math.min(verification.deadlineMs, MOST_MS)
  const hasty = { ...config, verification: { ...verification, deadlineMs } }
  const found = await foundNow(hasty, world, tried)
  return [
    ...tried.flatMap((item) => {
      const result = found.get(item.id)
      return result ? [toCheck(item, result)] : []
    }),
    ...writing.map((item) =>
      ok(dependencyOf(item), nameOf(item), 'not tried: it writes, and cleans up behind itself'),
    ),
    ...forPeople(config.verification.items),
  ]
}

function toCheck(item: ConfiguredItem, { verdict, says }: ItemResult): Check {
  const [dependency, name] = [dependencyOf(item), nameOf(item)]
  const where = 'check this item under verification in backout.yaml'
  switch (verdict) {
    case 'passed':
      return ok(dependency, name, says)
    case 'failed':
      // It was asked and it answered: that production is not well is no fault of the installation.
      return careful(dependency, name, says, `production is not well; where it is, ${where}`)
    case 'not-measured':
      return careful(dependency, name, says, `${where}; until then a person is asked`)
    default:
      return verdict satisfies never
  }
}

function forPeople(items: readonly ConfiguredItem[]): readonly Check[] {
  const titles = items.filter(({ by }) => by === 'person').map(({ title }) => title)
  if (titles.length === 0) return []
  const found = `a person looks after each rollback: ${titles.join(', ')}`
  return [ok('verification', 'what people verify', found)]
}

function nameOf({ title }: ConfiguredItem): string {
  return `verified after a rollback: ${title}`
}

function dependencyOf({ check }: ConfiguredItem): string {
  return DEPENDENCIES[check.kind] ?? 'services'
}
