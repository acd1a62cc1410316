import { every, type Recurring } from '../../adapters/cron/every.ts'
import { rehearsalNote } from '../../chat/cards/rehearsal-note.ts'
import type { Config } from '../../config/load-config.ts'
import type { View } from '../../domain/base/view.ts'
import { afterLook, KeptRehearsals } from '../../domain/rehearsal/kept.ts'
import { rehearsalsIn } from '../../domain/rehearsal/rehearsal.ts'
import type { RehearsalSettings } from '../../domain/rehearsal/settings.ts'
import type { Engine } from '../../engine/engine-types.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { KeptTexts } from '../../ports/kept.ts'
import type { Log } from '../../ports/log.ts'
import { keptAs, keptIn } from '../read-kept.ts'
import { steadyLook } from '../steady-look.ts'
import { newsTeller } from '../tell-news.ts'

const LOOK_SECONDS = 60

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

type Deps = {
  readonly lately: Engine['lately']
  readonly kept: KeptTexts
  /** Where another process acts, it reminds people. */
  readonly acts: () => boolean
  readonly conversations: Pick<Conversations, 'post' | 'find'>
  readonly shownIn: (view: View) => View
  readonly clock: Clock
  readonly log: Log
  /** Left out: by the clock on the wall. */
  readonly everyTurn?: (turn: () => Promise<void>) => Recurring
}

/** Reminds people to take the way back for practice, and says how it went when they have. */
export function keepRehearsals(
  { settings: { environment, slack } }: Pick<Config, 'settings'>,
  settings: RehearsalSettings,
  deps: Deps,
): Recurring {
  const { clock, log, conversations, shownIn, acts } = deps
  const stopping = new AbortController()
  const of = 'the rehearsals'
  const written = keptAs(deps.kept, 'rehearsals', { schema: KeptRehearsals, of })
  const kept = keptIn<KeptRehearsals | null>(written, null, { of, log })
  let hasLooked = false

  const tell = newsTeller({
    channel: slack.channels[0] ?? '',
    conversations,
    clock,
    render: (news) => shownIn(rehearsalNote(news, { environment, nowMs: clock.now() })),
    untold: async () => (await kept.read())?.untold ?? [],
    async keep(untold) {
      const known = await kept.read()
      if (known) await kept.write({ ...known, untold: [...untold] })
    },
    tells: acts,
  })

  async function turn(): Promise<void> {
    if (!acts()) {
      hasLooked = false
      return
    }
    // At first as far back as it counts; what ends from then on is seen within a minute.
    const lastMs = hasLooked ? HOUR_MS : settings.everyDays * DAY_MS
    const [newest = null] = rehearsalsIn(await deps.lately(lastMs))
    // Anew: another process may have told it while this one did not act.
    const known = await kept.read()
    const next = afterLook(known, newest, { settings, nowMs: clock.now() })
    if (!acts()) return
    if (next !== known) await kept.write(next)
    hasLooked = true
    await tell()
  }

  const looks = steadyLook(turn, {
    stopped: stopping.signal,
    log,
    cannot: 'rehearsals cannot be looked at, kept or told; tried again',
    again: 'rehearsals are looked at again',
  })
  const everyTurn =
    deps.everyTurn ?? ((next: typeof turn) => every(LOOK_SECONDS, 'rehearsals', next, log))
  const schedule = everyTurn(looks.once)
  return {
    async stop() {
      stopping.abort()
      await schedule.stop()
      await looks.underWay()
    },
  }
}
