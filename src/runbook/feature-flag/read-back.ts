import { pageOf } from '../../domain/base/service-url.ts'
import type { FlagValue } from '../../domain/plan/flag-value.ts'
import type { FlagSettings } from '../parts/flag-settings.ts'
import { NOTHING, partOf, type Part } from '../parts/part.ts'
import type { RunbookSettings } from '../parts/settings.ts'
import { readFlagBack } from './steps/read-flag-back.ts'

type Switched = { readonly value: FlagValue; readonly to: string }

/** Every instance is asked by which value it goes; nothing where no page tells it. */
export function readBackPart(
  { name, safe, readBack }: FlagSettings,
  places: readonly Switched[],
  { services }: Pick<RunbookSettings, 'services'>,
): Part {
  if (!readBack) return NOTHING
  const { service, path, value, instance, port = null } = readBack
  const expected = String(readBack.expect ?? safe)
  return partOf(readFlagBack, {
    flag: name,
    service,
    url: pageOf(services, readBack),
    path,
    value,
    instance,
    port,
    expected,
    before: toldBefore(places, expected),
  })
}

/** What the page tells now, as far as that can be known: where it tells what stands at the places. */
function toldBefore(places: readonly Switched[], expected: string): string | null {
  const values = new Set(places.filter(({ to }) => to === expected).map(({ value }) => value))
  const [only = null] = values
  return values.size === 1 ? only : null
}
