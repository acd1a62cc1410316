import { flagInWords } from '../../domain/plan/flag-value.ts'
import type { Undo } from '../../engine/run/on-undo.ts'
import type { Container } from '../../ports/containers.ts'
import { NOT_BACK } from './beside-volumes.ts'
import { afterwardsSaid, imageLine, shouldSay } from './by-hand.ts'
import { inMemory } from './in-memory.ts'
import { portGap, slowStopsBeside } from './slow-stop.ts'
import type { SwapChange } from './swap-change.ts'
import { isUp } from './swap-calls.ts'
import { ifNotWell, keepsVolumes } from './way-cautions.ts'

/** A container that gives its place back, and what is kept to make the earlier one again from. */
export type Back = {
  readonly change: SwapChange
  readonly now: Container
  readonly kept: Container
}

type Kind = (backs: readonly Back[], undo: Pick<Undo, 'plan'>) => readonly string[]

/**
 * What people should know before a swap is undone, a line for each kind. What is said of the way there and does not
 * hold on the way back has no line: docs/decisions.md lists those, too.
 */
const KINDS = {
  notBack: () => [NOT_BACK],
  portGap: (backs) => ending(backs).flatMap(portGap),
  volumes: (backs) =>
    backs.flatMap(({ now, kept }) => keepsVolumes({ ...now, volumes: kept.volumes })),
  volumesLeft: (backs) => backs.flatMap(volumesLeft),
  slowStops: (backs) => slowStopsBeside(ending(backs)),
  inMemory: (backs) => inMemory(ending(backs)),
  ifNotWell: (backs) => ifNotWell(ending(backs), { isOneOf: ending(backs).length < backs.length }),
  writtenDown: (backs, { plan }) => {
    return [...Map.groupBy(backs, ({ now }) => now.service).values()].flatMap((those) =>
      writtenDown(those, plan),
    )
  },
  nextUp: (backs) => {
    const images = backs.filter(({ change }) => change.variable === undefined)
    const values = backs.filter(({ change }) => change.variable !== undefined)
    return [
      ...afterwardsSaid(nowOf(images), { what: 'result', old: 'image' }),
      ...afterwardsSaid(nowOf(values), { what: 'result', old: 'value' }),
    ]
  },
} satisfies Readonly<Record<string, Kind>>

export function undoCautions(backs: readonly Back[], undo: Pick<Undo, 'plan'>): readonly string[] {
  if (backs.length === 0) return []
  return Object.values<Kind>(KINDS).flatMap((kind) => kind(backs, undo))
}

function nowOf(backs: readonly Back[]): readonly Container[] {
  return backs.map(({ now }) => now)
}

/** Those that serve, and end before their new ones take over. */
function ending(backs: readonly Back[]): readonly Container[] {
  return nowOf(backs.filter(({ change: { runs = true }, now }) => runs && isUp(now)))
}

/** The image that runs now may have declared one that the other one does not know. */
function volumesLeft({ now: { service, host, name, volumes }, kept }: Back): readonly string[] {
  const left = volumes.filter((one) => !kept.volumes.includes(one))
  if (left.length === 0) return []
  const one = left.length === 1
  return [
    `${service} on ${host}: ${left.join(', ')} ${one ? 'is a volume' : 'are volumes'} of what runs now alone: what lies there is not in the ${name} that is made again, and stays in the ${one ? 'volume' : 'volumes'}.`,
  ]
}

function writtenDown(backs: readonly Back[], plan: number): readonly string[] {
  const lines = new Map(backs.map(({ change }) => [JSON.stringify(lineOf(change)), lineOf(change)]))
  return [...lines.values()].flatMap((line) =>
    shouldSay(nowOf(backs), line).map((says) => {
      return `${says.charAt(0).toUpperCase()}${says.slice(1)} again, if somebody changed it for plan ${plan}.`
    }),
  )
}

/** What stood there before, as far as the plan knows it. */
function lineOf({ service, to, variable }: SwapChange): Parameters<typeof shouldSay>[1] {
  if (!variable) return imageLine(to.image)
  const { name } = variable
  return variable.to === null
    ? { line: `nothing of ${name} for ${service}`, says: `leave ${name} unset` }
    : {
        line: `${name}: ${flagInWords(variable.to)} for ${service}`,
        says: `set ${name} to ${flagInWords(variable.to)}`,
      }
}
