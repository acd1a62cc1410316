import type { Fault } from '../../domain/base/fault.ts'
import type { View } from '../../domain/base/view.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Surface } from '../../domain/incident/surface.ts'
import type { Clock, Sleep } from '../../ports/clock.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import type { IncidentLog } from '../journal/incident-log.ts'

/** What messages are made of and sent with. */
export type Publishing = {
  readonly incidents: IncidentLog
  readonly conversations: Conversations
  readonly render: (surface: Surface, incident: Incident) => View
  /** A digest of a text that nobody can make two texts for. */
  readonly hash: (text: string) => string
  readonly clock: Clock
  readonly sleep: Sleep
  /** Before a card is rendered. */
  readonly breathe: () => Promise<void>
  readonly log: Log
  readonly stopped: AbortSignal
  /** The channel takes no message of ours: say so to who asked, if that can be done. */
  readonly cannotPost: (incident: string, fault: Fault) => void
}
