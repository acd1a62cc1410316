import type { Measurement } from '../domain/assessment/measurement.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import type { World } from '../ports/world.ts'

/** What a probe gets: the world, the settings, and the signal that ends its time. */
export type ProbeContext = {
  readonly world: World
  readonly settings: AssessSettings
  readonly signal: AbortSignal
}

/** The part of a measurement that a probe decides itself. */
export type Finding = Pick<Measurement, 'class' | 'verdict' | 'value' | 'summary' | 'detail'> &
  Pick<Measurement, 'rollouts' | 'targets' | 'otherErrorsPercent'>

/** One question about one target. */
export type Question = {
  readonly target: string
  readonly unit: string
  /** What is asked, exactly, for people to repeat. */
  readonly query: string
  /** Whom it asks, where that is somebody else than the probe's other questions do. */
  readonly asks?: string
  /** Throws a `Fault` when it could not ask. */
  ask(context: ProbeContext): Promise<Finding>
}

/** A claim about production, and the questions that check it. */
export type Probe = {
  /** Journaled and public: never rename. */
  readonly id: string
  /** Whom it asks, for saying who did not answer in time; `null` where the target says it. */
  readonly asks: string | null
  /** Its number is read from Prometheus, and stands for now only while Prometheus is fresh. */
  readonly needsFreshMetrics: boolean
  /** Empty when what it asks is not configured. */
  questions(settings: AssessSettings, world: World): readonly Question[]
}

/** What a number was held against, when that was yesterday: the last words of what it says. */
export const AT_THIS_HOUR_YESTERDAY = 'at this hour yesterday'

export function found(
  value: number | string,
  verdict: 'healthy' | 'degraded',
  summary: string,
): Finding {
  return { class: 'value', verdict, value, summary }
}

export function inconclusive(
  kind: Exclude<Measurement['class'], 'value'>,
  summary: string,
): Finding {
  return { class: kind, verdict: 'inconclusive', value: null, summary }
}
