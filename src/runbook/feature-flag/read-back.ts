import { pageOf } from '../../domain/base/service-url.ts'
import type { FlagValue } from '../../domain/plan/flag-value.ts'
import type { FlagSettings } from '../parts/flag-settings.ts'
import { NOTHING, partOf, type Part } from '../parts/part.ts'
import type { RunbookSettings } from '../parts/settings.ts'
import type { Page } from './readings.ts'
import { readFlagBack } from './steps/read-flag-back.ts'

type Switched = { readonly value: FlagValue; readonly to: string }

/** Every instance is asked by which value it goes; nothing where no page tells it. */
export function readBackPart(
  flag: FlagSettings,
  places: readonly Switched[],
  settings: Pick<RunbookSettings, 'services'>,
): Part {
  const read = pageToRead(flag, settings)
  if (!read) return NOTHING
  const { page, expected } = read
  const before = toldBefore(places, expected)
  return partOf(readFlagBack, { flag: flag.name, ...page, expected, before })
}

/** The page, and what every instance is to tell there; `null`: none is configured. */
export function pageToRead(
  { safe, readBack }: FlagSettings,
  { services }: Pick<RunbookSettings, 'services'>,
): { readonly page: Page; readonly expected: string } | null {
  if (!readBack) return null
  const { service, path, value, instance, port = null } = readBack
  const page = { service, url: pageOf(services, readBack), path, value, instance, port }
  return { page, expected: String(readBack.expect ?? safe) }
}

/** What the page tells now, as far as that can be known: where it tells what stands at the places. */
function toldBefore(places: readonly Switched[], expected: string): string | null {
  const values = new Set(places.filter(({ to }) => to === expected).map(({ value }) => value))
  const [only = null] = values
  return values.size === 1 ? only : null
}
