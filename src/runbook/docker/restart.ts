import { imageVersion } from '../../domain/workload/ledger.ts'
import { draftOf, partOf } from '../parts/part.ts'
import { infeasible, type Action } from '../procedure.ts'
import { containersServing, targetOf } from './containers-of.ts'
import { restartContainers } from './steps/restart-containers.ts'

/** The same containers stopped and started, one after another. */
export const restartService: Action<'restart'> = async ({ service }, circumstances) => {
  const found = await containersServing(service, circumstances)
  if ('problem' in found) return infeasible(found.problem)
  const { readyWithinMs = 0, settleMs = 0 } = circumstances.settings.docker ?? {}
  const up = found.containers.flatMap((one) => {
    const { host, name, id, restartPolicy, stopSeconds, startedAt, state } = one
    return startedAt === null || state === 'exited'
      ? []
      : [{ host, name, id, restartPolicy, stopSeconds, startedAt }]
  })
  if (up.length === 0) return infeasible(`${service}: nothing of it runs, so that nothing restarts`)
  const versions = [...new Set(found.containers.map(imageVersion))].join(', ')
  const count = up.length === 1 ? '1 container' : `${up.length} containers`
  const part = partOf(
    restartContainers,
    { service, containers: up, readyWithinMs, settleMs },
    {
      changes: [
        { what: service, from: `${count} of ${versions}`, to: `the same ${count}, started again` },
      ],
      targets: up.map(targetOf),
    },
  )
  const words = {
    title: `restart ${service}`,
    because: 'asked for',
    lost: 'What the containers hold in memory only.',
    undo: 'There is nothing to undo: the version stays the same.',
    cautions:
      up.length === 1
        ? [`${service} has one container: nothing serves between its end and its start.`]
        : [],
  }
  return { kind: 'feasible', draft: draftOf('restart', words, [part], circumstances.settings) }
}
