import type { Container } from '../../ports/containers.ts'
import { imageVersion } from '../../domain/workload/ledger.ts'
import type { Way } from './judge.ts'
import { portGap } from './slow-stop.ts'

/** What people should know of one container before they sign that it is made anew. */
export function cautionsOf({ container, to, hadEnded, isStopped }: Way): readonly string[] {
  const { service, host, name, trouble } = container
  const what = `${service} on ${host}`
  const how = trouble === null ? '' : ` (${trouble})`
  return [
    ...(hadEnded
      ? [
          `${what}: ${name} has ended${how} and is not started again, whatever happens. ${imageVersion(to)} is started in its place.`,
        ]
      : []),
    ...(hadEnded || isStopped ? [] : portGap(container)),
    ...keepsVolumes(container),
  ]
}

export function keepsVolumes({ service, host, name, volumes }: Container): readonly string[] {
  if (volumes.length === 0) return []
  const its = volumes.length === 1 ? 'volume' : 'volumes'
  return [`${service} on ${host}: ${name} keeps its ${its} ${volumes.join(', ')}.`]
}

/** `serve`: those that give their place to a new one. `isOneOf`: others get one that is started later. */
export function ifNotWell(
  serve: readonly Container[],
  { isOneOf }: { readonly isOneOf: boolean },
): readonly string[] {
  if (serve.length === 0) return []
  const services = new Set(serve.map(({ service }) => service))
  const ofThese = isOneOf ? ` of ${[...services].join(' or ')}` : ''
  return [
    `If a new container${ofThese} does not become healthy, the old one is started again by itself, and the run says so.`,
  ]
}

/** Those that serve, and end before their new ones take over. */
export function endedBy(ways: readonly Way[]): readonly Container[] {
  return ways.flatMap(({ container, hadEnded, isStopped }) => {
    return hadEnded || isStopped ? [] : [container]
  })
}
