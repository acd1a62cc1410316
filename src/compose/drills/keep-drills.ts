import { join } from 'node:path'
import type { Served } from '../../adapters/slack/served.ts'
import {
  drillBeganView,
  drillEndsView,
  drillListView,
  drillRefusedView,
  drillScoresView,
} from '../../chat/answers/drill.ts'
import { refusalView } from '../../chat/answers/refusal.ts'
import { drillNote } from '../../chat/cards/drill-note.ts'
import { COMMAND } from '../../chat/reading/commands.ts'
import type { DrillWish } from '../../chat/reading/command.ts'
import type { Config } from '../../config/load-config.ts'
import { toMs } from '../../domain/base/instant.ts'
import { oneAfterAnother } from '../../domain/base/one-after-another.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'
import type { View } from '../../domain/base/view.ts'
import { begun, NO_DRILLS, type KeptDrills } from '../../domain/drill/kept.ts'
import type { Drill, DrillEnd } from '../../domain/drill/score.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { keptIn, type Kept } from '../read-kept.ts'
import { newsTeller } from '../tell-news.ts'
import { concluder } from './conclude.ts'
import type { ForDrills, OpenedDrill } from './open-drill.ts'
import { OFFERED, WORDS, wishedDrill } from './wished-drill.ts'

/** Nobody rehearses for longer: it was forgotten. */
const LONGEST_MS = 4 * 60 * 60_000

/** Cards that Slack does not take by then stay as they are. */
const SETTLES_MS = 15_000

export type DrillsDeps = {
  readonly team: Config['settings']
  readonly channel: string
  /** Where the drills keep what they keep, a folder for each. */
  readonly folder: string
  readonly kept: Kept<KeptDrills>
  readonly shared: ForDrills
  readonly open: (drill: Drill, folder: string) => Promise<OpenedDrill>
  readonly incidentsOf: (folder: string) => Promise<readonly Incident[] | null>
  /** Whether it is this process that plays. */
  readonly acts: () => boolean
}

type Current = { readonly drill: Drill; readonly opened: OpenedDrill }

export type DrillKeeper = {
  served(): Served | Refusal
  /** Throws a `Fault` where what is kept cannot be written. */
  command(wish: DrillWish, by: string): Promise<View>
  /** "It is now": ends what is over, and tells what nobody was told. Throws a `Fault`. */
  turn(): Promise<void>
  /** Puts the one that runs away as it is: the next process ends it, and says so. */
  rest(): Promise<void>
}

/** One drill at a time: begun, played in its channel, scored when it ends. What is kept outlives the process. */
export function keepDrills(deps: DrillsDeps): DrillKeeper {
  const { folder, channel } = deps
  const { clock, log, conversations, shownIn } = deps.shared
  const { read: known, write: keep } = keptIn(deps.kept, NO_DRILLS, { of: 'the drills', log })
  let current: Current | null = null
  const stopping = new AbortController()
  // Nothing of a drill is begun or ended while another part of it is.
  const inTurn = oneAfterAnother()

  const tell = newsTeller({
    channel,
    conversations,
    clock,
    render: (news) => shownIn(drillNote(news, WORDS)),
    untold: async () => (await known()).untold,
    keep: async (untold) => keep({ ...(await known()), untold: [...untold] }),
  })

  const conclude = concluder({ ...deps, known, keep, told })

  async function start(wish: Extract<DrillWish, { what: 'start' }>, by: string): Promise<View> {
    if (stopping.signal.aborted) return refusalView(refused('restarting'))
    await endLeft()
    if (current) {
      return drillRefusedView(`A drill is running already. Type ${COMMAND} drill stop to end it.`)
    }
    const drill = wishedDrill(wish, by, clock.now())
    if (typeof drill === 'string') return drillRefusedView(drill)
    const before = await known()
    await keep(begun(before, drill))
    try {
      current = { drill, opened: await deps.open(drill, join(folder, drill.id)) }
    } catch (error) {
      await keep(before)
      throw error
    }
    log.info('a drill has begun', { drill: drill.id, scenario: drill.scenario, by })
    await told()
    return drillBeganView(drill)
  }

  async function end(how: DrillEnd): Promise<void> {
    const over = current
    if (!over) return
    // From now on no press reaches it: what is scored is all there was.
    current = null
    await over.opened.close(AbortSignal.any([AbortSignal.timeout(SETTLES_MS), stopping.signal]))
    await conclude(over.drill, how)
  }

  /** Another process acts now, and ends it. */
  async function leave(): Promise<void> {
    const over = current
    current = null
    await over?.opened.close(AbortSignal.any([AbortSignal.timeout(SETTLES_MS), stopping.signal]))
  }

  /** The process before this one was playing it: its production is gone with it. */
  async function endLeft(): Promise<void> {
    const { running } = await known()
    if (running && !current) await conclude(running, 'restarted')
  }

  /** That Slack does not take it now is no reason to stop: it is told with the next turn. */
  async function told(): Promise<void> {
    try {
      await tell()
    } catch (error) {
      log.warn('a drill could not be told of yet', { error })
    }
  }

  return {
    served: () => current?.opened.served ?? refused('no-drill'),
    command(wish, by) {
      switch (wish.what) {
        case 'list':
          return inTurn(async () => drillListView(OFFERED, current?.drill ?? null))
        case 'scores':
          return inTurn(async () => drillScoresView((await known()).scores))
        case 'start':
          return inTurn(() => start(wish, by))
        case 'stop':
          return inTurn(async () => {
            if (!current) return drillRefusedView('No drill is running.')
            // It takes some seconds until the last cards are as they should be.
            void inTurn(() => end('stopped')).catch((error: unknown) =>
              log.error('a drill could not be ended', { error }),
            )
            return drillEndsView()
          })
        default:
          return wish satisfies never
      }
    },
    turn: () =>
      inTurn(async () => {
        if (stopping.signal.aborted) return
        if (!deps.acts()) return leave()
        await endLeft()
        const how = current && (await howItEnded(current, clock.now()))
        if (how) await end(how)
        await tell()
      }),
    async rest() {
      stopping.abort()
      await inTurn(async () => {
        await current?.opened.close(stopping.signal)
        current = null
      })
    },
  }
}

/** `null`: it goes on. */
async function howItEnded(
  { drill, opened: { engine } }: Current,
  nowMs: number,
): Promise<DrillEnd | null> {
  const [newest] = await engine.declared(1)
  if (newest?.closed && engine.open().length === 0) return 'closed'
  return nowMs - toMs(drill.startedAt) > LONGEST_MS ? 'forgotten' : null
}
