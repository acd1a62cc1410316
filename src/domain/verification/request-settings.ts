import { z } from 'zod'

const MOST_BYTES = 64 * 1024

/** Two slashes would name another host, and take the credentials there. */
export const Path = z.string().regex(/^\/(?![/\\])/, 'must be a path like /api/documents')

/** Those that the request itself is made of. */
const OURS = new Set(['connection', 'content-length', 'content-type', 'expect', 'host'])
const HOP = new Set(['keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'])

export const Headers = z.record(
  z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header, like Authorization')
    .refine((name) => {
      const lower = name.toLowerCase()
      return !OURS.has(lower) && !HOP.has(lower)
    }, 'is set by Backout itself'),
  z
    .string('must be a text in quotes')
    .regex(/^[!-~]([ -~]{0,4094}[!-~])?$/, 'must be one line of plain letters and digits'),
)

const Text = z.string().max(MOST_BYTES, 'is longer than 64 KiB')

const Body = z.union(
  [
    z.strictObject({
      json: z
        .json()
        .refine((value) => JSON.stringify(value).length <= MOST_BYTES, 'is longer than 64 KiB'),
    }),
    z.strictObject({ form: z.record(z.string().max(200), Text) }),
    z.strictObject({
      file: z.strictObject({
        field: z.string().regex(/^[\w.-]{1,100}$/, 'must be the name of a field, like file'),
        name: z.string().regex(/^[\w. ${}-]{1,200}$/, 'must be the name of a file, like check.txt'),
        text: Text,
      }),
    }),
  ],
  'must hold one of json, form and file',
)
export type RequestBody = z.infer<typeof Body>

/** `$.documents[0].id`, and nothing that a value could be computed with. */
export const JsonPath = z
  .string()
  .max(200)
  .regex(/^\$(\.[\w-]+|\[\d{1,6}\])*$/, 'must be a path like $.documents[0].id')

const Expected = z
  .strictObject({
    path: JsonPath,
    equals: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
    /** Of a number, or of how many there are in a list. */
    atLeast: z.number().optional(),
  })
  .refine(
    ({ equals, atLeast }) => equals === undefined || atLeast === undefined,
    'takes equals or atLeast, and not both',
  )
export type ExpectedJson = z.infer<typeof Expected>

/** What an answer has to be, whoever asked. */
export const ExpectedAnswer = z.strictObject({
  /** `null`: any 2xx. */
  status: z.array(z.int().min(100).max(599)).min(1).nullable().default(null),
  json: z.array(Expected).max(20).default([]),
  contains: z.array(z.string().min(1).max(1_000)).max(20).default([]),
  /** Without what stands behind a `;`. `null`: any. */
  contentType: z
    .string()
    .regex(/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/, 'must be a type like application/json')
    .nullable()
    .default(null),
})
export type ExpectedAnswer = z.infer<typeof ExpectedAnswer>

const Expectations = ExpectedAnswer.extend({
  withinMs: z.int().min(1).max(60_000).default(3_000),
})
export type Expectations = z.infer<typeof Expectations>

const request = {
  /** Below the address of which service; else `url` is the whole address. */
  service: z.string().optional(),
  path: Path.optional(),
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .regex(/^[^@#]*$/, 'must not hold a password or a fragment; put credentials into headers')
    .optional(),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  /** Whether it may leave something behind; left out: all but GET and HEAD may. A login does not. */
  writes: z.boolean().optional(),
  headers: Headers.default({}),
  body: Body.optional(),
  expect: Expectations.prefault({}),
}

type Addressed = { readonly service?: string | undefined; readonly path?: string | undefined }

const ADDRESSED = 'needs service and path, or url'

function isAddressed({ service, path, url }: Addressed & { readonly url?: string | undefined }) {
  const below = service !== undefined && path !== undefined
  const none = service === undefined && path === undefined
  return url === undefined ? below : none
}

/** One request, and what its answer has to be. */
export const HttpCheck = z
  .strictObject({ kind: z.literal('http'), ...request })
  .refine(isAddressed, ADDRESSED)
export type HttpRequest = Omit<z.infer<typeof HttpCheck>, 'kind'>

const Step = z
  .strictObject({
    ...request,
    /** What later requests may use, as `${saved.token}`: read from this answer. */
    save: z
      .record(z.string().regex(/^\w{1,40}$/, 'must be a name like token'), JsonPath)
      .default({}),
  })
  .refine(isAddressed, ADDRESSED)
export type ChainStep = z.infer<typeof Step>

/** Requests one after the other, as for a login or an upload. */
export const ChainCheck = z.strictObject({
  kind: z.literal('chain'),
  steps: z.array(Step).min(1).max(10),
  /** Sent whatever happened, once something may have been written. */
  cleanUp: z
    .strictObject({ ...request })
    .refine(isAddressed, ADDRESSED)
    .optional(),
})
export type ChainCheck = z.infer<typeof ChainCheck>

/** Whether it may leave something behind. */
export function mayWrite({ method, writes }: Pick<HttpRequest, 'method' | 'writes'>): boolean {
  return writes ?? (method !== 'GET' && method !== 'HEAD')
}
