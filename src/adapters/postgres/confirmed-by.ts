import { z } from 'zod'
import { careful, ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import type { Session } from './connections.ts'

const Standby = z.object({ name: z.string().nullable(), state: z.string().nullable() })

const TRIED = 'whether a standby confirms what is written'
const HOW = 'docs/high-availability.md says how'

/** Only what a standby has confirmed is there after a failover. */
export async function confirmedBy(session: Session): Promise<Check> {
  const [setting] = await session.ask(
    `SELECT current_setting('synchronous_standby_names') AS names`,
  )
  if (setting?.['names'] === '') {
    const found = 'none does: a failover may lose what was written last'
    return careful('journal', TRIED, found, `set synchronous_standby_names; ${HOW}`)
  }
  const rows = await session.ask(
    'SELECT application_name AS name, sync_state AS state FROM pg_stat_replication',
  )
  const standbys = rows.map((row) => Standby.parse(row))
  const confirming = standbys.filter(({ state }) => state === 'sync' || state === 'quorum')
  if (confirming.length > 0) {
    const names = confirming.map(({ name }) => name || 'unnamed').join(', ')
    return ok('journal', TRIED, `${names} does: what Backout has acknowledged is there too`)
  }
  if (standbys.some(({ state }) => state === null)) {
    const found = 'synchronous_standby_names is set; the role may not see whether one does'
    return careful('journal', TRIED, found, 'grant it pg_read_all_stats')
  }
  const found =
    'synchronous_standby_names is set, and no such standby is connected: each write waits for one'
  return wrong('journal', TRIED, found, 'bring the standby back, or take it out of the setting')
}
