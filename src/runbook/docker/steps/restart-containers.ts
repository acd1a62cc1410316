import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
import type { Container } from '../../../ports/containers.ts'
import { containersOf } from '../../parts/require-port.ts'
import { readinessOf } from '../readiness.ts'

const Input = z.object({
  service: z.string(),
  containers: z
    .array(
      z.object({
        host: z.string(),
        name: z.string(),
        id: z.string(),
        restartPolicy: z.string(),
        stopSeconds: z.number(),
        /** As its host tells it: one that tells another time was restarted. */
        startedAt: z.string(),
      }),
    )
    .min(1),
  readyWithinMs: z.number(),
  settleMs: z.number(),
})
type One = z.infer<typeof Input>['containers'][number]

/** The same containers once more, one after another, so that the others serve meanwhile. */
export const restartContainers = defineStep({
  id: 'restart-containers',
  input: Input,
  deadlineMs: ({ containers, readyWithinMs, settleMs }) =>
    containers.reduce(
      (sum, { stopSeconds }) => sum + stopSeconds * 1_000 + readyWithinMs + settleMs,
      60_000,
    ),
  onAbort: 'finish',
  onUndo: { kind: 'leave' },

  title: ({ service, containers }) =>
    `Restart ${service}: ${containers.map(({ name, host }) => `${name} on ${host}`).join(', ')}`,

  async inspect({ world, signal }, { service, containers, ...patience }) {
    const seen = await containersOf(world).sightings([service], signal)
    for (const one of containers) {
      const now = seen.find(({ id }) => id === one.id)
      const what = `${one.name} on ${one.host}`
      if (!now)
        return { kind: 'blocked', begun: 'no-mark', says: `${what} was removed or made anew` }
      if (now.startedAt === one.startedAt) {
        return { kind: 'needed', begun: 'no-mark', seen: { one } }
      }
      if (now.state === 'exited') {
        return { kind: 'blocked', begun: 'no-mark', says: endedAgain(now) }
      }
      const readiness = readinessOf(now, null, patience)
      if (readiness.kind === 'not-yet') {
        return { kind: 'done', begun: 'no-mark', says: `${what}: ${readiness.says}` }
      }
      if (readiness.kind === 'failed') {
        return { kind: 'blocked', begun: 'no-mark', says: `${what}: ${readiness.says}` }
      }
    }
    return { kind: 'done', begun: 'no-mark', says: 'all of them were restarted' }
  },

  async apply({ world, signal }, { service }, { one: { host, id, restartPolicy, startedAt } }) {
    const hosts = containersOf(world)
    // No host refuses what is stopped twice: whoever has restarted it meanwhile is found by this look.
    const now = (await hosts.sightings([service], signal)).find((one) => one.id === id)
    if (!now || now.startedAt !== startedAt) return { kind: 'look-again' }
    const writes = [
      ...(now.state === 'exited' ? [] : [{ kind: 'stop', host, id } as const]),
      { kind: 'start', host, id, restartPolicy } as const,
    ]
    for (const write of writes) {
      // oxlint-disable-next-line no-await-in-loop -- it ends before it begins again
      const answer = await hosts.write(write, signal)
      if (answer.kind === 'changed-meanwhile') return { kind: 'look-again' }
      if (answer.kind === 'refused') {
        return { kind: 'refused', applied: 'unknown', says: answer.because }
      }
    }
    return { kind: 'written' }
  },

  async verify({ world, signal }, { service, containers, ...patience }) {
    const seen = await containersOf(world).sightings([service], signal)
    const told = containers.map((one) => standing(one, seen, patience))
    const failed = told.flatMap(({ kind, says }) => (kind === 'failed' ? [says] : []))
    if (failed.length > 0) return { kind: 'failed', says: failed.join('; ') }
    const waiting = told.flatMap(({ kind, says }) => (kind === 'ready' ? [] : [says]))
    if (waiting.length === 0) return { kind: 'verified', says: `${service} was restarted` }
    const done = told.length - waiting.length
    const progress = { done, total: told.length, unit: 'containers' }
    return { kind: 'not-yet', says: waiting.join('; '), progress }
  },
})

function standing(
  { id, name, host, startedAt }: One,
  seen: readonly Container[],
  patience: Parameters<typeof readinessOf>[2],
): { readonly kind: 'ready' | 'not-yet' | 'failed'; readonly says: string } {
  const now = seen.find((one) => one.id === id)
  const what = `${name} on ${host}`
  if (!now) return { kind: 'failed', says: `${what} was removed or made anew` }
  const isDown = now.state === 'exited'
  if (now.startedAt === startedAt) {
    return { kind: 'not-yet', says: isDown ? `${what} is stopped` : `${what} runs on as before` }
  }
  if (isDown) return { kind: 'failed', says: endedAgain(now) }
  const readiness = readinessOf(now, null, patience)
  return readiness.kind === 'ready'
    ? { kind: 'ready', says: `${what} runs again` }
    : { kind: readiness.kind, says: `${what}: ${readiness.says}` }
}

function endedAgain({ name, host, trouble }: Container): string {
  const how = trouble === null ? '' : `: ${trouble}`
  return `${name} on ${host} was started, and ended again${how}`
}
