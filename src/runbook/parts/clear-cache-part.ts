import { Fault } from '../../domain/base/fault.ts'
import { currentPlan } from '../../domain/incident/incident.ts'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import { planned } from './plan-step.ts'
import type { Circumstances } from './procedure.ts'
import { clearCache } from './steps/clear-cache.ts'

export type CacheStep = { readonly step: PlannedStep | null; readonly caution: string | null }

const NONE: CacheStep = { step: null, caution: null }

/**
 * The clearing of the configured keys, as a part of a larger plan: whether Redis answers decides
 * nothing about the rest. What an open plan has decided of it stays, so that a Redis that comes and
 * goes does not void the signatures.
 */
export async function cacheStep(circumstances: Circumstances): Promise<CacheStep> {
  const { world, settings, incident } = circumstances
  if (!world.cache || settings.cache.prefixes.length === 0) return NONE
  const open = currentPlan(incident)?.plan ?? null
  const before = open?.steps.find(({ id }) => id === clearCache.id) ?? null
  try {
    const step = await clearingStep(circumstances)
    return open && !before
      ? notCleared('it could not be asked when this was planned')
      : { step, caution: null }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return before ? { step: before, caution: null } : notCleared(error.detail)
  }
}

function notCleared(because: string): CacheStep {
  const caution = `The cache is not cleared by this (Redis: ${because}). Clear it afterwards: clear-cache.`
  return { step: null, caution }
}

/** The step itself; `null` where no Redis, or no key, is configured. Throws a `Fault`. */
export async function clearingStep({
  world,
  settings,
  signal,
}: Circumstances): Promise<PlannedStep | null> {
  const { prefixes, protectedPrefixes } = settings.cache
  if (!world.cache || prefixes.length === 0) return null
  const cache = await world.cache.identity(signal)
  return planned(clearCache, { cache, scope: { prefixes, protectedPrefixes } })
}
