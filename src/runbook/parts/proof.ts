import { serviceUrl } from '../../domain/base/service-url.ts'
import type { Versions } from '../../domain/plan/plan.ts'
import { NOTHING, partOf, type Part } from './part.ts'
import type { RunbookSettings } from './settings.ts'
import { proveApplication } from './steps/prove-application.ts'
import { proveServices } from './steps/prove-services.ts'

/** Looks at every configured service that runs. `versions`: what it may tell of itself, where that is known. */
export function proofPart(
  { services }: Pick<RunbookSettings, 'services'>,
  wanted: {
    readonly versions: Versions
    /** Services of which nothing runs. */
    readonly without: readonly string[]
  },
): Part {
  const proved = services
    .filter(({ name }) => !wanted.without.includes(name))
    .map(({ name, url, health, healthyStatuses, expect, version }) => {
      const oneOf = wanted.versions[name]
      const told = version !== null && oneOf ? { url: serviceUrl(url, version), oneOf } : null
      const service = { name, health: serviceUrl(url, health), version: told }
      // Where nothing is set, what was signed before there was such a setting keeps its digest.
      return {
        ...service,
        ...(healthyStatuses && { healthyStatuses }),
        ...(expect && { expect }),
      }
    })
  return proved.length > 0 ? partOf(proveServices, { services: proved }) : NOTHING
}

/** What people do is tried where the settings say how. */
export function applicationPart({ database }: Pick<RunbookSettings, 'database'>): Part {
  const items = (database?.proveBy ?? []).map(({ id, title }) => ({ id, title }))
  return items.length > 0 ? partOf(proveApplication, { items }) : NOTHING
}
