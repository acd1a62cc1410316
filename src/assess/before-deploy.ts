import { deployTime, type DeployTime } from './deploy-time.ts'
import type { Workloads } from '../ports/workloads.ts'

/** The hour before the deploy ends this long before it, so that the rollout itself is not in it. */
export const BEFORE_DEPLOY_MS = 5 * 60_000

export type BeforeDeploy = {
  /**
   * Asks at the moment before what runs now was deployed. `answer` is `null` where nothing tells when that was, or it
   * could not be asked; then `unknown` says why. Never throws.
   */
  beforeDeploy<Answer>(
    ask: (atMs: number) => Promise<Answer>,
  ): Promise<{ readonly answer: Answer | null; readonly unknown: string | null }>
}

/** What is known when the time of `signal` ends; then the rest goes on without it. */
export function askingBeforeDeploy(
  workloads: Workloads | null,
  services: readonly string[],
  signal: AbortSignal,
): BeforeDeploy {
  const deployed = untilOver(deployTime(workloads, services, signal), signal)
  return {
    async beforeDeploy(ask) {
      const time = await deployed
      if (time.kind === 'unknown') return { answer: null, unknown: time.because }
      if (time.kind === 'none') return { answer: null, unknown: null }
      const late = new Promise<null>((resolve) => {
        if (signal.aborted) resolve(null)
        signal.addEventListener('abort', () => resolve(null), { once: true })
      })
      const asked = ask(time.atMs - BEFORE_DEPLOY_MS).catch(() => null)
      const answer = await Promise.race([asked, late])
      return { answer, unknown: answer === null ? 'its numbers did not come in time' : null }
    },
  }
}

function untilOver(time: Promise<DeployTime>, signal: AbortSignal): Promise<DeployTime> {
  const { promise, resolve } = Promise.withResolvers<DeployTime>()
  const late = () => resolve({ kind: 'unknown', because: 'no answer in time' })
  if (signal.aborted) late()
  signal.addEventListener('abort', late, { once: true })
  return Promise.race([time, promise])
}
