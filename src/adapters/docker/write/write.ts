import { Fault } from '../../../domain/base/fault.ts'
import type { ContainerWrite, ContainerWritten } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { removeImage } from '../images/kept-images.ts'
import { containerPath, inspected } from '../read/ask.ts'
import type { Known } from '../read/look.ts'
import { membershipOf } from '../read/members.ts'
import { ownEndpoint, stillToJoin } from '../read/own-networks.ts'
import { policyOf } from '../read/restart-policy.ts'
import { stopSecondsOf, troubleOf } from '../read/to-container.ts'
import { changed, DONE, refused, sent } from './answers.ts'
import { create } from './create.ts'
import { join } from './join.ts'
import { keepChanges } from './keep-changes.ts'
import type { Target } from './target.ts'

/** A start waits for the network, and a host may be busy. */
const START_MS = 60_000
/** What a stop may take beside the container's own time. */
const STOP_MARGIN_MS = 30_000

/** One write to one container, which is looked at first: only those of the settings are ever written to. */
export async function write(
  host: DockerHost,
  known: Known,
  wanted: ContainerWrite,
  signal: AbortSignal,
): Promise<ContainerWritten> {
  if (wanted.kind === 'remove-image') return removeImage(host, known.services, wanted, signal)
  const id = wanted.kind === 'create' ? wanted.like : wanted.id
  const [seen, ownId] = await Promise.all([inspected(host, id, signal), known.ownId()])
  // The Engine also takes a name or the beginning of an id, and means whoever has it now (J5).
  if (seen?.Id !== id) return changed(`container ${id.slice(0, 12)} is not there any more`)
  if (id === ownId) return refused('this bot itself runs in that container')
  const { Name: name, Config: config } = seen
  const member = membershipOf(known.services, { id, name, labels: config.Labels })
  if (!member) return refused(`${name} belongs to no service of the settings`)
  const target = { host, seen, member, signal }
  switch (wanted.kind) {
    case 'create':
      return create(target, wanted)
    case 'stop':
      return stop(target)
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

/** First that its host does not start it again: what has ended is not stopped any more. */
async function stop(target: Target): Promise<ContainerWritten> {
  const { host, seen, signal } = target
  const said = await setPolicy(target, 'no')
  if (said.kind !== 'done') return said
  const deadlineMs = stopSecondsOf(seen) * 1_000 + STOP_MARGIN_MS
  const path = `${containerPath(seen.Id)}/stop`
  return sent(() => host.write({ method: 'POST', path, signal, deadlineMs }))
}

async function start(target: Target, restartPolicy: string): Promise<ContainerWritten> {
  const { host, seen, member, signal } = target
  if (member.role === 'kept') return refused(`${seen.Name} is kept as it is, and never started`)
  // A crash may have come before it was in all of them, and then it would serve, and not be found.
  const missing = stillToJoin(seen).map(
    ([name, endpoint]) => [name, ownEndpoint(seen.Id, endpoint)] as const,
  )
  for (const before of [
    () => join(host, seen.Id, missing, signal),
    () => setPolicy(target, restartPolicy),
  ]) {
    const said = await before()
    if (said.kind !== 'done') return said
  }
  const path = `${containerPath(seen.Id)}/start`
  const written = await sent(() =>
    host.write({ method: 'POST', path, signal, deadlineMs: START_MS }),
  ).catch((error: unknown) => unlessItDoesNotRun(target, error))
  // A host that comes up again starts what has a policy, whether it ever ran or not.
  if (written.kind === 'refused') await setPolicy(target, 'no')
  return written
}

/** An Engine says with the same status that a port is taken and that it is in trouble itself. */
async function unlessItDoesNotRun(target: Target, error: unknown): Promise<ContainerWritten> {
  const { host, seen, signal } = target
  if (!(error instanceof Fault) || error.code !== '500') throw error
  const now = await inspected(host, seen.Id, signal)
  if (!now) return changed(`${seen.Name} is not there any more`)
  if (now.State.Status === 'running') return DONE
  if (now.State.Status === 'restarting') throw error
  return refused(troubleOf(now) ?? error.detail)
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
      deadlineMs: START_MS,
    }),
  )
}

async function setPolicy(
  { host, seen, signal }: Target,
  policy: string,
): Promise<ContainerWritten> {
  const body = { RestartPolicy: policyOf(policy) }
  const path = `${containerPath(seen.Id)}/update`
  return sent(() => host.write({ method: 'POST', path, body, signal }))
}
