import type { Config } from '../config/load-config.ts'
import type { Check } from '../domain/base/doctor-check.ts'
import { flagPlaces, reachedPm2, reachedUnleash } from './open-flag-stores.ts'

/** Whether the stores of the flag are there, and would let it be switched. Switches nothing. */
export async function checkFlagStores(
  config: Pick<Config, 'environment' | 'settings' | 'authorities'>,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { unleash, pm2 } = flagPlaces(config)
  const checks = await Promise.all([
    unleash.length > 0 ? ofUnleash(config, unleash, signal) : [],
    pm2.length > 0 ? ofPm2(config, pm2, signal) : [],
  ])
  return checks.flat()
}

type Places = ReturnType<typeof flagPlaces>

async function ofUnleash(
  config: Parameters<typeof reachedUnleash>[0],
  places: Places['unleash'],
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const reached = reachedUnleash(config)
  // Without its address nothing starts at all.
  if (!reached) return []
  const { checkUnleash } = await import('../adapters/unleash/check.ts')
  return checkUnleash({ ...reached, places }, signal)
}

async function ofPm2(
  config: Pick<Config, 'environment'>,
  places: Places['pm2'],
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { checkPm2 } = await import('../adapters/pm2/check.ts')
  return checkPm2({ ...reachedPm2(config), places }, signal)
}
