import type { Place } from '../domain/incident/place.ts'
import type { PersonKind } from '../domain/base/person.ts'
import type { View } from '../domain/base/view.ts'

/**
 * Slack's messages, in our words. Throws a `Fault`; a post whose reply was lost is `unknown-outcome`.
 * A call ends within five seconds. A view whose layout is refused is shown as its one sentence.
 */
export type Conversations = {
  /** `key` is carried invisibly by the message, so that {@link find} can recognise it. */
  post(place: Place, view: View, key: string): Promise<{ readonly ts: string }>
  update(
    message: { readonly channel: string; readonly ts: string },
    view: View,
    key: string,
  ): Promise<void>
  /** The message that carries `key`, posted at `sinceMs` or later; `null` when there is none. */
  find(place: Place, key: string, sinceMs: number): Promise<{ readonly ts: string } | null>
  /** The address that opens the message; `null` when it cannot be had now. Never throws. */
  linkTo(message: { readonly channel: string; readonly ts: string }): Promise<string | null>
  /** Shows a message to one person only. */
  tell(user: string, place: Place, view: View): Promise<void>
  /** Shows a file to everybody there. It cannot be changed afterwards. */
  upload(place: Place, file: SharedFile, signal: AbortSignal): Promise<{ readonly file: string }>
  /** The file of that name that we shared there at `sinceMs` or later. It is shown some seconds after it was taken. */
  findFile(
    place: Place,
    name: string,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly file: string } | null>
}

export type SharedFile = {
  /** Tells it apart from every other one there, so that {@link Conversations.findFile} can recognise it. */
  readonly name: string
  readonly title: string
  /** What is to be seen in it, for whoever cannot see it; `null`: it is text. */
  readonly altText: string | null
  readonly bytes: Uint8Array
}

/** Who is behind an account, read live. */
export type People = {
  accountOf(user: string, signal: AbortSignal): Promise<Account>
  /** The accounts in a user group now. Throws a `Fault` when Slack does not say, or there is none. */
  membersOf(group: string, signal: AbortSignal): Promise<readonly string[]>
}

/** Where people are. */
export type Zones = {
  /** How clocks run there: `Europe/Berlin`, `+10:00`; `null`: Slack does not say. Throws a `Fault`. */
  zoneOf(user: string, signal: AbortSignal): Promise<string | null>
}

export type Account = {
  readonly kind: PersonKind
  /**
   * Tells two accounts of one human apart from two humans: in lower case, and `null` where Slack
   * does not say.
   */
  readonly email: string | null
  /** Left out where an account has one id for good. */
  readonly grid?: GridPerson
}

/** In an Enterprise Grid one person has an id in the workspace, and another one in the organisation. */
export type GridPerson = {
  /** The same for all of them. */
  readonly person: string
  readonly ids: readonly string[]
}
