import { healthCorpus } from './corpus-health.ts'
import { moreCorpus } from './corpus-more.ts'
import { rolloutCorpus } from './corpus-rollouts.ts'
import type { Incident } from './incident.ts'
import {
  DAY,
  HOUR,
  NEW,
  NOT_COUNTED,
  alone,
  backend,
  bad,
  both,
  frontend,
  logins,
  monday,
  named,
  oneOfTwo,
  only,
  row,
  since,
  slower,
  smallOne,
} from './rows.ts'

/** `ago` is in seconds; a service that is left out does well, as does every time before. */
const theNumbers: readonly Incident[] = [
  row('all-well', 'do-not'),
  row('all-well-and-busy', 'do-not', both({ perSecond: 900, instances: 4 })),
  row('nothing-ever-failed', 'do-not', both({ errorPercent: 0, bornFailures: true })),
  row('nobody-comes', 'person-decides', both({ perSecond: since(0, 10), loginsPerSecond: 0 })),

  // Both sides of every limit, of all and of one service.
  row('errors-4', 'do-not', both({ errorPercent: 4.6 })),
  row('errors-5', 'person-decides', both({ errorPercent: since(5.6) })),
  row('errors-46', 'person-decides', both({ errorPercent: since(46) })),
  row('errors-62', 'roll-back', both({ errorPercent: since(62) }), { says: /5xx 6\d/ }),
  row('errors-100', 'roll-back', both({ errorPercent: since(100) })),
  row('one-service-46', 'person-decides', frontend({ errorPercent: since(46) })),
  row('one-service-54', 'roll-back', frontend({ errorPercent: since(54) }), {
    says: /frontend: 5xx/,
  }),
  row('logins-1', 'do-not', backend({ loginFailurePercent: 1.6 })),
  row('logins-3', 'person-decides', backend({ loginFailurePercent: since(3, 0.5) })),
  row('logins-9', 'person-decides', backend({ loginFailurePercent: since(9, 0.5) })),
  row('logins-12', 'roll-back', backend({ loginFailurePercent: since(12, 0.5) })),
  row('logins-60', 'roll-back', backend({ loginFailurePercent: since(60, 0.5) })),
  row('p95-down', 'do-not', both(slower(0.5))),
  row('p95-plus-3', 'do-not', both(slower(1.03))),
  row('p95-plus-150', 'roll-back', both(slower(2.5))),
  row('p95-times-10', 'roll-back', both(slower(10))),
  row('p95-plus-150-of-a-fast-one', 'roll-back', both(slower(2.5, 0.02))),
  row(
    'p95-trebled-of-one-in-fifty',
    'roll-back',
    smallOne({ ...slower(3), closelySeconds: 2_400 }),
    {
      says: /frontend: p95 \+[^]*"onset":\{[^}]*"service":"frontend"/,
    },
  ),
  row('p95-plus-3-of-one-in-fifty', 'do-not', smallOne(slower(1.03))),
  row('p95-trebled-of-thirty-requests', 'do-not', smallOne({ ...slower(3), perSecond: 0.1 })),
  row('p95-plus-40-of-one-of-two', 'person-decides', oneOfTwo(slower(1.4)), {
    says: /frontend: p95 \+/,
  }),

  // 1. Freshness belongs to the number; which targets are up is a question of its own.
  row('all-down-190', 'person-decides', both({ downSinceAgo: 190 }), {
    says: /"probe":"targets-up"[^}]*"value":0/,
  }),
  row('all-down-100', 'person-decides', both({ downSinceAgo: 100 })),
  row('all-down-20', 'person-decides', both({ downSinceAgo: 20 })),
  row('one-down-190', 'person-decides', frontend({ downSinceAgo: 190 }), { says: NOT_COUNTED }),
  row('all-ended-190', 'person-decides', both({ endedAgo: 190 })),
  row('all-down-while-bad', 'person-decides', both({ errorPercent: since(90), downSinceAgo: 190 })),

  // 2. Counters that are born.
  row('born-62', 'person-decides', both({ errorPercent: since(90, 0, 62), bornFailures: true }), {
    measured: ['error-ratio-low', 18.6, 2],
  }),
  row('born-200', 'roll-back', both({ errorPercent: since(95, 0, 200), bornFailures: true }), {
    measured: ['error-ratio-low', 63, 3],
  }),
  row('born-20', 'person-decides', both({ errorPercent: since(100, 0, 30), bornFailures: true })),
  row(
    'born-in-one',
    'roll-back',
    frontend({ errorPercent: since(90, 0, 200), bornFailures: true }),
  ),
  row(
    'first-seen-and-old',
    'do-not',
    {},
    {
      others: [
        {
          named: 'new',
          instances: 1,
          firstSeenAgo: 100,
          errorPercent: [90, [3_600, 0.2]],
          noStartTime: true,
        },
      ],
    },
  ),
  row(
    'first-seen-and-old-with-start',
    'do-not',
    {},
    {
      others: [{ named: 'new', instances: 1, firstSeenAgo: 100, errorPercent: [90, [3_600, 0.2]] }],
    },
  ),
  row(
    'new-pods-fail',
    'roll-back',
    frontend({ firstSeenAgo: 200, startedAgo: 210, errorPercent: 95 }),
  ),
  row('new-pods-do-well', 'do-not', frontend({ firstSeenAgo: 200, startedAgo: 210 })),

  // 3. Counts lost in restarts.
  row(
    'crash-loop',
    'person-decides',
    {
      backend: {
        failingInstances: 1,
        errorPercent: since(60),
        crashLoop: { instances: 1, everySeconds: 37, sinceAgo: 900 },
      },
      frontend: { perSecond: 0.5 },
    },
    { says: /restarts/ },
  ),
  row(
    'crash-loop-of-all',
    'person-decides',
    both({ errorPercent: since(40), crashLoop: { instances: 2, everySeconds: 25, sinceAgo: 900 } }),
    { says: /restarts/ },
  ),
  row(
    'one-restart',
    'do-not',
    backend({ instances: 4, crashLoop: { instances: 1, everySeconds: 10_000, sinceAgo: 140 } }),
  ),
  row(
    'one-restart-while-bad',
    'roll-back',
    both({
      instances: 4,
      errorPercent: since(80),
      crashLoop: { instances: 1, everySeconds: 10_000, sinceAgo: 140 },
    }),
  ),

  // 4. Buckets.
  row(
    'within-one-bucket',
    'person-decides',
    both({
      ladder: [0.1, 1, 10],
      evenlyBetween: [since(0.3, 0.11), since(0.53, 0.31)],
      noSum: true,
    }),
    { says: /not known/ },
  ),
  row(
    'within-one-bucket-with-a-sum',
    'person-decides',
    both({ ladder: [0.1, 1, 10], evenlyBetween: [since(0.3, 0.11), since(0.53, 0.31)] }),
  ),
  row(
    'one-bucket-and-nothing-slower',
    'do-not',
    both({ ladder: [0.1, 1, 10], evenlyBetween: [0.11, 0.31] }),
  ),
  row(
    'over-a-bound-by-4',
    'person-decides',
    alone({ ladder: [0.25, 0.5, 1, 2.5], evenlyBetween: [since(0.208, 0.2), since(0.525, 0.505)] }),
    only,
  ),
  row('over-a-bound-by-4-in-a-ladder', 'do-not', both(slower(1.04, 0.0803))),
  row('fast-below-the-first-bound', 'do-not', both({ meanSeconds: 0.001 })),
  row('a-summary-beside-the-histogram', 'roll-back', both({ ...slower(2.5), summaryToo: true })),
  row('slow-above-the-last-bound', 'do-not', both({ meanSeconds: 3 })),

  // 5. Which baseline.
  row('yesterday-was-an-incident', 'person-decides', both(slower(2.5)), {
    yesterday: { backend: { meanSeconds: 0.6 } },
  }),
  row('nothing-of-before', 'person-decides', both({ firstSeenAgo: 3_000 })),
  row('no-yesterday', 'do-not', {}, { yesterday: null }),
  row('no-last-week', 'roll-back', both(slower(2.5)), { lastWeek: null }),

  // 6. Too little.
  row(
    'five-requests-one-slow',
    'person-decides',
    both({ perSecond: since(0.0084, 10), loginsPerSecond: 0, meanSeconds: since(3, 0.06) }),
  ),
  row(
    'forty-requests',
    'person-decides',
    both({ perSecond: since(0.067, 10), loginsPerSecond: 0 }),
  ),
  row(
    '1-of-8-logins',
    'person-decides',
    backend({ loginsPerSecond: 0.0267, loginFailurePercent: since(12.5, 5) }),
    { says: /1 of 8/ },
  ),
  row(
    '6-of-8-logins',
    'roll-back',
    backend({ loginsPerSecond: 0.0267, loginFailurePercent: since(75, 5) }),
  ),
  row('0-of-8-logins', 'do-not', backend({ loginsPerSecond: 0.0267, loginFailurePercent: 0 })),
  row(
    '13-of-120-logins',
    'person-decides',
    backend({ loginsPerSecond: 0.4, loginFailurePercent: since(11, 0.5) }),
  ),
  row(
    '54-of-100',
    'person-decides',
    both({ perSecond: 0.167, loginsPerSecond: 0, errorPercent: since(54) }),
  ),
  row(
    '70-of-100',
    'roll-back',
    both({ perSecond: 0.167, loginsPerSecond: 0, errorPercent: since(70) }),
  ),
  row(
    'three-requests-yesterday',
    'person-decides',
    {},
    { yesterday: { backend: { perSecond: 0.0004, meanSeconds: 0.001 } }, lastWeek: null },
  ),
  row(
    'three-requests-yesterday-and-last-week',
    'do-not',
    {},
    { yesterday: { backend: { perSecond: 0.0004, meanSeconds: 0.001 } } },
  ),

  // 7. Logins that always fail so often.
  row('logins-always-12', 'do-not', backend({ loginFailurePercent: 12 })),
  row(
    'logins-always-12-and-now-25',
    'person-decides',
    backend({ loginFailurePercent: since(25, 12) }),
  ),
  row('logins-always-12-and-now-50', 'roll-back', backend({ loginFailurePercent: since(50, 12) })),
  row('logins-always-5', 'do-not', backend({ loginFailurePercent: 5 })),

  // 8. Over already.
  row('over-since-110', 'person-decides', both({ errorPercent: [0.2, [900, 90], [110, 0.2]] }), {
    says: /"kind":"over","says":"It is over since/,
  }),
  row(
    'over-since-90-in-one',
    'person-decides',
    frontend({ errorPercent: [0.2, [900, 95], [90, 0.2]] }),
    { says: /over/ },
  ),
  row('over-since-20', 'roll-back', both({ errorPercent: [0.2, [900, 90], [20, 0.2]] })),
  row(
    'logins-over',
    'person-decides',
    backend({ loginFailurePercent: [0.5, [900, 60], [110, 0.5]] }),
    { says: /over since/ },
  ),
  row('seldom-scraped-and-bad', 'roll-back', both({ errorPercent: since(80), scrapeSeconds: 50 })),

  // 9. For hours.
  row('four-for-hours', 'person-decides', both({ errorPercent: since(4, 0.02, 7_200) }), {
    says: /in the last hour/,
  }),
  row('four-always', 'do-not', both({ errorPercent: 4 })),
  row('half-a-percent-for-hours', 'do-not', both({ errorPercent: since(0.5, 0.02, 7_200) })),

  // 10 and 11. One service of two.
  row(
    'small-service-dead',
    'roll-back',
    frontend({ perSecond: 0.1, loginsPerSecond: 0, errorPercent: since(100) }),
    { says: /frontend: 5xx 100/ },
  ),
  row(
    'tiny-service-dead',
    'person-decides',
    frontend({ perSecond: 0.02, errorPercent: since(100) }),
  ),
  row('small-service-well', 'do-not', frontend({ perSecond: 0.1 })),
  row(
    'frontend-says-code',
    'person-decides',
    frontend({ statusLabel: 'code', errorPercent: since(60) }),
    { says: NOT_COUNTED },
  ),
  row('both-say-code', 'person-decides', both({ statusLabel: 'code' })),
  row('frontend-not-counted-on-purpose', 'do-not', frontend({ statusLabel: 'code' }), only),
  row('frontend-ended', 'person-decides', frontend({ endedAgo: 660 }), { says: NOT_COUNTED }),
  row('frontend-ended-just-now', 'person-decides', frontend({ endedAgo: 200 }), {
    says: NOT_COUNTED,
  }),
  row('backend-bad-frontend-ended', 'roll-back', {
    backend: { errorPercent: since(80) },
    frontend: { endedAgo: 660 },
  }),

  // 12. Another environment beside ours.
  row('staging-fails', 'do-not', both(named('production')), {
    match: 'env="production"',
    others: [named('staging', { errorPercent: 100, perSecond: 40 })],
  }),
  row('production-fails', 'roll-back', both(named('production', { errorPercent: since(80) })), {
    match: 'env="production"',
    others: [named('staging', { errorPercent: 0, perSecond: 400 })],
  }),
  row(
    'production-fails-and-staging-restarts',
    'roll-back',
    both(named('production', { errorPercent: since(80) })),
    {
      match: 'env="production"',
      others: [named('staging', { crashLoop: { instances: 2, everySeconds: 30, sinceAgo: 900 } })],
    },
  ),
  row('only-staging-is-there', 'person-decides', both(named('staging')), {
    match: 'env="production"',
  }),

  // 17. The way back follows when the trouble began.
  row('before-the-newest-change', 'roll-back', both(bad(HOUR)), {
    ran: { backend: [monday, ['v1.9.1', HOUR + 300], ['v2.0.0', 700]] },
    leadsTo: 'v1.9.0',
    says: /after backend v1\.9\.1 \([^)]*\): what ran before that is the way back\. backend v2\.0\.0 \([^)]*\) came only later, and is not the cause/,
  }),
  row('right-after-the-newest-change', 'roll-back', both(bad(650)), {
    ran: { backend: [monday, ['v1.9.1', HOUR + 300], ['v2.0.0', 700]] },
    leadsTo: 'v1.9.1',
    says: /"takesBack":null/,
  }),
  row('before-two-newer-changes', 'roll-back', both(bad(HOUR)), {
    ran: { backend: [monday, ['v1.9.1', HOUR + 120], ['v1.9.2', 1_500], ['v2.0.0', 700]] },
    leadsTo: 'v1.9.0',
    says: /v1\.9\.2 \([^)]*\) and backend v2\.0\.0 \([^)]*\) came only later, and are not/,
  }),
  row('after-other-settings', 'roll-back', both(bad(HOUR)), {
    ran: { backend: [monday, ['v1.9.0', HOUR + 120, 'other'], ['v2.0.0', 700]] },
    leadsTo: 'v1.9.0',
    says: /after backend v1\.9\.0 with other settings \(/,
  }),
  row('another-service-changed-later', 'roll-back', both(bad(HOUR)), {
    ran: {
      backend: [monday, ['v1.9.1', HOUR + 120]],
      frontend: [
        ['v3.0.0', 6 * DAY],
        ['v3.1.0', 700],
      ],
    },
    leadsTo: 'v1.9.0',
    says: /"because":"backend to v1\.9\.0, revision 1"/,
  }),
  row('after-one-of-two-changes', 'roll-back', both(bad(HOUR)), {
    ran: { backend: [monday, ['v1.9.1', HOUR + 50], ['v1.9.2', HOUR + 5]] },
    leadsTo: 'v1.9.0',
    says: /Which of backend v1\.9\.1 \([^)]*\) and backend v1\.9\.2 \([^)]*\) precedes it is not known/,
  }),
  row('before-everything-that-is-kept', 'roll-back', both(bad(HOUR)), {
    ran: {
      backend: [
        ['v1.9.1', 2_000],
        ['v2.0.0', 700],
      ],
    },
    leadsTo: 'v1.9.1',
    says: /before every change that is known: the newest change is taken back/,
  }),

  // 17. What else changed: it stands beside the releases, and is not taken back with one.
  row('ran-for-days-without', 'roll-back', both(bad(HOUR)), {
    ran: { backend: [monday] },
    says: /"against":\[\{"kind":"ran-long-without","says":"backend v1\.9\.0 ran 3 days without this\."\}\]/,
  }),
  row('ran-for-days-and-a-cause-is-wanted', 'person-decides', both(bad(HOUR)), {
    ran: { backend: [monday] },
    matrix: { requireCause: true },
  }),
  row('right-after-it-was-scaled', 'roll-back', both(bad(650)), {
    ran: { backend: [monday] },
    beside: { scaled: [1, 690] },
    says: /right after backend was scaled to 1: another version does not take that back\."\},\{"kind":"ran-long-without"/,
  }),
  row('scaled-and-a-cause-is-wanted', 'person-decides', both(bad(650)), {
    ran: { backend: [monday] },
    beside: { scaled: [1, 690] },
    matrix: { requireCause: true },
  }),
  row('scaled-because-of-it', 'roll-back', both(bad(650)), {
    ran: { backend: [monday, ['v2.0.0', 700]] },
    beside: { scaled: [6, 300] },
    matrix: { requireCause: true },
    says: /"against":\[\].*"says":"backend was scaled to 6".*"preceding":\[\{"name":"backend v2\.0\.0"/,
  }),
  row('scaled-right-before-the-deploy', 'roll-back', both(bad(650)), {
    ran: { backend: [monday, ['v2.0.0', 700]] },
    beside: { scaled: [6, 900] },
    says: /"against":\[\].*"preceding":\[\{"name":"backend v2\.0\.0"[^}]*\},\{"name":"backend was scaled to 6"/,
  }),
  row('right-after-a-restart', 'roll-back', both(bad(650)), {
    ran: { backend: [monday, ['v1.9.0', 700, 'restarted']] },
    says: /right after backend restarted: another version does not take that back/,
  }),
  row('restarted-because-of-it', 'roll-back', both(bad(HOUR)), {
    ran: { backend: [monday, ['v2.0.0', HOUR + 60], ['v2.0.0', 900, 'restarted']] },
    matrix: { requireCause: true },
    says: /"against":\[\]/,
  }),
  row('right-after-a-flag-was-switched', 'roll-back', both(bad(650)), {
    ran: { backend: [monday] },
    beside: { mapWritten: 700 },
    says: /"recommended":"feature-flag".*right after ConfigMap general with MULTI_TENANT was written/,
  }),
  row('long-after-a-flag-was-switched', 'roll-back', both(bad(650)), {
    ran: { backend: [monday, ['v2.0.0', 700]] },
    beside: { mapWritten: 5 * HOUR },
    says: /"against":\[\].*"says":"ConfigMap general with MULTI_TENANT was written"/,
  }),

  row(
    'everything-speaks-against',
    'roll-back',
    {
      backend: {
        ...bad(650),
        instances: 2,
        failingInstances: 1,
        errorPercent: since(46, 0.2, 650),
      },
      frontend: { errorPercent: [0.2, [650, 90], [20, 0.2]], closelySeconds: 2_150 },
    },
    {
      ran: { backend: [monday], frontend: [monday] },
      beside: { scaled: [1, 690], mapWritten: 720 },
    },
  ),

  // As somebody tries who does not believe it: both sides, a little beside what is above.
  row(
    'statuses-in-classes',
    'roll-back',
    both({ failing: [['/api/documents', '5xx', since(15, 0)]] }),
  ),
  row(
    '503-beside-500',
    'roll-back',
    frontend({ failing: [['/api/documents', '503', since(15, 0)]] }),
  ),
  row('all-404-since', 'person-decides', both({ failing: [['/api/a', '404', since(40, 0)]] }), {
    says: /"rule":"client-errors-up","matched":true/,
  }),
  row('always-404', 'do-not', both({ failing: [['/favicon.ico', '404', 8]] }), {
    yesterday: { backend: { failing: [['/favicon.ico', '404', 8]] } },
    lastWeek: { backend: { failing: [['/favicon.ico', '404', 8]] } },
  }),
  row('a-few-more-404', 'do-not', both({ failing: [['/api/a', '404', since(1, 0)]] })),
  row('traffic-down-by-95', 'person-decides', both({ perSecond: since(1.5, 10) }), {
    says: /"rule":"traffic-down","matched":true/,
  }),
  row('traffic-down-by-30', 'do-not', both({ perSecond: since(8, 10) })),
  row('quiet-at-this-hour', 'do-not', both({ perSecond: [10, [5 * HOUR, 3]] }), {
    yesterday: { backend: { perSecond: 3 } },
    lastWeek: { backend: { perSecond: 3 } },
  }),
  row('three-times-the-traffic', 'do-not', both({ perSecond: since(30, 10) })),
  row(
    'one-of-four-instances-fails',
    'person-decides',
    backend({
      instances: 4,
      failingInstances: 1,
      errorPercent: since(22),
    }),
    { says: /Only one instance fails/ },
  ),
  row(
    'slow-since-before-the-deploy',
    'person-decides',
    both({ meanSeconds: since(0.18, 0.06, 2 * HOUR) }),
    {
      ran: { backend: [monday, ['v2.0.0', 900]] },
      says: /as the baselines differ/,
    },
  ),
  row('slow-since-the-deploy', 'roll-back', both({ meanSeconds: since(0.18, 0.06, 850) }), {
    ran: { backend: [monday, ['v2.0.0', 900]] },
    says: /before the deploy/,
  }),
  row('slower-by-30', 'person-decides', both({ ...slower(1.32), closelySeconds: 2_000 })),
  row('all-new-pods-and-well', 'do-not', both({ firstSeenAgo: 280, startedAgo: 285 }), {
    others: [
      { named: 'old', endedAgo: 285 },
      { job: 'frontend', named: 'old', loginsPerSecond: 0, endedAgo: 285 },
    ],
  }),
  row('one-peak-of-a-minute', 'do-not', both({ errorPercent: [0.2, [260, 15], [200, 0.2]] })),
  row(
    'rare-logins-all-fail',
    'person-decides',
    backend({
      loginsPerSecond: 0.01,
      loginFailurePercent: since(100, 0.5),
    }),
  ),
  row('nobody-logs-in', 'person-decides', backend({ loginsPerSecond: since(0, 1) })),
  row('first-hour-of-all', 'person-decides', both({ firstSeenAgo: 1_500, errorPercent: 12 })),
  row('first-hour-of-all-and-down', 'roll-back', both({ firstSeenAgo: 1_500, errorPercent: 88 })),
  row(
    'comes-and-goes',
    'person-decides',
    both({
      errorPercent: [0.2, [880, 60], [700, 0.2], [520, 60], [340, 0.2], [160, 60], [80, 0.2]],
    }),
  ),

  // 5. Ratios against the hour before the deploy.
  row('logins-usually-8-and-now-20', 'person-decides', backend(logins(20, 8)), {
    yesterday: null,
    lastWeek: null,
    ran: { backend: [monday, ['v2.0.0', 1_260]] },
    says: /"baseline":\{"of":"before-deploy","value":8/,
  }),
  row('logins-usually-8-and-now-30', 'roll-back', backend(logins(30, 8)), {
    yesterday: null,
    lastWeek: null,
    ran: { backend: [monday, ['v2.0.0', 1_260]] },
  }),
  row('logins-20-and-no-deploy-is-known', 'roll-back', backend(logins(20, 8)), {
    yesterday: null,
    lastWeek: null,
  }),
  row('logins-bad-since-before-the-deploy', 'roll-back', backend(logins(30, 0.5, 2 * HOUR)), {
    ran: { backend: [monday, ['v2.0.0', 1_260]] },
    says: /"baseline":\{"of":"yesterday"/,
  }),
  row(
    'four-for-hours-and-a-deploy',
    'person-decides',
    both({ errorPercent: since(4, 0.02, 2 * HOUR) }),
    {
      ran: { backend: [monday, ['v2.0.0', 1_260]] },
      says: /"rule":"errors-unusual","matched":true/,
    },
  ),

  // 18. What is new since the deploy.
  row(
    'routes-that-fail-since',
    'do-not',
    backend({ failing: [...NEW, ['/api/old', '500', 0.04]] }),
    {
      ran: { backend: [monday, ['v2.0.0', 700]] },
      says: /"named":\[\{"route":"\/api\/a","status":"502","requests":2\d\},\{"route":"\/api\/b","status":"500",[^\]]*"route":"\/api\/c","status":"404"[^\]]*\],"more":2/,
      never: /\/api\/old"/,
    },
  ),
  row('nothing-new-since', 'do-not', backend({ failing: [['/api/old', '500', 0.04]] }), {
    ran: { backend: [monday, ['v2.0.0', 700]] },
    says: /"newRoutes":\{"since":"[^"]+","named":\[\],"more":0\}/,
  }),
]

/** All of them. One that has the past of another one is written nowhere itself. */
export const corpus: readonly Incident[] = [
  ...theNumbers,
  ...healthCorpus,
  ...rolloutCorpus,
  ...moreCorpus,
]
