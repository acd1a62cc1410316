import { MetricsSettings } from '../domain/assessment/settings.ts'
import { narrowed } from '../promql/narrow.ts'

const SHIPPED: Readonly<Record<string, unknown>> = MetricsSettings.parse({})

/** How the exporters that most teams run call it. */
const EXPORTERS = { databaseUp: 'min(mongodb_up)', cacheUp: 'min(redis_up)' } as const

export function withExporters(settings: MetricsSettings): MetricsSettings {
  const usual = (query: string) => narrowed(query, settings.match)
  return {
    ...settings,
    databaseUp: settings.databaseUp ?? usual(EXPORTERS.databaseUp),
    cacheUp: settings.cacheUp ?? usual(EXPORTERS.cacheUp),
  }
}

/** Shipped queries ask only about what `match` selects; those that a team wrote select by themselves. */
export function narrowedQueries(settings: MetricsSettings): MetricsSettings {
  const { match } = settings
  if (match === null) return settings
  const queries = Object.entries(settings).filter(([key, query]) => {
    return (
      typeof query === 'string' &&
      key !== 'match' &&
      key !== 'serviceLabel' &&
      key !== 'versionLabel' &&
      query === SHIPPED[key]
    )
  })
  return MetricsSettings.parse({
    ...settings,
    ...Object.fromEntries(queries.map(([key, query]) => [key, narrowed(String(query), match)])),
  })
}
