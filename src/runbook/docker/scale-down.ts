import { draftOf, partOf } from '../parts/part.ts'
import { infeasible, type Action } from '../procedure.ts'
import { containersServing, targetOf } from './containers-of.ts'
import { stopCautions } from './stop-cautions.ts'
import { lookToStop } from './to-stop.ts'
import { runContainers } from './steps/run-containers.ts'

/** Nothing of the service runs any more; its containers stay, and are not started by their hosts. */
export const stopService: Action<'scale-down'> = async ({ service }, circumstances) => {
  const found = await containersServing(service, circumstances)
  if ('problem' in found) return infeasible(found.problem)
  const up = found.containers.filter(({ state }) => state === 'running' || state === 'restarting')
  if (up.length === 0) return infeasible(`${service}: nothing of it runs already`)
  const { problems, cautions } = await lookToStop(up, circumstances)
  if (problems.length > 0) return infeasible(`${service}: ${problems.join('; ')}`)
  const containers = up.map(({ host, name, id, restartPolicy, stopSeconds }) => {
    return { service, host, name, id, restartPolicy, stopSeconds }
  })
  const part = partOf(runContainers, { run: false, containers }, { targets: up.map(targetOf) })
  const count = up.length === 1 ? 'its container' : `its ${up.length} containers`
  const words = {
    title: `${service} stopped`,
    because: 'asked for',
    lost: `Everything that ${service} does now, until it is started again: requests fail.`,
    undo: `Yes: ${count} started again, as a plan with its own signatures.`,
    cautions: [...stopCautions(up, { it: 'it', meanwhile: '' }), ...cautions],
  }
  return { kind: 'feasible', draft: draftOf('scale-down', words, [part], circumstances.settings) }
}
