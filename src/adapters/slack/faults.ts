import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api'
import { Fault, type FaultKind } from '../../domain/base/fault.ts'
import { codeOf } from '../../domain/base/network-trouble.ts'

/** Slack's own words for a layout it will not show. */
const LAYOUT = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'block_mismatch',
  'invalid_arguments',
  'view_too_large',
])

/** Answers that are certainly "not done", and may be different in a moment. */
const TRY_AGAIN = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'service_unavailable',
  'team_added_to_org',
  'fatal_error',
])

const IN_WORDS: Record<string, string> = {
  not_in_channel: 'Backout is not in that channel; invite it with /invite @Backout',
  channel_not_found: 'Slack knows no such channel, or Backout may not see it',
  is_archived: 'the channel is archived',
  invalid_auth: 'Slack does not accept the token',
  not_authed: 'Slack got no token',
  token_revoked: 'the token was revoked',
  token_expired: 'the token has expired',
  account_inactive: 'the token belongs to a removed app or workspace',
  missing_scope: 'the token lacks a scope; compare the app with manifests/slack-app.yaml',
  not_allowed_token_type: 'this is the wrong kind of token',
}

/** What went wrong with a call to the Web API that changes nothing. */
export function slackFault(error: unknown): Fault {
  return faultOf(error, { writes: false })
}

/** The same for one that changes something: a lost reply leaves it unknown whether it was done. */
export function slackWriteFault(error: unknown): Fault {
  return faultOf(error, { writes: true })
}

function faultOf(error: unknown, { writes }: { readonly writes: boolean }): Fault {
  const made = (
    kind: FaultKind,
    code: string,
    detail: string,
    retryAfterMs: number | null = null,
  ) => new Fault({ kind, dependency: 'slack', code, detail, retryAfterMs, cause: error })

  if (error instanceof Fault) return error
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error
    if (LAYOUT.has(code))
      return made('terminal', 'layout-refused', `Slack refused the layout: ${code}`)
    if (TRY_AGAIN.has(code)) return made('retryable', code, `Slack says ${code}`)
    return made('terminal', code, IN_WORDS[code] ?? `Slack says ${code}`)
  }
  if (error instanceof WebAPIRateLimitedError) {
    return made('retryable', '429', 'Slack asks us to slow down', error.retryAfter * 1000)
  }
  const lost: FaultKind = writes ? 'unknown-outcome' : 'retryable'
  if (error instanceof WebAPIHTTPError) {
    return made(lost, String(error.statusCode), `Slack answered HTTP ${error.statusCode}`)
  }
  if (error instanceof WebAPIRequestError) {
    const refusedCode = codeOf(error.original) ?? 'network'
    const neverSent = refusedCode === 'ECONNREFUSED' || refusedCode === 'ENOTFOUND'
    return made(neverSent ? 'retryable' : lost, refusedCode, 'Slack could not be reached')
  }
  // A 429 without a Retry-After that can be read comes as a plain error.
  if (error instanceof Error && error.message.startsWith('Retry header did not contain')) {
    return made('retryable', '429', 'Slack asks us to slow down')
  }
  return made(lost, 'unknown', error instanceof Error ? error.message : 'Slack could not be asked')
}
