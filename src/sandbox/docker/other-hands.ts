import type { ImageId } from '../../ports/containers.ts'
import type { Sharer } from '../../ports/sharers.ts'
import { inspected } from './container-views.ts'
import type { SimulatedHosts } from './hosts.ts'
import { strangerOn, type SimulatedContainer } from './simulated-container.ts'

export type OtherHands = ReturnType<typeof otherHands>

type Deployed = {
  readonly version?: string
  readonly variable?: string
  readonly restart?: string
}

/** What other people, and other programs, do on the hosts. Names are names of containers. */
export function otherHands(hosts: SimulatedHosts) {
  const all = (): readonly SimulatedContainer[] =>
    hosts.names.flatMap((host) => hosts.existing(host))
  const named = (name: string): readonly SimulatedContainer[] =>
    all().filter((one) => one.name === name)

  /** `docker compose up -d --force-recreate` on every host where the service is, from the file there. */
  const composeUp = (service: string): void => {
    const { id: image } = hosts.files.imageOf(service)
    for (const host of hosts.names) {
      if (!hosts.host(host)?.services.includes(service)) continue
      // Without the image it ends before it removes anything.
      if (!hosts.hasImage(host, image) && !hosts.images.isPublished(image)) continue
      hosts.host(host)?.removedImages.delete(image.id)
      for (const one of hosts.existing(host)) {
        if (one.service === service && one.role === 'serving') hosts.remove(one)
      }
      hosts.compose(host, service)
    }
  }

  return {
    composeUp,
    /** Somebody changes the file, and deploys it: another version, variable or restart policy. */
    deploy(service: string, file: Deployed): void {
      const { version, variable, restart } = file
      hosts.files.set(service, {
        ...(version === undefined ? {} : { version }),
        ...(restart === undefined ? {} : { restart }),
        ...(variable === undefined ? {} : { environment: { VARIABLE: variable } }),
      })
      composeUp(service)
    },
    /** From now on it cannot be made again as it is, and why. */
    setObstacles(service: string, obstacles: readonly string[]): void {
      hosts.files.set(service, { obstacles })
      composeUp(service)
    },
    /** Starts one of no service of the settings that shares what is another one's. */
    share(name: string, what: Sharer['what'], by: string): void {
      for (const { host, id, createdAtMs } of named(name)) {
        hosts.add({ ...strangerOn(host, createdAtMs), name: by, shares: { with: id, what } })
      }
    },
    setStrangers(strangers: 'shown' | 'hidden'): void {
      for (const name of hosts.names) {
        const host = hosts.host(name)
        if (host) host.strangers = strangers
      }
    },
    remove: (name: string): void => named(name).forEach(hosts.remove),
    stop: (name: string): void => named(name).forEach(hosts.stop),
    restart: (name: string): void => {
      for (const one of named(name)) hosts.start(one, one.restartPolicy)
    },
    rename: (name: string, to: string): void => {
      for (const { id } of named(name)) hosts.rename(id, to)
    },
    /** `docker container prune`: whatever does not run, so also what this bot keeps. */
    prune(): void {
      all()
        .filter((one) => !hosts.isKeptRunning(one))
        .forEach(hosts.remove)
    },
    /** On every host, or on this one; what a container is made of stays. */
    removeImage({ id }: Pick<ImageId, 'id'>, on: readonly string[] = hosts.names): void {
      for (const host of on) hosts.host(host)?.removedImages.add(id)
    },
    /** A clean-up of the registry takes it, or it is pushed again. */
    setPublished: hosts.images.setPublished,
    /** The Dockerfile of a version has such lines. */
    declareVolumes: hosts.images.declare,
    /** `null`: nobody tells. */
    setFreeBytes(bytes: number | null): void {
      for (const name of hosts.names) {
        const host = hosts.host(name)
        if (host) host.freeBytes = bytes
      }
    },
    /** `null`: nothing has this id now. */
    serviceOf: (id: string): string | null => all().find((one) => one.id === id)?.service ?? null,
    inspect(id: string): ReturnType<typeof inspected> {
      const found = all().find((one) => one.id === id)
      if (!found) throw new Error(`no host of the sandbox has the container ${id}`)
      return inspected(hosts, found)
    },
    volumes: (): readonly string[] => [...new Set(hosts.volumes().map(volumeOf))],
    /** Names of the images of the services on a host. */
    imageNames: (host: string): readonly string[] => [
      ...hosts.images
        .all()
        .filter(({ id }) => hosts.hasImage(host, id))
        .map(({ id }) => id.reference),
      ...hosts.changes.on(host).map(({ name }) => name),
    ],
    /** Of those that belong to no service of the settings. */
    strangers: (): readonly string[] =>
      all()
        .filter(({ service }) => service === null)
        .map(({ id }) => id),
  }
}

function volumeOf(volume: string): string {
  return volume.split(' at ', 1)[0] ?? volume
}
