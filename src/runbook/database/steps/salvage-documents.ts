import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
import type { NotCopied } from '../../../ports/collections.ts'
import { collectionsOf } from '../../parts/require-port.ts'
import { documentsInWords } from '../../../domain/text/amounts.ts'
import { otherServer } from '../same-server.ts'

const Named = z.object({ name: z.string(), uuid: z.string() })

const Input = z.object({
  server: z.string(),
  pairs: z.array(z.object({ from: Named, to: Named })).min(1),
})

/** So many of those that could not be copied back are named. */
const MOST_NAMED = 10

/** Documents that are only in what was set aside are copied into what is live; nothing there is changed. */
export const salvageDocuments = defineStep({
  id: 'salvage-documents',
  input: Input,
  deadlineMs: () => 4 * 60 * 60_000,
  onAbort: 'interrupt',
  whenStopped: 'it is ended, and what it has copied back stays',
  onUndo: { kind: 'leave' },

  title: ({ pairs }) =>
    `Copy back into ${pairs.map(({ to }) => to.name).join(', ')} what is only in what was set aside`,

  async inspect({ world, signal }, { server, pairs }) {
    const stores = collectionsOf(world)
    const [now, list] = await Promise.all([stores.server(signal), stores.list(signal)])
    const other = otherServer(now, server)
    if (other !== null) return { kind: 'blocked', begun: 'no-mark', says: other }
    const stands = ({ name, uuid }: z.infer<typeof Named>) =>
      list.some((one) => one.name === name && one.uuid === uuid)
    const gone = pairs.flatMap(({ from, to }) => [from, to]).filter((one) => !stands(one))
    if (gone.length > 0) {
      const says = `${gone.map(({ name }) => name).join(', ')}: it is another one now, or gone`
      return { kind: 'blocked', begun: 'no-mark', says }
    }
    return { kind: 'needed', begun: 'no-mark', seen: null }
  },

  async apply({ world, signal, interrupted, report }, { pairs }) {
    const stores = collectionsOf(world)
    const until = AbortSignal.any([signal, interrupted])
    const told: string[] = []
    const counts: { name: string; copied: number; left: number }[] = []
    try {
      for (const { from, to } of pairs) {
        const done = await stores.copyMissing(
          { from: from.name, to: to.name },
          (progress) => report(`${to.name}: copies back`, progress),
          until,
        )
        counts.push({ name: to.name, copied: done.copied, left: done.leftCount })
        told.push(`${to.name}: ${documentsInWords(done.copied)} copied back${leftOut(done)}`)
      }
      return { kind: 'written', found: { facts: { counts }, says: told.join('. ') } }
    } catch (error) {
      if (!interrupted.aborted) throw error
      const says = `stopped; what was copied back stays${told.length > 0 ? ` (${told.join('. ')})` : ''}`
      return { kind: 'refused', applied: 'yes', says }
    }
  },

  /** What it has copied says more. */
  verify: async () => ({ kind: 'verified', says: 'copied back' }),

  changes: ({ pairs }) =>
    pairs.map(({ to }) => ({
      what: `collection ${to.name}`,
      from: 'as it is now',
      to: 'with what is only in what was set aside',
    })),
})

function leftOut({
  left,
  leftCount,
}: {
  readonly left: readonly NotCopied[]
  readonly leftCount: number
}): string {
  if (leftCount === 0) return ''
  const named = left.slice(0, MOST_NAMED).map(({ id, because }) => `${id} (${because})`)
  const more = leftCount - named.length
  return `, ${documentsInWords(leftCount)} left where they are: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
