import { nearest } from '../domain/text/nearest.ts'
import { mailChecks, statusPageChecks } from './communication.ts'
import { asRecord } from './as-record.ts'
import { databaseChecks } from './database-checks.ts'
import { drillChecks } from './drill-checks.ts'
import type { Environment } from './environment.ts'
import { flagStoreChecks } from './flag-store-checks.ts'
import { dotted, type Path } from './path.ts'
import type { Problem } from './problem.ts'
import { servicesRunBy } from './procedures.ts'
import type { Readable } from './readable.ts'
import type { Locate } from './read-yaml.ts'
import type { Settings } from './settings-file.ts'

/** As far as they can be read: what is wrong by itself is told by the schemas. */
export type Read = {
  readonly settings: Readable<Settings>
  readonly environment: Readable<Environment>
  readonly at: Locate
}

/** What is right by itself, and does not fit together. */
export function crossChecks(read: Read): readonly Problem[] {
  return [
    ...servicesTwice(read),
    ...servicesOfNobody(read),
    ...servicesRunTwice(read),
    ...namedServices(read),
    ...stoppedServices(read),
    ...ownNamespace(read),
    ...crossedLimits(read),
    ...unprotectedKeys(read),
    ...statusPageChecks(read, namesOf(read.settings)),
    ...mailChecks(read),
    ...databaseChecks(read, namesOf(read.settings)),
    ...flagStoreChecks(read),
    ...releasesOfNobody(read),
    ...drillChecks(read),
  ]
}

function servicesTwice({ settings, at }: Read): readonly Problem[] {
  const names = namesOf(settings)
  const twice = names.filter((name, index) => name !== '' && names.indexOf(name) !== index)
  return [...new Set(twice)].map((name) => ({
    where: at(['services', names.lastIndexOf(name), 'name']),
    what: `services: "${name}" is listed twice`,
  }))
}

/** A service whose name is wrong keeps its place, as an empty text. */
function namesOf(settings: Readable<Settings>): readonly string[] {
  return (settings?.services ?? []).map((service) => service?.name ?? '')
}

function servicesOfNobody({ settings, at }: Read): readonly Problem[] {
  const names = namesOf(settings)
  // With a name that cannot be read, it may be that one that is meant.
  if (names.length === 0 || names.includes('')) return []
  return servicesRunBy(settings?.procedures)
    .filter(({ name }) => !names.includes(name))
    .map(({ name, path }) => {
      const meant = nearest(name, names)
      const hint = meant ? `; did you mean "${meant}"?` : ''
      return {
        where: at(path),
        what: `${path.slice(0, -1).join('.')}: "${name}" is not a service${hint}`,
      }
    })
}

/** Who runs no service is told of no release, and rolls none back. */
function releasesOfNobody({ settings, at }: Read): readonly Problem[] {
  if (!settings || servicesRunBy(settings.procedures).length > 0) return []
  const needs = 'it needs procedures.kubernetes or procedures.docker'
  const problems = {
    releaseWatch: `releaseWatch: nothing here tells what was deployed; ${needs}`,
    rehearsal: `rehearsal: nothing here can be rolled back; ${needs}`,
  }
  return (['releaseWatch', 'rehearsal'] as const)
    .filter((key) => settings[key] !== undefined)
    .map((key) => ({ where: at([key]), what: problems[key] }))
}

/** What runs a service is asked what to roll back: two answers are none. */
function servicesRunTwice({ settings, at }: Read): readonly Problem[] {
  const run = servicesRunBy(settings?.procedures)
  return run.flatMap(({ name, path }, index) => {
    const before = run.find((one, earlier) => earlier < index && one.name === name)
    if (!before) return []
    const other = dotted(before.path.slice(0, -1))
    return [{ where: at(path), what: `${dotted(path)}: ${name} is in ${other} already` }]
  })
}

