import { NOTHING, partOf } from '../parts/part.ts'
import { NO_PAUSE, stoppedInWords, type Pausing } from '../parts/pausing.ts'
import { containersServing, targetOf } from './containers-of.ts'
import { runContainers } from './steps/run-containers.ts'

/** Every container of them stopped and kept, and started again. */
export const pauseContainers: Pausing = async (services, circumstances, { givesBackAfter }) => {
  const here = services.filter((one) => circumstances.settings.docker?.services.includes(one))
  const found = await Promise.all(here.map((service) => containersServing(service, circumstances)))
  const problems = found.flatMap((one) => ('problem' in one ? [one.problem] : []))
  if (problems.length > 0) return { problem: problems.join('; ') }
  const up = found
    .flatMap((one) => ('problem' in one ? [] : one.containers))
    .filter(({ state }) => state === 'running' || state === 'restarting')
  if (up.length === 0) return NO_PAUSE
  const containers = up.map(({ service, host, name, id, restartPolicy, stopSeconds }) => {
    return { service, host, name, id, restartPolicy, stopSeconds }
  })
  const meanwhile = stoppedInWords([...new Set(up.map(({ service }) => service))])
  const cautions = ['“docker compose up” starts them again, whoever types it.']
  const back = { givesBackAfter, endsMeanwhile: meanwhile }
  const start = {
    ...partOf(runContainers, { run: true, containers }, back),
    changes: [],
  }
  return {
    stop: partOf(
      runContainers,
      { run: false, containers },
      { targets: up.map(targetOf), cautions, meanwhile },
    ),
    start,
    inTwo: { one: start, rest: NOTHING },
  }
}
