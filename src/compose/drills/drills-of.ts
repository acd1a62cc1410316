import { join } from 'node:path'
import { drillElsewhereView, drillRefusedView } from '../../chat/answers/drill.ts'
import type { DrillWish } from '../../chat/reading/command.ts'
import { every, type Recurring } from '../../adapters/cron/every.ts'
import { journalPlace } from '../../config/journal-place.ts'
import type { Config } from '../../config/load-config.ts'
import { Fault } from '../../domain/base/fault.ts'
import { refused } from '../../domain/base/refusal.ts'
import type { View } from '../../domain/base/view.ts'
import { KeptDrills } from '../../domain/drill/kept.ts'
import type { Place } from '../../domain/incident/place.ts'
import type { Beside } from '../environments/by-channel.ts'
import { openKept, type OpenedKept } from '../open-journal.ts'
import { keptAs } from '../read-kept.ts'
import { steadyLook } from '../steady-look.ts'
import type { DrillKeeper } from './keep-drills.ts'
import type { ForDrills } from './open-drill.ts'

const TURN_SECONDS = 5

export type Drills = {
  /** The channel of the drills, where there is one. */
  readonly beside: readonly Beside[]
  /** Never throws. */
  command(wish: DrillWish, asked: { readonly by: string; readonly place: Place }): Promise<View>
  /** From now on what is over is ended and told, and what a process before this one has left. */
  work(): void
  rest(): Promise<void>
}

/** Drills, as the settings want them. What plays them is loaded with the first one. */
export function drillsOf(
  config: Pick<Config, 'settings' | 'environment' | 'authorities'>,
  shared: ForDrills & {
    /** Left out: there is no other process. */
    readonly acts?: () => boolean
  },
): Drills {
  const { settings, environment } = config
  const channel = settings.drills?.channel ?? null
  const { log, acts = () => true } = shared
  const stopping = new AbortController()
  let loading: Promise<DrillKeeper> | null = null
  let loaded: DrillKeeper | null = null
  let recurring: Recurring | null = null
  let texts: OpenedKept | null = null

  async function load(ours: string): Promise<DrillKeeper> {
    const { keepDrills } = await import('./keep-drills.ts')
    const folder = join(environment.BACKOUT_DATA, 'drills')
    // Scores are everybody's; what is played is on the disk of whoever plays.
    texts = await openKept(journalPlace(config), folder)
    loaded = keepDrills({
      team: settings,
      channel: ours,
      folder,
      kept: keptAs(texts, 'drills', { schema: KeptDrills, of: 'the drills' }),
      acts,
      shared,
      async open(drill, its) {
        const { openDrill } = await import('./open-drill.ts')
        return openDrill(drill, { team: settings, channel: ours, folder: its, shared })
      },
      async incidentsOf(its) {
        const { incidentsOf } = await import('./open-drill.ts')
        return incidentsOf(its, shared.clock)
      },
    })
    return loaded
  }
  const keeper = (ours: string) => (loading ??= load(ours))
  const turns = (ours: string) =>
    steadyLook(async () => (await keeper(ours)).turn(), {
      stopped: stopping.signal,
      log,
      cannot: 'drills cannot be kept or told of; tried again',
      again: 'drills are kept and told of again',
    })

  return {
    beside:
      channel === null ? [] : [{ channel, served: () => loaded?.served() ?? refused('no-drill') }],
    async command(wish, { by, place }) {
      if (channel === null || place.channel !== channel) return drillElsewhereView(channel)
      try {
        return shared.shownIn(await (await keeper(channel)).command(wish, by))
      } catch (error) {
        log.error('what somebody wanted of the drills could not be done', { error })
        return drillRefusedView(
          error instanceof Fault ? `${error.detail}.` : 'Backout itself failed; its log says why.',
        )
      }
    },
    work() {
      if (channel === null || stopping.signal.aborted) return
      const { once } = turns(channel)
      recurring = every(TURN_SECONDS, 'drills', once, log)
    },
    async rest() {
      stopping.abort()
      await recurring?.stop()
      await (await loading)?.rest()
      await texts?.close()
    },
  }
}
