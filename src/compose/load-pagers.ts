import type { Config } from '../config/load-config.ts'
import { pagersIn } from '../domain/incident/paging-settings.ts'
import type { Clock } from '../ports/clock.ts'
import type { Pager } from '../ports/pager.ts'

/** Loaded only where there are some: a start without them takes no longer. */
export async function loadPagers(config: Config, clock: Clock): Promise<readonly Pager[]> {
  if (pagersIn(config.settings.paging).length === 0) return []
  return (await import('./pagers.ts')).pagersOf(config, clock)
}
