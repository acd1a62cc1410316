import type { Assessment } from '../domain/assessment/assessment.ts'
import { precedingChanges, type Against, type Changed } from '../domain/assessment/cause.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import type { Symptom } from '../domain/assessment/symptom.ts'
import type { Feasibility } from '../domain/plan/feasibility.ts'
import type { TroubleBegan } from '../domain/assessment/onset.ts'
import { troubleBegan } from '../domain/assessment/trouble-began.ts'
import { overallVerdict } from '../domain/assessment/verdict.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import { otherChanges, type OtherChange } from '../domain/workload/other-change.ts'
import type { Workload } from '../domain/workload/workload.ts'
import type { World } from '../ports/world.ts'
import { closestFlip, conclude, recommend, type Conclusion } from './conclude.ts'
import { askingTogether } from './asking-together.ts'
import { askingBeforeDeploy } from './before-deploy.ts'
import { readDownSince } from './dependencies-since.ts'
import { readNewRoutes } from './new-routes.ts'
import { readApart } from './by-instance.ts'
import { readCourses } from './courses.ts'
import { evaluate } from './matrix.ts'
import { probes } from './probes/index.ts'
import { speaksAgainst } from './speaks-against.ts'
import { followingTrouble } from './following-trouble.ts'
import { takeMeasurements } from './take-measurements.ts'
import { overhearing } from './overheard.ts'
import { whenItBegan } from './when-it-began.ts'
import { everythingThatChanged, type EverythingChanged } from './what-changed.ts'

/**
 * Which ways back could be planned now, by when the trouble began where that is known. Never throws; may share what
 * the probes read.
 */
export type ReadFeasibility = (
  world: World,
  began?: TroubleBegan,
) => Promise<readonly Feasibility[]>

/**
 * Measures, judges and recommends. Never throws for what the world does: a dependency that does not
 * answer is a measurement of its own.
 */
export async function assess(
  world: World,
  settings: AssessSettings,
  symptoms: readonly Symptom[],
  feasibility: ReadFeasibility,
  cancelled?: AbortSignal,
): Promise<Assessment> {
  const startedMs = world.clock.now()
  const { read, heard } = overhearing(world)
  const sharing = sharingAnswers({ ...world, ...read }, settings.deadlineMs)
  const over = { nowMs: startedMs, signal: within(settings.deadlineMs, cancelled) }
  const [measurements, byNewest, found, beside] = await Promise.all([
    takeMeasurements(probes, sharing, settings, cancelled),
    feasibility(sharing),
    everythingThatChanged(sharing, settings, cancelled),
    readBeside(sharing, settings, over),
  ])
  const { courses, apart, newRoutes, downSince } = beside
  const { matrix, clearsCache } = settings
  const observed = { symptoms, measurements, procedures: byNewest, clearsCache, settings: matrix }
  const rules = evaluate(observed)
  const byRules = conclude(rules)
  const asking = { metrics: sharing.metrics, settings, over }
  const onset = await whenItBegan(byRules, rules, courses, asking)
  const procedures = await followingTrouble(byNewest, {
    began: troubleBegan({ ...byRules, reasons: [...byRules.reasons], rules: [...rules], onset }),
    changes: found.newest,
    judgeAgain: (began) => feasibility(sharing, began),
    leftMs: settings.deadlineMs - (world.clock.now() - startedMs),
  })
  const changed = allChanged(found, heard(), startedMs)
  const known = { onset, apart, measurements, changed, limits: matrix, procedures }
  const against = speaksAgainst(byRules, { ...known, downSince })
  const conclusion = weighed(byRules, against, matrix)
  return {
    at: new Date(startedMs).toISOString(),
    symptoms: [...symptoms],
    measurements: [...measurements],
    rules: [...rules],
    decision: conclusion.decision,
    verdict: overallVerdict(measurements.map(({ verdict }) => verdict)),
    reasons: [...conclusion.reasons],
    closestFlip: closestFlip(rules),
    recommended: recommend(conclusion, procedures),
    procedures: [...procedures],
    tookMs: world.clock.now() - startedMs,
    // Where nothing could tell it, nothing is said to be unknown.
    ...(world.workloads && settings.deployed ? { changes: found.newest } : {}),
    otherChanges: [...changed.others],
    onset,
    preceding: onset ? [...precedingChanges(onset, changed)] : [],
    against: [...against],
    versions: apart.versions.length > 1 ? [...apart.versions] : [],
    newRoutes,
  }
}

