import { existsSync } from 'node:fs'
import { journalPlace, secondFactorFile } from '../../config/journal-place.ts'
import type { Config } from '../../config/load-config.ts'
import type { SigningSettings } from '../../config/signing.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SecondFactorPlace, SigningStore } from '../../ports/second-factor.ts'

/** With the journal: in a file of the data folder, or on its server. Throws the `Fault` that keeps it from being used. */
export async function openStore(
  config: Config,
  { key }: Pick<SigningSettings, 'key'>,
  clock: Clock,
): Promise<SigningStore> {
  const [{ openSecondFactor }, place] = await Promise.all([
    import('../../adapters/second-factor/store.ts'),
    openPlace(config),
  ])
  const issuer = `Backout ${config.settings.environment}`
  try {
    return await openSecondFactor({ place, key, issuer, clock })
  } catch (error) {
    await place.close()
    throw error
  }
}

/** Whether anybody has enrolled there ever; where not, nothing is made to find it out. */
export async function isStoreBegun(config: Config): Promise<boolean> {
  const at = journalPlace(config)
  if (at.kind === 'file') return existsSync(secondFactorFile(at.folder))
  const place = await openPlace(config)
  try {
    return (await place.each((rows) => rows.proof())) !== null
  } finally {
    await place.close()
  }
}

async function openPlace(config: Config): Promise<SecondFactorPlace> {
  const at = journalPlace(config)
  if (at.kind === 'file') {
    const { openSecondFactorFile } = await import('../../adapters/second-factor/file.ts')
    return openSecondFactorFile(secondFactorFile(at.folder))
  }
  const { openPostgresSecondFactor } = await import('../../adapters/postgres/second-factor.ts')
  return openPostgresSecondFactor(at.server)
}
