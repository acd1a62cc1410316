import { redact } from '../domain/text/redact.ts'
import { fraction, suffix } from './metrics/noise.ts'
import { healthy } from './production.ts'
import type { Production, Stage } from './production.ts'
import { password } from './release.ts'

const lineEveryMs = 4_000
const linesKept = 400

/** What writes a log: a Pod, or a container of a host. */
type Writer = {
  readonly name: string
  readonly version: string
  readonly bornAtMs: number
  /** `Infinity`: never. */
  readonly readyAtMs: number
  readonly endsAtMs: number
}

/** What it wrote until now, as the adapter would hand it on: secrets already taken out. */
export function logLines(stage: Stage, service: string, pod: Writer): string[] {
  const { crashLooping, version } = stage.production()
  const text =
    crashLooping && pod.version === version
      ? lastCrash(stage, service, pod)
      : requests(stage, service, pod)
  return redact(text.join('\n')).split('\n')
}

/** A line without a time of its own belongs to the one above it. */
export function linesSince(
  { now }: Stage,
  lines: readonly string[],
  sinceSeconds: number | undefined,
): readonly string[] {
  if (sinceSeconds === undefined) return lines
  const fromMs = now() - 1_000 * sinceSeconds
  const first = lines.findIndex((line) => Date.parse(line.split(' ', 1)[0] ?? '') >= fromMs)
  return first < 0 ? [] : lines.slice(first)
}

function lastCrash(stage: Stage, service: string, { version }: Writer): string[] {
  // The longest back-off is five minutes, so the last try is at most that old.
  const startMs = stage.now() - 20_000 - Math.floor(200_000 * fraction(stage.seed, service))
  const line = (afterMs: number, level: string, message: string): string =>
    `${new Date(startMs + afterMs).toISOString()} ${level} ${message}`
  return [
    line(0, 'INFO', `starting ${service} ${version} (node v20.18.1)`),
    line(41, 'INFO', `connecting to mongodb://pipeshub:${password}@mongo-0.mongo:27017/pipeshub`),
    line(388, 'INFO', 'MULTI_TENANT_ENABLED=true, running tenant migration 0042'),
    line(402, 'ERROR', 'TypeError: Cannot read properties of undefined (reading "orgId")'),
    '    at resolveTenant (/app/dist/tenancy/resolve-tenant.js:31:22)',
    '    at async migrate (/app/dist/migrations/0042-tenants.js:57:5)',
    '    at async main (/app/dist/main.js:18:3)',
    line(405, 'FATAL', 'migration failed, exiting with code 1'),
  ]
}

const routes = ['/api/documents', '/api/search', '/api/login', '/api/conversations', '/api/files']

function requests(stage: Stage, service: string, pod: Writer): string[] {
  // A Pod that never started has written nothing, and one that ends takes no more requests.
  if (pod.readyAtMs === Infinity) return []
  const last = Math.floor(Math.min(stage.now(), pod.endsAtMs) / lineEveryMs)
  const first = Math.max(Math.ceil(pod.readyAtMs / lineEveryMs), last - linesKept + 2)
  const started = new Date(pod.bornAtMs).toISOString()
  return [
    `${started} INFO starting ${service} ${pod.version} (node v20.18.1)`,
    `${started} INFO connected to redis://:${password}@redis:6379/0`,
    ...Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
      const atMs = (first + index) * lineEveryMs
      const now = stage.productionAt(atMs)
      return request(stage.seed, pod.name, atMs, now.version === pod.version ? now : healthy)
    }),
  ]
}

function request(seed: number, pod: string, atMs: number, production: Production): string {
  const chance = (what: string): number => fraction(seed, `${pod} ${atMs} ${what}`)
  const route = routes[Math.floor(routes.length * chance('route'))] ?? routes[0]
  const id = suffix(seed, `${pod} ${atMs}`, 8)
  const ms = Math.round(1000 * production.p95Seconds * (0.2 + 0.8 * chance('ms')))
  const line = (level: string, status: number, more = ''): string =>
    `${new Date(atMs).toISOString()} ${level} ${route === '/api/login' ? 'POST' : 'GET'} ${route} ${status} ${ms}ms req=${id}${more}`
  if (100 * chance('error') < production.errorPercent) {
    return line('ERROR', 500, ' TypeError: Cannot read properties of undefined (reading "orgId")')
  }
  if (route === '/api/login' && 100 * chance('login') < production.loginFailurePercent) {
    return line('WARN', 401, ' token audience does not match the tenant')
  }
  return line('INFO', 200)
}
