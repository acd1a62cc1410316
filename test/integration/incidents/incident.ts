import type { AssessmentJson } from '../../support/assessment-json.ts'

/** A value that changed: what it is, and what it became so many seconds ago, the longest ago first. */
export type OverTime =
  | number
  | readonly [before: number, ...(readonly [ago: number, value: number])[]]

/** What one service was, as its counters would tell it. */
export type Served = {
  readonly instances?: number
  /** How its instances are called; else as the service. */
  readonly named?: string
  /** Requests a second, of all instances together. */
  readonly perSecond?: OverTime
  /** Of all requests, in percent. */
  readonly errorPercent?: OverTime
  /** Of all instances, only the first so many fail. */
  readonly failingInstances?: number
  readonly loginsPerSecond?: OverTime
  readonly loginFailurePercent?: OverTime
  /** Durations are exponential around it, so that p95 is three times as long. */
  readonly meanSeconds?: OverTime
  /** The bounds of the buckets. */
  readonly ladder?: readonly number[]
  /** All durations are between these two, evenly: then a wide bucket tells nothing. */
  readonly evenlyBetween?: readonly [OverTime, OverTime]
  /** Without it there are buckets and no sum of durations. */
  readonly noSum?: boolean
  /** A summary of the same name beside the histogram, as Micrometer tells both. */
  readonly summaryToo?: boolean
  /** What fails beside that: which route, with which status, how often a second. */
  readonly failing?: readonly (readonly [route: string, status: string, perSecond: OverTime])[]
  readonly statusLabel?: string
  /** The series of failures appears with the first of them. */
  readonly bornFailures?: boolean
  /** The whole target was never looked at before. */
  readonly firstSeenAgo?: number
  /** When its process began; else long ago. */
  readonly startedAgo?: number
  /** Nothing tells when a process began. */
  readonly noStartTime?: boolean
  /** Its series ended. */
  readonly endedAgo?: number
  /** Its targets do not answer: `up` is 0, and the counters stay as old as that. */
  readonly downSinceAgo?: number
  /** Of the first so many instances: seconds between two starts. */
  readonly crashLoop?: {
    readonly instances: number
    readonly everySeconds: number
    readonly sinceAgo: number
  }
  readonly labels?: Readonly<Record<string, string>>
  /** Labels that are called otherwise: from which name to which. */
  readonly renamed?: Readonly<Record<string, string>>
  readonly job?: string
  readonly scrapeSeconds?: number
  /** So long it has been looked at every `scrapeSeconds`; before that, seldom. */
  readonly closelySeconds?: number
}

/** What a Deployment came to run, the oldest first: which version, how many seconds ago, with which settings.
 * `restarted`: the same once more. */
export type Ran = readonly (readonly [version: string, ago: number, setting?: string])[]

/** What was done beside that, and how many seconds ago. */
export type Beside = {
  readonly scaled?: readonly [replicas: number, ago: number]
  /** The ConfigMap that holds the flag of the settings. */
  readonly mapWritten?: number
}

/** What a health page answers: a status with nothing else, or more of it. */
export type Page =
  | number
  | {
      readonly status?: number
      readonly body?: string
      readonly type?: string
      /** Where it sends who asks; `elsewhere`: to another host. */
      readonly to?: string
      readonly afterMs?: number
      /** It begins, and goes on for ever a little at a time. */
      readonly drips?: true
    }
  | 'silent'

/** One page, several one after the other, or none: nothing listens there, or no TLS where it was expected. */
export type Pages = Page | readonly Page[] | 'refused' | 'no-tls'

/** How a Deployment stands; left out: as it was asked for. */
export type Stands = {
  readonly desired?: number
  readonly ready?: number
  readonly updated?: number
  readonly paused?: boolean
  readonly conditions?: readonly Readonly<Record<string, string>>[]
  /** Pods of what is asked for that wait: why, in which words, after how many restarts. */
  readonly waiting?: readonly (readonly [reason: string, message: string, restarts?: number])[]
}

export type Incident = {
  readonly name: string
  /** What an experienced responder would think of it. */
  readonly why?: string
  /** Whose past it has: nothing of its own is written then. */
  readonly pastOf?: string
  /** What the health pages answer; left out: 200, and that all is well. */
  readonly health?: { readonly backend?: Pages; readonly frontend?: Pages }
  /** What the settings say of both services. */
  readonly asked?: Readonly<Record<string, unknown>>
  /** What stands in Redis under the switch; `null`: nothing, and there is a Redis. `redis-is-away`: there is none. */
  readonly maintenance?: string | null
  readonly stands?: { readonly backend?: Stands; readonly frontend?: Stands }
  readonly deadlineSeconds?: number
  /** One line for one service; two are configured: `backend` and `frontend`. */
  readonly backend?: Served
  readonly frontend?: Served | null
  /** Others that the same server counts. */
  readonly others?: readonly Served[]
  /** What yesterday and last week were; as before the trouble if left out. `null`: nothing was counted. */
  readonly yesterday?: { readonly backend?: Served } | null
  readonly lastWeek?: { readonly backend?: Served } | null
  /** What runs in Kubernetes; left out: nothing tells what was released. */
  readonly ran?: { readonly backend: Ran; readonly frontend?: Ran }
  readonly beside?: Beside
  /** The version that the way back has to lead to. */
  readonly leadsTo?: string
  readonly settings?: Readonly<Record<string, unknown>>
  readonly matrix?: Readonly<Record<string, unknown>>
  readonly match?: string
  readonly right: AssessmentJson['decision']
  /** What the answer has to say somewhere. */
  readonly says?: RegExp
  readonly never?: RegExp
  /** A measurement's value, in percent, and how far from it is still right. */
  readonly measured?: readonly [probe: string, value: number, within: number]
}

/** From when on it had which value, in seconds ago. */
export function changes(value: OverTime): readonly (readonly [ago: number, value: number])[] {
  if (typeof value === 'number') return [[Infinity, value]]
  const [before, ...later] = value
  return [[Infinity, before], ...later]
}
