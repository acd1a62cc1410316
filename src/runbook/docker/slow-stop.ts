import { inWords } from '../../domain/text/duration.ts'
import type { Container } from '../../ports/containers.ts'

/** So long every container has to end, where nobody says otherwise. Seconds. */
const USUAL_STOP_SECONDS = 10

/** Which of them may take longer to end than is usual: their hosts wait so long before they kill them. */
export function slowStops(
  stopped: readonly Pick<Container, 'service' | 'stopSeconds'>[],
): readonly string[] {
  const slow = stopped.filter(({ stopSeconds }) => stopSeconds > USUAL_STOP_SECONDS)
  return [...Map.groupBy(slow, ({ service }) => service)].map(([service, those]) => {
    const longest = Math.max(...those.map(({ stopSeconds }) => stopSeconds))
    return `Stopping a container of ${service} may take up to ${inWords(longest * 1_000)}.`
  })
}

/** Where its port is one of the host: it ends before the new one can begin. */
export function portGap({
  service,
  host,
  publishesPorts,
  stopSeconds,
}: Container): readonly string[] {
  return publishesPorts
    ? [
        `${service} on ${host}: it publishes a port, so that nothing serves between its end (at most ${stopSeconds} s) and the start of the new one.`,
      ]
    : []
}

/** The same of those of which {@link portGap} says nothing. */
export function slowStopsBeside(stopped: readonly Container[]): readonly string[] {
  return slowStops(stopped.filter(({ publishesPorts }) => !publishesPorts))
}
