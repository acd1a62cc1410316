import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
} from 'prom-client'

/** What is counted of one environment. */
export type EnvironmentMetrics = {
  readonly assessed: Counter<'decision'>
  readonly assessSeconds: Histogram
  readonly openIncidents: Gauge
  /** 1 where this process does what incidents are owed, 0 where another one of the same journal does. */
  readonly acting: Gauge
  /** Absent before the first time. */
  readonly journalFollowedAge: Gauge
  /** Incidents whose events could not be read when it was tried last. */
  readonly unreadableIncidents: Gauge
  /** 1 when the way back would work, 0 when it would not; absent while that is not known. */
  readonly readiness: Gauge<'procedure'>
  readonly readinessAge: Gauge<'procedure'>
  /** When what is watched was deployed, in seconds since the epoch; absent while nothing is. */
  readonly releaseWatched: Gauge<'service' | 'version'>
  /** When it was last seen how it does; absent before that. */
  readonly releaseSeen: Gauge<'service' | 'version'>
  readonly releaseLooks: Counter<'found'>
  /** What has become of the alerts that Alertmanager told of. */
  readonly alerts: Counter<'outcome'>
}

export type BotMetrics = {
  /** 1 when the part can do its work. */
  readonly ready: Gauge<'part'>
  /** Alertmanager's notifications, by how they were answered. */
  readonly notifications: Counter<'status'>
  of(environment: string): EnvironmentMetrics
  /** As Prometheus reads it. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

/**
 * What the bot tells of itself. Where it has several environments, each of their numbers says of which. Loading it takes
 * a while, and nothing needs it at once.
 */
export function botMetrics(environments: readonly string[]): BotMetrics {
  const process = new Registry()
  collectDefaultMetrics({ register: process })
  const registers = [process]
  const ready = new Gauge({
    name: 'backout_ready',
    help: '1 when the part can do its work',
    labelNames: ['part'] as const,
    registers,
  })
  const notifications = new Counter({
    name: 'backout_alert_notifications_total',
    help: 'Notifications of Alertmanager, by the status they were answered with',
    labelNames: ['status'] as const,
    registers,
  })
  const counted = new Map(
    environments.map((environment) => {
      const registry = new Registry()
      if (environments.length > 1) registry.setDefaultLabels({ environment })
      return [environment, { registry, metrics: ofEnvironment([registry]) }]
    }),
  )
  return {
    ready,
    notifications,
    of(environment) {
      const found = counted.get(environment)
      if (!found) throw new TypeError(`nothing is counted of ${environment}`)
      return found.metrics
    },
    async text() {
      const of = [...counted.values()].map(({ registry }) => registry.getMetricsAsJSON())
      const joined = AggregatorRegistry.aggregate(await Promise.all(of))
      return `${await process.metrics()}\n${await joined.metrics()}`
    },
    contentType: process.contentType,
  }
}

function ofEnvironment(registers: Registry[]): EnvironmentMetrics {
  return {
    assessed: new Counter({
      name: 'backout_assessments_total',
      help: 'Assessments taken, by decision',
      labelNames: ['decision'] as const,
      registers,
    }),
    assessSeconds: new Histogram({
      name: 'backout_assessment_seconds',
      help: 'How long an assessment took',
      buckets: [0.1, 0.25, 0.5, 1, 2, 3, 5],
      registers,
    }),
    openIncidents: new Gauge({
      name: 'backout_open_incidents',
      help: 'Declared incidents that are not closed',
      registers,
    }),
    acting: new Gauge({
      name: 'backout_acting',
      help: '1 where this process does what incidents are owed, 0 where another one of the same journal does',
      registers,
    }),
    ...ofJournal(registers),
    readiness: new Gauge({
      name: 'backout_readiness',
      help: '1 when every way back of the procedure would work, 0 when one would not; absent while that is not known',
      labelNames: ['procedure'] as const,
      registers,
    }),
    readinessAge: new Gauge({
      name: 'backout_readiness_age_seconds',
      help: 'How long ago the ways back of the procedure were checked',
      labelNames: ['procedure'] as const,
      registers,
    }),
    ...ofReleases(registers),
    alerts: new Counter({
      name: 'backout_alerts_total',
      help: 'Alerts that Alertmanager told of: noted, known, ignored, or leftOut',
      labelNames: ['outcome'] as const,
      registers,
    }),
  }
}

function ofJournal(registers: Registry[]) {
  return {
    journalFollowedAge: new Gauge({
      name: 'backout_journal_followed_age_seconds',
      help: 'How long ago this process last read what others have written to the journal; absent before the first time',
      registers,
    }),
    unreadableIncidents: new Gauge({
      name: 'backout_unreadable_incidents',
      help: 'Incidents that this process cannot read, and does nothing for',
      registers,
    }),
  }
}

function ofReleases(registers: Registry[]) {
  return {
    releaseWatched: new Gauge({
      name: 'backout_release_watched_deployed_seconds',
      help: 'When a release that is watched was deployed, in Unix time; absent while none is',
      labelNames: ['service', 'version'] as const,
      registers,
    }),
    releaseSeen: new Gauge({
      name: 'backout_release_watched_seen_seconds',
      help: 'When the last look at it could be taken, in Unix time; absent before the first',
      labelNames: ['service', 'version'] as const,
      registers,
    }),
    releaseLooks: new Counter({
      name: 'backout_release_watch_looks_total',
      help: 'Looks at new releases, by what they found; no-answer could not be taken',
      labelNames: ['found'] as const,
      registers,
    }),
  }
}
