import type { EndedRun, ImageId, ImageLabels } from '../domain/workload/ledger.ts'
import type { Sharers } from './sharers.ts'
import type { Workloads } from './workloads.ts'

export type { EndedRun, ImageId, ImageLabels } from '../domain/workload/ledger.ts'

export type Container = {
  readonly host: string
  readonly service: string
  /** Another one of the same name has another id. */
  readonly id: string
  /** Without the slash: `shop-backend-1`. */
  readonly name: string
  /** `serving`: made by anybody, this bot included. `kept`: made by this bot, never started, to make again from it what was there before. */
  readonly role: 'serving' | 'kept'
  /** The key of the write of ours that made it; `null`: somebody else made it. */
  readonly mark: string | null
  readonly image: ImageId
  readonly labels: ImageLabels
  /**
   * Of all that it was created with beside its image's own defaults: not its name, image, restart policy, nor
   * labels of ours. A kept one has the hash of what it was made like.
   */
  readonly sha256: string
  /** What made it, by its name for people, where its labels tell. */
  readonly madeBy: string | null
  /** As the host says it. */
  readonly state: 'created' | 'running' | 'restarting' | 'paused' | 'exited' | 'dead' | 'removing'
  /** Of its own health check; `none`: it has none. */
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy'
  /** Why it is not well, in the host's own words: its exit code, what its health check said last. */
  readonly trouble: string | null
  readonly createdAt: string
  /** When it last began to run, as its host tells it; `null`: it never ran. Another time is another run of it. */
  readonly startedAt: string | null
  /** How long it has been running by the clock of its host; `null`: it does not run. Milliseconds. */
  readonly runningMs: number | null
  /** How often the host has started it again by itself. */
  readonly restarts: number
  /**
   * `no`, `always`, `unless-stopped`, `on-failure:5`. A kept one says what is given to what is made like it; itself
   * it has `no`, as has everything that was created and neither started nor made ready yet.
   */
  readonly restartPolicy: string
  /** Its ports are ports of the host: no second one can serve beside it. */
  readonly publishesPorts: boolean
  /** How long the host waits for it to end before it kills it. Seconds. */
  readonly stopSeconds: number
  /** Names under which it is found, each with its network: `shop_default/backend`. */
  readonly aliases: readonly string[]
  /** Volumes and folders that it has, and that its successor gets: `uploads at /var/lib/app`. */
  readonly volumes: readonly string[]
  /** Folders that it keeps in memory (tmpfs): what lies there ends with it. */
  readonly tmpfs: readonly string[]
  /** What compose knows it as, and where its file lies on that host; `null`: compose did not make it. */
  readonly compose: {
    readonly project: string
    readonly service: string
    readonly folder: string | null
  } | null
  /** Services that have to run before it, where its labels tell. */
  readonly dependsOn: readonly string[]
  /** Why it cannot be made again as it is, each in a clause: `it is removed as soon as it stops`. */
  readonly obstacles: readonly string[]
  /** Why it must not even be stopped, each in a clause: `it is removed as soon as it stops`. */
  readonly mayNotEnd: readonly string[]
}

/** One variable of a container; `null`: it is not set. */
export type VariableChange = {
  readonly name: string
  readonly from: string | null
  readonly to: string | null
}

/** What one variable says in one container. */
export type VariableSeen = {
  readonly id: string
  readonly value: string | null
  /** Who has set it; `null`: nobody, or somebody has taken away what the image sets. */
  readonly from: 'container' | 'image' | null
}

/** One write to one host. Names a container by its id: another one is never meant (J5). */
export type ContainerWrite = { readonly host: string } & (
  | {
      /** A container like another one, of another image, or with another value of one variable; not started. */
      readonly kind: 'create'
      readonly like: string
      /** What {@link Container.sha256} of it is: else it is refused as changed meanwhile. */
      readonly sha256: string
      readonly image: ImageId
      readonly name: string
      readonly service: string
      readonly role: Container['role']
      readonly mark: string
      /** Where it says something else than `from` in the other one, this is refused as changed meanwhile. */
      readonly variable?: VariableChange
    }
  /** Ends it, with its own time to do so, and keeps the host from starting it again. */
  | {
      readonly kind: 'stop'
      readonly id: string
      /** What is started in its place right after it: with its restart policy it is made ready before. */
      readonly next?: { readonly id: string; readonly restartPolicy: string }
    }
  /** Starts it, with the restart policy it is to have. */
  | {
      readonly kind: 'start'
      readonly id: string
      readonly restartPolicy: string
      /**
       * Only of what was made ready by a stop: what stands there of its service, and nothing else. Where anything else stands
       * there by now, this is refused as changed meanwhile.
       */
      readonly among?: readonly Pick<Container, 'id' | 'name' | 'state'>[]
    }
  | { readonly kind: 'rename'; readonly id: string; readonly name: string }
  /** Never its volumes. What it has written beside them is kept as an image of that name, where there is any. */
  | { readonly kind: 'remove'; readonly id: string; readonly keepChangesAs: string | null }
  /** One of {@link Containers.keptImages}, if its name still means that one. */
  | { readonly kind: 'remove-image'; readonly id: string; readonly name: string }
)

