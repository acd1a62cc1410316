import { Fault } from '../../domain/base/fault.ts'
import { oneAfterAnother } from '../../domain/base/one-after-another.ts'
import { postedAs, type Incident } from '../../domain/incident/incident.ts'
import type { Conversations, SharedFile } from '../../ports/conversations.ts'
import type { Courier, Owed } from './couriers.ts'

/** What one kind of file of an incident is made of. */
export type FileSource = {
  /** The files that should stand in its thread by now, in order, known there by their names. Pure. */
  owed(incident: Incident): readonly { readonly key: string; readonly name: string }[]
  /** Throws a `Fault` when it cannot be made. */
  make(incident: Incident, key: string, signal: AbortSignal): Promise<Omit<SharedFile, 'name'>>
}

/** To make a file and to send it. */
const DEADLINE_MS = 20_000

/**
 * Another process may need that long to make and send it, and Slack shows a file only once it has looked at it.
 * Longer than both.
 */
const ON_ITS_WAY = { forMs: 40_000, lookAgainMs: 5_000 } as const

/**
 * Files for the thread of an incident, made one after the other: hundreds may be owed in one moment, and whoever
 * waits holds nothing and claims nothing. One whose fate is not known is looked for there until it must have
 * come (J4, J5).
 */
export function fileCourier(deps: {
  readonly conversations: Pick<Conversations, 'upload' | 'findFile'>
  readonly sources: readonly FileSource[]
}): Courier<'file'> {
  const { conversations, sources } = deps

  function owedBy(source: FileSource, incident: Incident): readonly Owed<'file'>[] {
    const headline = postedAs(incident, 'headline')
    if (!headline) return []
    const { channel, ts: thread } = headline
    return source.owed(incident).map(({ key, name }) => ({ key, to: { channel, thread, name } }))
  }

  return {
    kind: 'file',
    deadlineMs: DEADLINE_MS,
    onItsWay: ON_ITS_WAY,
    inTurn: oneAfterAnother(),
    owed: (incident) => sources.flatMap((source) => owedBy(source, incident)),

    async send(incident, { key, to }, signal) {
      const source = sources.find((one) => one.owed(incident).some((owed) => owed.key === key))
      if (!source) throw notOwed()
      const made = await source.make(incident, key, signal)
      return conversations.upload(to, { ...made, name: to.name }, signal)
    },

    find: (_incident, { to }, sinceMs, signal) =>
      conversations.findFile(to, to.name, sinceMs, signal),
  }
}

function notOwed(): Fault {
  const detail = 'nothing makes this file any more'
  return new Fault({ kind: 'terminal', dependency: 'files', code: 'not-owed', detail })
}
