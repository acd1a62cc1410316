import type { Draft, PlannedStep, Resolved } from '../../domain/plan/plan.ts'
import { joined, NOTHING, partOf, type Part } from '../parts/part.ts'
import { clearCache } from '../parts/steps/clear-cache.ts'
import { purgeCaches } from '../parts/steps/purge-caches.ts'
import { suspendOwner } from '../parts/steps/suspend-owner.ts'
import { infeasible, type Circumstances, type Judged } from '../procedure.ts'
import { CODE_BACKS, type CodeBack } from './code-back.ts'

/** The code of every platform back to an earlier release, in one piece. */
export type Code = Pick<Draft, 'title' | 'because' | 'lost' | 'cautions'> & {
  /** What would write the bad version back, and is suspended for the whole plan. */
  readonly suspended: readonly PlannedStep[]
  /** The steps that bring it back. */
  readonly restored: Part
  readonly cache: Part
  readonly purge: Part
  /** The first of the steps that bring it back. */
  readonly first: string
  /** What is made ready before it, and what people do after it. */
  readonly around: Pick<Draft, 'preparation' | 'afterwards'>
}

type Drafted = { readonly back: CodeBack; readonly draft: Draft }

/** Whether, and to what, the code could go back now. */
export async function glanceAtCode(
  stopped: readonly string[],
  circumstances: Circumstances,
): Promise<Judged<unknown>> {
  const found = await Promise.all(
    configured(circumstances).map((back) => back.glance(stopped, circumstances)),
  )
  const feasible = found.filter((one) => one.kind === 'feasible')
  const [first] = feasible
  if (!first) return whyNone(found)
  const to = [...new Set(feasible.flatMap((one) => one.to ?? []))].join(', ')
  return {
    ...first,
    to: to === '' ? null : to,
    because: feasible.map(({ because }) => because).join('; '),
    warnings: feasible.flatMap(({ warnings }) => warnings),
  }
}

/** Where it cannot go back on one platform, that is said, and it goes back on the other. */
export async function planCode(
  wish: { readonly toVersion: string | null },
  stopped: readonly string[],
  circumstances: Circumstances,
): Promise<Judged<Code>> {
  const found = await Promise.all(
    configured(circumstances).map(async (back) => {
      return { back, resolved: await back.plan(wish, stopped, circumstances) }
    }),
  )
  const drafted = found.flatMap(({ back, resolved }) =>
    resolved.kind === 'feasible' ? [{ back, draft: resolved.draft }] : [],
  )
  const [first] = drafted
  const whys = found.map(({ resolved }) => resolved)
  if (!first) return whyNone(whys)
  const stays = whys.flatMap((one) =>
    one.kind === 'infeasible' ? [`Not rolled back: ${one.because}.`] : [],
  )
  const code = codeOf([first, ...drafted.slice(1)], stopped, stays)
  return { kind: 'feasible', to: null, because: code.because, warnings: [], found: code }
}

function codeOf(
  drafted: readonly [Drafted, ...(readonly Drafted[])],
  stopped: readonly string[],
  stays: readonly string[],
): Code {
  const drafts = drafted.map(({ draft }) => draft)
  const steps = drafts.flatMap((one) => one.steps)
  const of = (id: string) => steps.filter((step) => step.id === id)
  const afterwards = drafts.find((one) => one.afterwards)?.afterwards
  const preparations = drafts.flatMap(({ preparation }) => preparation ?? [])
  return {
    title: joinedBy(
      '; ',
      drafts.map(({ title }) => title),
    ),
    because: joinedBy(
      '; ',
      drafts.map(({ because }) => because),
    ),
    lost: joinedBy(
      ' ',
      drafts.map(({ lost }) => lost),
    ),
    cautions: [...stays, ...drafts.flatMap(({ cautions }) => cautions)],
    suspended: of(suspendOwner.id),
    restored: joined(drafted.map((one) => restoredPart(one, stopped))),
    // Whoever plans it, it is one cache.
    cache: { ...NOTHING, steps: of(clearCache.id).slice(0, 1) },
    purge: { ...NOTHING, steps: of(purgeCaches.id).slice(0, 1) },
    first: drafted[0].back.step.id,
    around: {
      ...(preparations.length > 0 ? { preparation: preparations.join('; ') } : {}),
      ...(afterwards ? { afterwards } : {}),
    },
  }
}

/** Each once. */
function joinedBy(between: string, words: readonly string[]): string {
  return [...new Set(words)].join(between)
}

function restoredPart({ back, draft }: Drafted, stopped: readonly string[]): Part {
  const { changes, targets } = draft
  const planned = draft.steps.find(({ id }) => id === back.step.id)
  if (!planned) throw new Error('the code does not go back')
  return partOf(back.step, back.whileStopped(planned.input, stopped), { changes, targets })
}

function configured({ settings }: Circumstances): readonly CodeBack[] {
  return CODE_BACKS.filter(({ isConfigured }) => isConfigured(settings))
}

function whyNone(found: readonly (Judged<unknown> | Resolved)[]) {
  const whys = found.flatMap((one) => (one.kind === 'infeasible' ? [one] : []))
  if (whys.length === 0) return infeasible('not configured')
  const because = whys.map((one) => one.because).join('; ')
  return { ...infeasible(because), known: whys.every(({ known }) => known) }
}
