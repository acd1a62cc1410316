import type { Action } from './procedure.ts'

/** What is done to one service is done by whatever runs it. */
export function whereItRuns<Kind extends 'scale-down' | 'restart'>(on: {
  readonly kubernetes: Action<Kind>
  readonly docker: Action<Kind>
}): Action<Kind> {
  return (request, circumstances) => {
    const onHosts = circumstances.settings.docker?.services ?? []
    const isOnHosts = 'service' in request && onHosts.includes(request.service)
    return (isOnHosts ? on.docker : on.kubernetes)(request, circumstances)
  }
}
