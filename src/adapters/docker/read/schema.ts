import { z } from 'zod'

/** The Engine writes nothing, `null` and an empty one for the same. */
function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((list) => list ?? [])
}

function mapOf<T extends z.ZodType>(item: T) {
  return z
    .record(z.string(), item)
    .nullish()
    .transform((map) => map ?? {})
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

const Labels = mapOf(z.string())

export const Listed = z.object({
  Id: z.string(),
  Names: listOf(z.string()),
  /** As it was asked for; its id, once that name means another one. */
  Image: z.string(),
  ImageID: z.string(),
  /** Seconds since the epoch. */
  Created: z.number(),
  Labels,
  State: z.string(),
  /** "Up 5 minutes (healthy)" */
  Status: text,
  HostConfig: z.object({ NetworkMode: text }).prefault({}),
})
export type Listed = z.infer<typeof Listed>
export const ListedAll = z.array(Listed)

const Healthcheck = z.looseObject({ Test: listOf(z.string()) })

/** What containers and images both have. The rest is kept as it is: it will be written back. */
export const Config = z.looseObject({
  User: text,
  Env: listOf(z.string()),
  Cmd: listOf(z.string()),
  Entrypoint: listOf(z.string()),
  WorkingDir: text,
  Labels,
  Volumes: mapOf(z.unknown()),
  ExposedPorts: mapOf(z.unknown()),
  Healthcheck: Healthcheck.nullish().transform((check) => check ?? null),
  StopSignal: text,
})
export type Config = z.infer<typeof Config>

export const MountEntry = z.looseObject({
  Type: z.string(),
  Source: text,
  Target: text,
})

export const HostConfig = z.looseObject({
  Binds: listOf(z.string()),
  Mounts: listOf(MountEntry),
  NetworkMode: text,
  IpcMode: text,
  PidMode: text,
  UTSMode: text,
  UsernsMode: text,
  PortBindings: mapOf(z.array(z.looseObject({ HostPort: text })).nullable()),
  PublishAllPorts: z.boolean().nullish(),
  RestartPolicy: z
    .object({ Name: text, MaximumRetryCount: z.number().default(0) })
    .nullish()
    .transform((policy) => policy ?? { Name: '', MaximumRetryCount: 0 }),
  AutoRemove: z.boolean().nullish(),
  VolumesFrom: listOf(z.string()),
  Links: listOf(z.string()),
  LogConfig: z.looseObject({ Type: text }).nullish(),
})
export type HostConfig = z.infer<typeof HostConfig>

export const Endpoint = z.looseObject({
  IPAMConfig: mapOf(z.unknown()),
  Links: listOf(z.string()),
  Aliases: listOf(z.string()),
  DriverOpts: mapOf(z.string()),
  GwPriority: z.number().nullish(),
  NetworkID: text,
})
export type Endpoint = z.infer<typeof Endpoint>

/** Where something is mounted, as it came to be. An Engine 29 leaves out some names, which its folders have. */
const Mounted = z
  .object({
    Type: text,
    Name: text,
    Source: text,
    Destination: z.string(),
    RW: z.boolean().default(true),
  })
  .transform((mount) => {
    const folder = /\/volumes\/([^/]+)\/_data$/.exec(mount.Source)?.[1] ?? ''
    return { ...mount, Name: mount.Type === 'volume' ? mount.Name || folder : mount.Name }
  })

const Health = z.object({
  Status: text,
  Log: listOf(z.object({ ExitCode: z.number().default(0), Output: text })),
})

export const Inspected = z.object({
  Id: z.string(),
  Name: z.string().transform((name) => name.replace(/^\//, '')),
  Created: z.string(),
  /** Its id. */
  Image: z.string(),
  RestartCount: z.number().default(0),
  State: z.object({
    Status: z.enum(['created', 'running', 'restarting', 'paused', 'exited', 'dead', 'removing']),
    OOMKilled: z.boolean().default(false),
    ExitCode: z.number().default(0),
    Error: text,
    StartedAt: text,
    FinishedAt: text,
    Health: Health.nullish(),
  }),
  Config: Config.extend({
    Image: text,
    Hostname: text,
    Tty: z.boolean().nullish(),
    StopTimeout: z.number().nullish(),
  }),
  HostConfig,
  Mounts: listOf(Mounted),
  NetworkSettings: z.object({ Networks: mapOf(Endpoint) }),
})
export type Inspected = z.infer<typeof Inspected>

/** Of a container of others nothing else is read. */
export const Modes = z.object({
  HostConfig: z.object({ PidMode: text, IpcMode: text }),
})
export type Modes = z.infer<typeof Modes>

export const InspectedImage = z.object({
  Id: z.string(),
  RepoTags: listOf(z.string()),
  RepoDigests: listOf(z.string()),
  Os: text,
  Architecture: text,
  Variant: text,
  Size: z.number().nullish(),
  /** When a name was last given to it on this host. */
  Metadata: z.object({ LastTagTime: text }).prefault({}),
  Config: Config.nullish().transform((config) => config ?? Config.parse({})),
})
export type InspectedImage = z.infer<typeof InspectedImage>

export const ListedImages = z.array(
  z.object({
    Id: z.string(),
    RepoTags: listOf(z.string()),
    RepoDigests: listOf(z.string()),
    Labels,
    /** Seconds since the epoch. */
    Created: z.number(),
    Size: z.number().nullish(),
    /** What it was made of on this host; empty where the host does not keep that. */
    ParentId: text,
  }),
)

/** What a registry says of an image. */
export const Distribution = z.object({ Descriptor: z.object({ digest: z.string() }) })

export const Info = z.object({
  SystemTime: z.string(),
  /** The folder of its images, by its own name for it; a proxy may keep it back. */
  DockerRootDir: text,
})
export const Version = z.object({ Os: z.string(), Arch: z.string() })
export const Created = z.object({ Id: z.string() })
export const Network = z.object({ Name: z.string() })
