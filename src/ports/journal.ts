import type { Event, JournaledEvent } from '../domain/incident/event.ts'

export type Appended =
  | { readonly kind: 'appended'; readonly events: readonly JournaledEvent[] }
  /** Another writer was there first: read again, decide again (J2). */
  | { readonly kind: 'conflict' }
  /** This delivery stands in the journal already, perhaps under another incident. */
  | { readonly kind: 'duplicate' }

/** The only memory there is. Durable when a call returns; throws a `Fault` when it could not be made so. */
export type Journal = {
  /** The incident's events after the `after`-th, in order. */
  read(incident: string, after?: number): readonly JournaledEvent[]
  /** Appends all events or none, after the `seen`-th one of the incident. */
  append(
    incident: string,
    seen: number,
    events: readonly Event[],
    options?: { readonly delivery?: string },
  ): Appended
  /**
   * Runs several appends that become durable together, or none of them: one wait for the disk. When
   * it throws, what was read inside is not true.
   */
  together<Result>(run: () => Result): Result
  /** The ids of the declared incidents, the newest first. */
  declared(): readonly string[]
  /** The ids of all incidents with an event in the `lastMs` milliseconds before the journal's last one. */
  recent(lastMs: number): readonly string[]
  /** Whether an append would succeed now; throws the `Fault` it would meet. */
  check(): void
}
