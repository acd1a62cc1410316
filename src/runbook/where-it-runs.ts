import { joined } from './parts/part.ts'
import type { Pausing } from './parts/pausing.ts'
import type { Renewing } from './parts/renewing.ts'
import type { Action, Circumstances } from './procedure.ts'

/** What is done to one service is done by whatever runs it. */
export function whereItRuns<Kind extends 'scale-down' | 'restart'>(on: {
  readonly kubernetes: Action<Kind>
  readonly docker: Action<Kind>
}): Action<Kind> {
  return (request, circumstances) => {
    const onHosts = 'service' in request && isOnHosts(request.service, circumstances)
    return (onHosts ? on.docker : on.kubernetes)(request, circumstances)
  }
}

function isOnHosts(service: string, { settings }: Circumstances): boolean {
  return settings.docker?.services.includes(service) === true
}

export function renewedWhereTheyRun(on: {
  readonly kubernetes: Renewing
  readonly docker: Renewing
}): Renewing {
  return (service, instances, circumstances, how) => {
    const onHosts = isOnHosts(service, circumstances)
    return (onHosts ? on.docker : on.kubernetes)(service, instances, circumstances, how)
  }
}

/** Services are stopped by whatever runs them, and started in the other order. */
export function pausedWhereTheyRun(backends: readonly Pausing[]): Pausing {
  return async (services, circumstances, options) => {
    const found = await Promise.all(
      backends.map((pausing) => pausing(services, circumstances, options)),
    )
    const problems = found.flatMap((one) => ('problem' in one ? [one.problem] : []))
    if (problems.length > 0) return { problem: problems.join('; ') }
    const pauses = found.flatMap((one) => ('problem' in one ? [] : [one]))
    return {
      stop: joined(pauses.map(({ stop }) => stop)),
      start: joined(pauses.map(({ start }) => start)),
      inTwo: {
        one: joined(pauses.map(({ inTwo }) => inTwo.one)),
        rest: joined(pauses.map(({ inTwo }) => inTwo.rest)),
      },
    }
  }
}
