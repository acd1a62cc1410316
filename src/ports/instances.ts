import type { EndpointAnswer } from './endpoints.ts'

/** One pod, container or process of a service. */
export type Instance = {
  /** As its platform calls it: `backend-7f9c6d5b8-x2x4z`. What it tells of itself may be a part of it. */
  readonly id: string
  /** Other names by which it may call itself: its host name, the beginning of its container's id. */
  readonly alsoCalled: readonly string[]
  readonly startedAt: string | null
  /** It ends, and takes no new requests. */
  readonly ending: boolean
}

/** What runs each service, one by one. Throws a `Fault` when it could not be asked. */
export type Instances = {
  /** All that the platform knows, ready or not, those that end too: never only those that answer. */
  list(service: string, signal: AbortSignal): Promise<readonly Instance[]>
  /**
   * Asks one of them itself, whoever a load balancer would choose. No answer is a `Fault`; an answer of any status
   * is an answer. `null`: there is no way from here to one of them alone.
   */
  ask(
    service: string,
    instance: string,
    question: { readonly port: number; readonly path: string; readonly signal: AbortSignal },
  ): Promise<EndpointAnswer | null>
}
