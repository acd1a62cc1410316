import { workingOwners } from '../assess/working-owners.ts'
import { join } from 'node:path'
import { evidenceFiles } from '../adapters/files/evidence-files.ts'
import { assess } from '../assess/assess.ts'
import { whatChanged } from '../assess/what-changed.ts'
import { lookAt, type ReadScrape } from '../assess/look.ts'
import { slowestScrapeMs } from '../assess/slowest-scrape.ts'
import { provingItems } from '../assess/verification/prove-items.ts'
import { verifyItems, type Verifying } from '../assess/verification/verify.ts'
import type { Config } from '../config/load-config.ts'
import type { Observers } from '../engine/record-observations.ts'
import type { Runbook } from '../engine/run/runbook.ts'
import type { Incident } from '../domain/incident/incident.ts'
import { ownChanges } from '../domain/plan/own-changes.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import { EXPLAINS_MS } from '../domain/workload/other-change.ts'
import type { OwnChanges } from '../ports/own-changes.ts'
import type { World } from '../ports/world.ts'
import { collectEvidence } from '../runbook/evidence/collect-evidence.ts'
import { feasibilityReader, runbookOver } from '../runbook/runbook.ts'
import type { LookPart } from '../domain/watch/schedule.ts'
import { sleep } from './sleep.ts'
import { coalescedLooks, SCRAPE_FRESH_MS } from './coalesce-looks.ts'

export type OnProduction = {
  readonly world: World
  readonly runbook: Runbook
  readonly observers: Observers
  readonly readScrape: ReadScrape
}

type Kept = {
  readonly isClosed: (incident: string) => Promise<boolean>
  readonly journal: Pick<Journal, 'read'>
  /** What incidents of the last so many milliseconds there are. */
  readonly lately: (lastMs: number) => Promise<readonly Incident[]>
}

/** What is done about production, as soon as it is open. Loading it takes longer than connecting to Slack. */
export function onProduction(
  config: Config,
  opened: World,
  clock: Clock,
  { isClosed, journal, lately }: Kept,
): OnProduction {
  const verifying = verifyingOver(config, opened)
  const checks = provingItems(verifying, sleep)
  const purges = provingItems({ ...verifying, plan: config.purges }, sleep)
  const world = { ...opened, checks, purges, ownChanges: ownChangesIn(lately, clock) }
  const runbook = runbookOver(world, config.runbook)
  const feasibility = feasibilityReader(config.runbook)
  const evidence = evidenceFiles(join(config.environment.BACKOUT_DATA, 'evidence'), clock, {
    ...config.evidence,
    isClosed,
  })
  const readScrape = coalescedLooks(
    clock,
    async () => slowestScrapeMs(world.metrics, AbortSignal.timeout(config.assess.deadlineMs)),
    SCRAPE_FRESH_MS,
  )
  const lookFor = (part: LookPart) =>
    coalescedLooks(clock, (stopped) => lookAt(world, config.assess, stopped, { part, readScrape }))
  const looks = {
    'half-hour': lookFor('half-hour'),
    day: lookFor('day'),
    'day-after': lookFor('day-after'),
  }
  return {
    world,
    runbook,
    readScrape,
    observers: {
      assess: (incident, stopped) =>
        assess(
          world,
          config.assess,
          incident.symptoms,
          (sharing, began) => feasibility(sharing, incident.plans, stopped, began),
          stopped,
        ),
      collectEvidence: (incident, stopped) =>
        collectEvidence(incident, world, evidence, config.evidence, stopped),
      async writeReport(incident, stopped) {
        const { writeReport } = await import('./write-report.ts')
        const { pictureOf } = await import('./picture-of.ts')
        const production = { world, readScrape }
        const settings = config.assess.metrics
        return writeReport(
          incident,
          {
            journal,
            store: evidence,
            limits: config.evidence,
            pictureOf: (of, signal) =>
              pictureOf(of, { production, settings, nowMs: clock.now() }, signal),
          },
          stopped,
        )
      },
      look: (part, stopped) => looks[part](stopped),
      workingOwners: (owners, stopped) =>
        workingOwners(world, owners, config.assess.deadlineMs, stopped),
      changes: coalescedLooks(clock, (stopped) => whatChanged(world, config.assess, stopped)),
      verify: (asked, stopped) => verifyItems(asked, verifyingOver(config, world), stopped),
    },
  }
}

function ownChangesIn(lately: Kept['lately'], clock: Clock): OwnChanges {
  return { list: async () => ownChanges(await lately(EXPLAINS_MS), clock.now() - EXPLAINS_MS) }
}

/** What the items that are verified after a rollback are asked of. */
export function verifyingOver(
  { assess: settings, verification: plan }: Pick<Config, 'assess' | 'verification'>,
  world: World,
): Verifying {
  return { world, settings, plan, newId: () => crypto.randomUUID().slice(0, 8) }
}
