import type { Place } from '../../domain/incident/place.ts'
import type { App } from '@slack/bolt'
import type { WebClient } from '@slack/web-api'
import type { DrillWish, Query, Wish } from '../../chat/reading/command.ts'
import { readWish } from '../../chat/reading/read-wish.ts'
import { refusalView } from '../../chat/answers/refusal.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { isOfNewerVersion } from '../../domain/incident/newer-version.ts'
import type { ReceivedIntent } from '../../domain/incident/intent.ts'
import type { PersonKind } from '../../domain/base/person.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'
import type { View } from '../../domain/base/view.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import type { ReplyAddresses } from './reply-addresses.ts'
import type { Served } from './served.ts'

/** What the program does with what people say. */
export type Listening = {
  readonly app: App
  readonly client: WebClient
  readonly conversations: Conversations
  readonly replies: ReplyAddresses
  readonly log: Log
  /** Whose channel this is; or why nobody is reached from there. */
  at(channel: string): Served | Refusal
  /** Who is meant by what comes from no channel in particular. */
  readonly home: Served
  whoIs(user: string): Promise<PersonKind>
  /** How clocks run where this person is: `Europe/Berlin`, `+10:00`. UTC where it is not known. Never throws. */
  zoneOf(user: string): Promise<string>
  now(): number
  refusePerson(kind: PersonKind): Refusal | null
  openHome(user: string): Promise<void>
  /** Lists, starts, ends and scores drills, wherever it was typed. Never throws. */
  drill(wish: DrillWish, asked: Pick<ReceivedIntent, 'by' | 'place'>): Promise<View>
}

/** What all listeners share: the way in, and the way to refuse. */
export type Intake = {
  /** Makes a wish durable where it came from, and nowhere else. What comes back is why that was not done. */
  receive(incident: string | null, received: ReceivedIntent): Promise<Refusal | null>
  /** Finds out which incident somebody means who typed it there, and makes it durable. */
  typed(
    wish: Wish,
    asked: Pick<ReceivedIntent, 'delivery' | 'by' | 'place'>,
  ): Promise<Refusal | null>
  /**
   * Has the incident verified that somebody means who typed it there, durably and before `ack`; then answers
   * how it is now. Without an incident that is all, and it is for them alone: `send` is told which.
   */
  verify(
    asked: Pick<ReceivedIntent, 'delivery' | 'by' | 'place'>,
    ack: () => Promise<void>,
    send: (view: View, where: 'incident' | 'alone') => Promise<void>,
  ): Promise<void>
  tell(user: string, place: Place, refusal: Refusal): Promise<void>
  /** What somebody wants of the drills, who alone is told what came of it. */
  drill(asked: Pick<ReceivedIntent, 'by' | 'place'>, wish: DrillWish): Promise<void>
  /**
   * Why this person gets nothing here; `null` for a member. Asked first: for anybody else nothing is
   * looked up, in production least of all.
   */
  barred(user: string): Promise<Refusal | null>
  /** Answers a member there; anybody else gets the reason why not, and nothing was asked for them. */
  answer(
    asked: Pick<ReceivedIntent, 'by' | 'place'>,
    query: Query,
    send: (view: View) => Promise<void>,
  ): Promise<void>
}

export function intake(deps: Listening): Intake {
  const { log } = deps

  /** What cannot be written down is not done, and the person is told. */
  async function durably(work: () => Promise<Refusal | null>): Promise<Refusal | null> {
    try {
      return await work()
    } catch (error) {
      if (isOfNewerVersion(error)) return refused('newer-version-needed')
      log.error('a wish could not be made durable', { error })
      return refused('journal-unavailable', error instanceof Fault ? error.detail : null)
    }
  }

  async function barred(user: string): Promise<Refusal | null> {
    return deps.refusePerson(await deps.whoIs(user))
  }

  async function receive(
    incident: string | null,
    received: ReceivedIntent,
  ): Promise<Refusal | null> {
    const served = deps.at(received.place.channel)
    if ('reason' in served) return served
    const receipt = await served.receive({ incident, received })
    if (receipt.kind === 'left') return receipt.because
    return receipt.kind === 'refused' ? receipt : null
  }

  const all: Intake = {
    receive: (incident, received) => durably(() => receive(incident, received)),

    typed: (wish, asked) =>
      durably(async () => {
        const served = deps.at(asked.place.channel)
        if ('reason' in served) return served
        const thread = asked.place.thread === null ? null : await served.incidentIn(asked.place)
        const { openIncidents: open, procedures } = served
        const meant = readWish(wish, { thread, open, procedures })
        if ('reason' in meant) return meant
        return receive(meant.incident, { ...asked, card: null, intent: meant.intent })
      }),

    async verify(asked, ack, send) {
      let incident: Incident | null = null
      const refusal = await durably(async () => {
        const served = deps.at(asked.place.channel)
        if ('reason' in served) return served
        incident = await meantAt(served, asked.place)
        const intent = { kind: 'verify' } as const
        return incident ? receive(incident.id, { ...asked, card: null, intent }) : null
      })
      await ack()
      if (refusal) return all.tell(asked.by, asked.place, refusal)
      if (!incident) return all.answer(asked, { kind: 'verify' }, (view) => send(view, 'alone'))
      // Whoever may not wish for it is told so with the wish.
      if (await barred(asked.by)) return
      const query = { kind: 'verify', inThread: true } as const
      await all.answer(asked, query, (view) => send(view, 'incident'))
    },

    async tell(user, place, refusal) {
      try {
        await deps.conversations.tell(user, place, refusalView(refusal))
      } catch (error) {
        log.warn('a refusal could not be shown', { user, reason: refusal.reason, error })
      }
    },

    barred,

    async drill(asked, wish) {
      const { by, place } = asked
      const refusal = await barred(by)
      if (refusal) return all.tell(by, place, refusal)
      const view = await deps.drill(wish, asked)
      try {
        await deps.conversations.tell(by, place, view)
      } catch (error) {
        log.warn('an answer could not be shown', { user: by, query: 'drill', error })
      }
    },

    async answer({ by: user, place }, query, send) {
      const served = deps.at(place.channel)
      const found = 'reason' in served ? served : ((await barred(user)) ?? served)
      const view = 'reason' in found ? refusalView(found) : await found.answer(query)
      try {
        await send(view)
      } catch (error) {
        log.warn('an answer could not be shown', { user, query: query.kind, error })
      }
    },
  }
  return all
}

/** The incident whose thread it is; in the channel the only one that is open. */
async function meantAt(served: Served, place: Place): Promise<Incident | null> {
  if (place.thread !== null) return served.incidentIn(place)
  const [only = null, ...others] = served.openIncidents()
  return others.length === 0 ? only : null
}
