import { flagInWords, isFlagLike, type FlagValue } from '../../domain/plan/flag-value.ts'
import { imageVersion } from '../../domain/workload/ledger.ts'
import type { Container } from '../../ports/containers.ts'
import type { FlagBackend, PlaceFound } from '../parts/flag-place.ts'
import type { FlagPlaceIn, FlagSettings } from '../parts/flag-settings.ts'
import { NOTHING, partOf } from '../parts/part.ts'
import { containersOf } from '../parts/require-port.ts'
import type { Circumstances } from '../procedure.ts'
import { LOST_BESIDE_VOLUMES } from './beside-volumes.ts'
import { afterwardsSaid, shouldSay } from './by-hand.ts'
import { targetOf } from './containers-of.ts'
import { inMemory } from './in-memory.ts'
import { endedBefore } from './judge.ts'
import { halfWay, hasEnded, servingAs, whyLeft } from './serving.ts'
import { portGap, slowStopsBeside } from './slow-stop.ts'
import { swapContainers } from './steps/swap-containers.ts'
import type { SwapChange } from './swap-change.ts'
import { placeNameOf } from './swap-names.ts'
import { glanceAt, lookToMakeAnew } from './to-make-anew.ts'

type Place = FlagPlaceIn<'docker-env'>

/** Flags that are variables of containers: switched by a container like the old one, but for that variable. */
export const containerFlags: FlagBackend = (flag, circumstances, how) =>
  Promise.all(
    flag.places.flatMap((place) =>
      place.in === 'docker-env' ? [foundAt(flag, place, circumstances, LOOKS[how])] : [],
    ),
  )

const LOOKS = { glance: glanceAt, look: lookToMakeAnew } as const

async function foundAt(
  flag: FlagSettings,
  place: Place,
  circumstances: Circumstances,
  lookAt: typeof lookToMakeAnew,
): Promise<PlaceFound> {
  const { world, settings, signal, plans } = circumstances
  const { service, env: name = flag.name, safe: to = flag.safe } = place
  const problem = (because: string, { known = true } = {}): PlaceFound => {
    return { kind: 'problem', because: `${name} of ${service}: ${because}`, known }
  }
  if (!settings.docker?.services.includes(service)) {
    return problem('no container is configured for it')
  }
  const hosts = containersOf(world)
  const { seen, unknown } = await lookAt(hosts, [service], signal)
  const now = servingAs(service, seen)
  if (now.length === 0) return problem('there is no such container on any host')
  const values = await hosts.variableOf([service], name, signal)
  const told = now.flatMap((one): Told[] => {
    const found = values.find(({ id }) => id === one.id)
    return found ? [{ one, value: found.value }] : []
  })
  if (told.length < now.length) {
    return problem('a container was removed while it was looked at', { known: false })
  }
  const others = told.filter(({ value }) => value !== to)
  const inTheWay = others.flatMap(({ one }) => [
    ...one.obstacles.map((why) => `${one.name} on ${one.host} cannot be made anew: ${why}`),
    ...[whyLeft(one, seen, plans) ?? []].flat(),
  ])
  if (inTheWay.length > 0) return problem(inTheWay.join('; '))
  const { readyWithinMs, settleMs } = settings.docker
  const changes = others.map((one) => changeOf(one, { name, to }, { seen, circumstances }))
  const found = { kind: 'found', place: `${name} of ${service}`, to } as const
  if (changes.length === 0) return { ...found, value: to, switched: NOTHING, cautions: () => [] }
  const input = { changes, readyWithinMs, settleMs }
  const up = others.map(({ one }) => one).filter(({ state }) => state !== 'exited')
  const targets = changes.map((one) => targetOf(one))
  // What is no value of a flag may be a secret: one such is enough to leave them all alone.
  const { value } = others.find((one) => !isFlagLike(one.value)) ?? others[0] ?? { value: to }
  return {
    ...found,
    value,
    switched: partOf(swapContainers, input, { targets, lost: [LOST_BESIDE_VOLUMES] }),
    cautions: () => [
      ...up.flatMap(portGap),
      ...unknown,
      ...slowStopsBeside(up),
      ...inMemory(up),
      ...(others.length < told.length
        ? [standsAlready(found.place, told.length - others.length, told.length)]
        : []),
      ...afterwards(others, name, to),
    ],
  }
}

type Told = { readonly one: Container; readonly value: FlagValue }

function changeOf(
  { one, value }: Told,
  variable: Pick<NonNullable<SwapChange['variable']>, 'name' | 'to'>,
  {
    seen,
    circumstances: { plans },
  }: { readonly seen: readonly Container[]; readonly circumstances: Circumstances },
): SwapChange {
  const { service, host, id, image, sha256, publishesPorts, stopSeconds } = one
  const version = imageVersion(one)
  return {
    service,
    host,
    name: placeNameOf(one),
    from: { id, image, version, sha256 },
    to: { image, version, kept: null },
    publishes: publishesPorts,
    restartPolicy: (halfWay(one, seen) ?? one).restartPolicy,
    stopSeconds,
    ...(hasEnded(one, seen, endedBefore(plans)) ? { hadEnded: true } : {}),
    variable: { ...variable, from: value },
  }
}

function standsAlready(place: string, count: number, of: number): string {
  const stay =
    count === 1 ? 'says so already, and stays as it is' : 'say so already, and stay as they are'
  return `${place}: ${count} of ${of} containers ${stay}.`
}

function afterwards(swapped: readonly Told[], name: string, to: string): readonly string[] {
  const these = swapped.map(({ one }) => one)
  const service = these[0]?.service ?? ''
  const value = flagInWords(to)
  const written = shouldSay(these, {
    line: `${name}: ${value} for ${service}`,
    says: `set ${name} to ${value}`,
  })
  return [
    ...written.map((says) => `${says.charAt(0).toUpperCase()}${says.slice(1)}.`),
    ...afterwardsSaid(these, { what: 'new value', old: 'value' }),
  ]
}
