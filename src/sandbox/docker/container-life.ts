import type { Container } from '../../ports/containers.ts'

/** What an image does once it is started. */
export type Behaviour =
  | { readonly kind: 'well' }
  /** It runs, and its health check says this. */
  | { readonly kind: 'unhealthy'; readonly says: string }
  /** It ends by itself, soon after each start. */
  | { readonly kind: 'exits'; readonly code: number }

/** From one start by hand to the end by hand; what its host does between them follows from the clock. */
export type Run = {
  readonly startedAtMs: number
  /** `Infinity`: nobody has ended it. */
  readonly endedAtMs: number
  readonly restartPolicy: string
}

type Life = Pick<Container, 'state' | 'startedAt' | 'health' | 'trouble' | 'runningMs' | 'restarts'>

export const healthyAfterMs = 2_000
const unhealthyAfterMs = 3_000
const exitsAfterMs = 400
/** The waiting doubles from the first to the second. */
const [shortestWaitMs, longestWaitMs] = [100, 60_000]

const idle = { health: 'none', runningMs: null, restarts: 0 } as const

/** How a container stands at a moment, as its host tells it. */
export function lifeAt(runs: readonly Run[], behaviour: Behaviour, atMs: number): Life {
  const run = runs.findLast(({ startedAtMs }) => startedAtMs <= atMs)
  if (!run) return { ...idle, startedAt: null, state: 'created', trouble: null }
  const startedAt = isoOf(run.startedAtMs)
  if (behaviour.kind === 'exits') {
    const life = againAndAgain(run, behaviour.code, Math.min(atMs, run.endedAtMs))
    return run.endedAtMs <= atMs ? { ...life, ...ended(behaviour.code) } : life
  }
  if (run.endedAtMs <= atMs) return { ...idle, startedAt, ...ended(0) }
  const runningMs = atMs - run.startedAtMs
  const running = { startedAt, state: 'running', runningMs, restarts: 0 } as const
  if (behaviour.kind === 'well') {
    const health = runningMs < healthyAfterMs ? 'starting' : 'healthy'
    return { ...running, health, trouble: null }
  }
  return runningMs < unhealthyAfterMs
    ? { ...running, health: 'starting', trouble: null }
    : { ...running, health: 'unhealthy', trouble: `Health check failed: ${behaviour.says}` }
}

/** Whether it is there to answer, and does. */
export function answersAt(runs: readonly Run[], behaviour: Behaviour, atMs: number): boolean {
  return lifeAt(runs, behaviour, atMs).health === 'healthy'
}

/** Whether it runs, or its host is about to start it again. */
export function isKeptRunningAt(runs: readonly Run[], behaviour: Behaviour, atMs: number): boolean {
  const { state } = lifeAt(runs, behaviour, atMs)
  return state === 'running' || state === 'restarting'
}

function ended(code: number) {
  const none = { health: 'none', runningMs: null } as const
  return { ...none, state: 'exited', trouble: `Exited (${code})` } as const
}

/** Where it stands between all its starts, while nobody ends it. */
function againAndAgain({ startedAtMs, restartPolicy }: Run, code: number, atMs: number): Life {
  const allowed = restartsAllowed(restartPolicy)
  let sinceMs = startedAtMs
  for (let restarts = 0; ; restarts += 1) {
    const runningMs = atMs - sinceMs
    const startedAt = isoOf(sinceMs)
    if (runningMs < exitsAfterMs) {
      return { state: 'running', startedAt, health: 'starting', trouble: null, runningMs, restarts }
    }
    if (restarts >= allowed) return { ...ended(code), startedAt, restarts }
    const cycleMs = exitsAfterMs + Math.min(longestWaitMs, shortestWaitMs * 2 ** restarts)
    if (runningMs < cycleMs) {
      const trouble = `Restarting (${code})`
      return { ...idle, state: 'restarting', startedAt, trouble, restarts }
    }
    sinceMs += cycleMs
  }
}

function restartsAllowed(policy: string): number {
  if (policy === 'no') return 0
  const [, most] = /^on-failure:(\d+)$/.exec(policy) ?? []
  return most === undefined ? Infinity : Number(most)
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
