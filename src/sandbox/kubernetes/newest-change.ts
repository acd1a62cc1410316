import type { NewestChange } from '../../domain/workload/newest-change.ts'
import { wholeSecond, type SimulatedDeployment, type SimulatedRevision } from './deployments.ts'
import { commitOf } from '../release.ts'
import { sameButRestarted } from './templates.ts'

/** How a cluster would tell what changed last: what it knows exactly, as it does. */
export function newestChange({ service, revisions }: SimulatedDeployment): NewestChange | null {
  const [current, before] = revisions
  if (!current) return null
  const end = revisions.findIndex(({ version }) => version !== current.version)
  const older = revisions[end]
  const row = end < 0 ? revisions : revisions.slice(0, end)
  const since = { time: wholeSecond(current.askedAtMs), exact: true }
  const kind = kindOf(current, before)
  const first = row.at(-1) ?? current
  return {
    service,
    images: [...current.images],
    imagesBefore: older ? [...older.images] : null,
    kind,
    since,
    versionSince:
      kind === 'version' ? since : { time: wholeSecond(first.askedAtMs), exact: end >= 0 },
    by: current.askedBy,
    cause: current.cause,
    commit: commitOf(current.version),
    source: null,
    authors: null,
    builtAt: null,
  }
}

function kindOf(
  current: SimulatedRevision,
  before: SimulatedRevision | undefined,
): NewestChange['kind'] {
  if (!before || before.version !== current.version) return 'version'
  return sameButRestarted(current.template, before.template) ? 'restart' : 'settings'
}
