import type { z } from 'zod'
import { readKeptName } from '../../domain/data/kept-name.ts'
import { PlannedStep, type Resolved } from '../../domain/plan/plan.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import { lookOnly } from '../parts/look-only.ts'
import { neededNow } from '../parts/needed-now.ts'
import { maintenanceSwitch } from '../parts/maintenance.ts'
import { draftOf, joined, NOTHING, partOf, type Part } from '../parts/part.ts'
import type { Pausing } from '../parts/pausing.ts'
import { collectionsOf } from '../parts/require-port.ts'
import { infeasible, type Circumstances } from '../procedure.ts'
import type { RunbookSettings } from '../parts/settings.ts'
import { tellPeople, type Told } from '../parts/while-stopped.ts'
import { aroundSwitch } from './index.ts'
import { setMaintenance } from '../parts/steps/set-maintenance.ts'
import { copiesBack } from './migration-copies.ts'
import { dependentTasks, othersCautions, provedCautions } from './switch-cautions.ts'
import { switchCollections } from './steps/switch-collections.ts'
import { positionOf, strayedAmong } from './switch-positions.ts'
import { SwitchInput } from './switched-by.ts'

const Json = PlannedStep.shape.input

/**
 * The way back from a switch is a switch: what was taken and given back around it is taken and given back anew.
 * `null`: it has switched nothing, so that what it did is taken back step by step.
 */
export async function undoSwitch(
  before: PlanState,
  pausing: Pausing,
  circumstances: Circumstances,
): Promise<Resolved | null> {
  const { settings } = circumstances
  const plan = before.plan
  if (!plan) return null
  const givesBackAfter = switchCollections.id
  // Where nothing was switched, nothing else is looked at: it may not be looked at any more.
  const back = await switchedBack(before, circumstances)
  if (back === null) return null
  const [told, pause, down] = await Promise.all([
    toldBack(before, circumstances),
    pausing(settings.database?.writers ?? [], circumstances, { givesBackAfter }),
    stillDown(before, circumstances, { givesBackAfter }),
  ])
  if ('problem' in back) return infeasible(back.problem)
  if ('problem' in pause) return infeasible(pause.problem)
  const words = {
    title: `undo plan ${before.number} and switch back`,
    signatures: plan.signatures,
    targets: plan.targets,
    because: `back to how it was before plan ${before.number}`,
    lost: lostBySwitchingBack(before),
    undo: 'Yes, until it is tidied up: as a plan with its own signatures.',
    cautions: switchedBackCautions(settings),
    ...dependentTasks(settings),
  }
  const start = joined([pause.start, down])
  const parts = aroundSwitch(
    back.switched,
    { pause: { stop: pause.stop, start }, told },
    circumstances,
  )
  return { kind: 'feasible', draft: draftOf('undo', words, parts, settings) }
}

export function lostBySwitchingBack({ number }: Pick<PlanState, 'number'>): string {
  return `What was written since plan ${number} is set aside in its turn, and kept.`
}

export function switchedBackCautions(settings: RunbookSettings): string[] {
  return [
    'What the bad release has damaged is live again.',
    ...provedCautions(settings),
    ...othersCautions(settings),
  ]
}

/** The switch of a plan the other way; `null`: it has switched nothing, or that was taken back. */
export async function switchedBack(
  before: PlanState,
  { world, signal, stepOf }: Circumstances,
): Promise<{ readonly problem: string } | { readonly switched: Part } | null> {
  const written = writtenSteps(before).find(({ id }) => id === switchCollections.id)
  if (!written) return null
  const { onUndo } = switchCollections.bind(written.input)
  if (onUndo?.kind !== 'invert') return null
  const inverse = SwitchInput.parse(onUndo.step.input)
  const copies = await copiesBack(before, incidentOf(inverse), { world, signal })
  const collections = [...inverse.collections, ...copies.collections]
  const expiries = [...inverse.expiries, ...copies.expiries]
  const input = Json.parse({ ...inverse, collections, expiries })
  const [found, list] = await Promise.all([
    switchCollections.bind(input).inspect(lookOnly(world, signal)),
    collectionsOf(world).list(signal),
  ])
  if (found.kind === 'blocked') return { problem: found.says }
  if (found.kind === 'done') return null
  const strayed = strayedAmong(collections.map((one) => positionOf(one, list)))
  if (strayed !== null) return { problem: strayed }
  const names = collections.map(({ name }) => name)
  const changes = changesBack(before.plan?.changes ?? [], names)
  return { switched: partOf(stepOf(written.id), input, { changes }) }
}

/** What stands beside is called by it. */
function incidentOf({ collections }: Pick<z.infer<typeof SwitchInput>, 'collections'>): string {
  const names = collections.flatMap(({ live, beside }) => [live?.asideAs, beside?.standsAs])
  const incident = names.flatMap((name) => (name ? (readKeptName(name)?.incident ?? []) : []))[0]
  if (incident === undefined) throw new Error('nothing of the switch is called by its incident')
  return incident
}

/** People are told anew; where the plan has left maintenance on, they are only told that it is over. */
export async function toldBack(before: PlanState, circumstances: Circumstances): Promise<Told> {
  const maintenance = await maintenanceSwitch(circumstances)
  const isStillOn = maintenance?.isOn === true && leftMaintenanceOn(before)
  return isStillOn
    ? { on: NOTHING, off: maintenance.turnedOff }
    : tellPeople(maintenance, circumstances.plans)
}

/** It has told people, and come to its end before it told them that it is over. */
function leftMaintenanceOn(before: PlanState): boolean {
  const told = writtenSteps(before).filter(({ id }) => id === setMaintenance.id)
  return told.length % 2 === 1
}

/** Services that the plan has stopped and never started again: they start as they were before it. */
export async function stillDown(
  before: PlanState,
  circumstances: Circumstances,
  {
    givesBackAfter,
    deeds = [switchCollections.id],
  }: {
    readonly givesBackAfter: string
    /** What the services were stopped for: taken back in another way. */
    readonly deeds?: readonly string[]
  },
): Promise<Part> {
  const { stepOf } = circumstances
  const inverses = writtenSteps(before).flatMap(({ id, input, givesBackAfter: back }) => {
    const { onUndo } = stepOf(id).bind(input)
    const taken = !deeds.includes(id) && back === undefined
    return taken && onUndo?.kind === 'invert' && id !== setMaintenance.id ? [onUndo.step] : []
  })
  const needed = await neededNow(inverses, circumstances)
  const parts = needed.map(({ id, input }) => partOf(stepOf(id), input, { givesBackAfter }))
  return { ...joined(parts), changes: [] }
}

function changesBack(changes: NonNullable<PlanState['plan']>['changes'], names: readonly string[]) {
  return changes
    .filter(({ what }) => names.some((name) => what === `collection ${name}`))
    .map(({ what, to }) => ({
      what,
      from: `${to}, with what was written since`,
      to: 'as it was before',
    }))
}
