import type { PlannedStep, Resolved } from '../../domain/plan/plan.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
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
import { cacheCautions } from '../parts/cache-now.ts'
import { lookOnly } from '../parts/look-only.ts'
import { draftOf, joined, NOTHING, partOf, type Part } from '../parts/part.ts'
import type { Pausing } from '../parts/pausing.ts'
import { applicationPart, proofPart } from '../parts/proof.ts'
import type { Step } from '../../engine/run/step.ts'
import { proveServices } from '../parts/steps/prove-services.ts'
import { purgeCaches } from '../parts/steps/purge-caches.ts'
import { clearCache } from '../parts/steps/clear-cache.ts'
import { whileStopped } from '../parts/while-stopped.ts'
import { infeasible, type Circumstances } from '../procedure.ts'
import { CODE_BACKS, type CodeBack } from './code-back.ts'

/** The way back from a plan that stops services for what it does; `null`: it is taken back step by step. */
export async function undoWhileStopped(
  before: PlanState,
  pausing: Pausing,
  circumstances: Circumstances,
): Promise<Resolved | null> {
  const restored = CODE_BACKS.flatMap((back) =>
    writtenSteps(before).flatMap((step) => (step.id === back.step.id ? [{ back, step }] : [])),
  )
  const stopsServices = before.plan?.steps.some(
    ({ givesBackAfter }) => givesBackAfter !== undefined,
  )
  return restored.length > 0 && stopsServices
    ? undoFull({ before, restored }, pausing, circumstances)
    : undoSwitch(before, pausing, circumstances)
}

/** What services are stopped for. */
const DEEDS = [switchCollections.id, ...CODE_BACKS.map(({ step }) => step.id)]

/** A step of the plan that has brought code back. */
type Restored = { readonly back: CodeBack; readonly step: PlannedStep }

async function undoFull(
  { before, restored }: { readonly before: PlanState; readonly restored: readonly Restored[] },
  pausing: Pausing,
  circumstances: Circumstances,
): Promise<Resolved | null> {
  const { settings } = circumstances
  const { plan } = before
  if (!plan) return null
  const stopped = settings.full?.stop ?? []
  const [data, code] = await Promise.all([
    switchedBack(before, circumstances),
    codeBack(restored, { plan: before.number, stopped }, circumstances),
  ])
  if (data && 'problem' in data) return infeasible(data.problem)
  if ('problem' in code) return infeasible(code.problem)
  const [first] = code
  if (!data && !first) return null
  const givesBackAfter = data || !first ? switchCollections.id : first.step
  const [told, pause, down] = await Promise.all([
    toldBack(before, circumstances),
    pausing(stopped, circumstances, { givesBackAfter, replaces: true }),
    stillDown(before, circumstances, { givesBackAfter, deeds: DEEDS }),
  ])
  if ('problem' in pause) return infeasible(pause.problem)
  const cleared = await clearedAgain(before, circumstances)
  const back = joined(code.map((one) => one.restored))
  const inner = joined([data?.switched ?? NOTHING, back, cleared])
  const versions = areProved(before) ? back.versions : {}
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
    title: `undo plan ${before.number}: ${[...(data ? ['switch the data back'] : []), ...code.map(({ title }) => lower(title))].join(', ')}`,
    signatures: plan.signatures,
    targets: plan.targets,
    because: `back to how it was before plan ${before.number}`,
    lost: [
      `What plan ${before.number} has brought.`,
      ...(data ? [lostBySwitchingBack(before)] : []),
    ].join(' '),
    undo: 'Yes, as a plan with its own signatures.',
    cautions: [
      ...(data ? switchedBackCautions(settings) : []),
      ...new Set([...code, cleared, pause.stop].flatMap(({ cautions }) => cautions)),
    ],
    ...(data ? dependentTasks(settings) : {}),
  }
  return { kind: 'feasible', draft: draftOf('undo', words, parts, settings) }
}

/** Whether what is told as a version was proved to be called so on the way there, by the first instance at the least. */
function areProved({ plan, run }: PlanState): boolean {
  const steps = plan?.steps ?? []
  return steps.some(({ id }, at) => {
    return id === proveServices.id && run?.steps[at]?.kind === 'succeeded'
  })
}

type Back = {
  readonly step: string
  readonly title: string
  readonly restored: Part
  readonly cautions: readonly string[]
}

/** The plan that is undone, and the services that are stopped meanwhile. */
type Undone = { readonly plan: number; readonly stopped: readonly string[] }

/** The versions that the plan has led away from, as far as they are not back; in the other order. */
async function codeBack(
  restored: readonly Restored[],
  undone: Undone,
  circumstances: Circumstances,
): Promise<{ readonly problem: string } | readonly Back[]> {
  const all = await Promise.all(
    restored.toReversed().map((one) => broughtBack(one, undone, circumstances)),
  )
  const problems = all.flatMap((one) => (one && 'problem' in one ? [one.problem] : []))
  if (problems.length > 0) return { problem: problems.join('; ') }
  return all.flatMap((one) => (one && !('problem' in one) ? [one] : []))
}

/** `null`: it is back. */
async function broughtBack(
  { back: { step, whileStopped: stoppedBy }, step: { input } }: Restored,
  { plan, stopped }: Undone,
  { world, signal }: Circumstances,
): Promise<{ readonly problem: string } | Back | null> {
  const { onUndo } = step.bind(input)
  if (onUndo?.kind !== 'invert') return null
  const context = lookOnly(world, signal)
  const inverse = step.bind(stoppedBy(onUndo.step.input, stopped))
  const found = await inverse.inspect(context)
  if (found.kind === 'blocked') return { problem: found.says }
  if (found.kind === 'done') return null
  const { title, input: left } = found.remaining
  const { problem, cautions } = await step.bind(left).adviseUndo(context, { plan, alone: false })
  if (problem !== null) return { problem }
  return { step: step.id, title, restored: partOf(step, left), cautions }
}

async function clearedAgain(before: PlanState, circumstances: Circumstances): Promise<Part> {
  const cleared = again(before, clearCache)
  if (cleared.steps.length === 0) return NOTHING
  return { ...cleared, cautions: await cacheCautions(circumstances) }
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
