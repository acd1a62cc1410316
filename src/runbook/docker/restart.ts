import { imageVersion } from '../../domain/workload/ledger.ts'
import { draftOf, partOf } from '../parts/part.ts'
import { infeasible, type Action } from '../procedure.ts'
import { containersServing, targetOf } from './containers-of.ts'
import { stoppedBy } from './stopped-here.ts'
import { restartContainers } from './steps/restart-containers.ts'

/** The same containers stopped and started, one after another. */
export const restartService: Action<'restart'> = async ({ service }, circumstances) => {
  const found = await containersServing(service, circumstances)
  if ('problem' in found) return infeasible(found.problem)
  const { readyWithinMs = 0, settleMs = 0 } = circumstances.settings.docker ?? {}
  const stopped = found.containers.flatMap((one) => stoppedBy(circumstances.plans, one) ?? [])
  if (stopped.length > 0) return infeasible(`${service}: ${stopped.join('; ')}`)
  const begun = found.containers.flatMap((one) => {
    return one.startedAt === null ? [] : [{ ...one, startedAt: one.startedAt }]
  })
  if (begun.length === 0) return infeasible(`${service}: nothing of it ever ran`)
  const containers = begun.map(({ host, name, id, restartPolicy, stopSeconds, startedAt }) => {
    return { host, name, id, restartPolicy, stopSeconds, startedAt }
  })
  const ended = begun.filter(({ state }) => state === 'exited')
  const versions = [...new Set(begun.map(imageVersion))].join(', ')
  const count = begun.length === 1 ? '1 container' : `${begun.length} containers`
  const thatEnded = ended.length === 0 ? '' : `, ${ended.length} of them ended`
  const part = partOf(
    restartContainers,
    { service, containers, readyWithinMs, settleMs },
    {
      changes: [
        {
          what: service,
          from: `${count} of ${versions}${ended.length === begun.length ? ', ended' : thatEnded}`,
          to: `the same ${count}, started again`,
        },
      ],
      targets: begun.map(targetOf),
    },
  )
  const words = {
    title: `restart ${service}`,
    because: 'asked for',
    lost: 'What the containers hold in memory only.',
    undo: 'There is nothing to undo: the version stays the same.',
    cautions: [
      ...ended.map(({ name, host, trouble }) => {
        const how = trouble === null ? '' : ` (${trouble})`
        return `${name} on ${host} has ended${how}: it is started as it is, and may end again.`
      }),
      ...(begun.length === 1 && ended.length === 0
        ? [`${service} has one container: nothing serves between its end and its start.`]
        : []),
    ],
  }
  return { kind: 'feasible', draft: draftOf('restart', words, [part], circumstances.settings) }
}
