import { NOTHING, partOf, type Part } from '../parts/part.ts'
import { NO_PAUSE, startIn, stoppedInWords, type Pausing } from '../parts/pausing.ts'
import type { Container } from '../../ports/containers.ts'
import type { Circumstances } from '../procedure.ts'
import { containersServing, targetOf } from './containers-of.ts'
import { isMadeAndWaits, keptBeside } from './serving.ts'
import { stopCautions } from './stop-cautions.ts'
import { placeStoppedBefore, stoppedBy } from './stopped-here.ts'
import { lookToStop, type ToStop } from './to-stop.ts'
import { runContainers, type RunContainer } from './steps/run-containers.ts'
import { placeNameOf } from './swap-names.ts'

/** Every container of them stopped and kept, and started again: itself, or what has taken its place meanwhile. */
export const pauseContainers: Pausing = async (
  services,
  circumstances,
  { givesBackAfter, replaces = false },
) => {
  const { docker } = circumstances.settings
  const here = services.filter((one) => docker?.services.includes(one))
  const found = await Promise.all(here.map((service) => containersServing(service, circumstances)))
  const problems = found.flatMap((one) => ('problem' in one ? [one.problem] : []))
  if (problems.length > 0) return { problem: problems.join('; ') }
  const each = found.flatMap((one) => ('problem' in one ? [] : [one]))
  const up = each
    .flatMap(({ containers }) => containers)
    .filter(({ state }) => state === 'running' || state === 'restarting')
  const toStop = await lookToStop(up, circumstances)
  const inTheWay = [...toStop.problems, ...startedTooSoon(toStop, up)]
  if (inTheWay.length > 0) return { problem: inTheWay.join('; ') }
  const stopped = up.map((one) => planned(one))
  const started = [
    ...stopped,
    ...(replaces ? each.flatMap((one) => startedBeside(one, circumstances)) : []),
  ]
  if (started.length === 0) return NO_PAUSE
  const { readyWithinMs = 0, settleMs = 0 } = docker ?? {}
  const patience = { readyWithinMs, settleMs }
  const meanwhile = stoppedInWords([...new Set(up.map(({ service }) => service))])
  const ends = up.length > 0 ? { endsMeanwhile: meanwhile } : {}
  const cautions = [
    ...stopCautions(up, { meanwhile: ' while it is to be stopped' }),
    ...toStop.cautions,
  ]
  const stop = { targets: up.map(targetOf), cautions, meanwhile, changes: changesIn(up) }
  return {
    stop:
      up.length > 0 ? partOf(runContainers, { run: false, containers: stopped }, stop) : NOTHING,
    ...startIn(
      runContainers,
      { run: true, containers: started, patience },
      { givesBackAfter, ...ends, changes: [] },
    ),
  }
}

/** All of them are started at once, and who joins a namespace of another one cannot start before that one. */
function startedTooSoon({ harmed }: ToStop, up: readonly Container[]): readonly string[] {
  return harmed
    .filter(({ host, by }) => up.some((one) => one.host === host && one.name === by))
    .map(({ host, by, what, of }) => {
      return `${by} on ${host} shares the ${what} of ${of.name}, and could not be started again at the same time`
    })
}

function changesIn(up: readonly Container[]): Part['changes'] {
  return [...Map.groupBy(up, ({ service }) => service)].map(([service, { length }]) => {
    const from = length === 1 ? '1 container' : `${length} containers`
    return { what: service, from, to: 'stopped meanwhile, then started again' }
  })
}

function planned(one: Container): RunContainer {
  const { service, host, id, restartPolicy, stopSeconds } = one
  return { service, host, name: placeNameOf(one), id, restartPolicy, stopSeconds }
}

/** What does not run now and is started all the same: that which never was, and that which takes the place of one that has ended. */
function startedBeside(
  {
    containers,
    kept,
  }: { readonly containers: readonly Container[]; readonly kept: readonly Container[] },
  { plans }: Circumstances,
): readonly RunContainer[] {
  return containers.flatMap((one) => {
    const { restartPolicy } = keptBeside(one, kept) ?? one
    // What a plan has stopped is started by what takes that back.
    if (isMadeAndWaits(one)) {
      return placeStoppedBefore(plans, one) ? [] : [{ ...planned(one), restartPolicy }]
    }
    const hasEnded = one.state === 'exited' && stoppedBy(plans, one) === null
    return hasEnded ? [{ ...planned(one), restartPolicy, hadEnded: true }] : []
  })
}
