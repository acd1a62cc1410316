import { z } from 'zod'
import { ExpectedAnswer, JsonPath } from '../../domain/verification/request-settings.ts'

/** As an environment variable may be called. */
const EnvName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of a variable, like MULTI_TENANT')

const Name = z.string().min(1).max(253)

/** As far as a place may have a value of its own that is safe; left out: that of the flag. */
const own = { safe: z.string().min(1).max(200).optional() }

/** Where a flag lives. `in` says who keeps it. */
export const FlagPlace = z.discriminatedUnion('in', [
  /** A variable of a container of the service's Deployment. */
  z.strictObject({
    in: z.literal('kubernetes-env'),
    service: Name,
    /** Left out: the service's own one. */
    container: Name.optional(),
    /** Left out: called like the flag. */
    env: EnvName.optional(),
    ...own,
  }),
  /** A key of a ConfigMap in the namespace of the Deployments. */
  z.strictObject({
    in: z.literal('config-map'),
    /** With or without the hash of its content that some tools put after it. */
    configMap: Name,
    /** Left out: called like the flag. */
    key: Name.regex(
      /^[-._a-zA-Z0-9]+$/,
      'must be a key of a ConfigMap, like MULTI_TENANT',
    ).optional(),
    /** Whose pods read it, and are replaced so that they read it anew. */
    services: z.array(Name).min(1, 'needs at least one service that reads it').max(20),
    ...own,
  }),
  /** A variable of the service's containers. */
  z.strictObject({
    in: z.literal('docker-env'),
    service: Name,
    env: EnvName.optional(),
    ...own,
  }),
  /** A variable of an application of pm2, on the machine where Backout runs. */
  z.strictObject({
    in: z.literal('pm2'),
    app: Name.regex(/^[\w.@-]+$/, 'must be the name of an application of pm2, like backend'),
    env: EnvName.optional(),
    ...own,
  }),
  /** A flag of Unleash in one environment: it is on or off there. */
  z.strictObject({
    in: z.literal('unleash'),
    /** Left out: called like the flag. */
    feature: Name.optional(),
    project: Name.default('default'),
    environment: Name.default('production'),
    safe: z.enum(['on', 'off']).default('off'),
  }),
])
export type FlagPlace = z.infer<typeof FlagPlace>
export type FlagPlaceIn<In extends FlagPlace['in']> = Extract<FlagPlace, { in: In }>

const PagePath = z.string().regex(/^\/(?![/\\])/, 'must be a path like /flags')

/** Something that must be so before the flag may be switched, and how it is found out. */
export const Precondition = z
  .strictObject({
    /** What happens where it is not so: `legacy routes show every organisation's projects`. */
    protects: z.string().min(1).max(200),
    /** Documents that match: at most so many may be there. */
    count: z
      .strictObject({
        database: z.string().min(1).max(63),
        collection: z.string().min(1).max(200),
        /** In the database's own language, as JSON; empty: all of them. */
        filter: z.record(z.string(), z.json()).default({}),
        atMost: z.int().min(0).default(0),
        /** What is counted: `projects belong to an organisation`. */
        of: z.string().min(1).max(100),
      })
      .optional(),
    http: z
      .strictObject({
        service: z.string().min(1),
        path: PagePath,
        expect: ExpectedAnswer.prefault({}),
      })
      .optional(),
    /** Nobody can measure it: who signs gives their word for it. */
    word: z.literal(true).optional(),
  })
  .refine(
    (one) => [one.count, one.http, one.word].filter((way) => way !== undefined).length === 1,
    'needs exactly one of count, http and word',
  )
export type Precondition = z.infer<typeof Precondition>

/** A page on which every instance tells which value it goes by, and who it is. */
export const ReadBack = z.strictObject({
  service: z.string().min(1),
  path: PagePath,
  value: JsonPath,
  instance: JsonPath,
  /** Where each instance can be asked itself; left out: the service's address, until every one has answered. */
  port: z.int().min(1).max(65_535).optional(),
  /** What the page tells where the flag is switched; left out: the safe value. */
  expect: z.union([z.string(), z.boolean(), z.number()]).optional(),
})
export type ReadBack = z.infer<typeof ReadBack>

export type FlagSettings = {
  readonly name: string
  readonly safe: string
  /** Everything that it may say. */
  readonly values: readonly string[]
  readonly precondition: Precondition | null
  readonly places: readonly FlagPlace[]
  readonly readBack: ReadBack | null
}
