import { z } from 'zod'

/**
 * Who did something, as the journal has it: a person by their Slack id, or `alert:HighErrorRate`,
 * `clock`, `command-line:ana`. One text, so that journals of before there were others stay readable.
 */
export const Actor = z.string()
export type Actor = z.infer<typeof Actor>

export type ActorParts =
  | { readonly kind: 'person'; readonly user: string }
  | { readonly kind: 'alert'; readonly name: string }
  | { readonly kind: 'clock' }
  | { readonly kind: 'command-line'; readonly user: string }

const CLOCK = 'clock'
const ALERT = 'alert:'
const COMMAND_LINE = 'command-line:'

export function actorParts(actor: Actor): ActorParts {
  if (actor === CLOCK) return { kind: 'clock' }
  if (actor.startsWith(ALERT)) return { kind: 'alert', name: actor.slice(ALERT.length) }
  if (actor.startsWith(COMMAND_LINE)) {
    return { kind: 'command-line', user: actor.slice(COMMAND_LINE.length) }
  }
  return { kind: 'person', user: actor }
}
