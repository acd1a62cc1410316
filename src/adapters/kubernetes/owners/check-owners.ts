import { careful, ok, wrong, type Check } from '../../../domain/base/doctor-check.ts'
import { ownerInWords, ownerTarget, type OwnerName } from '../../../domain/plan/owner.ts'
import type { Owners } from '../../../ports/owners.ts'

/** For the doctor: whether what may be suspended is there, and would stay suspended. Throws a `Fault`. */
export async function checkOwners(
  owners: Owners,
  names: readonly OwnerName[],
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const found = await owners.list(names, signal)
  return names.map((name) => {
    const one = found.find((owner) => ownerTarget(owner) === ownerTarget(name))
    const tried = ownerInWords(name)
    if (!one) {
      const todo = 'correct procedures.kubernetes.suspend in backout.yaml'
      return wrong('kubernetes', tried, 'it is not there', todo)
    }
    if (one.keptBy !== null) {
      const said = `${one.keptBy} makes it, and would take a suspension back`
      return careful('kubernetes', tried, said, 'it is not suspended by a rollback; revert in Git')
    }
    return ok('kubernetes', tried, one.suspended ? 'suspended now' : 'works by itself')
  })
}
