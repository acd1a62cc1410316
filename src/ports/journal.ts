import type { Event, JournaledEvent } from '../domain/incident/event.ts'

/** One writer's wish to append: all of its events, or none. */
export type Append = {
  readonly incident: string
  /**
   * The last event of the incident that the writer has seen (J2). `any`: the events are legal whatever
   * came before, as the receipt of an intent is.
   */
  readonly seen: number | 'any'
  readonly events: readonly Event[]
  /** Slack's own key of what is received: it stands in the journal once, whatever the incident. */
  readonly delivery?: string
  /**
   * The same for each of the first events, where several things are received together. One that stands
   * there already makes a duplicate of all of them, and nothing is written.
   */
  readonly deliveries?: readonly string[]
  /** What the plan holds from now on, so that no other plan writes to it: all of it, or nothing is appended. */
  readonly holds?: { readonly plan: number; readonly targets: readonly string[] }
  /** The plan that holds nothing any more. */
  readonly releases?: number
}

export type Appended =
  | { readonly kind: 'appended'; readonly events: readonly JournaledEvent[] }
  /** Another writer was there first: read again, decide again (J2). */
  | { readonly kind: 'conflict' }
  /** This delivery stands in the journal already, perhaps under another incident. */
  | { readonly kind: 'duplicate' }
  /** Another plan holds one of the targets. */
  | { readonly kind: 'held'; readonly by: { readonly incident: string; readonly plan: number } }

/** Events of all incidents in the order in which they were written, and how far that is. */
export type Followed = {
  readonly position: number
  readonly events: readonly JournaledEvent[]
  /** The incidents of which events were left out that cannot be read: `read` of each says why. */
  readonly unreadable: readonly string[]
}

/** Where the journal ends: its newest event, and the hash that covers it and all before it. */
export type Head = { readonly position: number; readonly hash: string }

/** Under which incident a delivery stands, and since when. */
export type Received = {
  readonly delivery: string
  readonly incident: string
  readonly at: string
}

/** The only memory there is. Every call throws a `Fault` when it could not be answered. */
export type Journal = {
  /**
   * Resolves when the events are durable, and not before. What is asked for in one turn of the event
   * loop is committed together, in the order it was asked: one wait for the disk. When that fails,
   * nothing of it is written, and every one of them is told.
   */
  append(append: Append): Promise<Appended>
  /** The incident's events after the `after`-th, in order. */
  read(incident: string, after?: number): Promise<readonly JournaledEvent[]>
  /**
   * What was written after `position`, by whomever. At most some thousands at once: ask again until
   * `position` stays what it was. An event that cannot be read is left out, so that no other incident
   * waits for it (J3): `read` of its own incident throws.
   */
  follow(position: number): Promise<Followed>
  /** Where the journal ends now. */
  head(): Promise<Head>
  /**
   * What was received under keys that begin so, the greatest key first; at most `count` of them. Keys
   * are compared by their letters' numbers.
   */
  receivedUnder(prefix: string, count: number): Promise<readonly Received[]>
  /** The ids of the declared incidents, the newest first; at most `count` of them. */
  declared(count?: number): Promise<readonly string[]>
  /** Those of them that are not closed, the newest first. */
  open(): Promise<readonly string[]>
  /** The declared incident whose headline was posted as this message; `null`: none was. */
  inThread(channel: string, ts: string): Promise<string | null>
  /** The ids of all incidents with an event in the `lastMs` milliseconds before the journal's last one. */
  recent(lastMs: number): Promise<readonly string[]>
  /** Whether an append would succeed now; rejects with the `Fault` it would meet. */
  check(): Promise<void>
}
