import type { App } from '@slack/bolt'
import { deliver, handOn } from '../../adapters/slack/hand-on.ts'
import { journalPlace } from '../../config/journal-place.ts'
import type { Config } from '../../config/load-config.ts'
import type { Log } from '../../ports/log.ts'
import { sleep } from '../sleep.ts'
import { steadyLook } from '../steady-look.ts'

/** A form has to be open three seconds after the press. */
const TURN_MS = 250

export type HandedOn = { work(): void; rest(): Promise<void> }

const NOTHING: HandedOn = { work() {}, async rest() {} }

/**
 * A drill is played by the process that acts, and Slack delivers to any: what is for it goes there over the server of the
 * journal. Where the journal is a file there is one process.
 */
export async function handOnDrills(
  config: Config,
  { app, acts, log }: { readonly app: App; readonly acts: () => boolean; readonly log: Log },
): Promise<HandedOn> {
  const channel = config.settings.drills?.channel
  const place = journalPlace(config)
  if (channel === undefined || place.kind === 'file') return NOTHING
  const { postgresHanded } = await import('../../adapters/postgres/handed.ts')
  const handed = postgresHanded(place.server)
  handOn(app, { channel, isHere: acts, give: handed.give })

  const stopping = new AbortController()
  const turns = steadyLook(
    async () => {
      if (!acts()) return
      for (const text of await handed.take()) {
        deliver(app, channel, text).catch((error: unknown) =>
          log.error('what another process was sent of a drill failed', { error }),
        )
      }
    },
    {
      stopped: stopping.signal,
      log,
      cannot: 'what other processes are sent of drills cannot be taken; tried again',
      again: 'what other processes are sent of drills is taken again',
    },
  )
  async function goOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one turn after the other
      await turns.once()
      // oxlint-disable-next-line no-await-in-loop -- as above
      await sleep(TURN_MS, stopping.signal)
    }
  }
  let going: Promise<void> | null = null
  return {
    work() {
      if (!stopping.signal.aborted) going ??= goOn()
    },
    async rest() {
      stopping.abort()
      await going
      await handed.close()
    },
  }
}
