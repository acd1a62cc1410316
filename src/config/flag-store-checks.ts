import type { Read } from './cross-checks.ts'
import { dotted } from './path.ts'
import type { Problem } from './problem.ts'

/** A place that cannot be reached would be found out in the middle of the night. */
export function flagStoreChecks({ settings, environment, at }: Read): readonly Problem[] {
  const missing = (['UNLEASH_URL', 'UNLEASH_TOKEN'] as const).filter(
    (name) => environment?.[name] === undefined,
  )
  const places = settings?.procedures?.featureFlag?.places ?? []
  return places.flatMap((place, index) => {
    if (place?.in !== 'unleash' || missing.length === 0) return []
    const path = ['procedures', 'featureFlag', 'places', index] as const
    const what = `${dotted(path)}: needs ${missing.join(' and ')} in the environment`
    return [{ where: at(path), what }]
  })
}
