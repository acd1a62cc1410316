import type { Assessment } from '../assessment/assessment.ts'
import { toMs } from '../base/instant.ts'
import { affectedServices } from '../incident/affected-services.ts'
import { isAnyRunning, type Incident } from '../incident/incident.ts'
import { isGateOpen } from '../plan/plan-state.ts'
import type { NewRelease } from './new-releases.ts'

/**
 * What one look at a new release has found, by the rules of judgement.
 *
 * - `well`: no rule calls for anything.
 * - `bad`: a rule that could be evaluated says *roll back*, or that a person decides.
 * - `not-judged`: everybody answered, and still a rule that could say *roll back* could not be evaluated.
 * - `no-answer`: somebody who was asked did not answer, or nobody could be asked. Neither good nor bad (J10).
 * - `rolling-out`: nothing but that it is not everywhere yet, and it may still come up.
 * - `maintenance`: people are kept out on purpose.
 */
export const RELEASE_LOOKS = [
  'well',
  'bad',
  'not-judged',
  'no-answer',
  'rolling-out',
  'maintenance',
] as const
export type ReleaseLook = (typeof RELEASE_LOOKS)[number]

/** The same, or none: people see to it already. */
export type ReleaseTurn = ReleaseLook | 'held'

/** What the rules say of new releases. No threshold is added to theirs. */
export function judgedLook(
  { rules, measurements }: Pick<Assessment, 'rules' | 'measurements'>,
  /** The services that will not come up by themselves, as what runs them says. */
  stuck: readonly string[],
): ReleaseLook {
  const matched = rules.filter((one) => one.matched === true)
  if (matched.some(({ rule }) => rule === 'maintenance-on')) return 'maintenance'
  const calling = matched.filter(({ decision }) => decision !== 'do-not')
  const isRolling = mayStillComeUp(measurements, stuck)
  if (calling.some(({ rule }) => rule !== 'rollout-unfinished' || !isRolling)) return 'bad'
  if (rules.some((one) => one.matched === 'unknown' && one.decision === 'roll-back')) {
    return measurements.some(isUnanswered) ? 'no-answer' : 'not-judged'
  }
  return calling.length > 0 ? 'rolling-out' : 'well'
}

/** Whatever is deployed is rolled out for a while: that is no news before what runs it says that it is stuck. */
function mayStillComeUp(
  measurements: Assessment['measurements'],
  stuck: readonly string[],
): boolean {
  return measurements
    .flatMap(({ rollouts = [] }) => rollouts)
    .every(({ service, state }) => state !== 'not-ready' && !stuck.includes(service))
}

/** A service that does not answer is what is looked for; whoever should tell how it does is another matter. */
function isUnanswered({ probe, class: kind }: Assessment['measurements'][number]): boolean {
  return kind === 'error' && probe !== 'health-passing'
}

/** What is remembered from look to look, by the keys of releases. */
export type ReleaseMemory = {
  /** Of these the look before has called for a person. */
  readonly doubted: readonly string[]
  /** Of these some look was judged. */
  readonly judged: readonly string[]
}

export const NOTHING_SEEN: ReleaseMemory = { doubted: [], judged: [] }

/** What a look does to a doubt. `turns`: it doubts where it could be judged before, and else keeps. */
const MOVES: Readonly<Record<ReleaseTurn, 'doubts' | 'turns' | 'keeps' | 'clears'>> = {
  well: 'clears',
  bad: 'doubts',
  // Where it never could be, that is no news of the release.
  'not-judged': 'turns',
  // Nothing was learned, neither way.
  'no-answer': 'keeps',
  'rolling-out': 'clears',
  maintenance: 'clears',
  held: 'clears',
}

const JUDGED: ReadonlySet<ReleaseTurn> = new Set(['well', 'bad', 'rolling-out'])

/**
 * What follows from a turn. One look alone may be a flap: only the second in a row that calls for a person opens an
 * incident, and only of a release that was there at the first.
 */
export function releaseMove(
  before: ReleaseMemory,
  watched: readonly string[],
  turn: ReleaseTurn,
): { readonly memory: ReleaseMemory; readonly opens: boolean } {
  const doubted = before.doubted.filter((key) => watched.includes(key))
  const seen = before.judged.filter((key) => watched.includes(key))
  const judged = JUDGED.has(turn) ? watched : seen
  const asWritten = MOVES[turn]
  const turned = seen.length > 0 ? 'doubts' : 'keeps'
  switch (asWritten === 'turns' ? turned : asWritten) {
    case 'doubts':
      return { memory: { doubted: watched, judged }, opens: doubted.length > 0 }
    case 'keeps':
      return { memory: { doubted, judged }, opens: false }
    default:
      return { memory: { doubted: [], judged }, opens: false }
  }
}

/**
 * Whether people see to it already, in this incident: a plan is signed or carried out, it is about one of the services, or it
 * began with one of these releases and found something. Then no second one is opened.
 */
export function holdsReleases(
  incident: Incident,
  releases: readonly Pick<NewRelease, 'service' | 'deployedAt'>[],
): boolean {
  const { opened, declared, closed, undecided, assessment, assessmentDueSince } = incident
  if (closed) return false
  // Somebody is opening it just now.
  if (!opened) return undecided.length > 0
  if (isAnyRunning(incident) || incident.plans.some(isGateOpen)) return true
  const since = releases.some(({ deployedAt }) => toMs(opened.at) >= toMs(deployedAt))
  if (!declared) {
    const calls = assessment !== null && assessment.decision !== 'do-not'
    return since && (calls || assessmentDueSince !== null)
  }
  const affected = affectedServices(incident)
  const isNamed = releases.some(({ service }) => affected.includes(service))
  return since || affected.length === 0 || isNamed
}

/** How the watch of a release goes, in this process. */
export type WatchedRelease = Pick<NewRelease, 'service' | 'version' | 'deployedAt'> & {
  /** Since when this process looks. */
  readonly since: string
  readonly looks: number
  /** Of these, how many could not be taken. */
  readonly missed: number
  /** The last that could be taken; `null`: none could yet. */
  readonly last: { readonly at: string; readonly look: Exclude<ReleaseTurn, 'no-answer'> } | null
  /** An incident was opened for it: nothing more is looked at. */
  readonly isTold: boolean
}
