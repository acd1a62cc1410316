import { rollsBackBy } from '../plan/about-request.ts'
import type { Incident } from './incident.ts'
import { StatusStage } from './status-page.ts'

/**
 * What it was declared for, what a rollback is planned to change, and what the status page was told before:
 * that has to come back there too. Each once.
 */
export function affectedServices({ declared, plans, statusPage }: Incident): readonly string[] {
  const planned = plans
    .filter(({ request }) => rollsBackBy(request))
    .flatMap(({ plan }) => plan?.changes.filter(({ images }) => images) ?? [])
    .map(({ what }) => what)
  const told = StatusStage.options.flatMap((stage) =>
    (statusPage[stage]?.publications ?? []).flatMap(({ post }) =>
      post.components.map(({ service }) => service),
    ),
  )
  return [...new Set([...(declared?.services ?? []), ...planned, ...told])]
}
