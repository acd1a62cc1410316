import type { Visit } from './sessions.ts'

/** What a browser gets. */
export type Answer = {
  readonly status: number
  readonly body: string
  readonly type?: 'text/css'
  readonly location?: string
  readonly setCookie?: string | null
}

export function page(body: string, visit: Visit, status = 200): Answer {
  return { status, body, setCookie: visit.setCookie }
}

/** Elsewhere, so that loading it once more sends nothing twice. `path`: ours, never of somebody's. */
export function led(path: string, visit: Visit): Answer {
  return { status: 303, body: '', location: path, setCookie: visit.setCookie }
}

/** Nothing is loaded from elsewhere, nothing runs, nobody shows it in a frame, nothing keeps it. */
export const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  'strict-transport-security': 'max-age=31536000',
} as const
