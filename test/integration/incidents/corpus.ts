import type { Incident } from './incident.ts'

/** One line each. `ago` is in seconds; a service that is left out does well. */
export const corpus: readonly Incident[] = [
  { name: 'all-well', right: 'do-not' },
  {
    name: 'nothing-ever-failed',
    backend: { errorPercent: 0, bornFailures: true },
    right: 'do-not',
  },
  {
    name: 'errors-62',
    backend: { errorPercent: [0.2, [900, 62]] },
    frontend: { errorPercent: [0.2, [900, 62]] },
    right: 'roll-back',
    says: /5xx 62/,
  },

  // 1. Freshness belongs to the number.
  {
    name: 'all-targets-down-190',
    backend: { downSinceAgo: 190 },
    frontend: { downSinceAgo: 190 },
    right: 'person-decides',
    says: /"probe":"targets-up"[^}]*"value":0/,
  },
  {
    name: 'all-targets-down-20',
    backend: { downSinceAgo: 20 },
    frontend: { downSinceAgo: 20 },
    right: 'do-not',
  },

  // 2. Counters that are born.
  {
    name: 'first-5xx-ever-62',
    backend: { errorPercent: [0, [62, 90]], bornFailures: true },
    frontend: { errorPercent: [0, [62, 90]], bornFailures: true },
    right: 'person-decides',
    measured: ['error-ratio-low', 18.6, 2],
  },
  {
    name: 'first-5xx-ever-200',
    backend: { errorPercent: [0, [200, 95]], bornFailures: true },
    frontend: { errorPercent: [0, [200, 95]], bornFailures: true },
    right: 'roll-back',
    measured: ['error-ratio-low', 63, 3],
  },
  {
    name: 'old-counter-first-seen',
    others: [
      {
        job: 'backend',
        instances: 1,
        named: 'new',
        firstSeenAgo: 100,
        errorPercent: [90, [3600, 0.2]],
        noStartTime: true,
      },
    ],
    right: 'do-not',
  },

  // 3. Counts lost in restarts.
  {
    name: 'crash-loop',
    backend: {
      instances: 2,
      failingInstances: 1,
      errorPercent: [0.2, [900, 60]],
      crashLoop: { instances: 1, everySeconds: 37, sinceAgo: 900 },
    },
    frontend: { perSecond: 0.5, loginsPerSecond: 0 },
    right: 'person-decides',
    says: /restarts/,
  },
  {
    name: 'one-restart',
    backend: { instances: 4, crashLoop: { instances: 1, everySeconds: 10_000, sinceAgo: 140 } },
    right: 'do-not',
  },

  // 4. Buckets.
  {
    name: 'within-one-bucket',
    backend: {
      ladder: [0.1, 1, 10],
      evenlyBetween: [
        [0.11, [900, 0.3]],
        [0.31, [900, 0.53]],
      ],
      noSum: true,
    },
    frontend: { ladder: [0.1, 1, 10], evenlyBetween: [0.11, 0.3], noSum: true },
    right: 'person-decides',
    says: /not known/,
  },
  {
    name: 'over-a-bound-by-4',
    backend: {
      ladder: [0.25, 0.5, 1, 2.5],
      evenlyBetween: [
        [0.2, [900, 0.208]],
        [0.505, [900, 0.525]],
      ],
    },
    frontend: null,
    settings: { countedServices: ['backend'] },
    right: 'person-decides',
  },
  {
    name: 'over-a-bound-by-4-in-a-ladder',
    backend: { meanSeconds: [0.0803, [900, 0.0835]] },
    frontend: { meanSeconds: [0.0803, [900, 0.0835]] },
    right: 'do-not',
  },
  {
    name: 'p95-plus-150',
    backend: { meanSeconds: [0.06, [900, 0.15]] },
    frontend: { meanSeconds: [0.06, [900, 0.15]] },
    right: 'roll-back',
  },

  // 6. Too little.
  {
    name: 'five-requests-one-slow',
    backend: { perSecond: [10, [900, 0.0084]], loginsPerSecond: 0, meanSeconds: [0.06, [900, 3]] },
    frontend: { perSecond: [10, [900, 0.0084]], meanSeconds: [0.06, [900, 3]] },
    right: 'person-decides',
    never: /rule above 50 %.*matched":true/,
  },
  {
    name: 'one-of-eight-logins',
    backend: { loginsPerSecond: [0.0267, [900, 0.0267]], loginFailurePercent: [5, [900, 12.5]] },
    right: 'person-decides',
    says: /1 of 8/,
  },
  {
    name: 'three-requests-yesterday',
    backend: {},
    frontend: {},
    yesterday: { backend: { perSecond: 0.0004, meanSeconds: 0.001 } },
    lastWeek: null,
    right: 'person-decides',
  },

  // 7. Logins that always fail so often.
  { name: 'logins-always-12', backend: { loginFailurePercent: 12 }, right: 'do-not' },
  { name: 'logins-12-since', backend: { loginFailurePercent: [1, [900, 12]] }, right: 'roll-back' },

  // 8. Over already.
  {
    name: 'over-since-110',
    backend: { errorPercent: [0.2, [900, 90], [110, 0.2]] },
    frontend: { errorPercent: [0.2, [900, 90], [110, 0.2]] },
    right: 'person-decides',
    says: /over since/,
  },

  // 9. For hours.
  {
    name: 'four-percent-for-hours',
    backend: { errorPercent: [0.02, [7200, 4]] },
    frontend: { errorPercent: [0.02, [7200, 4]] },
    right: 'person-decides',
    says: /in the last hour/,
  },
  {
    name: 'four-percent-always',
    backend: { errorPercent: 4 },
    frontend: { errorPercent: 4 },
    right: 'do-not',
  },

  // 10. One service of two.
  {
    name: 'small-service-dead',
    backend: { perSecond: 10 },
    frontend: { perSecond: 0.1, errorPercent: [0.2, [900, 100]] },
    right: 'roll-back',
    says: /frontend: 5xx 100/,
  },
  {
    name: 'frontend-says-code',
    frontend: { statusLabel: 'code', errorPercent: [0.2, [900, 60]] },
    right: 'person-decides',
    says: /nothing is counted of frontend/,
  },

  // 11. A service whose series ended.
  {
    name: 'frontend-ended',
    frontend: { endedAgo: 660 },
    right: 'person-decides',
    says: /nothing is counted of frontend/,
  },

  // 12. Another environment beside ours.
  {
    name: 'staging-fails',
    backend: { labels: { env: 'production' } },
    frontend: { labels: { env: 'production' } },
    others: [{ job: 'backend', labels: { env: 'staging' }, errorPercent: 100, perSecond: 40 }],
    match: 'env="production"',
    right: 'do-not',
  },
  {
    name: 'production-fails',
    backend: { labels: { env: 'production' }, errorPercent: [0.2, [900, 80]] },
    frontend: { labels: { env: 'production' } },
    others: [{ job: 'backend', labels: { env: 'staging' }, errorPercent: 0, perSecond: 400 }],
    match: 'env="production"',
    right: 'roll-back',
  },
]
