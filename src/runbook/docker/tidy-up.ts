import { imageVersion } from '../../domain/workload/ledger.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { draftOf, partOf } from '../parts/part.ts'
import { containersOf } from '../parts/require-port.ts'
import { infeasible, type Action } from '../procedure.ts'
import { targetOf } from './containers-of.ts'
import { removeKept } from './steps/remove-kept.ts'

/** What rollbacks have kept on the hosts goes, and with it the ways back that need it. */
export const tidyUp: Action<'tidy-up'> = async (_, { world, settings, signal }) => {
  if (!settings.docker) {
    return infeasible('no service runs as containers here, so that nothing is kept of any')
  }
  const seen = await containersOf(world).sightings(settings.docker.services, signal)
  const kept = seen.filter(({ role }) => role === 'kept')
  if (kept.length === 0) return infeasible('nothing is kept on any host')
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
    },
  )
  const words = {
    title: `tidy up ${kept.length === 1 ? '1 kept container' : `${kept.length} kept containers`}`,
    because: 'asked for',
    lost: 'The rollbacks that left them cannot be undone any more. No volume is touched.',
    undo: 'No: what is removed cannot be made again.',
    cautions: [],
  }
  return { kind: 'feasible', draft: draftOf('tidy-up', words, [part], settings) }
}