export type ContainerWritten =
  | { readonly kind: 'done' }
  /** What was seen does not stand there any more, or the name is taken: look again. Nothing was written. */
  | { readonly kind: 'changed-meanwhile'; readonly because: string }
  /** The host refuses it; in its own words. */
  | { readonly kind: 'refused'; readonly because: string }

/** What is known of an image at one host. */
export type ImageAtHost = {
  readonly host: string
  /** Its id there; `null`: it is not there. */
  readonly id: string | null
  /** `linux/amd64` of the image and of the host; `null`: not known. */
  readonly platform: string | null
  readonly hostPlatform: string | null
  /** Folders that it declares as volumes. */
  readonly volumes: readonly string[]
  /** All of it, on the disk of the host; `null`: it is not there. */
  readonly bytes: number | null
}

/**
 * What the registry of an image says of it. `gone`: it does not have it. `refused`: it does not take our credentials,
 * or wants some, or may show it only to whoever has some. `not-known`: it could not be asked.
 */
export type AtRegistry =
  | { readonly kind: 'there' }
  | { readonly kind: 'gone' | 'refused' | 'not-known'; readonly because: string }

/** What a container had written beside its volumes, as an image that this bot has made of it. */
export type KeptImage = {
  readonly host: string
  readonly service: string
  readonly name: string
  readonly id: string
  readonly createdAt: string
  /** Of it alone, without what it was built on; `null`: not known. */
  readonly bytes: number | null
}

/** How a pull goes on. Bytes. */
export type PullProgress = { readonly done: number; readonly total: number }

/** A tag as a host knows it: what could be run again where there is no history yet. */
export type LocalImage = {
  readonly host: string
  readonly image: ImageId
  readonly labels: ImageLabels
  readonly builtAt: string | null
}

/** Something that was done to a container, or that it did. */
export type Happening = {
  readonly host: string
  readonly service: string
  readonly id: string
  /** Of one that was renamed, the new one. */
  readonly name: string
  readonly kind: 'made' | 'started' | 'ended' | 'removed' | 'renamed'
  /** By the clock of its host. */
  readonly at: string
  /** Of what has ended to serve no more: what ran, and when, as far as that is certain. */
  readonly run?: EndedRun
}

/** Only to know what could be planned, and never for what is signed: what ran well for long is not asked again for half an hour. */
export type Remembered = { readonly remembered: true }

/**
 * What runs the team's services as containers, on one or several hosts. Throws a `Fault` when a host could not
 * be asked, and of kind `unknown-outcome` when a write was sent and no answer came: look before writing again (J4).
 */
export type Containers = Workloads & {
  /** All of these services on every host, with what this bot keeps of them; absent ones are left out. */
  sightings(
    services: readonly string[],
    signal: AbortSignal,
    how?: Remembered,
  ): Promise<readonly Container[]>
  /** For a plan, and never for an assessment: it looks at each. Who shares a network stands among the obstacles, too. */
  sharers(services: readonly string[], signal: AbortSignal): Promise<Sharers>
  /**
   * One variable of each container of these services, those that are kept included. Never all of them: they hold secrets.
   */
  variableOf(
    services: readonly string[],
    name: string,
    signal: AbortSignal,
  ): Promise<readonly VariableSeen[]>
  /** Other images of the same repositories that lie on the hosts. */
  localImages(services: readonly string[], signal: AbortSignal): Promise<readonly LocalImage[]>
  /** Of these services, the newest first. */
  keptImages(services: readonly string[], signal: AbortSignal): Promise<readonly KeptImage[]>
  imageAt(host: string, image: ImageId, signal: AbortSignal, how?: Remembered): Promise<ImageAtHost>
  /** Asked by that host, with the credentials that a pull would send. Nothing is pulled. */
  atRegistry(
    host: string,
    image: ImageId & { readonly digest: string },
    signal: AbortSignal,
  ): Promise<AtRegistry>
  /**
   * Tells what happens to their containers, until the signal ends it; first what their hosts still remember of before. A
   * host that breaks off is asked again, ever more seldom. Nothing may depend on hearing everything: hosts remember
   * little, and what they forgot is found by whoever looks, if it still stands there.
   */
  follow(
    services: readonly string[],
    tell: (happening: Happening) => void,
    signal: AbortSignal,
  ): Promise<void>
  /** On the disk where that host keeps its images; `null`: nobody tells. */
  freeBytes(host: string, signal: AbortSignal): Promise<number | null>
  write(write: ContainerWrite, signal: AbortSignal): Promise<ContainerWritten>
  /** By its digest, with the credentials of its registry, whatever it is for. Harmless when it is there already. */
  pull(
    host: string,
    image: ImageId & { readonly digest: string },
    report: (progress: PullProgress) => void,
    signal: AbortSignal,
  ): Promise<
    | { readonly kind: 'there'; readonly id: string }
    | { readonly kind: 'refused'; readonly because: string }
  >
}
