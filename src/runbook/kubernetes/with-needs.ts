import type { Deployments } from '../../ports/deployments.ts'
import type { Judged } from '../procedure.ts'
import { needsOf, type Kept } from './needs.ts'
import { judgedWays, type Running, type Ways } from './ways.ts'

/**
 * The same judgement, without those that would not start: what their template needs is gone. What runs now
 * needs is there, or its pods would not run. What may not be looked at, and what has changed since, is said.
 */
export async function withNeeds<Of extends Kept, Service extends Running<Of>>(
  judged: Judged<Ways<Of, Service>>,
  workloads: Pick<Deployments, 'needs'>,
  signal: AbortSignal,
): Promise<Judged<Ways<Of, Service>>> {
  if (judged.kind === 'infeasible') return judged
  const { ways, stay, takesBack } = judged.found
  const { left, problems, cautions } = await needsOf(ways, workloads, signal)
  return judgedWays({ ways: left, problems, stay: [...stay, ...cautions], takesBack })
}
