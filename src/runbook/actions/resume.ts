import { toMs } from '../../domain/base/instant.ts'
import {
  fightsInWords,
  isSetTo,
  ownerInWords,
  ownerTarget,
  type Owner,
} from '../../domain/plan/owner.ts'
import type { Versions } from '../../domain/plan/plan.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { hasDone } from '../../domain/plan/run.ts'
import { stillSuspended, type Suspended } from '../../domain/plan/suspension.ts'
import { toldVersions } from '../../domain/workload/versions.ts'
import type { Sighting } from '../../ports/deployment-state.ts'
import { draftOf, joined, partOf } from '../parts/part.ts'
import { deploymentsOf } from '../parts/require-port.ts'
import { suspendOwner } from '../parts/steps/suspend-owner.ts'
import { lookAt, type OwnerSeen } from '../parts/suspension.ts'
import { infeasible, type Action } from '../procedure.ts'

/** What this incident's plans have suspended works by itself again, exactly as it did before. */
export const resume: Action<'resume'> = async (_, { plans, world, settings, signal }) => {
  const suspended = stillSuspended({ plans })
  if (suspended.length === 0) return infeasible('this incident has suspended nothing')
  const { namespace = '', services = [] } = settings.kubernetes ?? {}
  const [seen, releases] = await Promise.all([
    Promise.all(
      suspended.map(async (before) => ({ before, now: await lookAt(before.owner, world, signal) })),
    ),
    deploymentsOf(world).sightings(services, signal),
  ])
  const wroteAtMs = lastRunMs(plans)
  const empty = releases.filter(({ replicas }) => replicas === 0).map(({ name }) => name)
  const found = seen.map(({ before, now }) => {
    return { before, ...standingOf(before, now, { wroteAtMs, empty }) }
  })
  const ours = found.filter(({ problem }) => problem === null)
  const problems = found.flatMap(({ problem }) => problem ?? [])
  if (ours.length === 0) return infeasible(problems.join('; '))
  const resumed = joined(
    ours.map(({ before: { owner, uid, from, to } }) =>
      partOf(suspendOwner, { suspend: false, owner, uid, from: to, to: from }),
    ),
  )
  // Also what it writes to: nobody else's run may be under way there.
  const targets = [
    ...ours.map(({ before }) => ownerTarget(before.owner)),
    ...releases.map(({ name }) => `deployment ${namespace}/${name}`),
  ]
  const words = {
    title: `resume ${ours.map(({ before }) => ownerInWords(before.owner)).join(', ')}`,
    because: `suspended by plan ${[...new Set(ours.map(({ before }) => before.plan))].join(', ')}`,
    lost: 'What differs from what it keeps is written over.',
    undo: 'Yes: suspended again, as a plan with its own signatures.',
    // What runs now is to go on running.
    versions: versionsNow(releases, provedServices(plans)),
    cautions: [
      ...problems.map((problem) => `Not resumed by this: ${problem}.`),
      ...ours.flatMap(({ caution }) => caution ?? []),
    ],
  }
  const part = { ...resumed, targets }
  return { kind: 'feasible', draft: draftOf('resume', words, [part], settings) }
}

function versionsNow(running: readonly Sighting[], proved: ReadonlySet<string>): Versions {
  return Object.fromEntries(
    running.flatMap(({ service, current }) =>
      current && proved.has(service) ? [[service, [...toldVersions(current)]]] : [],
    ),
  )
}

type Standing = {
  /** Why it cannot be resumed. */
  readonly problem: string | null
  readonly caution: string | null
}

function standingOf(
  before: Suspended,
  seen: OwnerSeen,
  { wroteAtMs, empty }: { readonly wroteAtMs: number; readonly empty: readonly string[] },
): Standing {
  const problem = (because: string): Standing => {
    return { problem: `${ownerInWords(before.owner)}: ${because}`, caution: null }
  }
  if (seen.kind !== 'found') return problem(seen.because)
  const { owner: now } = seen
  if (now.uid !== before.uid) return problem('it was deleted or made anew')
  if (isSetTo(now, before.from)) return problem('it works by itself already')
  if (!isSetTo(now, before.to)) return problem('somebody else changed how it works')
  if (now.wantsOther) return { problem: fightsInWords(before.owner), caution: null }
  return { problem: null, caution: cautionOf(now, wroteAtMs, empty) }
}

function cautionOf(now: Owner, wroteAtMs: number, empty: readonly string[]): string | null {
  const words = ownerInWords(now)
  if (now.scales !== null) {
    return empty.includes(now.scales) ? `${words} may start pods of ${now.scales} again.` : null
  }
  const told = now.wantsOther !== null && isSince(now, wroteAtMs)
  return told
    ? null
    : `${words} does not tell what it would write. See to it that it is not the bad version.`
}

/** Whether it has looked at the cluster after we changed it: before, it speaks of another world. */
function isSince({ lookedAt }: Owner, wroteAtMs: number): boolean {
  return lookedAt !== null && toMs(lookedAt) >= wroteAtMs
}

function lastRunMs(plans: readonly PlanState[]): number {
  return Math.max(0, ...plans.map(({ run }) => (run?.ended ? toMs(run.ended.at) : 0)))
}

/** Those that told, in this incident, the very version that their image is called by. */
function provedServices(plans: readonly PlanState[]): ReadonlySet<string> {
  const proved = plans.filter(({ run }) => hasDone(run))
  return new Set(proved.flatMap(({ plan }) => Object.keys(plan?.versions ?? {})))
}
