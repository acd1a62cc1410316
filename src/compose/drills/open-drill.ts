import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteJournal } from '../../adapters/sqlite/journal.ts'
import { JOURNAL_FILE, journalFile } from '../../adapters/sqlite/journal-file.ts'
import type { Served } from '../../adapters/slack/served.ts'
import { asDrillForm } from '../../chat/parts/drill-mark.ts'
import type { Config } from '../../config/load-config.ts'
import type { Drill } from '../../domain/drill/score.ts'
import { foldIncident } from '../../domain/incident/fold.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Clock } from '../../ports/clock.ts'
import type { World } from '../../ports/world.ts'
import { drillFaultNames, withDrillFault } from '../../sandbox/drill-faults.ts'
import { scenarioNames } from '../../sandbox/scenario.ts'
import { sandboxWorld } from '../../sandbox/world.ts'
import { openEnvironment, type Environment, type Shared } from '../environments/environment.ts'
import { newIncidentIds } from '../new-incident-id.ts'
import { drillConfig } from './drill-config.ts'
import { onlyIn } from './in-drill-channel.ts'

export type OpenedDrill = {
  readonly engine: Environment['engine']
  readonly served: Served
  /** Ends its work, once its cards are as they should be, or with the signal. */
  close(signal: AbortSignal): Promise<void>
}

/** What a drill has of the process: Slack, the time and the log. Nothing of production is among it. */
export type ForDrills = Omit<Shared, 'metrics' | 'newIncidentId' | 'asForm'>

/** Longer than any drill lasts. */
const ALL_MS = 30 * 24 * 60 * 60_000

/**
 * The production code over a production that is only simulated, in the channel of the drills. It is built of the
 * sandbox alone: there is nothing of the real one in it that could be asked or written to.
 */
export async function openDrill(
  drill: Drill,
  {
    team,
    channel,
    folder,
    shared,
  }: {
    readonly team: Config['settings']
    readonly channel: string
    readonly folder: string
    readonly shared: ForDrills
  },
): Promise<OpenedDrill> {
  const scenario = scenarioNames.find((name) => name === drill.scenario)
  if (!scenario) throw new TypeError(`there is no scenario ${drill.scenario}`)
  const config = drillConfig(team, { channel, folder, scenario })
  const { clock, log } = shared
  const simulated = sandboxWorld({ scenario, clock, settings: config.assess, database: {} })
  const fault = drillFaultNames.find((name) => name === drill.fault) ?? null
  const world: World = withDrillFault(simulated, scenario, fault)
  const incidentId = newIncidentIds(clock)
  const environment = await openEnvironment(config, {
    ...shared,
    asForm: asDrillForm,
    conversations: onlyIn(channel, shared.conversations),
    metrics: null,
    newIncidentId: () => `drill-${incidentId()}`,
    openWorld: async () => world,
  })
  const { engine, journal, served } = environment
  environment
    .work(engine.tick)
    .catch((error: unknown) => log.error('a drill cannot be played', { error }))

  return {
    engine,
    served,
    async close(signal) {
      await environment.rest()
      await untilAborted(engine.idle(), signal).catch(() => null)
      await engine.stop()
      await journal.close()
    },
  }
}

/** The incidents of a drill that is over, by its journal alone, the oldest first; `null`: that is not there. */
export async function incidentsOf(
  folder: string,
  clock: Clock,
): Promise<readonly Incident[] | null> {
  if (!existsSync(join(folder, JOURNAL_FILE))) return null
  const journal = sqliteJournal({ file: journalFile(folder), clock })
  try {
    const ids = await journal.recent(ALL_MS)
    const found = await Promise.all(ids.map(async (id) => foldIncident(id, await journal.read(id))))
    return found.toSorted((a, b) => (a.opened?.at ?? '').localeCompare(b.opened?.at ?? ''))
  } finally {
    journal.close()
  }
}
