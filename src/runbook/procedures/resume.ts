import { canonicalJson } from '../../domain/canonical-json.ts'
import { ownerInWords, ownerTarget, type Owner } from '../../domain/owner.ts'
import { stillSuspended, type Suspended } from '../../domain/suspension.ts'
import { everyVersion } from '../../domain/versions.ts'
import { ownersOf, workloadsOf } from '../needs.ts'
import { planned } from '../planned.ts'
import { infeasible, type Procedure } from '../procedure.ts'
import { suspendOwners } from '../steps/suspend-owners.ts'

/** What this incident's plans have suspended works by itself again, exactly as it did before. */
export const resume: Procedure<'resume'> = async (_, { incident, world, settings, signal }) => {
  const suspended = stillSuspended(incident)
  if (suspended.length === 0) return infeasible('this incident has suspended nothing')
  const [now, releases] = await Promise.all([
    ownersOf(world).list(suspended, signal),
    workloadsOf(world).sightings(settings.kubernetes?.services ?? [], signal),
  ])
  const found = suspended.map((before) => standingOf(before, now))
  const problems = found.flatMap((one) => (one.kind === 'problem' ? [one.because] : []))
  if (problems.length > 0) return infeasible(problems.join('; '))
  const owners = found.flatMap((one) => (one.kind === 'suspended' ? [one.before] : []))
  if (owners.length === 0) return infeasible('somebody has resumed it already')
  const unseen = found.flatMap((one) =>
    one.kind === 'suspended' && one.unseen ? [one.before] : [],
  )
  return {
    kind: 'feasible',
    draft: {
      title: `resume ${owners.map(ownerInWords).join(', ')}`,
      steps: [
        planned(suspendOwners, {
          suspend: false,
          owners: owners.map(({ plan: _plan, from, to, ...owner }) => ({
            ...owner,
            from: to,
            to: from,
          })),
        }),
      ],
      changes: owners.map((owner) => {
        return { what: ownerInWords(owner), from: 'suspended', to: 'works by itself, as before' }
      }),
      targets: owners.map(ownerTarget),
      signatures: 2,
      // What runs now is to go on running.
      versions: Object.fromEntries(
        releases.flatMap(({ service, current }) =>
          current ? [[service, [...everyVersion(current)]]] : [],
        ),
      ),
      because: `suspended by plan ${[...new Set(owners.map(({ plan }) => plan))].join(', ')}`,
      lost: 'What differs from what it keeps is written over.',
      undo: 'Yes: suspended again, as a plan with its own signatures.',
      cautions: unseen.map((owner) => {
        return `${ownerInWords(owner)} does not tell what it would write. See to it that it is not the bad version.`
      }),
    },
  }
}

type Standing =
  | { readonly kind: 'suspended'; readonly before: Suspended; readonly unseen: boolean }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'problem'; readonly because: string }

function standingOf(before: Suspended, all: readonly Owner[]): Standing {
  const words = ownerInWords(before)
  const now = all.find((one) => ownerTarget(one) === ownerTarget(before))
  if (now?.uid !== before.uid) return { kind: 'problem', because: `${words}: deleted or made anew` }
  const setting = canonicalJson(now.setting)
  if (setting === canonicalJson(before.from)) return { kind: 'resumed' }
  if (setting !== canonicalJson(before.to)) {
    return { kind: 'problem', because: `${words}: somebody else changed how it works` }
  }
  if (now.wantsOther) {
    const because = `${words}: what it would write is not what runs now; revert it there first, or undo the rollback`
    return { kind: 'problem', because }
  }
  return { kind: 'suspended', before, unseen: now.wantsOther === null && now.scales === null }
}
