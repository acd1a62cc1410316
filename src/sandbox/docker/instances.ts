import type { Instance } from '../../ports/instances.ts'
import { noSuch } from '../flag-page.ts'
import { FLAG } from '../production.ts'
import type { SimulatedInstances } from '../flag-page.ts'
import type { Availability, Stage } from '../production.ts'
import { answering } from '../simulated-availability.ts'
import type { SimulatedHosts } from './hosts.ts'
import type { SimulatedContainer } from './simulated-container.ts'

/** The port over the containers of the simulated hosts. */
export function sandboxInstances(stage: Stage, hosts: SimulatedHosts): SimulatedInstances {
  const answer = answering('docker', stage)
  const everywhere = <T>(signal: AbortSignal, what: () => T): Promise<T> => {
    const all = hosts.names.map((one): Availability => stage.production().hosts[one] ?? 'answering')
    return answer(all.find((one) => one !== 'answering') ?? 'answering', signal, what)
  }
  const servingOf = (service: string): readonly SimulatedContainer[] =>
    hosts.names
      .flatMap((host) => hosts.existing(host))
      .filter((one) => one.service === service && one.role === 'serving')
      .filter((one) => hosts.isKeptRunning(one))
  const known = (service: string): void => {
    if (hosts.services.includes(service)) return
    throw noSuch('docker', `no container of the settings runs ${service}`, 'terminal')
  }

  return {
    ready: (service) =>
      servingOf(service)
        .filter((one) => hosts.life(one).health === 'healthy')
        .map((one) => ({
          // A container is called by the beginning of its id inside of it.
          instance: shortIdOf(one),
          value: one.specification.environment[FLAG] ?? null,
        })),
    instances: {
      list: (service, signal) =>
        everywhere(signal, () => {
          known(service)
          const all = servingOf(service)
          return all.map((one): Instance => {
            const isOnly = all.filter(({ name }) => name === one.name).length === 1
            return {
              id: isOnly ? one.name : `${one.host}/${one.name}`,
              alsoCalled: [shortIdOf(one), one.id],
              startedAt: hosts.life(one).startedAt,
              ending: false,
            }
          })
        }),
      async ask(service) {
        known(service)
        return null
      },
    },
  }
}

function shortIdOf({ id }: SimulatedContainer): string {
  return id.slice(0, 12)
}
