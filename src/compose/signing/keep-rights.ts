import { every, type Recurring } from '../../adapters/cron/every.ts'
import type { Engine } from '../../engine/engine-types.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { SecondFactor } from '../../ports/second-factor.ts'

/** So old is what is kept of people at most, while Slack answers. */
const EVERY_MS = 30 * 60_000

/**
 * Reads again and again what everybody who enrolled may do, so that it is known when Slack does not answer. What
 * Slack answers is kept by whoever asks it.
 */
export function keepRights(deps: {
  readonly secondFactor: Pick<SecondFactor, 'all'>
  readonly approver: Engine['approver']
  readonly clock: Clock
  readonly log: Log
}): Recurring & { turn(): Promise<void> } {
  let readMs = Number.NEGATIVE_INFINITY

  async function turn(): Promise<void> {
    const nowMs = deps.clock.now()
    if (nowMs - readMs < EVERY_MS) return
    try {
      const people = await deps.secondFactor.all()
      const signers = await Promise.all(people.map(({ user }) => deps.approver(user)))
      // Whoever Slack says nothing of is asked for again in a minute.
      if (!signers.some(({ kind }) => kind === 'unknown')) readMs = nowMs
    } catch (error) {
      deps.log.warn('what people may do without Slack could not be read again', { error })
    }
  }

  return { ...every(60, 'rights', turn, deps.log), turn }
}
