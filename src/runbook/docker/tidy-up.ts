import { imageVersion } from '../../domain/workload/ledger.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { partOf } from '../parts/part.ts'
import { containersOf } from '../parts/require-port.ts'
import type { Tidying } from '../parts/tidying.ts'
import { targetOf } from './containers-of.ts'
import { removeKept } from './steps/remove-kept.ts'

/** What rollbacks have kept on the hosts. */
export const keptContainers: Tidying = async ({ world, settings, signal }) => {
  if (!settings.docker) return { kind: 'nothing', because: null }
  const seen = await containersOf(world).sightings(settings.docker.services, signal)
  const kept = seen.filter(({ role }) => role === 'kept')
  if (kept.length === 0) return { kind: 'nothing', because: 'nothing is kept on any host' }
  const part = partOf(
    removeKept,
    { containers: kept.map(({ service, host, name, id }) => ({ service, host, name, id })) },
    {
      changes: kept.map((one) => ({
        what: `${one.name} on ${one.host}`,
        from: `${imageVersion(one)}, kept since ${utcDayAndTime(one.createdAt)}`,
        to: 'removed',
      })),
      targets: kept.map(targetOf),
      lost: ['The rollbacks that left them cannot be undone any more. No volume is touched.'],
    },
  )
  const what = kept.length === 1 ? '1 kept container' : `${kept.length} kept containers`
  return { kind: 'kept', part, what, ofPeople: false }
}
