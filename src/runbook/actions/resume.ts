import { toMs } from '../../domain/base/instant.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import {
  isSetTo,
  ownerInWords,
  ownerTarget,
  worksInWords,
  type Owner,
} from '../../domain/plan/owner.ts'
import { stillSuspended, type Suspended } from '../../domain/plan/suspension.ts'
import { everyVersion } from '../../domain/workload/versions.ts'
import { workloadsOf } from '../parts/require-port.ts'
import { planned } from '../parts/plan-step.ts'
import { infeasible, type Procedure } from '../parts/procedure.ts'
import { fightsInWords, lookAt, type OwnerSeen } from '../parts/suspension.ts'
import { suspendOwner } from '../parts/steps/suspend-owner.ts'

/** What this incident's plans have suspended works by itself again, exactly as it did before. */
export const resume: Procedure<'resume'> = async (_, { incident, world, settings, signal }) => {
  const suspended = stillSuspended(incident)
  if (suspended.length === 0) return infeasible('this incident has suspended nothing')
  const { namespace = '', services = [] } = settings.kubernetes ?? {}
  const [seen, releases] = await Promise.all([
    Promise.all(
      suspended.map(async (before) => ({ before, now: await lookAt(before.owner, world, signal) })),
    ),
    workloadsOf(world).sightings(services, signal),
  ])
  const wroteAtMs = lastRunMs(incident)
  const empty = releases.filter(({ replicas }) => replicas === 0).map(({ name }) => name)
  const found = seen.map(({ before, now }) => {
    return { before, ...standingOf(before, now, { wroteAtMs, empty }) }
  })
  const proved = provedServices(incident)
  const ours = found.filter(({ problem }) => problem === null)
  const problems = found.flatMap(({ problem }) => problem ?? [])
  if (ours.length === 0) return infeasible(problems.join('; '))
  return {
    kind: 'feasible',
    draft: {
      title: `resume ${ours.map(({ before }) => ownerInWords(before.owner)).join(', ')}`,
      steps: ours.map(({ before: { owner, uid, from, to } }) =>
        planned(suspendOwner, { suspend: false, owner, uid, from: to, to: from }),
      ),
      changes: ours.map(({ before }) => {
        return {
          what: ownerInWords(before.owner),
          from: 'suspended',
          to: worksInWords(before.from),
        }
      }),
      // Also what it writes to: nobody else's run may be under way there.
      targets: [
        ...ours.map(({ before }) => ownerTarget(before.owner)),
        ...releases.map(({ name }) => `deployment ${namespace}/${name}`),
      ],
      signatures: 2,
      // What runs now is to go on running.
      versions: Object.fromEntries(
        releases.flatMap(({ service, current }) =>
          current && proved.has(service) ? [[service, [...everyVersion(current)]]] : [],
        ),
      ),
      because: `suspended by plan ${[...new Set(ours.map(({ before }) => before.plan))].join(', ')}`,
      lost: 'What differs from what it keeps is written over.',
      undo: 'Yes: suspended again, as a plan with its own signatures.',
      cautions: [
        ...problems.map((problem) => `Not resumed by this: ${problem}.`),
        ...ours.flatMap(({ caution }) => caution ?? []),
      ],
    },
  }
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

function lastRunMs({ plans }: Incident): number {
  return Math.max(0, ...plans.map(({ run }) => (run?.ended ? toMs(run.ended.at) : 0)))
}

/** Those that told, in this incident, the very version that their image is called by. */
function provedServices({ plans }: Incident): ReadonlySet<string> {
  const proved = plans.filter(({ run }) => run?.ended?.outcome === 'succeeded')
  return new Set(proved.flatMap(({ plan }) => Object.keys(plan?.versions ?? {})))
}
