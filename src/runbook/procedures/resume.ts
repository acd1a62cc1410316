import { canonicalJson } from '../../domain/canonical-json.ts'
import { toMs } from '../../domain/instant.ts'
import type { Incident } from '../../domain/incident.ts'
import { ownerInWords, ownerTarget, worksInWords, type Owner } from '../../domain/owner.ts'
import { stillSuspended, type Suspended } from '../../domain/suspension.ts'
import { everyVersion } from '../../domain/versions.ts'
import { ownersOf, workloadsOf } from '../needs.ts'
import { planned } from '../planned.ts'
import { infeasible, type Procedure } from '../procedure.ts'
import { fightsInWords } from '../suspension.ts'
import { suspendOwner } from '../steps/suspend-owner.ts'

/** What this incident's plans have suspended works by itself again, exactly as it did before. */
export const resume: Procedure<'resume'> = async (_, { incident, world, settings, signal }) => {
  const suspended = stillSuspended(incident)
  if (suspended.length === 0) return infeasible('this incident has suspended nothing')
  const { namespace = '', services = [] } = settings.kubernetes ?? {}
  const [owners, releases] = await Promise.all([
    ownersOf(world).list(
      suspended.map(({ owner }) => owner),
      signal,
    ),
    workloadsOf(world).sightings(services, signal),
  ])
  const wroteAtMs = lastRunMs(incident)
  const found = suspended.map((before) => ({ before, ...standingOf(before, owners, wroteAtMs) }))
  const ours = found.filter(({ problem }) => problem === null)
  const problems = found.flatMap(({ problem }) => problem ?? [])
  if (ours.length === 0 || found.some(({ fights }) => fights))
    return infeasible(problems.join('; '))
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
          current ? [[service, [...everyVersion(current)]]] : [],
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
  /** It would write over what runs, and says so. */
  readonly fights: boolean
  readonly caution: string | null
}

function standingOf(before: Suspended, owners: readonly Owner[], wroteAtMs: number): Standing {
  const words = ownerInWords(before.owner)
  const now = owners.find((one) => ownerTarget(one) === ownerTarget(before.owner))
  const problem = (because: string): Standing => {
    return { problem: `${words}: ${because}`, fights: false, caution: null }
  }
  if (now?.uid !== before.uid) return problem('it was deleted or made anew')
  const setting = canonicalJson(now.setting)
  if (setting === canonicalJson(before.from)) return problem('it works by itself already')
  if (setting !== canonicalJson(before.to)) return problem('somebody else changed how it works')
  if (now.wantsOther) {
    return { problem: fightsInWords(before.owner), fights: true, caution: null }
  }
  const silent = now.scales === null && (now.wantsOther === null || !isSince(now, wroteAtMs))
  const caution = `${words} does not tell what it would write. See to it that it is not the bad version.`
  return { problem: null, fights: false, caution: silent ? caution : null }
}

/** Whether it has looked at the cluster after we changed it: before, it speaks of another world. */
function isSince({ lookedAt }: Owner, wroteAtMs: number): boolean {
  return lookedAt !== null && toMs(lookedAt) >= wroteAtMs
}

function lastRunMs({ plans }: Incident): number {
  return Math.max(0, ...plans.map(({ run }) => (run?.ended ? toMs(run.ended.at) : 0)))
}
