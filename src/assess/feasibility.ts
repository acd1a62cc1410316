import { chooseTarget } from '../runbook/kubernetes/choose-target.ts'
import { Fault } from '../domain/base/fault.ts'
import { ProcedureName, type Feasibility } from '../domain/plan/feasibility.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import { versionsOf } from '../domain/workload/versions.ts'
import type { Workload } from '../domain/workload/workload.ts'
import type { World } from '../ports/world.ts'

/** Which procedures could be carried out now, and why the others could not. */
export async function readFeasibility(
  world: World,
  settings: AssessSettings,
): Promise<readonly Feasibility[]> {
  const kubernetes = await kubernetesFeasibility(world, settings)
  return ProcedureName.options.map((name) =>
    name === 'kubernetes' ? kubernetes : infeasible(name, 'not configured'),
  )
}

async function kubernetesFeasibility(
  { workloads }: World,
  { deployed, deadlineMs }: AssessSettings,
): Promise<Feasibility> {
  if (!workloads || !deployed) return infeasible('kubernetes', 'not configured')
  const { promise: late, reject } = Promise.withResolvers<never>()
  const signal = AbortSignal.timeout(deadlineMs)
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  try {
    const running = await Promise.race([workloads.list(deployed.services, signal), late])
    return judgeKubernetes(deployed.services, running)
  } catch (error) {
    const why = `could not look: ${whyNot(error, signal, deadlineMs)}`
    return { ...infeasible('kubernetes', why), known: false }
  }
}

function whyNot(error: unknown, { aborted }: AbortSignal, deadlineMs: number): string {
  if (error instanceof Fault) return error.detail
  return aborted
    ? `no answer within ${deadlineMs / 1000} s`
    : `looking itself failed: ${String(error)}`
}

/** Feasible when every configured service has an earlier revision that is not what runs now. */
export function judgeKubernetes(
  services: readonly string[],
  running: readonly Workload[],
): Feasibility {
  const found: string[] = []
  const problems: string[] = []
  const warnings: string[] = []
  const versions = new Set<string>()
  for (const service of services) {
    const workload = running.find((one) => one.service === service)
    if (!workload) {
      problems.push(`${service}: no such deployment`)
      continue
    }
    const target = chooseTarget(workload, null)
    if (workload.paused) problems.push(`${service}: its rollout is paused`)
    if (target.kind === 'none') {
      problems.push(target.because)
    } else {
      const version = versionsOf(target.to)
      versions.add(version)
      found.push(`${service} to ${version}, revision ${target.to.number}`)
    }
    for (const owner of workload.managedBy) warnings.push(`${service}: ${owner}`)
  }
  const name = 'kubernetes'
  const to = versions.size === 0 ? null : [...versions].join(', ')
  if (problems.length > 0) {
    return { name, feasible: false, known: true, because: problems.join('; '), to, warnings }
  }
  return { name, feasible: true, known: true, because: found.join('; '), to, warnings }
}

function infeasible(name: ProcedureName, because: string): Feasibility {
  return { name, feasible: false, known: true, because, to: null, warnings: [] }
}
