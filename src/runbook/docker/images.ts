import type { Rehearsal, StepContext } from '../../engine/run/step.ts'
import type { Preparation } from '../../engine/run/runbook.ts'
import type { Progress } from '../../domain/plan/run.ts'
import type { ImageAtHost } from '../../ports/containers.ts'
import { containersOf } from '../parts/require-port.ts'
import type { SwapChange } from './swap-change.ts'

type Wanted = {
  readonly service: string
  readonly host: string
  readonly to: Pick<SwapChange['to'], 'image' | 'version'>
}

/** Why a host cannot run it; `null`: it can, once it is there. */
export function whyNotOn({ service, host, to }: Wanted, at: ImageAtHost): string | null {
  const what = `${service} on ${host}: ${to.version}`
  const { id, platform, hostPlatform } = at
  if (id === null && to.image.digest === null) {
    return `${what} is not on the host any more, and was never in a registry`
  }
  if (id !== null && id !== to.image.id) return `${what} is another image there now`
  return platform !== null && hostPlatform !== null && platform !== hostPlatform
    ? `${what} is for ${platform}, and the host is ${hostPlatform}`
    : null
}

/** Whether every host has what it is to run. */
export async function imagesThere(
  { world, signal }: StepContext,
  changes: readonly Wanted[],
): Promise<Rehearsal> {
  const hosts = containersOf(world)
  const found = await Promise.all(
    changes.map(async (change) => {
      const at = await hosts.imageAt(change.host, change.to.image, signal)
      return { change, at, problem: whyNotOn(change, at) }
    }),
  )
  const problems = found.flatMap(({ problem }) => problem ?? [])
  if (problems.length > 0) return { kind: 'refused', says: problems.join('; ') }
  const missing = found.filter(({ at }) => at.id === null)
  if (missing.length === 0) return { kind: 'accepted', says: 'every image is on its host' }
  const says = missing.map(({ change }) => `${change.to.version} is not on ${change.host} yet`)
  return { kind: 'not-known', says: says.join('; ') }
}

type Report = (says: string, progress: Progress | null) => void

/** By digest, one after the other, so that no host has to hold two that nobody wanted. Nothing is stopped for it. */
export async function pullMissing(
  { world, signal }: StepContext,
  changes: readonly Wanted[],
  report: Report,
): Promise<Preparation> {
  const hosts = containersOf(world)
  const there: string[] = []
  for (const { service, host, to } of changes) {
    const { digest } = to.image
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const at = await hosts.imageAt(host, to.image, signal)
    const what = `${service} ${to.version} on ${host}`
    if (at.id === to.image.id) {
      there.push(`${what} was there`)
      continue
    }
    if (digest === null) return { ok: false, says: `${what}: it was never in a registry` }
    const told = (progress: { readonly done: number; readonly total: number }) =>
      report(`pulling ${what}`, { ...progress, unit: 'bytes' })
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const pulled = await hosts.pull(host, { ...to.image, digest }, told, signal)
    if (pulled.kind === 'refused') return { ok: false, says: `${what}: ${pulled.because}` }
    if (pulled.id !== to.image.id) {
      return {
        ok: false,
        says: `${what}: what was pulled is not the image that ran (${pulled.id})`,
      }
    }
    there.push(`${what} was pulled`)
  }
  return { ok: true, says: there.join('; ') }
}
