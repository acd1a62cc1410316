import type { App } from '@slack/bolt'
import type { WebClient } from '@slack/web-api'
import type { Command } from '../../chat/command.ts'
import { refusalView } from '../../chat/views/refusal.ts'
import { Fault } from '../../domain/fault.ts'
import type { Place, ReceivedIntent } from '../../domain/intent.ts'
import type { PersonKind } from '../../domain/person.ts'
import type { ProcedureName } from '../../domain/procedure.ts'
import { refused, type Refusal } from '../../domain/refusal.ts'
import type { View } from '../../domain/view.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import type { ReplyAddresses } from './reply-addresses.ts'

/** A command that changes nothing. */
export type Query = Exclude<Command, { kind: 'assess' | 'start' }>

/** What the program does with what people say. */
export type Listening = {
  readonly app: App
  readonly client: WebClient
  readonly conversations: Conversations
  readonly replies: ReplyAddresses
  readonly log: Log
  readonly channels: readonly string[]
  readonly services: readonly string[]
  readonly procedures: readonly ProcedureName[]
  /** Makes a wish durable; `null` opens a new incident. Rejects when the journal cannot be written. */
  receive(wish: {
    readonly incident: string | null
    readonly received: ReceivedIntent
  }): Promise<Refusal | { readonly kind: 'received' | 'duplicate' }>
  /** The incident whose thread this is. */
  incidentIn(place: Place): string | null
  whoIs(user: string): Promise<PersonKind>
  refusePerson(kind: PersonKind): Refusal | null
  /** Answers a question that changes nothing. Never throws. */
  answer(query: Query): Promise<View>
  openHome(user: string): Promise<void>
}

/** What all listeners share: the way in, and the way to refuse. */
export type Intake = {
  /** Why Backout does not listen there; `null` where it does. */
  misplaced(place: Place): Refusal | null
  /** Makes a wish durable. What comes back is why that was not done. */
  receive(incident: string | null, received: ReceivedIntent): Promise<Refusal | null>
  tell(user: string, place: Place, refusal: Refusal): Promise<void>
  /** Answers a member; anybody else gets the reason why not. */
  answer(user: string, query: Query, send: (view: View) => Promise<void>): Promise<void>
}

export function intake(deps: Listening): Intake {
  const { log } = deps
  return {
    misplaced({ channel }) {
      if (deps.channels.includes(channel)) return null
      const right = deps.channels.map((id) => `<#${id}>`).join(', ')
      return refused(channel.startsWith('D') ? 'direct-message' : 'wrong-channel', right)
    },

    async receive(incident, received) {
      try {
        const receipt = await deps.receive({ incident, received })
        return receipt.kind === 'refused' ? receipt : null
      } catch (error) {
        log.error('a wish could not be made durable', { error })
        return refused('journal-unavailable', error instanceof Fault ? error.detail : null)
      }
    },

    async tell(user, place, refusal) {
      try {
        await deps.conversations.tell(user, place, refusalView(refusal))
      } catch (error) {
        log.warn('a refusal could not be shown', { user, reason: refusal.reason, error })
      }
    },

    async answer(user, query, send) {
      const [kind, view] = await Promise.all([deps.whoIs(user), deps.answer(query)])
      const refusal = deps.refusePerson(kind)
      try {
        await send(refusal ? refusalView(refusal) : view)
      } catch (error) {
        log.warn('an answer could not be shown', { user, query: query.kind, error })
      }
    },
  }
}
