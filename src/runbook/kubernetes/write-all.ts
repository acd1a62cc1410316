import type { Application, Rehearsal, StepContext } from '../../engine/run/step.ts'
import type { WorkloadWrite, Written } from '../../ports/deployments.ts'
import { templateDifferences } from './template-differences.ts'
import { deploymentsOf } from '../parts/require-port.ts'

/**
 * Every write at once. One lost reply leaves the whole unknown, and is looked up by the next look
 * (J4); one refusal ends it, and says what the others did.
 */
export async function writeAll(
  { world, key, cause, signal, sendBeforeMs }: StepContext,
  writes: readonly WorkloadWrite[],
): Promise<Application> {
  const workloads = deploymentsOf(world)
  const options = { key, cause, dryRun: false, signal, sendBeforeMs }
  const settled = await Promise.allSettled(writes.map((write) => workloads.write(write, options)))
  const named = settled.map((one, index) => ({ one, name: writes[index]?.seen.name ?? '' }))

  const refusals = named.flatMap(({ one, name }) =>
    one.status === 'fulfilled' && one.value.kind === 'refused'
      ? [`${name}: ${one.value.because}`]
      : [],
  )
  const written = named.filter(
    ({ one }) => one.status === 'fulfilled' && one.value.kind === 'written',
  )
  const lost = named.filter(({ one }) => one.status === 'rejected')
  if (refusals.length > 0) {
    const others = written.map(({ name }) => `${name} was written`)
    const unknown = lost.map(({ name }) => `${name}: not known`)
    return {
      kind: 'refused',
      applied: written.length > 0 ? 'yes' : lost.length > 0 ? 'unknown' : 'no',
      says: [...refusals, ...others, ...unknown].join('; '),
    }
  }
  for (const { one } of lost) if (one.status === 'rejected') throw one.reason
  return written.length === named.length ? { kind: 'written' } : { kind: 'look-again' }
}

/** The same writes as a question: the target checks them, and does nothing. */
export async function rehearseAll(
  { world, key, cause, signal }: StepContext,
  writes: readonly WorkloadWrite[],
): Promise<Rehearsal> {
  const workloads = deploymentsOf(world)
  const options = { key, cause, dryRun: true, signal }
  const answers = await Promise.all(writes.map((write) => workloads.write(write, options)))
  const refused = answers.flatMap((one) => (one.kind === 'refused' ? [one.because] : []))
  if (refused.length > 0) return { kind: 'refused', says: refused.join('; ') }
  const unknown = answers.flatMap((one) => {
    if (one.kind === 'dry-run-unavailable') return [one.because]
    return one.kind === 'changed-meanwhile' ? ['it changed while it was asked'] : []
  })
  if (unknown.length > 0) return { kind: 'not-known', says: unknown.join('; ') }
  const added = answers.flatMap((one, index) => additions(one, writes[index]))
  const says = 'the cluster accepts the change (dry run)'
  return {
    kind: 'accepted',
    says: added.length === 0 ? says : `${says}, and adds to it: ${added.join('; ')}`,
  }
}

/** What admission makes of a template that is written back. */
function additions(answer: Written, write: WorkloadWrite | undefined): readonly string[] {
  if (answer.kind !== 'written' || write?.change.kind !== 'template') return []
  const { admitted } = answer
  if (admitted === undefined) return []
  const differences = templateDifferences(write.change.to.template, admitted)
  return differences.map((one) => `${write.seen.name}: ${one}`)
}