/** What is asked more than once is asked for once, and what can be is asked together. */
function sharingAnswers(world: World, deadlineMs: number): World {
  const { workloads, metrics, clock } = world
  return {
    ...world,
    workloads: workloads && listingOnce(workloads),
    metrics: metrics && askingOnce(askingTogether(metrics, clock, deadlineMs)),
  }
}

function allChanged(
  { newest, earlier, others, own }: EverythingChanged,
  heard: readonly OtherChange[],
  nowMs: number,
): Changed {
  const deployed = newest ?? []
  return {
    newest: deployed,
    earlier,
    others: otherChanges([...others, ...heard], own, { nowMs, deployed }),
  }
}

/** What no rule is about, and what tells of the cause. Never throws. */
async function readBeside(
  world: World,
  settings: AssessSettings,
  over: { readonly nowMs: number; readonly signal: AbortSignal },
) {
  const { metrics, workloads } = world
  const services = settings.deployed?.services ?? []
  const asking = askingBeforeDeploy(workloads, services, over.signal)
  const [courses, apart, newRoutes, downSince] = await Promise.all([
    readCourses(metrics, settings.metrics, over),
    readApart(metrics, settings.metrics, () => running(world, settings, over.signal), over),
    readNewRoutes(metrics, settings.metrics, asking, over),
    readDownSince(metrics, settings.metrics, over),
  ])
  return { courses, apart, newRoutes, downSince }
}

/** What was reported needs no cause; what was measured may, by the settings. */
function weighed(
  conclusion: Conclusion,
  against: readonly Against[],
  { requireCause }: AssessSettings['matrix'],
): Conclusion {
  const isDoubted = requireCause && against.length > 0 && conclusion.decision === 'roll-back'
  return isDoubted ? { ...conclusion, decision: 'person-decides' } : conclusion
}

function within(ms: number, cancelled: AbortSignal | undefined): AbortSignal {
  const deadline = AbortSignal.timeout(ms)
  return cancelled ? AbortSignal.any([deadline, cancelled]) : deadline
}

async function running(
  { workloads }: World,
  { deployed }: AssessSettings,
  signal: AbortSignal,
): Promise<readonly Workload[]> {
  return workloads && deployed
    ? untilAborted(workloads.list(deployed.services, signal), signal)
    : []
}

/** Several questions need the same list; within one assessment it is read once. */
function listingOnce(workloads: NonNullable<World['workloads']>): NonNullable<World['workloads']> {
  const list = once(workloads.list, (services) => services.toSorted().join())
  return { ...workloads, list }
}

/** Several probes need the same number; all of them have the same time for it. */
function askingOnce(metrics: NonNullable<World['metrics']>): NonNullable<World['metrics']> {
  const instant = once(metrics.instant, (query, { atMs }) => `${atMs ?? 'now'} ${query}`)
  const labelled = once(metrics.labelled, (query, { atMs }) => `${atMs ?? 'now'} ${query}`)
  return { ...metrics, instant, labelled }
}

/** What was asked under the same key gets the same answer. */
function once<Args extends readonly unknown[], Answer>(
  ask: (...args: Args) => Answer,
  keyOf: (...args: Args) => string,
): (...args: Args) => Answer {
  const answers = new Map<string, Answer>()
  return (...args) => {
    const key = keyOf(...args)
    const answer = answers.get(key) ?? ask(...args)
    answers.set(key, answer)
    return answer
  }
}
