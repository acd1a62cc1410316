import { z } from 'zod'

/** The Engine writes nothing, `null` and an empty one for the same. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')
const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? [])
const Labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((map) => map ?? {})
export type Labels = z.infer<typeof Labels>

/** As it is, with every key spelled as the Engine spells it: a request is compared with it. */
const Fields = z.record(z.string(), z.unknown())
export type Fields = Readonly<Record<string, unknown>>

/** An Engine 29 leaves out some names of volumes, which their folders have. */
const Mount = z
  .object({
    Type: text,
    Name: text,
    Source: text,
    Destination: text,
    RW: z.boolean().default(true),
  })
  .transform((mount) => {
    const folder = /\/volumes\/([^/]+)\/_data$/.exec(mount.Source)?.[1] ?? ''
    return { ...mount, Name: mount.Type === 'volume' ? mount.Name || folder : mount.Name }
  })
export type Mount = z.infer<typeof Mount>

const mounts = z
  .array(Mount)
  .nullish()
  .transform((list) => list ?? [])

export const Listed = z.looseObject({
  Id: z.string(),
  Names: texts,
  Image: text,
  ImageID: text,
  State: text,
  Labels,
  Mounts: mounts,
  HostConfig: z.looseObject({ NetworkMode: text }).prefault({}),
})
export type Listed = z.infer<typeof Listed>
export const ListedAll = z.array(Listed)

export const Inspected = z.object({
  Id: z.string(),
  Name: z.string().transform((name) => name.replace(/^\//, '')),
  Image: z.string(),
  State: z.object({ Status: z.string() }),
  Config: z.looseObject({ Labels }),
  HostConfig: Fields,
  Mounts: mounts,
  NetworkSettings: z.object({ Networks: z.record(z.string(), Fields).nullish() }),
})
export type Inspected = z.infer<typeof Inspected>

export const InspectedImage = z.object({
  Id: z.string(),
  RepoTags: texts,
  RepoDigests: texts,
  Config: Fields.nullish().transform((config) => config ?? {}),
})
export type InspectedImage = z.infer<typeof InspectedImage>

/** Of an event: what it happened to. */
export const Event = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: Labels }),
})
