import { Fault } from '../../domain/base/fault.ts'
import type { Containers, Happening } from '../../ports/containers.ts'
import type { Instances } from '../../ports/instances.ts'
import { dockerHost, type DockerHost, type DockerHostOptions } from './client/client.ts'
import { evidenceAt } from './evidence/evidence.ts'
import { logsAt } from './evidence/logs.ts'
import { atRegistry } from './images/at-registry.ts'
import { freeBytesAt } from './images/free-bytes.ts'
import { imageAt, imageAtAGlance, localImagesAt } from './images/images.ts'
import { keptImagesAt } from './images/kept-images.ts'
import { pull } from './images/pull.ts'
import { RegistryConfig } from './images/registry-credentials.ts'
import { instancesOn } from './instances.ts'
import { listing } from './read/list.ts'
import { remembering, type Remembering } from './read/asking.ts'
import { followHost } from './read/follow.ts'
import { sightingsAt } from './read/look.ts'
import { sharersAt } from './read/sharers.ts'
import { makersSeen } from './read/made-by.ts'
import type { DockerServices } from './read/members.ts'
import { toWorkload } from './read/to-workload.ts'
import { variablesAt } from './read/variables.ts'
import { write } from './write/write.ts'

export type DockerContainersOptions = {
  readonly hosts: readonly DockerHostOptions[]
  readonly services: DockerServices
  /** What stands in `config.json`. */
  readonly credentials?: RegistryConfig
  /** The container that this process runs in, which is never written to. */
  readonly ownId: () => Promise<string | null>
  readonly now?: () => number
}

/** Each host is asked by itself, all of them at once; one that cannot be asked fails the whole look. */
export function dockerContainers(
  options: DockerContainersOptions,
): Containers & { readonly instances: Instances; readonly close: () => void } {
  const { services, ownId, now = Date.now } = options
  const credentials = options.credentials ?? RegistryConfig.parse({})
  const hosts = options.hosts.map(dockerHost)
  const known = { services, ownId }
  const list = listing(now)
  const makers = makersSeen()
  const memories = new Map(hosts.map((host) => [host.name, remembering(host, now)]))
  const memoryOf = (host: DockerHost): Remembering =>
    memories.get(host.name) ?? remembering(host, now)

  const hostNamed = (name: string): DockerHost => {
    const host = hosts.find((one) => one.name === name)
    if (host) return host
    const detail = `there is no host ${name} in the settings`
    throw new Fault({ kind: 'terminal', dependency: 'docker', detail })
  }
  const isOverSocket = (name: string): boolean =>
    options.hosts.some((one) => one.name === name && 'socketPath' in one)
  const everywhere = async <T>(
    ask: (host: DockerHost) => Promise<readonly T[]>,
  ): Promise<readonly T[]> => (await Promise.all(hosts.map(ask))).flat()
  const configured = (names: readonly string[]): readonly string[] =>
    names.filter((name) => Object.hasOwn(services, name))

  return {
    async list(names, signal) {
      const wanted = configured(names)
      const found = await everywhere((host) =>
        list({ host, listed: memoryOf(host).listedNow }, services, wanted, signal),
      )
      return wanted.flatMap((service) => {
        const how = services[service]
        const told = found.filter((one) => one.service === service).map((one) => one.told)
        return (how && toWorkload(service, how, told, makers.of)) ?? []
      })
    },

    logs: (service, wanted) => everywhere((host) => logsAt(host, services, service, wanted)),

    sightings: (names, signal, how) =>
      everywhere((host) => {
        const asking = how?.remembered ? memoryOf(host) : undefined
        return sightingsAt(host, known, configured(names), signal, asking)
      }),

    async sharers(names, signal) {
      const all = await everywhere(async (host) => [
        await sharersAt(host, services, configured(names), signal),
      ])
      return {
        sharing: all.flatMap(({ sharing }) => sharing),
        notLooked: all.flatMap(({ notLooked }) => notLooked),
      }
    },

    variableOf: (names, name, signal) =>
      everywhere((host) => variablesAt(host, services, configured(names), name, signal)),

    localImages: (names, signal) =>
      everywhere((host) => localImagesAt(host, services, configured(names), signal)),

    keptImages: (names, signal) =>
      everywhere((host) => keptImagesAt(host, configured(names), signal)),

    async imageAt(name, image, signal, how) {
      const host = hostNamed(name)
      return how?.remembered
        ? imageAtAGlance(host, image, memoryOf(host), signal)
        : imageAt(host, image, signal)
    },

    atRegistry: async (host, image, signal) =>
      atRegistry(hostNamed(host), image, credentials, signal),

    freeBytes: async (host, signal) => freeBytesAt(hostNamed(host), isOverSocket, signal),

    async follow(names, tell, signal) {
      const its = Object.fromEntries(
        Object.entries(services).filter(([name]) => names.includes(name)),
      )
      const told = (happening: Happening): void => {
        makers.see(happening)
        tell(happening)
      }
      await Promise.all(hosts.map((host) => followHost(host, its, { tell: told, now }, signal)))
    },

    write: async (wanted, signal) => write(hostNamed(wanted.host), known, wanted, signal),

    pull: async (host, image, report, signal) =>
      pull(hostNamed(host), image, credentials, report, signal),

    async *evidence(service, signal) {
      for (const host of hosts) yield* evidenceAt(host, services, service, signal)
    },

    instances: instancesOn(hosts, services),

    close: () => {
      for (const host of hosts) host.close()
    },
  }
}
