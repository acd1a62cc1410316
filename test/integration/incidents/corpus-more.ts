import type { Incident, Served } from './incident.ts'
import { backend, both, frontend, HOUR, monday, row, since, slower, smallOne } from './rows.ts'

const CODE = {
  traffic: 'sum(rate(http_requests_total{CASE,code=~"[1-5].."}[5m]))',
  errors: 'sum(rate(http_requests_total{CASE,code=~"5.."}[5m])) or vector(0)',
  logins: 'sum(rate(http_requests_total{CASE,route=~".*/login",code=~"[1-5].."}[5m]))',
  loginFailures:
    'sum(rate(http_requests_total{CASE,route=~".*/login",code=~"401|403|5.."}[5m])) or vector(0)',
}

/** As the guide says: the label is changed in all four queries. */
function saysCode(name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(CODE).map(([key, query]) => [key, query.replace('CASE', `case="${name}"`)]),
  )
}

/** What is new runs beside what was there before, each with half of the requests. */
const side = (percent: Served['errorPercent'], labels: Served['labels']): Served => ({
  instances: 1,
  perSecond: 5,
  ...(percent === undefined ? {} : { errorPercent: percent }),
  ...(labels ? { labels } : {}),
})
const fresh = (percent: number, labels: Served['labels']): Served => ({
  ...side(percent, labels),
  named: 'new',
  firstSeenAgo: 640,
  startedAgo: 645,
})
const alone = { frontend: null }
const counted = { settings: { countedServices: ['backend'] } }

