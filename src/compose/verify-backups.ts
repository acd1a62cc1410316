import { steadyLook } from './steady-look.ts'
import { every, type Recurring } from '../adapters/cron/every.ts'
import { standingOf } from '../domain/data/backup.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import type { Backups } from '../ports/backups.ts'
import type { Log } from '../ports/log.ts'

const LOOK_SECONDS = 60

/**
 * Reads backups whole that nobody has read yet, the newest first and one at a time: a plan takes the newest that was
 * verified. What cannot be read now is tried again; what is damaged is remembered by the catalogue.
 */
export function verifyBackups(deps: {
  readonly backups: Pick<Backups, 'list' | 'verify'>
  readonly log: Log
}): Recurring {
  const { backups, log } = deps
  const stopping = new AbortController()
  const { signal } = stopping

  async function verifyNew(): Promise<void> {
    const list = await backups.list(signal)
    for (const one of list.filter((backup) => standingOf(backup) === 'not-verified')) {
      const found = await untilAborted(
        backups.verify(one.id, () => undefined, signal),
        signal,
      )
      if (found.kind === 'verified') log.info('a backup was verified', { backup: one.id })
      else log.warn('a backup cannot be used', { backup: one.id, because: found.because })
    }
  }

  const looks = steadyLook(verifyNew, {
    stopped: signal,
    log,
    cannot: 'backups cannot be verified; tried again',
    again: 'backups are verified again',
  })

  const schedule = every(LOOK_SECONDS, 'backups', looks.once, log)
  void looks.once()
  return {
    async stop() {
      stopping.abort()
      await schedule.stop()
      await looks.underWay()
    },
  }
}
