import type { Rehearsal, StepContext } from '../../engine/run/step.ts'
import type { Preparation } from '../../engine/run/runbook.ts'
import type { Progress } from '../../domain/plan/run.ts'
import type { Containers, ImageAtHost } from '../../ports/containers.ts'
import { containersOf } from '../parts/require-port.ts'
import { isForeign, type Known } from './platforms.ts'
import type { SwapChange } from './swap-change.ts'

type Wanted = {
  readonly service: string
  readonly host: string
  readonly from: Pick<SwapChange['from'], 'image'>
  readonly to: Pick<SwapChange['to'], 'image' | 'version'>
}

/** Why a host cannot run it; `null`: it can, once it is there. */
export async function whyNotOn(
  wanted: Wanted,
  at: ImageAtHost,
  known: Known,
): Promise<string | null> {
  const { service, host, to } = wanted
  const what = `${service} on ${host}: ${to.version}`
  const { id, platform, hostPlatform } = at
  if (id === null && to.image.digest === null) {
    return `${what} is not on the host any more, and was never in a registry`
  }
  if (id !== null && id !== to.image.id) return `${what} is another image there now`
  return (await isForeign(wanted, at, known))
    ? `${what} is for ${platform}, and the host is ${hostPlatform}, which is not known to run that`
    : null
}

function knownOf({ world, signal }: StepContext, changes: readonly Wanted[]): Known {
  const services = [...new Set(changes.map(({ service }) => service))]
  return {
    imageAt: (host, image) => containersOf(world).imageAt(host, image, signal),
    recorded: async () => (await world.ledger?.entries(services)) ?? [],
  }
}

/** Whether every host has what it is to run, or would get it: what has to be pulled, its registry is asked for. */
export async function imagesThere(
  context: StepContext,
  changes: readonly Wanted[],
): Promise<Rehearsal> {
  const { world, signal } = context
  const hosts = containersOf(world)
  const known = knownOf(context, changes)
  const found = await Promise.all(
    changes.map(async (change) => {
      const at = await hosts.imageAt(change.host, change.to.image, signal)
      return { change, at, problem: await whyNotOn(change, at, known) }
    }),
  )
  const problems = found.flatMap(({ problem }) => problem ?? [])
  if (problems.length > 0) return { kind: 'refused', says: problems.join('; ') }
  const missing = found.flatMap(({ change, at }) => (at.id === null ? [change] : []))
  if (missing.length === 0) return { kind: 'accepted', says: 'every image is on its host' }
  const pulls = await Promise.all(missing.map((change) => wouldBePulled(change, hosts, signal)))
  const worst = pulls.some(({ kind }) => kind === 'refused') ? 'refused' : 'not-known'
  const troubles = pulls.filter(({ kind }) => kind === worst)
  return troubles.length > 0
    ? { kind: worst, says: troubles.map(({ says }) => says).join('; ') }
    : { kind: 'accepted', says: pulls.map(({ says }) => says).join('; ') }
}

/** Said of a version on a host. */
export function outOfReach(because: string): string {
  return `can no longer be reached: it is not on the host, and cannot be pulled. ${because}`
}

/** What a pull would come to, before anybody needs it. */
async function wouldBePulled(
  { service, host, to }: Wanted,
  hosts: Containers,
  signal: AbortSignal,
): Promise<Rehearsal> {
  const { digest } = to.image
  const what = `${service} on ${host}: ${to.version}`
  if (digest === null) return { kind: 'refused', says: `${what} was never in a registry` }
  const at = await hosts.atRegistry(host, { ...to.image, digest }, signal)
  if (at.kind === 'there') {
    const says = `${service} ${to.version} is pulled to ${host} first, and nothing is stopped before it is there`
    return { kind: 'accepted', says }
  }
  if (at.kind === 'not-known') {
    return { kind: 'not-known', says: `${what} is not on the host; ${at.because}` }
  }
  return { kind: 'refused', says: `${what} ${outOfReach(at.because)}` }
}

type Report = (says: string, progress: Progress | null) => void

/** By digest, one after the other, so that no host has to hold two that nobody wanted. Nothing is stopped for it. */
export async function pullMissing(
  context: StepContext,
  changes: readonly Wanted[],
  report: Report,
): Promise<Preparation> {
  const { world, signal } = context
  const hosts = containersOf(world)
  const known = knownOf(context, changes)
  const there: string[] = []
  for (const change of changes) {
    const { service, host, to } = change
    const { digest } = to.image
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const at = await hosts.imageAt(host, to.image, signal)
    const what = `${service} ${to.version} on ${host}`
    if (at.id === to.image.id) {
      there.push(`${what} was there`)
      continue
    }
    if (digest === null) return { ok: false, says: `${what}: it was never in a registry` }
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const tooFull = await whyNoRoom(hosts, change, signal)
    if (tooFull.kind === 'too-full') return { ok: false, says: `${what}: ${tooFull.because}` }
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
    // Only now it is known what it is for.
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const why = await whyNotOn(change, await hosts.imageAt(host, to.image, signal), known)
    if (why !== null) return { ok: false, says: why }
    there.push(`${what} was pulled${tooFull.kind === 'not-known' ? NOT_KNOWN : ''}`)
  }
  return { ok: true, says: there.join('; ') }
}

const NOT_KNOWN = ' (how much is free on its disk was not known)'

/**
 * A layer lies there twice while it is unpacked. How large it will be nobody knows before: about as large as what runs now.
 */
async function whyNoRoom(
  hosts: Containers,
  { host, from }: Wanted,
  signal: AbortSignal,
): Promise<
  { readonly kind: 'room' | 'not-known' } | { readonly kind: 'too-full'; readonly because: string }
> {
  const [free, { bytes }] = await Promise.all([
    hosts.freeBytes(host, signal),
    hosts.imageAt(host, from.image, signal),
  ])
  if (free === null || bytes === null) return { kind: 'not-known' }
  if (free >= 2 * bytes) return { kind: 'room' }
  const because = `${inMegabytes(free)} are free on the disk of ${host}, and a pull may take twice the image that runs now, ${inMegabytes(2 * bytes)}: make room there, then plan again`
  return { kind: 'too-full', because }
}

function inMegabytes(bytes: number): string {
  return `${Math.floor(bytes / 1_000_000)} MB`
}
