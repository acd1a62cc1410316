import type { Incident } from '../../domain/incident/incident.ts'
import { unansweredPages } from '../../domain/incident/pages.ts'
import { pageName, pageOfKey, PageKey } from '../../domain/outbox/page.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Pager } from '../../ports/pager.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import { oneAtATime } from '../one-at-a-time.ts'

const EVERY_MS = 30_000
const DEADLINE_MS = 5_000

export type Acknowledgements = {
  /** Asks the pagers who has answered, where it is time to. Returns at once. */
  ask(): void
  /** Resolves when nothing is being asked. */
  settled(): Promise<void>
}

/**
 * Asks, as long as a call is unanswered, whether somebody has answered it in the pager. Only what is seen
 * is written down; that it cannot be seen now changes nothing (J10).
 */
export function acknowledgementsOf(deps: {
  readonly pagers: readonly Pager[]
  readonly incidents: IncidentLog
  readonly clock: Clock
  readonly log: Log
  readonly stopped: AbortSignal
}): Acknowledgements {
  const { pagers, incidents, clock, log, stopped } = deps
  const askedAtMs = new Map<string, number>()
  const asking = oneAtATime(async (name) => {
    const [id = '', key = ''] = name.split('/')
    try {
      await askOnce(id, PageKey.parse(key))
    } catch (error) {
      log.warn('whether somebody has answered is not known', { incident: id, key, error })
    }
  })

  async function askOnce(id: string, key: PageKey): Promise<void> {
    const page = pageOfKey(key)
    const pager = pagers.find(({ name }) => name === page?.pager)
    if (!page || !pager?.answeredBy || stopped.aborted) return
    const signal = AbortSignal.any([AbortSignal.timeout(DEADLINE_MS), stopped])
    const answered = await pager.answeredBy(pageName(id, page.occasion), signal)
    if (!answered || stopped.aborted) return
    const { by, atMs } = answered
    const at = new Date(atMs).toISOString()
    await incidents.append(id, (newest) =>
      isWanted(newest, key) ? [{ type: 'page-acknowledged', key, by, at }] : null,
    )
  }

  function isWanted(incident: Incident, key: PageKey): boolean {
    return unansweredPages(incident, clock.now()).includes(key)
  }

  return {
    ask() {
      if (pagers.every(({ answeredBy }) => answeredBy === undefined)) return
      const nowMs = clock.now()
      const wanted = incidents
        .open()
        .flatMap((incident) =>
          unansweredPages(incident, nowMs).map((key) => `${incident.id}/${key}`),
        )
      for (const name of askedAtMs.keys()) if (!wanted.includes(name)) askedAtMs.delete(name)
      for (const name of wanted) {
        if (nowMs - (askedAtMs.get(name) ?? -Infinity) < EVERY_MS) continue
        askedAtMs.set(name, nowMs)
        asking.run(name)
      }
    },
    settled: asking.settled,
  }
}
