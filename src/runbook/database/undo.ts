import type { Resolved } from '../../domain/plan/plan.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import { lookOnly } from '../parts/look-only.ts'
import { maintenanceSwitch } from '../parts/maintenance.ts'
import { draftOf, joined, NOTHING, partOf, type Part } from '../parts/part.ts'
import type { Pausing } from '../parts/pausing.ts'
import { collectionsOf } from '../parts/require-port.ts'
import { infeasible, type Circumstances } from '../procedure.ts'
import { aroundSwitch, tellPeople } from './index.ts'
import { setMaintenance } from '../parts/steps/set-maintenance.ts'
import { othersCautions, provedCautions } from './switch-cautions.ts'
import { switchCollections } from './steps/switch-collections.ts'
import { positionOf, strayedAmong } from './switch-positions.ts'
import { SwitchInput } from './switched-by.ts'

/**
 * The way back from a switch is a switch: what was taken and given back around it is taken and given back anew.
 * `null`: it has switched nothing, so that what it did is taken back step by step.
 */
export async function undoSwitch(
  before: PlanState,
  pausing: Pausing,
  circumstances: Circumstances,
): Promise<Resolved | null> {
  const { world, settings, signal, stepOf } = circumstances
  const written = writtenSteps(before).find(({ id }) => id === switchCollections.id)
  const plan = before.plan
  if (!written || !plan) return null
  const { onUndo } = switchCollections.bind(written.input)
  if (onUndo?.kind !== 'invert') return null
  const back = switchCollections.bind(onUndo.step.input)
  const [found, list, maintenance, pause] = await Promise.all([
    back.inspect(lookOnly(world, signal)),
    collectionsOf(world).list(signal),
    maintenanceSwitch(circumstances),
    pausing(settings.database?.writers ?? [], circumstances, { givesBackAfter: written.id }),
  ])
  if (found.kind === 'blocked') return infeasible(found.says)
  if (found.kind === 'done') return null
  const { collections } = SwitchInput.parse(onUndo.step.input)
  const strayed = strayedAmong(collections.map((one) => positionOf(one, list)))
  if (strayed !== null) return infeasible(strayed)
  if ('problem' in pause) return infeasible(pause.problem)
  const down = await stillDown(before, circumstances)
  const isStillOn = maintenance?.isOn === true && leftMaintenanceOn(before)
  const told = isStillOn ? { on: NOTHING, off: maintenance.turnedOff } : tellPeople(maintenance)
  const switched = partOf(stepOf(written.id), onUndo.step.input, {
    changes: changesBack(plan.changes),
  })
  const words = {
    title: `undo plan ${before.number} and switch back`,
    signatures: plan.signatures,
    targets: plan.targets,
    because: `back to how it was before plan ${before.number}`,
    lost: `What was written since plan ${before.number} is set aside in its turn, and kept.`,
    undo: 'Yes, until it is tidied up: as a plan with its own signatures.',
    cautions: [
      'What the bad release has damaged is live again.',
      ...provedCautions(settings),
      ...othersCautions(settings),
    ],
  }
  const parts = aroundSwitch(
    switched,
    { pause: { stop: pause.stop, start: joined([pause.start, down]) }, told },
    circumstances,
  )
  return { kind: 'feasible', draft: draftOf('undo', words, parts, settings) }
}

/** It has told people, and come to its end before it told them that it is over. */
function leftMaintenanceOn(before: PlanState): boolean {
  const told = writtenSteps(before).filter(({ id }) => id === setMaintenance.id)
  return told.length % 2 === 1
}

/** Services that the plan has stopped and never started again: they start as they were before it. */
async function stillDown(
  before: PlanState,
  { world, signal, stepOf }: Circumstances,
): Promise<Part> {
  const inverses = writtenSteps(before).flatMap(({ id, input, givesBackAfter }) => {
    const { onUndo } = stepOf(id).bind(input)
    const taken = id !== switchCollections.id && givesBackAfter === undefined
    return taken && onUndo?.kind === 'invert' && id !== setMaintenance.id ? [onUndo.step] : []
  })
  const needed = await Promise.all(
    inverses.map(async ({ id, input }) => {
      const found = await stepOf(id).bind(input).inspect(lookOnly(world, signal))
      return found.kind === 'needed'
        ? { ...partOf(stepOf(id), input, { givesBackAfter: switchCollections.id }), changes: [] }
        : NOTHING
    }),
  )
  return joined(needed)
}

function changesBack(changes: NonNullable<PlanState['plan']>['changes']) {
  return changes
    .filter(({ what }) => what.startsWith('collection '))
    .map(({ what, to }) => ({
      what,
      from: `${to}, with what was written since`,
      to: 'as it was before',
    }))
}
