import { Fault } from '../../domain/base/fault.ts'
import type { Instance, Instances } from '../../ports/instances.ts'
import type { DockerHost } from './client/client.ts'
import { inspected, listed } from './read/ask.ts'
import { membersOf } from './read/look.ts'
import type { DockerServices } from './read/members.ts'
import type { Inspected } from './read/schema.ts'

/** How an Engine begins the id of a container where it names it shortly, which is also its host name. */
const SHORT = 12

/** Those that run, or will again by themselves: the others are kept, not begun yet, or over. */
const SERVING: readonly Inspected['State']['Status'][] = ['running', 'restarting', 'paused']

/** The containers of the services. From here no way leads to one of them alone. */
export function instancesOn(hosts: readonly DockerHost[], services: DockerServices): Instances {
  const known = (service: string): void => {
    if (Object.hasOwn(services, service)) return
    const detail = `no container of the settings runs ${service}`
    throw new Fault({ kind: 'terminal', dependency: 'docker', detail })
  }
  const at = async (host: DockerHost, service: string, signal: AbortSignal) => {
    const members = membersOf(await listed(host, signal), services, [service])
    const serving = members.filter(({ member }) => member.role === 'serving')
    const seen = await Promise.all(serving.map(({ one }) => inspected(host, one.Id, signal)))
    return seen
      .filter((one) => one !== null)
      .filter(({ State }) => SERVING.includes(State.Status))
      .map((one) => ({ host: host.name, one }))
  }

  return {
    async list(service, signal) {
      known(service)
      const all = (await Promise.all(hosts.map((host) => at(host, service, signal)))).flat()
      return all.map(({ host, one }): Instance => {
        const isOnly = all.filter(({ one: { Name } }) => Name === one.Name).length === 1
        const { Id, Name, Config, State } = one
        return {
          id: isOnly ? Name : `${host}/${Name}`,
          alsoCalled: [...new Set([Id.slice(0, SHORT), Id, Config.Hostname])].filter(
            (name) => name !== '' && name !== Name,
          ),
          startedAt: State.StartedAt.startsWith('0001-') ? null : State.StartedAt,
          // An Engine does not tell of one that it has asked to end.
          ending: false,
        }
      })
    },
    async ask(service) {
      known(service)
      return null
    },
  }
}
