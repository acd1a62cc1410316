import type { EnvironmentMetrics } from '../adapters/http/bot-metrics.ts'
import { acceptedView, leadsTo, wantsAnswer } from '../chat/answers/accepted.ts'
import { refusalView } from '../chat/answers/refusal.ts'
import { renderSurface } from '../chat/render.ts'
import type { Config } from '../config/load-config.ts'
import { CheckpointMoment } from '../domain/incident/checkpoint.ts'
import type { Courier } from '../engine/outbox/couriers.ts'
import { fileCourier } from '../engine/outbox/file-courier.ts'
import { startEngine } from '../engine/engine.ts'
import type { Engine } from '../engine/engine-types.ts'
import type { JournalTold } from '../engine/journal/journal-told.ts'
import type { Observers } from '../engine/record-observations.ts'
import type { SteadyClock } from '../engine/steady-clock.ts'
import type { View } from '../domain/base/view.ts'
import type { Conversations, People } from '../ports/conversations.ts'
import type { Journal } from '../ports/journal.ts'
import type { KeptAnswers } from '../ports/second-factor.ts'
import type { Log } from '../ports/log.ts'
import { checkpointSigner } from './checkpoint-key.ts'
import { lettersOf } from './letters.ts'
import { statusPageOf } from './status-page.ts'
import { hash } from './hash.ts'
import type { Pager } from '../ports/pager.ts'
import { outsideCouriers } from './paging.ts'
import { sleep } from './sleep.ts'
import type { OnProduction } from './on-production.ts'
import { reportShare } from './report-share.ts'
import { pictureFiles } from './pictures.ts'

type Deps = {
  readonly journal: Journal
  /** Left out: no engine of the process was before this one. */
  readonly told?: JournalTold | undefined
  readonly conversations: Conversations
  readonly people: People
  readonly keptAnswers?: KeptAnswers | undefined
  /** As the Slack that it goes to can show it. */
  readonly shownIn: (view: View) => View
  readonly pagers: readonly Pager[]
  /** Left out: no other process acts on the journal. */
  readonly mayAct?: (() => boolean) | undefined
  /** Left out: no other engine is in the process. */
  readonly breathe?: (() => Promise<void>) | undefined
  readonly clock: SteadyClock
  readonly log: Log
  /** Opened when it is first asked for. */
  readonly production: () => Promise<OnProduction>
  /** Where assessments are counted; `null`: these count for nothing. */
  readonly metrics: (() => Promise<EnvironmentMetrics>) | null
  readonly newIncidentId: () => string
}

/** The engine, with the cards that this program shows. */
export function botEngine(config: Config, deps: Deps): Engine {
  const { settings, verification } = config
  const { clock, production, shownIn } = deps
  const statusPage = statusPageOf(config, clock)
  const letters = lettersOf(config, clock)
  const { approval, communication, contacts, environment } = settings
  const engine: Engine = startEngine({
    ...deps,
    sleep,
    hash,
    environment,
    headlineChannel: settings.slack.channels[0] ?? '',
    rules: {
      approval,
      evidenceDeadlineMs: settings.evidence.deadlineSeconds * 1000,
      watchHours: settings.watch.hours,
      statusOverdueMs: communication.remindAfterMinutes * 60_000,
      verification: verification.items.map(({ id, title, by }) => ({ id, title, by })),
      reportHours: settings.report.remindAfterHours,
      checkpoints: CheckpointMoment.options,
    },
    alerts: settings.alerts,
    world: async () => (await production()).world,
    runbook: async () => (await production()).runbook,
    observers: countedObservers(deps),
    render: (surface, incident) =>
      shownIn(
        renderSurface(surface, incident, {
          environment,
          open: () => engine.open(),
          approval,
          contacts: { ...contacts, customers: communication.customers },
          drafted: statusPage?.drafted,
          letters: letters?.all,
        }),
      ),
    renderRefusal: refusalView,
    accepted: { wantsAnswer, leadsTo, render: acceptedView },
    couriers: [
      ...(statusPage ? [statusPage.courier] : []),
      ...(letters ? [letters.courier] : []),
      ...outsideCouriers(config, { ...deps, incident: (id) => engine.load(id) }),
      ...fileCouriers(config, deps),
    ],
    ...(statusPage && {
      statusPage: { drafted: statusPage.drafted, publishers: communication.publishers },
    }),
    ...(letters && {
      letters: { drafted: letters.drafted, publishers: communication.publishers },
    }),
    ...(config.checkpointKey !== null && {
      signCheckpoint: checkpointSigner(config.checkpointKey),
    }),
  })
  return engine
}

/** How files get into the thread of an incident. */
function fileCouriers({ environment, assess }: Config, deps: Deps): readonly Courier[] {
  const { production, clock, conversations } = deps
  const from = async () => {
    return { production: await production(), settings: assess.metrics, nowMs: clock.now() }
  }
  const pictures = pictureFiles({
    clock,
    async pictureOf(incident, signal) {
      const { pictureOf } = await import('./picture-of.ts')
      return pictureOf(incident, await from(), signal)
    },
  })
  const hasNumbers = environment.PROMETHEUS_URL !== undefined
  const report = reportShare(async (incident, signal) => {
    if (!hasNumbers) return null
    const { pictureWords } = await import('./picture-of.ts')
    return pictureWords(incident, await from(), signal)
  })
  // Without numbers there is no picture, and nothing to say of it.
  return [fileCourier({ conversations, sources: hasNumbers ? [pictures, report] : [report] })]
}

/** Production as it is observed, with each assessment counted. */
function countedObservers({
  production,
  metrics,
}: Pick<Deps, 'production' | 'metrics'>): Observers {
  return {
    async assess(incident, stopped) {
      const assessment = await (await production()).observers.assess(incident, stopped)
      if (!metrics) return assessment
      const { assessed, assessSeconds } = await metrics()
      assessed.inc({ decision: assessment.decision })
      assessSeconds.observe(assessment.tookMs / 1000)
      return assessment
    },
    collectEvidence: async (incident, stopped) =>
      (await production()).observers.collectEvidence(incident, stopped),
    writeReport: async (incident, stopped) =>
      (await production()).observers.writeReport(incident, stopped),
    look: async (part, stopped) => (await production()).observers.look(part, stopped),
    workingOwners: async (owners, stopped) =>
      (await production()).observers.workingOwners(owners, stopped),
    changes: async (stopped) => (await production()).observers.changes(stopped),
    verify: async (asked, stopped) => (await production()).observers.verify(asked, stopped),
  }
}
