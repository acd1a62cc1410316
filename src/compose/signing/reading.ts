import { existsSync } from 'node:fs'
import { pinoLog } from '../../adapters/log/pino-log.ts'
import type { Outcome } from '../../adapters/signing-page/desk.ts'
import { journalPlace } from '../../config/journal-place.ts'
import type { Config } from '../../config/load-config.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Intent } from '../../domain/incident/intent.ts'
import { incidentLog } from '../../engine/journal/incident-log.ts'
import { knownIncidents } from '../../engine/journal/known-incidents.ts'
import { intentRecorder } from '../../engine/record-intent.ts'
import { steadyClock } from '../../engine/steady-clock.ts'
import type { Clock } from '../../ports/clock.ts'
import { openJournal } from '../open-journal.ts'
import { sleep } from '../sleep.ts'
import { undeclaredOf } from './undeclared-of.ts'
import { wishesOutside } from './wish-outside.ts'

/** The running bot reads what others have written every ten seconds, and Slack may take three to be silent. */
const PATIENCE_MS = 30_000

/** The journal beside the running bot: two of them are harmless (J5), and only the bot decides. */
export type Reading = AsyncDisposable & {
  readonly clock: Clock
  open(): Promise<readonly Incident[]>
  /** Those that nobody has declared yet, the newest first. */
  undeclared(): Promise<readonly Incident[]>
  /** Those that were looked for and cannot be read. */
  unreadable(): readonly string[]
  /** The newest state there is; `null`: there is none of that name. */
  incident(id: string): Promise<Incident | null>
  wish(asked: {
    readonly by: string
    readonly incident: Incident
    readonly intent: Intent
  }): Promise<Outcome>
}

/** Throws where there is no journal: a command makes none. */
export async function openReading(config: Config): Promise<Reading> {
  const place = journalPlace(config)
  if (place.kind === 'file' && !existsSync(place.file)) {
    throw new TypeError(`there is no journal at ${place.file}`)
  }
  const clock = steadyClock({ wall: Date.now, monotonic: () => performance.now() })
  const journal = await openJournal(config, clock)
  const incidents = incidentLog(journal, clock)
  const log = pinoLog({ level: 'error' })
  const known = knownIncidents({ incidents, journal, log, breathe: async () => {} })
  const { receive } = intentRecorder({
    incidents,
    known,
    newIncidentId: () => '',
    stopped: new AbortController().signal,
  })
  return {
    clock,
    open: known.readOpen,
    undeclared: () => undeclaredOf(known, clock),
    unreadable: () => [...incidents.unreadable().keys()],
    async incident(id) {
      const found = await known.load(id)
      return found && incidents.current(id)
    },
    wish: wishesOutside({
      via: 'command-line',
      receive,
      wake: () => {},
      journal,
      headlineChannel: config.settings.slack.channels[0] ?? '',
      patienceMs: PATIENCE_MS,
      sleep,
    }),
    async [Symbol.asyncDispose]() {
      await journal.close()
    },
  }
}
