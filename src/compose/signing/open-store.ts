import type { Config } from '../../config/load-config.ts'
import type { SigningSettings } from '../../config/signing.ts'
import type { Clock } from '../../ports/clock.ts'

/** Throws the `Fault` that keeps it from being used: another key, or a file of somebody else. */
export async function openStore(
  { environment, settings }: Config,
  { key }: Pick<SigningSettings, 'key'>,
  clock: Clock,
) {
  const { openSecondFactor } = await import('../../adapters/second-factor/store.ts')
  const folder = environment.BACKOUT_DATA
  return openSecondFactor({ folder, key, issuer: `Backout ${settings.environment}`, clock })
}
