import type { ContainerWrite, ContainerWritten } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { removeImage } from '../images/kept-images.ts'
import { containerPath } from '../read/ask.ts'
import type { Known } from '../read/look.ts'
import { DONE, refused, sent } from './answers.ts'
import { create } from './create.ts'
import { keepChanges } from './keep-changes.ts'
import { start, startAmong, stop } from './run.ts'
import { targetOf, type Target } from './target.ts'

/** A host may be busy. */
const REMOVE_MS = 60_000

/** One write to one container, which is looked at first: only those of the settings are ever written to. */
export async function write(
  host: DockerHost,
  known: Known,
  wanted: ContainerWrite,
  signal: AbortSignal,
): Promise<ContainerWritten> {
  if (wanted.kind === 'remove-image') return removeImage(host, known.services, wanted, signal)
  if (wanted.kind === 'start' && wanted.among) {
    return startAmong(host, known, { ...wanted, among: wanted.among }, signal)
  }
  const id = wanted.kind === 'create' ? wanted.like : wanted.id
  const next = wanted.kind === 'stop' ? wanted.next : undefined
  const [target, after] = await Promise.all([
    targetOf(host, known, id, signal),
    next && targetOf(host, known, next.id, signal),
  ])
  if ('kind' in target) return target
  if (after && 'kind' in after) return after
  switch (wanted.kind) {
    case 'create':
      return create(target, wanted)
    case 'stop':
      return stop(target, next && after ? { ...next, target: after } : null)
    case 'start':
      return start(target, wanted.restartPolicy)
    case 'rename':
      return rename(target, wanted.name)
    case 'remove':
      return remove(target, wanted.keepChangesAs)
    default:
      return wanted satisfies never
  }
}

async function rename({ host, seen, signal }: Target, name: string): Promise<ContainerWritten> {
  if (seen.Name === name) return DONE
  const path = `${containerPath(seen.Id)}/rename`
  return sent(() => host.write({ method: 'POST', path, query: { name }, signal }))
}

async function remove(target: Target, keepChangesAs: string | null): Promise<ContainerWritten> {
  const { host, seen, signal } = target
  if (['running', 'paused', 'restarting'].includes(seen.State.Status)) {
    return refused(`${seen.Name} is ${seen.State.Status}`)
  }
  const kept = keepChangesAs === null ? DONE : await keepChanges(target, keepChangesAs)
  if (kept.kind !== 'done') return kept
  const query = { v: 'false', force: 'false', link: 'false' }
  return sent(() =>
    host.write({
      method: 'DELETE',
      path: containerPath(seen.Id),
      query,
      signal,
      deadlineMs: REMOVE_MS,
    }),
  )
}
