import { z } from 'zod'
import { ProcedureName } from '../plan/requests.ts'
import { Leg, type Reading, type WayBackReadiness } from './readiness.ts'

/** What is remembered of one way back from look to look: by it alone it is known that one was lost. */
export const Standing = z.object({
  procedure: ProcedureName,
  /** `null`: it is not a way back of single services. */
  service: z.string().nullable(),
  /** `never`: nobody has seen it ready, so that nothing was lost. */
  state: z.enum(['ready', 'lost', 'never']),
  /** Where it led when it was ready for the last time, and when that was. */
  leg: Leg.nullable(),
  does: z.string().nullable(),
  readyAt: z.iso.datetime().nullable(),
  /** One look has found something else: only the second one in a row is told. */
  doubted: z.boolean(),
})
export type Standing = z.infer<typeof Standing>

/** Ways back of one procedure that are gone, or lead elsewhere, and what people are told of it. */
export const Lost = z.object({
  procedure: ProcedureName,
  services: z.array(z.string()),
  /** The version that it led to, where one is known. */
  version: z.string().nullable(),
  readyAt: z.iso.datetime().nullable(),
  because: z.string(),
  /** Where it leads in its place; `null`: nowhere. */
  instead: z.string().nullable(),
})
export type Lost = z.infer<typeof Lost>

export const Regained = z.object({
  procedure: ProcedureName,
  services: z.array(z.string()),
  does: z.string().nullable(),
})
export type Regained = z.infer<typeof Regained>

export type Compared = {
  readonly standings: readonly Standing[]
  readonly lost: readonly Lost[]
  readonly regained: readonly Regained[]
}

/** Somebody could still go back to this version, if it is asked for by its name. */
export type Left = Pick<Standing, 'procedure'> & {
  readonly service: string
  readonly version: string
}

/** Why a version cannot be reached any more; `null`: it can, or that is not known. */
export type WhyLeft = (left: Left) => string | null

/**
 * What was lost or regained between what is remembered and this reading. What is not known changes nothing: neither
 * was it lost, nor is it well (J10). What is not in the reading is not configured any more.
 */
export function compare(
  before: readonly Standing[],
  { waysBack }: Pick<Reading, 'waysBack'>,
  whyLeft: WhyLeft = () => null,
): Compared {
  const found = waysBack.flatMap((way) => {
    return subjectsOf(way).map((service) => turn(standingOf(before, way, service), way, whyLeft))
  })
  return {
    standings: found.map(({ standing }) => standing),
    lost: joinedBy(
      found.flatMap(({ lost }) => lost ?? []),
      ({ procedure, version, because, instead }) =>
        [procedure, version, because, instead].join(' '),
    ),
    regained: joinedBy(
      found.flatMap(({ regained }) => regained ?? []),
      ({ procedure, does }) => `${procedure} ${does}`,
    ),
  }
}

/** What leads elsewhere since the look before: whether what it led to is gone has to be asked. */
export function leadsElsewhere(
  before: readonly Standing[],
  { waysBack }: Pick<Reading, 'waysBack'>,
): readonly Left[] {
  return waysBack.flatMap((way) =>
    way.legs.flatMap(({ service }) => {
      const standing = standingOf(before, way, service)
      const isSeenAgain = standing.doubted && hasMoved(standing, way)
      return isSeenAgain && standing.leg
        ? [{ procedure: way.procedure, service, version: standing.leg.version }]
        : []
    }),
  )
}

type Turn = { readonly standing: Standing; readonly lost?: Lost; readonly regained?: Regained }

function turn(before: Standing, way: WayBackReadiness, whyLeft: WhyLeft): Turn {
  const { service, procedure } = before
  const services = service === null ? [] : [service]
  if (way.state === 'unknown') return { standing: before }
  if (way.state === 'ready') {
    const standing = readyBy(before, way)
    if (before.state === 'lost') {
      return { standing, regained: { procedure, services, does: way.does } }
    }
    if (!hasMoved(before, way) || service === null || !before.leg) return { standing }
    if (!before.doubted) return { standing: { ...before, doubted: true } }
    const { version } = before.leg
    const because = whyLeft({ procedure, service, version })
    if (because === null) return { standing }
    const { readyAt } = before
    return { standing, lost: { procedure, services, version, readyAt, because, instead: way.does } }
  }
  if (before.state !== 'ready') return { standing: before }
  if (!before.doubted) return { standing: { ...before, doubted: true } }
  const { leg, readyAt } = before
  const version = leg?.version ?? null
  return {
    standing: { ...before, state: 'lost', doubted: false },
    lost: { procedure, services, version, readyAt, because: way.because, instead: null },
  }
}

function readyBy(before: Standing, { legs, does, checkedAt }: WayBackReadiness): Standing {
  const leg = legs.find(({ service }) => service === before.service) ?? null
  return { ...before, state: 'ready', leg, does, readyAt: checkedAt, doubted: false }
}

/** From the same release to another one than before. */
function hasMoved({ state, leg, service }: Standing, way: WayBackReadiness): boolean {
  const now = way.legs.find((one) => one.service === service)
  if (state !== 'ready' || way.state !== 'ready' || !leg || !now) return false
  return isSame(leg.from, now.from) && !isSame(leg.to, now.to)
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.join(' ') === others.join(' ')
}

function subjectsOf({ services }: WayBackReadiness): readonly (string | null)[] {
  return services.length > 0 ? services : [null]
}

function standingOf(
  all: readonly Standing[],
  { procedure }: Pick<WayBackReadiness, 'procedure'>,
  service: string | null,
): Standing {
  const known = all.find((one) => one.procedure === procedure && one.service === service)
  const unseen = { state: 'never', leg: null, does: null, readyAt: null, doubted: false } as const
  return known ?? { procedure, service, ...unseen }
}

/** What happened to several services in the same way is said once. */
function joinedBy<One extends { readonly services: readonly string[] }>(
  all: readonly One[],
  key: (one: One) => string,
): readonly One[] {
  return [...Map.groupBy(all, key).values()].flatMap(([first, ...others]) => {
    if (!first) return []
    return [{ ...first, services: [first, ...others].flatMap(({ services }) => services) }]
  })
}
