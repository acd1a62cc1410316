import { z } from 'zod'

/**
 * Who did something, as the journal has it: a person by their Slack id, or `alert:HighErrorRate`,
 * `clock`, `command-line:ana`, `release-watch:2026-11-22T03:02:00Z backend v2.0.0`. One text, so that journals of before there were others stay readable.
 */
export const Actor = z.string()
export type Actor = z.infer<typeof Actor>

export type ActorParts =
  | { readonly kind: 'person'; readonly user: string }
  | { readonly kind: 'alert'; readonly name: string }
  | { readonly kind: 'clock' }
  | { readonly kind: 'command-line'; readonly user: string }
  | { readonly kind: 'release-watch'; readonly releases: readonly NamedRelease[] }

/** What a service came to run, as people call it, and when. */
export type NamedRelease = {
  readonly service: string
  /** "v2.0.0", "v2.0.0 with other settings" */
  readonly version: string
  readonly deployedAt: string
}

const CLOCK = 'clock'
const ALERT = 'alert:'
const COMMAND_LINE = 'command-line:'
const RELEASE_WATCH = 'release-watch:'

export function actorParts(actor: Actor): ActorParts {
  if (actor === CLOCK) return { kind: 'clock' }
  if (actor.startsWith(ALERT)) return { kind: 'alert', name: actor.slice(ALERT.length) }
  if (actor.startsWith(COMMAND_LINE)) {
    return { kind: 'command-line', user: actor.slice(COMMAND_LINE.length) }
  }
  if (actor.startsWith(RELEASE_WATCH)) {
    const releases = actor.slice(RELEASE_WATCH.length).split(BETWEEN)
    return { kind: 'release-watch', releases: releases.flatMap(releaseIn) }
  }
  return { kind: 'person', user: actor }
}

const BETWEEN = '; '

/** The watch of these releases. None of their names holds what stands between them. */
export function releaseWatchActor(releases: readonly NamedRelease[]): Actor {
  const named = releases.map(({ deployedAt, service, version }) => {
    return [deployedAt, service, version].join(' ')
  })
  return RELEASE_WATCH + named.join(BETWEEN)
}

function releaseIn(text: string): readonly NamedRelease[] {
  const [deployedAt = '', service = '', ...version] = text.split(' ')
  return [{ deployedAt, service, version: version.join(' ') }]
}
