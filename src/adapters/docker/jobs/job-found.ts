import { toMs } from '../../../domain/base/instant.ts'
import type { JobFound } from '../../../ports/jobs.ts'
import { OURS } from '../read/labels.ts'
import type { Inspected } from '../read/schema.ts'
import { shortLine } from '../read/short-line.ts'

/** So long one that was made may take until it starts. */
const STARTS_WITHIN_MS = 60_000

/** What one look tells; `over`: it runs, and its time is over. */
type JobSeen =
  | Extract<JobFound, { kind: 'running' | 'succeeded' }>
  | { readonly kind: 'over' }
  | { readonly kind: 'failed'; readonly because: string; readonly hasRun: boolean }

/** `nowMs`: by the clock of its host. */
export function jobSeen({ Created, Config, State }: Inspected, nowMs: number): JobSeen {
  const lastsMs = Number(Config.Labels[OURS.seconds]) * 1_000
  switch (State.Status) {
    case 'created': {
      const because = State.Error === '' ? 'it was made, and never started' : shortLine(State.Error)
      const isLate = nowMs - toMs(Created) >= STARTS_WITHIN_MS
      return State.Error !== '' || isLate
        ? { kind: 'failed', because, hasRun: false }
        : { kind: 'running', says: 'it has not started yet' }
    }
    case 'running':
    case 'restarting':
    case 'paused': {
      if (nowMs - toMs(State.StartedAt) >= lastsMs) return { kind: 'over' }
      return { kind: 'running', says: State.Status === 'running' ? 'it runs' : 'it is paused' }
    }
    case 'exited': {
      if (toMs(State.FinishedAt) - toMs(State.StartedAt) >= lastsMs)
        return failed('its time was over')
      if (State.OOMKilled) return failed('it had no memory left')
      return State.ExitCode === 0 ? { kind: 'succeeded' } : failed(`status ${State.ExitCode}`)
    }
    case 'dead':
    case 'removing':
      return failed(`its container is ${State.Status}`)
    default:
      return State.Status satisfies never
  }
}

function failed(because: string): JobSeen {
  return { kind: 'failed', because, hasRun: true }
}
