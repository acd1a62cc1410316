import { jsonOf } from '../base/json-of.ts'
import { z } from 'zod'

/** What a service's health page may answer; left out, any 2xx is healthy. */
export const HealthyStatuses = z
  .array(z.int().min(100, 'must be an HTTP status').max(599, 'must be an HTTP status'))
  .min(1, 'needs at least one HTTP status')

/** The one rule of *healthy*, for the assessment, the proof, `verify` and the watch. */
export function isHealthy(status: number, statuses?: readonly number[] | null): boolean {
  return statuses ? statuses.includes(status) : isSuccess(status)
}

export type ToldVersion =
  | { readonly version: string }
  /** "its version page answers HTTP 404" */
  | { readonly version: null; readonly because: string }

/** What a service says of itself. A page that is missing or says nothing is no sign of a fault. */
export function toldVersion(answer: {
  readonly status: number
  readonly body: string
}): ToldVersion {
  if (!isSuccess(answer.status)) {
    return { version: null, because: `its version page answers HTTP ${answer.status}` }
  }
  const version = versionIn(answer.body)
  return version === null
    ? { version: null, because: 'its version page names no version' }
    : { version }
}

/** Whether two names mean one version: `1.9.0`, `v1.9.0` and `1.9.0+20261128.3f2a91c` do. */
export function isSameVersion(one: string, other: string): boolean {
  return one === other || withoutBuild(one) === withoutBuild(other)
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

const VersionPage = z.object({ version: z.string().trim().min(1).max(200) })

function versionIn(body: string): string | null {
  return VersionPage.safeParse(jsonOf(body)).data?.version ?? null
}

/** An image's tag cannot hold a `+`. Only numbers have a `v` that says nothing: `vnext` is a name. */
function withoutBuild(version: string): string {
  return /^v?(\d[^+]*)/i.exec(version)?.[1] ?? version
}
