import { z } from 'zod'
import { FlagValue, flagInWords } from '../../domain/plan/flag-value.ts'
import type { Inspection } from '../../engine/run/step.ts'
import type { ConfigMapKey } from '../../ports/config-maps.ts'
import type { Sighting } from '../../ports/deployment-state.ts'
import { configMapRead, sourcesIn } from './config-map-read.ts'

/** A key of a ConfigMap that gets another value, and the Deployments whose pods then read it anew. */
export const KeyChange = z.object({
  configMap: z.string(),
  uid: z.string(),
  key: z.string(),
  from: FlagValue,
  to: FlagValue,
  services: z
    .array(
      z.object({
        service: z.string(),
        uid: z.string(),
        /** Of the template that it was planned from: no way back while this incident is open. */
        templateHash: z.string(),
      }),
    )
    .min(1),
  withinMinutes: z.number().optional(),
})
export type KeyChange = z.infer<typeof KeyChange>

/** What is left to write. */
export type KeySeen = {
  /** `null`: it holds the value already. */
  readonly map: ConfigMapKey | null
  /** Whether this run has written a part of it before. */
  readonly begun: boolean
  /** The Deployments that were not restarted since. */
  readonly left: readonly Sighting[]
}

/**
 * Where it stands, held against what was planned. `mark`: what this run's own writes leave, at the ConfigMap first
 * and then at each Deployment. What another run has left at all of them was a whole change, too.
 */
export function standingOf(
  change: KeyChange,
  { map, releases }: { readonly map: ConfigMapKey | null; readonly releases: readonly Sighting[] },
  mark: string,
): Inspection<KeySeen> {
  const { uid, key, from, to } = change
  const begun = [map, ...releases].some((one) => one?.lastWrite === mark)
  const blocked = (says: string) => ({ kind: 'blocked', begun, says }) as const
  const gone = change.services.find((one) => {
    return releases.every((release) => release.service !== one.service || release.uid !== one.uid)
  })
  if (gone) return blocked(`${gone.service}: it was deleted or made anew`)
  const name = `ConfigMap ${change.configMap}`
  if (map?.uid !== uid) return blocked(`${name}: it was deleted or made anew`)
  const stands = `${key} of ${name} is ${flagInWords(map.value)}`
  if (map.value === to) {
    const left = releases.filter(({ lastWrite }) => {
      return lastWrite !== mark && (lastWrite === null || lastWrite !== map.lastWrite)
    })
    if (left.length === 0) return { kind: 'done', begun, says: stands }
    const problem = unread(change, left)
    if (problem !== null) return blocked(problem)
    return { kind: 'needed', begun, seen: { map: null, begun, left } }
  }
  if (map.value !== from || map.lastWrite === mark) {
    return blocked(`${stands}: somebody changed it meanwhile`)
  }
  const problem = notRolledOut(releases) ?? unread(change, releases) ?? needed(change, releases)
  if (problem !== null) return blocked(problem)
  return { kind: 'needed', begun, seen: { map, begun, left: releases } }
}

function notRolledOut(releases: readonly Sighting[]): string | null {
  const open = releases.find(({ current }) => !current)
  return open ? `${open.service}: a change is not rolled out yet` : null
}

/** Another one by now, as after an apply that has made a new one: what is written there would be read by nobody. */
function unread({ configMap, key }: KeyChange, releases: readonly Sighting[]): string | null {
  const readers = releases.flatMap(({ service, current }) =>
    current ? [{ service, template: current.template }] : [],
  )
  if (readers.length === 0) return null
  const read = configMapRead({ configMap, key }, readers)
  if (read.kind === 'problem') return read.because
  const names = readers.map(({ service }) => service).join(' and ')
  return read.configMap === configMap
    ? null
    : `${names}: ConfigMap ${read.configMap} is read now, and ${configMap} no more`
}

/** Where the key goes away. */
function needed({ configMap, key, to }: KeyChange, releases: readonly Sighting[]): string | null {
  if (to !== null) return null
  const [first] = releases.filter(({ current }) =>
    sourcesIn(current?.template, key)?.some((one) => one.configMap === configMap && one.needs),
  )
  return first ? `${first.service}: without ${key} in ConfigMap ${configMap} no pod starts` : null
}
