import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../../domain/base/fault.ts'
import type { ContainerWrite, ContainerWritten } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { containerPath, inspected, listed, nameOf } from '../read/ask.ts'
import { membersOf, type Known } from '../read/look.ts'
import { membershipOf } from '../read/members.ts'
import { ownEndpoint, stillToJoin } from '../read/own-networks.ts'
import { policyOf, policyText } from '../read/restart-policy.ts'
import { stopSecondsOf, troubleOf } from '../read/to-container.ts'
import { changed, DONE, refused, sent } from './answers.ts'
import { join } from './join.ts'
import { whyLeft, type Target } from './target.ts'

type Start = Extract<ContainerWrite, { kind: 'start' }>

/** What is started in the place of another one, as it was seen before that one is stopped. */
export type Next = { readonly target: Target; readonly restartPolicy: string }

/** A start waits for the network, and a host may be busy. */
const START_MS = 60_000
/** What a stop may take beside the container's own time. */
const STOP_MARGIN_MS = 30_000

/**
 * First that its host does not start it again: what has ended is not stopped any more. Only then the next one gets a policy:
 * a host that comes up again never finds two that it may start. What has never run it does not start at all.
 */
export async function stop(target: Target, next: Next | null): Promise<ContainerWritten> {
  const { host, seen, signal } = target
  const deadlineMs = stopSecondsOf(seen) * 1_000 + STOP_MARGIN_MS
  const path = `${containerPath(seen.Id)}/stop`
  for (const before of [
    () => setPolicy(target, 'no'),
    () => (next ? makeReady(next.target, next.restartPolicy) : DONE),
    () =>
      sent(() => host.write({ method: 'POST', path, signal, deadlineMs })).catch((error: unknown) =>
        unlessItEnded(target, error),
      ),
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- each before the next
    const said = await before()
    if (said.kind === 'done') continue
    if (next) await setPolicy(next.target, 'no')
    await setPolicy(target, policyText(seen.HostConfig.RestartPolicy))
    return said
  }
  return DONE
}

/** What was not stopped is as it was before, its policy too; whoever asked tries again. */
async function unlessItEnded({ host, seen, signal }: Target, error: unknown): Promise<never> {
  const now =
    error instanceof Fault ? await inspected(host, seen.Id, signal).catch(() => null) : null
  if (now?.State.Status === 'running') {
    const policy = policyText(seen.HostConfig.RestartPolicy)
    await setPolicy({ host, seen, signal }, policy).catch(() => null)
  }
  throw error
}

export async function start(target: Target, restartPolicy: string): Promise<ContainerWritten> {
  const said = await makeReady(target, restartPolicy)
  return said.kind === 'done' ? begin(target) : said
}

/**
 * With one question before it, as nobody serves meanwhile. A list says that one has ended when its ports are free again; the
 * answer to a stop may come before.
 */
export async function startAmong(
  host: DockerHost,
  { services, ownId }: Known,
  { id, among }: Start & { readonly among: NonNullable<Start['among']> },
  signal: AbortSignal,
): Promise<ContainerWritten> {
  const [all, own] = await Promise.all([listed(host, signal), ownId()])
  const one = all.find(({ Id }) => Id === id)
  if (!one) return changed(`container ${id.slice(0, 12)} is not there any more`)
  const name = nameOf(one)
  const member = membershipOf(services, { id, name, labels: one.Labels })
  const why = whyLeft({ id, name, member }, own)
  if (why !== null) return refused(why)
  if (member?.role === 'kept') return isKept(name)
  const now = membersOf(all, services, member ? [member.service] : []).map(({ one: its }) => {
    return { id: its.Id, name: nameOf(its), state: its.State }
  })
  const wanted = among.map(({ id: its, name: called, state }) => ({ id: its, name: called, state }))
  return isDeepStrictEqual(now.toSorted(byId), wanted.toSorted(byId))
    ? begin({ host, seen: { Id: id, Name: name }, signal })
    : changed(`of the service of ${name} something else stands there by now`)
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1
}

/** All but the start itself. */
async function makeReady(target: Target, restartPolicy: string): Promise<ContainerWritten> {
  const { host, seen, member, signal } = target
  if (member.role === 'kept') return isKept(seen.Name)
  // A crash may have come before it was in all of them, and then it would serve, and not be found.
  const missing = stillToJoin(seen).map(
    ([name, endpoint]) => [name, ownEndpoint(seen.Id, endpoint)] as const,
  )
  const said = await join(host, seen.Id, missing, signal)
  return said.kind === 'done' ? setPolicy(target, restartPolicy) : said
}

function isKept(name: string): ContainerWritten {
  return refused(`${name} is kept as it is, and never started`)
}

type Named = Pick<Target, 'host' | 'signal'> & {
  readonly seen: Pick<Target['seen'], 'Id' | 'Name'>
}

async function begin(one: Named): Promise<ContainerWritten> {
  const { host, seen, signal } = one
  const path = `${containerPath(seen.Id)}/start`
  const written = await sent(() =>
    host.write({ method: 'POST', path, signal, deadlineMs: START_MS }),
  ).catch((error: unknown) => unlessItDoesNotRun(one, error))
  // A host that comes up again may start what was tried to start once: then without being asked.
  if (written.kind === 'refused') await setPolicy(one, 'no')
  return written
}

/** An Engine says with the same status that a port is taken and that it is in trouble itself. */
async function unlessItDoesNotRun(
  { host, seen, signal }: Named,
  error: unknown,
): Promise<ContainerWritten> {
  if (!(error instanceof Fault) || error.code !== '500') throw error
  const now = await inspected(host, seen.Id, signal)
  if (!now) return changed(`${seen.Name} is not there any more`)
  if (now.State.Status === 'running') return DONE
  if (now.State.Status === 'restarting') throw error
  return refused(troubleOf(now) ?? error.detail)
}

async function setPolicy({ host, seen, signal }: Named, policy: string): Promise<ContainerWritten> {
  const body = { RestartPolicy: policyOf(policy) }
  const path = `${containerPath(seen.Id)}/update`
  return sent(() => host.write({ method: 'POST', path, body, signal }))
}
