import { z } from 'zod'

/** Those that the request itself is made of, and credentials, which have variables of their own. */
const OURS = new Set([
  'accept-encoding',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Sent with every question: `X-Scope-OrgID` names the tenant of a Mimir, a Loki or a Cortex. */
export const RequestHeaders = z.record(
  z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header, like X-Scope-OrgID')
    .refine((name) => !OURS.has(name.toLowerCase()), 'is set by Backout itself'),
  z
    .string('must be a text in quotes')
    .regex(/^[!-~]([ -~]{0,1022}[!-~])?$/, 'must be one line of plain letters and digits'),
)
