import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
import type { World } from '../../../ports/world.ts'
import { backupsOf, collectionsOf } from '../../parts/require-port.ts'
import { KEPT_COLLECTIONS, keptAmong } from '../kept.ts'
import { otherServer } from '../same-server.ts'

const Input = z.object({
  server: z.string(),
  collections: z.array(z.object({ name: z.string(), uuid: z.string() })),
  backups: z.array(z.object({ id: z.string(), sha256: z.string() })),
})

/** Collections and backups that a rollback has kept are removed: each by its id, and only such. */
export const dropKeptData = defineStep({
  id: 'drop-kept-data',
  input: Input,
  deadlineMs: () => 30 * 60_000,
  onAbort: 'interrupt',
  whenStopped: 'it is ended, and what it has removed stays removed',
  removesKept: KEPT_COLLECTIONS,
  onUndo: { kind: 'leave' },

  title: ({ collections, backups }) =>
    `Remove ${[...collections.map(({ name }) => name), ...backups.map(({ id }) => id)].join(', ')}`,

  async inspect({ world, signal }, { server, collections, backups }) {
    const [now, list, catalogue] = await Promise.all([
      collectionsOf(world).server(signal),
      collectionsOf(world).list(signal),
      backupsOf(world).list(signal),
    ])
    const other = otherServer(now, server)
    if (other !== null) return { kind: 'blocked', begun: 'no-mark', says: other }
    const kept = keptAmong(list).map(({ collection }) => collection.uuid)
    const used = collections.filter(({ uuid }) => {
      return list.some((one) => one.uuid === uuid) && !kept.includes(uuid)
    })
    if (used.length > 0) {
      const says = `${used.map(({ name }) => name).join(', ')} is live by now, or somebody renamed it`
      return { kind: 'blocked', begun: 'no-mark', says }
    }
    const there = {
      collections: collections.filter(({ uuid }) => kept.includes(uuid)),
      backups: backups.filter(({ id }) => catalogue.some((one) => one.id === id)),
    }
    if (there.collections.length + there.backups.length === 0) {
      return { kind: 'done', begun: 'no-mark', says: 'none is there any more' }
    }
    return { kind: 'needed', begun: 'no-mark', seen: there, remaining: { server, ...there } }
  },

  async apply({ world, signal, interrupted }, _, { collections, backups }) {
    const refused: string[] = []
    let removed = 0
    for (const one of collections) {
      if (interrupted.aborted) break
      const answer = await collectionsOf(world).drop(one, signal)
      // Another one may have removed it.
      if (answer.kind === 'changed-meanwhile') return { kind: 'look-again' }
      if (answer.kind === 'done') removed += 1
      else refused.push(`${one.name}: ${answer.because}`)
    }
    for (const one of backups) {
      if (interrupted.aborted) break
      const answer = await backupsOf(world).remove(one, signal)
      if (answer.kind === 'done') removed += 1
      else if (await isListed(world, one, signal)) refused.push(`${one.id}: ${answer.because}`)
    }
    if (interrupted.aborted) refused.push(`stopped after ${removed}`)
    return refused.length === 0
      ? { kind: 'written' }
      : { kind: 'refused', applied: removed > 0 ? 'yes' : 'no', says: refused.join('; ') }
  },

  async verify({ world, signal }, { collections, backups }) {
    const [list, catalogue] = await Promise.all([
      collectionsOf(world).list(signal),
      backupsOf(world).list(signal),
    ])
    const left = [
      ...collections.filter(({ uuid }) => list.some((one) => one.uuid === uuid)),
      ...backups.filter(({ id }) => catalogue.some((one) => one.id === id)),
    ]
    const count = collections.length + backups.length
    return left.length === 0
      ? { kind: 'verified', says: `${count} removed` }
      : { kind: 'not-yet', says: `${left.length} of ${count} are still there` }
  },
})

async function isListed(
  world: World,
  { id }: { readonly id: string },
  signal: AbortSignal,
): Promise<boolean> {
  return (await backupsOf(world).list(signal)).some((one) => one.id === id)
}
