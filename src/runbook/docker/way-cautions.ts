import type { Container } from '../../ports/containers.ts'
import { imageVersion } from '../../domain/workload/ledger.ts'
import type { Way } from './judge.ts'

/** What people should know of one container before they sign that it is made anew. */
export function cautionsOf({ container, to, hadEnded, isStopped }: Way): readonly string[] {
  const { service, host, name, volumes, publishesPorts, stopSeconds, trouble } = container
  const what = `${service} on ${host}`
  const how = trouble === null ? '' : ` (${trouble})`
  return [
    ...(hadEnded
      ? [
          `${what}: ${name} has ended${how} and is not started again, whatever happens. ${imageVersion(to)} is started in its place.`,
        ]
      : []),
    ...(publishesPorts && !hadEnded && !isStopped
      ? [
          `${what}: it publishes a port, so that nothing serves between its end (at most ${stopSeconds} s) and the start of the new one.`,
        ]
      : []),
    ...(volumes.length > 0
      ? [
          `${what}: ${name} keeps its ${volumes.length === 1 ? 'volume' : 'volumes'} ${volumes.join(', ')}.`,
        ]
      : []),
  ]
}

/** How long the others take is said with what they publish. */
export function stoppedBeside(ways: readonly Way[]): readonly Container[] {
  const stopped = ways.filter(({ hadEnded, isStopped }) => !hadEnded && !isStopped)
  return stopped.map(({ container }) => container).filter(({ publishesPorts }) => !publishesPorts)
}

/** Where the service is stopped meanwhile, its new container is started later. */
export function ifNotWell(ways: readonly Way[]): readonly string[] {
  const serve = ways.filter(({ hadEnded, isStopped }) => !hadEnded && !isStopped)
  if (serve.length === 0) return []
  const services = new Set(serve.map(({ container }) => container.service))
  const ofThese = ways.some(({ isStopped }) => isStopped) ? ` of ${[...services].join(' or ')}` : ''
  return [
    `If a new container${ofThese} does not become healthy, the old one is started again by itself, and the run says so.`,
  ]
}