/** A request of the verification names the service that it is sent to, and so do the places and pages of a flag. */
function namedServices({ settings, at }: Read): readonly Problem[] {
  const names = namesOf(settings)
  if (names.length === 0 || names.includes('')) return []
  const named = [
    ...servicesNamedIn(settings?.verification, ['verification']),
    ...servicesNamedIn(settings?.isolation, ['isolation']),
    ...servicesNamedIn(settings?.purge, ['purge']),
    ...servicesNamedIn(settings?.procedures?.featureFlag, ['procedures', 'featureFlag']),
  ]
  return named.flatMap(({ name, path }) => {
    if (names.includes(name)) return []
    const meant = nearest(name, names)
    const hint = meant ? `; did you mean "${meant}"?` : ''
    return [{ where: at(path), what: `${dotted(path)}: "${name}" is not a service${hint}` }]
  })
}

/** Whoever is not stopped works on with what is between two states. */
function stoppedServices({ settings, at }: Read): readonly Problem[] {
  const run = servicesRunBy(settings?.procedures).map(({ name }) => name)
  return (settings?.procedures?.full?.stop ?? []).flatMap((name, index) => {
    if (name === undefined || run.includes(name)) return []
    const path = ['procedures', 'full', 'stop', index] as const
    const what = `${dotted(path)}: nothing is configured that could stop "${name}"; add it to procedures.kubernetes or procedures.docker`
    return [{ where: at(path), what }]
  })
}

type NamedAt = { readonly name: string; readonly path: Path }

/** Under `service` and `services` alone: what a request sends or a filter holds may have a key of any name, and is not looked into. */
function servicesNamedIn(value: unknown, path: Path): readonly NamedAt[] {
  if (Array.isArray(value)) {
    return value.flatMap((one, index) => servicesNamedIn(one, [...path, index]))
  }
  return Object.entries(asRecord(value) ?? {}).flatMap(([key, one]): readonly NamedAt[] => {
    if (key === 'body' || key === 'filter') return []
    if (key === 'service' && typeof one === 'string') return [{ name: one, path: [...path, key] }]
    if (key === 'services' && Array.isArray(one)) {
      return one.flatMap((name: unknown, index) =>
        typeof name === 'string' ? [{ name, path: [...path, key, index] }] : [],
      )
    }
    return servicesNamedIn(one, [...path, key])
  })
}

function ownNamespace({ settings, environment, at }: Read): readonly Problem[] {
  const namespace = settings?.procedures?.kubernetes?.namespace
  if (namespace === undefined || environment?.BACKOUT_NAMESPACE !== namespace) return []
  return [
    {
      where: at(['procedures', 'kubernetes', 'namespace']),
      what: `procedures.kubernetes.namespace: Backout itself runs in "${namespace}" and must not stand on what it rolls back; install it in a namespace of its own`,
    },
  ]
}

/** What people are told during the rollback, and what is counted, is no cache. */
function unprotectedKeys({ settings, at }: Read): readonly Problem[] {
  const { redis, maintenance } = settings ?? {}
  const prefixes = redis?.cache?.prefixes ?? []
  const kept = [maintenance?.key, maintenance?.messageKey, redis?.activeUsersKey]
  return kept
    .filter((key) => key !== undefined)
    .filter((key) => begins(key, prefixes) && !begins(key, redis?.cache?.protectedPrefixes ?? []))
    .map((key) => ({
      where: at(['redis', 'cache', 'prefixes']),
      what: `redis.cache.prefixes: the key "${key}" would be cleared with the cache; add it to redis.cache.protectedPrefixes`,
    }))
}

function begins(key: string, prefixes: readonly (string | undefined)[]): boolean {
  return prefixes.some((prefix) => prefix !== undefined && key.startsWith(prefix))
}

/** A lower limit above its upper one would make a rule that can never match. */
function crossedLimits({ settings, at }: Read): readonly Problem[] {
  const pairs = [
    ['errorsElevatedPercent', 'errorsCriticalPercent'],
    ['loginFailuresElevatedPercent', 'loginFailuresCriticalPercent'],
    ['latencyElevatedPercent', 'latencyHighPercent'],
    ['latencyMinorPercent', 'latencyElevatedPercent'],
  ] as const
  return pairs.flatMap(([lower, upper]) => {
    const [low, high] = [settings?.matrix?.[lower], settings?.matrix?.[upper]]
    if (low === undefined || high === undefined || low < high) return []
    return [
      {
        where: at(['matrix', lower], ['matrix', upper]),
        what: `matrix.${lower} (${low}) must be below matrix.${upper} (${high})`,
      },
    ]
  })
}
