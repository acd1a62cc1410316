import { Fault } from '../domain/base/fault.ts'
import type { EndpointAnswer } from '../ports/endpoints.ts'
import type { Instances } from '../ports/instances.ts'
import { json } from './pages.ts'
import { FLAG } from './production.ts'

export const FLAG_PAGE = '/flags'
/** Where each of them listens. */
export const LISTENS_AT = 8080

/** What one of them goes by, and as what it knows itself. `null`: the flag is not set. */
export type FlagTold = { readonly instance: string; readonly value: string | null }

/** What runs the services: the port, and those that a load balancer would choose from. */
export type SimulatedInstances = {
  readonly instances: Instances
  readonly ready: (service: string) => readonly FlagTold[]
}

export function flagPage({ instance, value }: FlagTold): EndpointAnswer {
  return json(200, { [FLAG]: value, instance })
}

/** The page at the address of a service: behind it, one after the other is asked. `null`: it is not there. */
export function flagsInTurn(from: SimulatedInstances | null) {
  const turns = new Map<string, number>()
  return (service: string): EndpointAnswer | null => {
    const ready = from?.ready(service) ?? []
    const turn = turns.get(service) ?? 0
    const next = ready[turn % ready.length]
    turns.set(service, turn + 1)
    return next ? flagPage(next) : null
  }
}

export function noSuch(dependency: string, detail: string, kind: Fault['kind']): Fault {
  return new Fault({ kind, dependency, detail, code: '404' })
}
