import type { ImageId } from '../../ports/containers.ts'
import { digest } from '../metrics/noise.ts'
import type { Production, WhatRuns } from '../production.ts'
import { answersAt, isKeptRunningAt, lifeAt } from './container-life.ts'
import type { Run } from './container-life.ts'
import { imageId, simulatedImages } from './images.ts'
import { composed, composeName } from './specification.ts'
import type { ComposeService, Specification } from './specification.ts'

export type SimulatedContainer = {
  readonly host: string
  /** `null`: it belongs to none of the settings. */
  readonly service: string | null
  readonly id: string
  readonly name: string
  readonly role: 'serving' | 'kept'
  readonly mark: string | null
  readonly image: ImageId
  readonly specification: Specification
  /** What the host goes by. */
  readonly restartPolicy: string
  /** What a kept one remembers for those that are made like it. */
  readonly keptPolicy: string | null
  readonly createdAtMs: number
  /** `Infinity`: it is there. */
  readonly removedAtMs: number
  readonly runs: readonly Run[]
}

export type HostsStage = {
  readonly now: () => number
  readonly seed: number
  readonly deployedAtMs: number
  readonly facts: () => Production
}

/** Which services run on which host. */
export type Placement = Readonly<Record<string, readonly string[]>>

type SimulatedHost = {
  readonly services: readonly string[]
  /** Ids of images that somebody has removed there. */
  readonly removedImages: Set<string>
  /** Images that were made of what containers had written. */
  readonly changesKept: string[]
}

type NewContainer = Pick<
  SimulatedContainer,
  'host' | 'service' | 'name' | 'image' | 'specification' | 'restartPolicy'
> &
  Partial<Pick<SimulatedContainer, 'role' | 'mark' | 'keptPolicy' | 'createdAtMs' | 'runs'>>

export type SimulatedHosts = ReturnType<typeof simulatedHosts>

const composePolicy = 'unless-stopped'

