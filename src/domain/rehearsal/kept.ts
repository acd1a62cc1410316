import { z } from 'zod'
import { toIso } from '../base/instant.ts'
import { Rehearsal, isReminderDue } from './rehearsal.ts'
import type { RehearsalSettings } from './settings.ts'

/** What people are told once, in a message of its own. */
export const RehearsalNews = z.object({
  /** Carried by the message, so that it is known again after a crash. */
  key: z.string(),
  /** When it was about to be sent: it may have arrived, and is looked for before it is sent again (J4). */
  sentAt: z.iso.datetime().nullable(),
  told: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('due'), last: Rehearsal.nullable() }),
    z.object({ kind: z.literal('done'), rehearsal: Rehearsal, before: Rehearsal.nullable() }),
  ]),
})
export type RehearsalNews = z.infer<typeof RehearsalNews>

/** All that outlives a restart. */
export const KeptRehearsals = z.object({
  schema: z.literal(1),
  last: Rehearsal.nullable(),
  remindedAt: z.iso.datetime().nullable(),
  untold: z.array(RehearsalNews),
})
export type KeptRehearsals = z.infer<typeof KeptRehearsals>

const MOST_UNTOLD = 5

/**
 * What is known after a look. `found`: the newest of the incidents that were looked at. `before` is `null` at the very
 * first look: what had been done before anybody looked is no news.
 */
export function afterLook(
  before: KeptRehearsals | null,
  found: Rehearsal | null,
  { settings, nowMs }: { readonly settings: RehearsalSettings; readonly nowMs: number },
): KeptRehearsals {
  const known = before ?? { schema: 1, last: found, remindedAt: null, untold: [] }
  const isNew = found !== null && (known.last === null || found.endedAt > known.last.endedAt)
  const last = isNew ? found : known.last
  const { remindedAt } = known
  if (isNew) {
    const told = { kind: 'done', rehearsal: found, before: known.last } as const
    const key = `rehearsed:${found.incident}:${found.back.plan}`
    return withNews({ ...known, last, remindedAt: null }, { key, sentAt: null, told })
  }
  if (!isReminderDue(settings, { lastAt: last?.endedAt ?? null, remindedAt, nowMs })) return known
  const at = toIso(nowMs)
  const told = { kind: 'due', last } as const
  return withNews({ ...known, remindedAt: at }, { key: `rehearse:${at}`, sentAt: null, told })
}

function withNews(kept: KeptRehearsals, news: RehearsalNews): KeptRehearsals {
  return { ...kept, untold: [...kept.untold, news].slice(-MOST_UNTOLD) }
}
