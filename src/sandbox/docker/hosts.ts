import type { Happening, ImageId } from '../../ports/containers.ts'
import { digest } from '../metrics/noise.ts'
import { FLAG, type Production, type WhatRuns } from '../production.ts'
import { composeFiles } from './compose-files.ts'
import { answersAt, isKeptRunningAt, lifeAt } from './container-life.ts'
import type { Behaviour, Run } from './container-life.ts'
import { simulatedImages } from './images.ts'
import { keptChanges } from './kept-changes.ts'
import { existsAt, strangerOn } from './simulated-container.ts'
import type { NewContainer, SimulatedContainer } from './simulated-container.ts'

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
  /** On its disk. */
  freeBytes: number | null
  /** `hidden`: what stands before the host lets nobody look at containers of no service. */
  strangers: 'shown' | 'hidden'
}

const newHost = (services: readonly string[]): SimulatedHost => {
  return { services, removedImages: new Set(), freeBytes: 40e9, strangers: 'shown' }
}

type Happened = { readonly kind: Happening['kind']; readonly one: SimulatedContainer }

export type SimulatedHosts = ReturnType<typeof simulatedHosts>

/** Hosts of containers, and all containers that ever were there: the services run the bad release. */
export function simulatedHosts(stage: HostsStage, placement: Placement) {
  const { now, seed, deployedAtMs, facts } = stage
  const services = [...new Set(Object.values(placement).flat())]
  const images = simulatedImages(stage, services)
  const changes = keptChanges(now)
  const files = composeFiles(facts, images, services)
  const hosts = new Map<string, SimulatedHost>()
  let containers: readonly SimulatedContainer[] = []
  const listeners = new Set<(happened: Happened) => void>()
  const happened = (kind: Happening['kind'], one: SimulatedContainer): void =>
    listeners.forEach((tell) => tell({ kind, one }))

  const add = (made: NewContainer): void => {
    const whole = {
      id: digest(`${seed} container ${containers.length} of ${made.host}`),
      version: images.find(made.image)?.version ?? null,
      role: 'serving',
      mark: null,
      keptPolicy: null,
      createdAtMs: now(),
      removedAtMs: Infinity,
      runs: [],
      ...made,
    } as const
    containers = [...containers, whole]
    happened('made', whole)
    if (whole.runs.length > 0) happened('started', whole)
  }

  const reset = (): void => {
    containers = []
    files.forget()
    images.forget()
    changes.reset()
    for (const [host, placed] of Object.entries(placement)) {
      hosts.set(host, newHost(placed))
      add(strangerOn(host, deployedAtMs))
      for (const service of placed) {
        for (const { version, fromMs, toMs } of pastOf(stage)) {
          const image = images.of(service, version)
          const past = files.container(host, service, fromMs, image)
          const runs = past.runs?.map((run) => ({ ...run, endedAtMs: toMs })) ?? []
          add({ ...past, removedAtMs: toMs, runs })
        }
        add(files.container(host, service, deployedAtMs))
      }
    }
  }
  reset()

  const existing = (host: string): readonly SimulatedContainer[] =>
    containers.filter((one) => one.host === host && existsAt(one, now()))
  const change = (
    id: string,
    kind: Happening['kind'] | null,
    other: Partial<SimulatedContainer>,
  ): void => {
    containers = containers.map((one) => {
      if (one.id !== id) return one
      const changed = { ...one, ...other }
      if (kind) happened(kind, changed)
      return changed
    })
  }
  const ended = (runs: readonly Run[]): readonly Run[] =>
    runs.map((run) => (run.endedAtMs === Infinity ? { ...run, endedAtMs: now() } : run))

  /** Whatever ran before the release was well. */
  const behaviour = ({ version, createdAtMs }: SimulatedContainer): Behaviour =>
    createdAtMs < deployedAtMs ? { kind: 'well' } : images.behaviour(version)
  const isKeptRunning = (one: SimulatedContainer, atMs: number): boolean =>
    existsAt(one, atMs) && isKeptRunningAt(one.runs, behaviour(one), atMs)

  return {
    ...whatRuns(services, { facts, behaviour, isKeptRunning, all: () => containers }),
    images,
    files,
    changes,
    names: Object.keys(placement),
    host: (name: string): SimulatedHost | undefined => hosts.get(name),
    reset,
    add,
    existing,
    isKeptRunning: (one: SimulatedContainer) => isKeptRunning(one, now()),
    life: (one: SimulatedContainer) => lifeAt(one.runs, behaviour(one), now()),
    behaviour,
    /** Those that are gone included; the oldest first. */
    everything: (): readonly SimulatedContainer[] => containers,
    /** It lies there also while a container is made of it. */
    hasImage(host: string, { id }: Pick<ImageId, 'id'>): boolean {
      if (existing(host).some(({ image }) => image.id === id)) return true
      const found = images.find({ id })
      if (!found || hosts.get(host)?.removedImages.has(id) !== false) return false
      return !facts().missingVersions.includes(found.version)
    },
    /** No container takes them along when it is removed. */
    volumes: (): readonly string[] => containers.flatMap((one) => one.specification.volumes),

    compose: (host: string, service: string): void => add(files.container(host, service, now())),
    rename: (id: string, name: string): void => change(id, 'renamed', { name }),
    /** Told of whatever happens, until it is called. */
    listen(tell: (happened: Happened) => void): () => void {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    start({ id, runs }: SimulatedContainer, restartPolicy: string): void {
      const run = { startedAtMs: now(), endedAtMs: Infinity, restartPolicy }
      change(id, 'started', { restartPolicy, runs: [...ended(runs), run] })
    },
    /** Its host keeps it, and starts it no more. */
    stop: ({ id, runs }: SimulatedContainer): void =>
      change(id, 'ended', { restartPolicy: 'no', runs: ended(runs) }),
    setPolicy: (id: string, restartPolicy: string): void => change(id, null, { restartPolicy }),
    remove({ id, runs }: SimulatedContainer): void {
      const isOver = runs.every(({ endedAtMs }) => endedAtMs !== Infinity)
      if (!isOver) change(id, 'ended', { runs: ended(runs) })
      change(id, 'removed', { removedAtMs: now(), runs: ended(runs) })
    },
  }
}

/** What each service ran before the release, each until the next one came. */
function pastOf({ facts, deployedAtMs }: HostsStage) {
  const { version: current, previousVersion } = facts()
  const days = (count: number): number => deployedAtMs - count * 24 * 60 * 60_000
  return [
    { version: 'v1.8.3', fromMs: days(19), toMs: days(6) },
    { version: previousVersion, fromMs: days(6), toMs: deployedAtMs },
  ].filter(({ version }) => version !== current)
}

type Seen = {
  readonly facts: () => Production
  readonly behaviour: (one: SimulatedContainer) => Behaviour
  readonly isKeptRunning: (one: SimulatedContainer, atMs: number) => boolean
  readonly all: () => readonly SimulatedContainer[]
}

/** What all containers that ever were there make of the services. */
function whatRuns(
  services: readonly string[],
  { facts, behaviour, isKeptRunning, all }: Seen,
): WhatRuns {
  const answers = (one: SimulatedContainer, atMs: number): boolean =>
    existsAt(one, atMs) && answersAt(one.runs, behaviour(one), atMs)
  return {
    services,
    /** The version of the oldest container that answers. */
    serving(service, atMs) {
      if (!services.includes(service)) return facts().crashLooping ? null : facts().version
      const oldest = all().find((one) => one.service === service && answers(one, atMs))
      return oldest?.version ?? null
    },
    writing: (service, atMs) =>
      all().filter((one) => one.service === service && answers(one, atMs)).length,
    runs: (version, atMs) =>
      all().some((one) => one.version === version && isKeptRunning(one, atMs)),
    goesByFlag: (version, atMs) =>
      all().some(
        (one) =>
          one.version === version &&
          one.specification.environment[FLAG] === 'true' &&
          isKeptRunning(one, atMs),
      ),
  }
}