/** Hosts of containers, and all containers that ever were there: the services run the bad release. */
export function simulatedHosts(stage: HostsStage, placement: Placement) {
  const { now, seed, deployedAtMs, facts } = stage
  const services = [...new Set(Object.values(placement).flat())]
  const images = simulatedImages(stage, services)
  const hosts = new Map<string, SimulatedHost>()
  const files = new Map<string, Omit<ComposeService, 'image'> & { readonly version?: string }>()
  let containers: readonly SimulatedContainer[] = []

  const exists = ({ createdAtMs, removedAtMs }: SimulatedContainer, atMs: number): boolean =>
    createdAtMs <= atMs && atMs < removedAtMs
  const behaviourOf = ({ image }: SimulatedContainer) =>
    images.behaviour(images.find(image)?.version)
  const isKeptRunning = (one: SimulatedContainer, atMs: number): boolean =>
    exists(one, atMs) && isKeptRunningAt(one.runs, behaviourOf(one), atMs)

  const add = (made: NewContainer): SimulatedContainer => {
    const whole = {
      id: digest(`${seed} container ${containers.length} of ${made.host}`),
      role: 'serving',
      mark: null,
      keptPolicy: null,
      createdAtMs: now(),
      removedAtMs: Infinity,
      runs: [],
      ...made,
    } as const
    containers = [...containers, whole]
    return whole
  }

  const compose = (host: string, service: string, startedAtMs: number): void => {
    const { version = facts().version, ...file } = fileOf(service)
    const { id: image } = images.of(service, version)
    add({
      host,
      service,
      name: composeName(service),
      image,
      specification: composed({ ...file, image }, services),
      restartPolicy: composePolicy,
      createdAtMs: startedAtMs,
      runs: [{ startedAtMs, endedAtMs: Infinity, restartPolicy: composePolicy }],
    })
  }

  const fileOf = (service: string) =>
    files.get(service) ?? { service, environment: {}, obstacles: [] }

  const reset = (): void => {
    containers = []
    files.clear()
    images.forget()
    for (const [host, placed] of Object.entries(placement)) {
      hosts.set(host, { services: placed, removedImages: new Set(), changesKept: [] })
      add({ host, ...strangerOf(host), createdAtMs: deployedAtMs })
      for (const service of placed) compose(host, service, deployedAtMs)
    }
  }
  reset()

  const change = (id: string, changes: Partial<SimulatedContainer>): void => {
    containers = containers.map((one) => (one.id === id ? { ...one, ...changes } : one))
  }
  const existing = (host: string): readonly SimulatedContainer[] =>
    containers.filter((one) => one.host === host && exists(one, now()))
  const ended = (runs: readonly Run[]): readonly Run[] =>
    runs.map((run) => (run.endedAtMs === Infinity ? { ...run, endedAtMs: now() } : run))

  /** Of `host`, an image lies there also while a container is made of it. */
  const hasImage = (host: string, { id }: Pick<ImageId, 'id'>): boolean => {
    if (existing(host).some(({ image }) => image.id === id)) return true
    const found = images.find({ id })
    if (!found || hosts.get(host)?.removedImages.has(id) !== false) return false
    return !facts().missingVersions.includes(found.version)
  }

  return {
    ...whatRuns(),
    images,
    now,
    names: Object.keys(placement),
    host: (name: string): SimulatedHost | undefined => hosts.get(name),
    reset,
    add,
    existing,
    hasImage,
    fileOf,
    setFile: (
      service: string,
      changes: Partial<ComposeService> & { readonly version?: string },
    ): void => void files.set(service, { ...fileOf(service), ...changes }),
    compose,
    /** Its image is there, or can be had. */
    canCompose(host: string, service: string): boolean {
      const { version = facts().version } = fileOf(service)
      const { id } = images.of(service, version)
      return hasImage(host, id) || images.isPublished(id)
    },
    life: (one: SimulatedContainer) => lifeAt(one.runs, behaviourOf(one), now()),
    isKeptRunning,
    rename: (id: string, name: string): void => change(id, { name }),

    start({ id, runs }: SimulatedContainer, restartPolicy: string): void {
      const run = { startedAtMs: now(), endedAtMs: Infinity, restartPolicy }
      change(id, { restartPolicy, runs: [...ended(runs), run] })
    },
    /** Its host keeps it, and starts it no more. */
    stop({ id, runs }: SimulatedContainer): void {
      change(id, { restartPolicy: 'no', runs: ended(runs) })
    },
    remove({ id, runs }: SimulatedContainer): void {
      change(id, { removedAtMs: now(), runs: ended(runs) })
    },

    /** No container takes them along. */
    volumes: (): readonly string[] => containers.flatMap((one) => one.specification.volumes),
  }

  function whatRuns(): WhatRuns {
    return {
      services,
      /** The version of the oldest container that answers. */
      serving(service, atMs) {
        if (!services.includes(service)) return facts().crashLooping ? null : facts().version
        const answers = containers.find((one) => {
          const isThere = one.service === service && exists(one, atMs)
          return isThere && answersAt(one.runs, behaviourOf(one), atMs)
        })
        return (answers && images.find(answers.image)?.version) ?? null
      },
      runs: (version, atMs) =>
        containers.some(
          (one) => images.find(one.image)?.version === version && isKeptRunning(one, atMs),
        ),
    }
  }
}

/** What runs on such hosts beside the services, and is nobody's business here. */
function strangerOf(host: string) {
  const labels = { 'example.com/owner': 'infrastructure' }
  const nothing = { aliases: [], volumes: [], dependsOn: [], obstacles: [] }
  return {
    service: null,
    name: `${host}-node-exporter`,
    image: imageId('prom/node-exporter:v1.8.2'),
    specification: { ...nothing, environment: {}, labels, ports: ['9100:9100'], stopSeconds: 10 },
    restartPolicy: 'always',
    runs: [{ startedAtMs: 0, endedAtMs: Infinity, restartPolicy: 'always' }],
  }
}