/** Both sides of what is above, once more, as others would try it. */
export const moreCorpus: readonly Incident[] = [
  // 1 to 5.
  row(
    'one-instance-of-three-is-stale',
    'do-not',
    {},
    { others: [{ named: 'third', instances: 1, perSecond: 2, downSinceAgo: 190 }] },
  ),
  row(
    'crash-loop-without-a-start-time',
    'person-decides',
    both({
      errorPercent: since(40),
      noStartTime: true,
      crashLoop: { instances: 2, everySeconds: 25, sinceAgo: 900 },
    }),
  ),
  row('born-and-well', 'do-not', both({ errorPercent: since(2, 0, 100), bornFailures: true })),
  row('trebled-above-the-last-bound', 'roll-back', both({ meanSeconds: since(3, 0.06) })),
  row(
    'both-days-were-incidents-and-now-it-is-well',
    'do-not',
    {},
    { yesterday: { backend: { meanSeconds: 0.6 } }, lastWeek: { backend: { meanSeconds: 0.6 } } },
  ),
  row('slower-and-only-last-week-is-known', 'roll-back', both(slower(2.5)), { yesterday: null }),
  row(
    'slow-since-the-deploy-and-yesterday-too',
    'roll-back',
    both({ meanSeconds: since(0.18, 0.06, 850) }),
    {
      ran: { backend: [monday, ['v2.0.0', 900]] },
      yesterday: { backend: { meanSeconds: 0.6 } },
      says: /before the deploy/,
    },
  ),

  // 6 to 9.
  row(
    'twenty-logins-all-fail',
    'roll-back',
    backend({ loginsPerSecond: 0.067, loginFailurePercent: since(100, 5) }),
  ),
  row(
    'two-of-forty-logins',
    'person-decides',
    backend({ loginsPerSecond: 0.133, loginFailurePercent: since(5, 0.5) }),
  ),
  row(
    'errors-30-and-over',
    'person-decides',
    both({ errorPercent: [0.2, [900, 30], [110, 0.2]] }),
    {
      says: /over since/,
    },
  ),
  row('two-for-hours', 'person-decides', both({ errorPercent: since(2, 0.02, 7_200) })),
  row(
    'scraped-every-two-minutes-and-bad',
    'roll-back',
    both({ errorPercent: since(62), scrapeSeconds: 120 }),
  ),
  row('scraped-every-two-minutes-and-well', 'do-not', both({ scrapeSeconds: 120 })),
  row('ended-ten-minutes-ago', 'do-not', both({ errorPercent: [0.2, [1_200, 80], [600, 0.2]] }), {
    says: /surely below it again/,
  }),
  row(
    'ended-ten-minutes-ago-and-goes-on-a-little',
    'person-decides',
    both({ errorPercent: [0.2, [1_200, 80], [600, 2]] }),
  ),
  row(
    'worse-and-worse',
    'person-decides',
    both({ errorPercent: [0.2, [1_500, 1], [1_200, 2], [900, 4], [600, 6], [300, 9]] }),
  ),
  row(
    'two-of-three-instances-fail',
    'roll-back',
    backend({ instances: 3, failingInstances: 2, errorPercent: since(62) }),
  ),
  row('refused-with-429', 'person-decides', both({ failing: [['/api/a', '429', since(9, 0)]] })),
  row('two-always', 'do-not', both({ errorPercent: 2 })),
  row(
    'over-since-70-seldom-scraped',
    'roll-back',
    both({
      errorPercent: [0.2, [900, 95], [70, 0.2]],
      scrapeSeconds: 50,
    }),
  ),

  // 10 to 12.
  row('frontend-says-response-code', 'person-decides', frontend({ statusLabel: 'response_code' }), {
    says: /nothing is counted of frontend/,
  }),
  row('frontend-says-http-status', 'person-decides', frontend({ statusLabel: 'http_status' }), {
    says: /nothing is counted of frontend/,
  }),
  row(
    'all-four-queries-say-code',
    'roll-back',
    both({ statusLabel: 'code', errorPercent: since(62) }),
    {
      settings: saysCode('all-four-queries-say-code'),
      says: /5xx 6\d/,
    },
  ),
  row('all-four-queries-say-code-and-all-is-well', 'do-not', both({ statusLabel: 'code' }), {
    settings: saysCode('all-four-queries-say-code-and-all-is-well'),
  }),
  row(
    'all-404-where-the-label-is-code',
    'person-decides',
    both({ statusLabel: 'code', failing: [['/api/a', '404', since(40, 0)]] }),
    {
      settings: saysCode('all-404-where-the-label-is-code'),
      says: /"rule":"client-errors-up","matched":true/,
    },
  ),
  row('frontend-ended-and-small', 'person-decides', smallOne({ endedAgo: 660 }), {
    says: /nothing is counted of frontend/,
  }),
  row(
    'told-apart-by-another-label',
    'roll-back',
    {
      backend: { job: 'apps', labels: { service: 'backend' } },
      frontend: {
        job: 'apps',
        named: 'front',
        labels: { service: 'frontend' },
        errorPercent: since(62),
      },
    },
    { settings: { serviceLabel: 'service' }, says: /frontend: 5xx 6\d/ },
  ),

  // 14. What one service is not asked any more, or refuses.
  row(
    'one-service-all-404',
    'person-decides',
    smallOne({
      perSecond: since(0, 1),
      loginsPerSecond: 0,
      failing: [['/api/a', '404', since(1, 0)]],
    }),
    { says: /"because":"frontend: 4xx/ },
  ),
  row(
    'one-service-half-401',
    'person-decides',
    smallOne({ failing: [['/api/a', '401', since(1, 0)]] }),
    { says: /"rule":"client-errors-up","matched":true/ },
  ),
  row('one-service-always-404', 'do-not', smallOne({ failing: [['/favicon.ico', '404', 1]] }), {
    yesterday: { backend: { failing: [['/favicon.ico', '404', 1]] } },
    lastWeek: { backend: { failing: [['/favicon.ico', '404', 1]] } },
  }),
  row(
    'one-of-two-since-its-deploy',
    'roll-back',
    smallOne({ errorPercent: since(100, 0.2, 650), closelySeconds: 2_150 }),
    {
      ran: { backend: [monday], frontend: [monday, ['v2.0.0', 700]] },
      says: /"onset":\{"of":"errors"[^}]*"service":"frontend"[^]*"preceding":\[\{"name":"frontend v2.0.0"/,
    },
  ),
  row(
    'one-service-nobody-comes',
    'person-decides',
    smallOne({ perSecond: since(0.02, 1), closelySeconds: 2_400 }),
    {
      says: /"onset":\{"of":"traffic"[^}]*"service":"frontend"/,
    },
  ),
  row(
    'one-service-fewer-by-90',
    'person-decides',
    {
      backend: { perSecond: 50 },
      frontend: { perSecond: since(1, 10) },
    },
    { says: /"because":"frontend: [^"]*requests/ },
  ),
  row('one-service-fewer-by-30', 'do-not', {
    backend: { perSecond: 50 },
    frontend: { perSecond: since(8, 10) },
  }),
  row('a-tiny-service-is-asked-less', 'do-not', smallOne({ perSecond: since(0.25, 0.4) })),
  row('traffic-down-by-60', 'person-decides', both({ perSecond: since(3, 10) })),
  row('traffic-down-by-40', 'do-not', both({ perSecond: since(6.3, 10) })),

  // 15. Half of one service's targets.
  row('half-of-the-targets-down', 'person-decides', frontend({ downSinceAgo: 40 }), {
    says: /2 of 4 scrape targets down/,
  }),
  row(
    'half-of-one-service-down',
    'person-decides',
    { backend: { instances: 6 }, frontend: { instances: 2 } },
    {
      others: [
        { job: 'frontend', named: 'lost', instances: 2, loginsPerSecond: 0, downSinceAgo: 200 },
      ],
      says: /frontend/,
    },
  ),
  row(
    'one-of-eight-targets-down',
    'do-not',
    { backend: { instances: 4 }, frontend: { instances: 3 } },
    {
      others: [
        { job: 'frontend', named: 'lost', instances: 1, loginsPerSecond: 0, downSinceAgo: 200 },
      ],
    },
  ),

  // 16. Numbers while maintenance is on.
  row(
    'maintained-and-all-503',
    'do-not',
    both({ failing: [['/api/documents', '503', since(100, 0)]] }),
    {
      maintenance: 'true',
      health: { backend: 503, frontend: 503 },
    },
  ),
  row(
    'maintained-off-and-all-503',
    'roll-back',
    both({ failing: [['/api/documents', '503', since(100, 0)]] }),
    {
      maintenance: null,
      health: { backend: 503, frontend: 503 },
    },
  ),
  row(
    'maintained-and-most-are-500',
    'roll-back',
    both({ errorPercent: since(70), failing: [['/api/documents', '503', since(2, 0)]] }),
    { maintenance: 'true', health: { backend: 503, frontend: 503 }, says: /5xx besides it/ },
  ),
  row(
    'maintained-and-one-small-service-fails-otherwise',
    'roll-back',
    smallOne({ errorPercent: since(95) }),
    { maintenance: 'true', says: /frontend/ },
  ),
  row(
    'maintained-one-service-all-503',
    'do-not',
    {
      backend: { perSecond: 50 },
      frontend: { failing: [['/api/documents', '503', since(200, 0)]] },
    },
    { maintenance: 'true', health: { frontend: 503 } },
  ),
  row('maintained-and-slow', 'roll-back', both(slower(4)), { maintenance: 'true' }),
  row(
    'maintained-and-nobody-comes',
    'do-not',
    both({ perSecond: since(1.2, 10), loginsPerSecond: 0 }),
    {
      maintenance: 'true',
      health: { backend: 503, frontend: 503 },
    },
  ),

  // 17. When it began in one service, and where.
  row(
    'began-in-a-small-service',
    'roll-back',
    smallOne({ errorPercent: since(95, 0.2, 650), closelySeconds: 2_150 }),
    {
      ran: {
        backend: [monday],
        frontend: [
          ['v3.0.0', 3 * 24 * HOUR],
          ['v3.1.0', 700],
        ],
      },
      says: /"preceding":\[\{"name":"frontend v3\.1\.0"/,
    },
  ),
  row(
    'only-one-route-fails',
    'person-decides',
    both({ failing: [['/api/export', '500', since(4, 0)]] }),
    { says: /"kind":"one-route"/ },
  ),
  row(
    'all-routes-fail',
    'person-decides',
    both({ errorPercent: since(30), failing: [['/api/export', '500', since(4, 0)]] }),
    {
      never: /"kind":"one-route"/,
    },
  ),
  row(
    'one-route-of-most-requests-fails',
    'roll-back',
    both({ loginsPerSecond: 0.5, errorPercent: since(62) }),
    { never: /"kind":"one-route"/ },
  ),
  row(
    'a-cause-is-wanted-and-one-route-fails',
    'person-decides',
    both({ perSecond: since(5, 10), failing: [['/api/export', '500', since(4.6, 0)]] }),
    { matrix: { requireCause: true, errorsCriticalPercent: 40, trafficDownPercent: 90 } },
  ),
  row(
    'one-host-of-three',
    'person-decides',
    backend({ instances: 3, failingInstances: 1, errorPercent: since(25) }),
    {
      says: /Only one instance fails/,
    },
  ),
  row(
    'requires-a-cause-and-it-is-over',
    'person-decides',
    both({ errorPercent: [0.2, [900, 90], [110, 0.2]] }),
    {
      matrix: { requireCause: true },
    },
  ),
  row(
    'requires-a-cause-and-has-one',
    'roll-back',
    both({ errorPercent: since(62, 0.2, 650), closelySeconds: 2_150 }),
    {
      ran: { backend: [monday, ['v2.0.0', 700]] },
      matrix: { requireCause: true },
    },
  ),

  // 18. The new version against the old one.
  row(
    'the-new-version-fails',
    'person-decides',
    { backend: side(undefined, { version: 'v1.9.0' }), ...alone },
    {
      ...counted,
      others: [fresh(62, { version: 'v2.0.0' })],
      says: /"versions":\[\{"name":"v(1\.9|2\.0)\.0"/,
    },
  ),
  row(
    'both-versions-fail',
    'roll-back',
    { backend: side(since(70), { version: 'v1.9.0' }), ...alone },
    {
      ...counted,
      others: [fresh(70, { version: 'v2.0.0' })],
      ran: { backend: [monday, ['v2.0.0', 650]] },
      says: /"kind":"old-version-too"/,
    },
  ),
  row(
    'the-new-version-by-its-pods',
    'person-decides',
    { backend: side(undefined, { pod: 'backend-backend1-aaaaa' }), ...alone },
    {
      ...counted,
      others: [fresh(62, { pod: 'backend-backend2-bbbbb' })],
      ran: { backend: [monday, ['v2.0.0', 650]] },
      says: /"versions":\[\{"name":"v(1\.9|2\.0)\.0"/,
    },
  ),
]
