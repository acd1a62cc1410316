import { imageVersion } from '../../domain/workload/ledger.ts'
import type { Container } from '../../ports/containers.ts'
import { draftOf, partOf, type Part } from '../parts/part.ts'
import type { Renewing } from '../parts/renewing.ts'
import { infeasible, type Action, type Circumstances } from '../procedure.ts'
import { containersServing, targetOf } from './containers-of.ts'
import { inMemory } from './in-memory.ts'
import { slowStops } from './slow-stop.ts'
import { stoppedBy } from './stopped-here.ts'
import { lookToStop, NOT_LOOKED, tasksAfter } from './to-stop.ts'
import { restartContainers } from './steps/restart-containers.ts'

/** The same containers stopped and started, one after another. */
export const restartService: Action<'restart'> = async ({ service }, circumstances) => {
  const part = await restarted(service, circumstances, { isMeant: () => true, how: 'look' })
  if ('problem' in part) return infeasible(part.problem)
  const words = {
    title: `restart ${service}`,
    because: 'asked for',
    lost: 'What the containers hold in memory only.',
    undo: 'There is nothing to undo: the version stays the same.',
    cautions: [...part.cautions],
    ...(part.tasks.length > 0 ? { tasks: [...part.tasks] } : {}),
  }
  return { kind: 'feasible', draft: draftOf('restart', words, [part], circumstances.settings) }
}

/** Those of its containers alone that are called so, by the names under which they are listed. */
export const renewContainers: Renewing = (service, instances, circumstances, how) => {
  const isMeant = ({ host, name }: Container): boolean =>
    instances.includes(name) || instances.includes(`${host}/${name}`)
  return restarted(service, circumstances, { isMeant, how })
}

type Meant = {
  readonly isMeant: (one: Container) => boolean
  readonly how: Parameters<Renewing>[3]
}

async function restarted(
  service: string,
  circumstances: Circumstances,
  { isMeant, how }: Meant,
): Promise<{ readonly problem: string } | (Part & { readonly tasks: readonly string[] })> {
  const found = await containersServing(service, circumstances)
  if ('problem' in found) return found
  const { readyWithinMs = 0, settleMs = 0 } = circumstances.settings.docker ?? {}
  const meant = found.containers.filter(isMeant)
  const stopped = meant.flatMap((one) => stoppedBy(circumstances.plans, one) ?? [])
  if (stopped.length > 0) return { problem: `${service}: ${stopped.join('; ')}` }
  const begun = meant.flatMap((one) => {
    return one.startedAt === null ? [] : [{ ...one, startedAt: one.startedAt }]
  })
  if (begun.length === 0) return { problem: `${service}: nothing of it ever ran` }
  const up = begun.filter(({ state }) => state !== 'exited')
  const toStop = how === 'glance' ? NOT_LOOKED : await lookToStop(up, circumstances)
  if (toStop.problems.length > 0) return { problem: `${service}: ${toStop.problems.join('; ')}` }
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
      cautions: [
        ...ended.map(({ name, host, trouble }) => {
          const why = trouble === null ? '' : ` (${trouble})`
          return `${name} on ${host} has ended${why}: it is started as it is, and may end again.`
        }),
        ...(found.containers.length === 1 && ended.length === 0
          ? [`${service} has one container: nothing serves between its end and its start.`]
          : []),
        ...slowStops(up),
        ...inMemory(up),
        ...toStop.cautions,
      ],
    },
  )
  return { ...part, tasks: tasksAfter(toStop.harmed) }
}
