import type { PlannedStep, Resolved } from '../../domain/plan/plan.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import { hasDone } from '../../domain/plan/run.ts'
import {
  lostBySwitchingBack,
  stillDown,
  switchedBack,
  switchedBackCautions,
  toldBack,
  undoSwitch,
} from '../database/undo.ts'
import { dependentTasks } from '../database/switch-cautions.ts'
import { switchCollections } from '../database/steps/switch-collections.ts'
import { restoreRevisions } from '../kubernetes/steps/restore-revisions.ts'
import { lookOnly } from '../parts/look-only.ts'
import { draftOf, joined, NOTHING, partOf, type Part } from '../parts/part.ts'
import type { Pausing } from '../parts/pausing.ts'
import { applicationPart, proofPart } from '../parts/proof.ts'
import type { Step } from '../../engine/run/step.ts'
import { purgeCaches } from '../parts/steps/purge-caches.ts'
import { clearCache } from '../parts/steps/clear-cache.ts'
import { whileStopped } from '../parts/while-stopped.ts'
import { infeasible, type Circumstances } from '../procedure.ts'
import { atZero } from './at-zero.ts'

/** The way back from a plan that stops services for what it does; `null`: it is taken back step by step. */
export async function undoWhileStopped(
  before: PlanState,
  pausing: Pausing,
  circumstances: Circumstances,
): Promise<Resolved | null> {
  const restored = writtenSteps(before).find(({ id }) => id === restoreRevisions.id)
  const stopsServices = before.plan?.steps.some(
    ({ givesBackAfter }) => givesBackAfter !== undefined,
  )
  return restored && stopsServices
    ? undoFull({ before, restored }, pausing, circumstances)
    : undoSwitch(before, pausing, circumstances)
}

async function undoFull(
  { before, restored }: { readonly before: PlanState; readonly restored: PlannedStep },
  pausing: Pausing,
  circumstances: Circumstances,
): Promise<Resolved | null> {
  const { settings } = circumstances
  const { plan, run } = before
  if (!plan || !run) return null
  const stopped = settings.full?.stop ?? []
  const data = await switchedBack(before, circumstances)
  const givesBackAfter = data ? switchCollections.id : restoreRevisions.id
  const deeds = [switchCollections.id, restoreRevisions.id]
  const [code, told, pause, down] = await Promise.all([
    codeBack(restored, stopped, circumstances),
    toldBack(before, circumstances),
    pausing(stopped, circumstances, { givesBackAfter }),
    stillDown(before, circumstances, { givesBackAfter, deeds }),
  ])
  if (data && 'problem' in data) return infeasible(data.problem)
  if (code && 'problem' in code) return infeasible(code.problem)
  if ('problem' in pause) return infeasible(pause.problem)
  if (!data && !code) return null
  const back = code?.restored ?? NOTHING
  const inner = joined([data?.switched ?? NOTHING, back, again(before, clearCache)])
  // What is told as a version was proved to be called so on the way there.
  const versions = hasDone(run) ? back.versions : {}
  const parts = whileStopped(inner, {
    told,
    stop: pause.stop,
    afterwards: [
      pause.start,
      down,
      proofPart(settings, { versions, without: [] }),
      applicationPart(settings),
      again(before, purgeCaches),
    ],
    people: settings.full?.people ?? [],
    givesBackAfter,
  })
  const words = {
    title: `undo plan ${before.number}: ${[...(data ? ['switch the data back'] : []), ...(code ? [lower(code.title)] : [])].join(', ')}`,
    signatures: plan.signatures,
    targets: plan.targets,
    because: `back to how it was before plan ${before.number}`,
    lost: [
      `What plan ${before.number} has brought.`,
      ...(data ? [lostBySwitchingBack(before)] : []),
    ].join(' '),
    undo: 'Yes, as a plan with its own signatures.',
    cautions: [...(data ? switchedBackCautions(settings) : []), ...pause.stop.cautions],
    ...(data ? dependentTasks(settings) : {}),
  }
  return { kind: 'feasible', draft: draftOf('undo', words, parts, settings) }
}

/** The revisions that the plan has led away from, as far as they are not back; `null`: they are. */
async function codeBack(
  restored: PlannedStep,
  stopped: readonly string[],
  { world, signal, stepOf }: Circumstances,
): Promise<
  { readonly problem: string } | { readonly title: string; readonly restored: Part } | null
> {
  const { onUndo } = stepOf(restored.id).bind(restored.input)
  if (onUndo?.kind !== 'invert') return null
  const found = await stepOf(restored.id).bind(onUndo.step.input).inspect(lookOnly(world, signal))
  if (found.kind === 'blocked') return { problem: found.says }
  if (found.kind === 'done') return null
  const input = atZero(found.remaining.input, stopped)
  return { title: found.remaining.title, restored: partOf(restoreRevisions, input) }
}

/** What the other version has cached is not this one's. */
function again(before: PlanState, step: Step): Part {
  const done = writtenSteps(before).filter(({ id }) => id === step.id)
  return joined(
    done.map(({ input, beside = false }) => partOf(step, input, { beside, changes: [] })),
  )
}

function lower(title: string): string {
  return `${title.charAt(0).toLowerCase()}${title.slice(1)}`
}
