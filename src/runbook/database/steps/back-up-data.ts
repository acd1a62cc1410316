import { z } from 'zod'
import { documentsInside } from '../../../domain/data/backup.ts'
import { defineStep, type StepContext } from '../../../engine/run/step.ts'
import { backupsOf, collectionsOf } from '../../parts/require-port.ts'
import { planOfKey } from '../kept.ts'
import { bytesInWords, documentsInWords } from '../../../domain/text/amounts.ts'
import { whyNoUse } from '../no-use.ts'
import { otherServer } from '../same-server.ts'

const Input = z.object({
  purpose: z.enum(['safety', 'asked']),
  database: z.string(),
  /** Which server it is. */
  server: z.string(),
  /** What is there now. Bytes; `null`: the server does not tell. */
  bytes: z.number().nullable(),
})

const SLOWEST_BYTES_A_SECOND = 2_000_000

/** The whole database as it is now is copied into the catalogue, and proved while it is written. */
export const backUpData = defineStep({
  id: 'back-up-data',
  input: Input,
  deadlineMs: ({ bytes }) => 30 * 60_000 + ((bytes ?? 0) / SLOWEST_BYTES_A_SECOND) * 1_000,
  onAbort: 'interrupt',
  whenStopped: 'it is ended, and nothing of the copy is kept',
  onUndo: { kind: 'leave' },

  title: ({ database, purpose }) =>
    purpose === 'safety'
      ? `Copy the database ${database} as it is now into the catalogue`
      : `Make a backup of the database ${database}`,

  async inspect(context, { server, purpose }) {
    const { world, signal } = context
    const now = await collectionsOf(world).server(signal)
    const other = otherServer(now, server)
    if (other !== null) return { kind: 'blocked', begun: 'no-mark', says: other }
    const made = await madeAs(backupId(context.key, purpose), context)
    if (made) return { kind: 'done', begun: true, says: made }
    return { kind: 'needed', begun: 'no-mark', seen: null }
  },

  async apply({ world, key, signal, interrupted, report }, { purpose }) {
    const until = AbortSignal.any([signal, interrupted])
    const wanted = { id: backupId(key, purpose), purpose, incident: planOfKey(key).incident }
    try {
      const made = await backupsOf(world).make(
        wanted,
        (progress) =>
          report(
            `${bytesInWords(progress.done)} of about ${bytesInWords(progress.total)}`,
            progress,
          ),
        until,
      )
      if (made.kind === 'refused') return { kind: 'refused', applied: 'no', says: made.because }
      return { kind: 'written' }
    } catch (error) {
      const because = interrupted.aborted ? 'stopped' : whyNoUse(error)
      if (because === null) throw error
      const says = `${because}; nothing of it is in the catalogue`
      return { kind: 'refused', applied: 'no', says }
    }
  },

  async verify(context, { purpose }) {
    const id = backupId(context.key, purpose)
    const made = await madeAs(id, context)
    return made
      ? { kind: 'verified', says: made }
      : { kind: 'failed', says: `${id} is not in the catalogue` }
  },
})

function backupId(key: string, purpose: 'safety' | 'asked'): string {
  const { incident, plan } = planOfKey(key)
  return `${purpose === 'safety' ? 'before' : 'backup'}-${incident}-p${plan}.archive.gz`
}

async function madeAs(id: string, { world, signal }: StepContext): Promise<string | null> {
  const made = (await backupsOf(world).list(signal)).find((one) => one.id === id)
  if (!made?.manifest) return null
  const documents = documentsInWords(documentsInside(made.manifest))
  return `${id} holds ${documents}, ${bytesInWords(made.bytes)}, and was proved while it was written`
}
