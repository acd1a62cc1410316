import type { Application } from '../../engine/run/step.ts'
import type { Applied } from '../../domain/plan/run.ts'
import { placeOf, type Standing } from './standings.ts'

/** What one call of the step knows of a place, and no look tells. */
export type Settled = {
  readonly applied: Applied
  readonly because: string
  readonly takenBack?: true
}

type Known = {
  /** Why the new one did not take over, by place. */
  readonly whys: ReadonlyMap<string, string>
  readonly settled: ReadonlyMap<string, Settled>
}

export const NOTHING_KNOWN: Known = { whys: new Map(), settled: new Map() }

/** What stands there when no call is left, and not all of it was swapped. */
export function outcomeOf(
  over: readonly Standing[],
  standings: readonly Standing[],
  known: Known,
): Extract<Application, { kind: 'refused' }> {
  const done = standings.filter(({ move }) => move.kind === 'done')
  const each = over.map((one) => appliedAt(one, known))
  const unsure = each.includes('unknown') ? 'unknown' : 'no'
  const applied = done.length > 0 || each.includes('yes') ? 'yes' : unsure
  const isTakenBack = applied === 'no' && over.some((one) => wroteAndTookBack(one, known))
  return {
    kind: 'refused',
    applied,
    ...(isTakenBack ? { takenBack: true } : {}),
    says: [
      ...over.map((one) => saidOf(one, known)),
      ...done.map(({ swap }) => `${swap.service} on ${swap.host} was swapped`),
    ].join('; '),
  }
}

/** Whether anything stands there that was not there before. What is kept, and never started, is not counted. */
function appliedAt(one: Standing, { settled }: Known): Applied {
  const { move, scene } = one
  const known = settled.get(placeOf(one))
  if (known) return known.applied
  if (move.kind === 'given-back') return scene.old ? 'no' : 'yes'
  if (scene.fresh || scene.kept) return 'yes'
  return scene.old ? 'no' : 'unknown'
}

function wroteAndTookBack(one: Standing, { settled }: Known): boolean {
  return one.move.kind === 'given-back' || settled.get(placeOf(one))?.takenBack === true
}

function saidOf(one: Standing, { whys, settled }: Known): string {
  const { swap, move, scene } = one
  const where = `${swap.service} on ${swap.host}`
  if (move.kind === 'lost') return move.says
  if (move.kind !== 'given-back') return `${where}: ${settled.get(placeOf(one))?.because}`
  const why = whys.get(placeOf(one)) ?? 'the new container did not take over'
  const { hadEnded = false, runs = true } = swap
  const stands = `the old one stands as before, ${hadEnded ? 'ended' : 'stopped'}`
  const before = hadEnded || !runs ? stands : 'the old one serves again'
  const now = scene.old
    ? before
    : `somebody removed the old one, with what it had written beside its volumes; one of the same image and settings ${runs ? 'serves' : 'is there, and is not started'}`
  return `${where}: ${why}; ${now}`
}
