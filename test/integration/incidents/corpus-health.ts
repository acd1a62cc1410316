import type { Incident, Page, Pages } from './incident.ts'

const WELL = { pastOf: 'all-well' } as const

type More = Omit<Incident, 'name' | 'right' | 'why' | 'health'>

/** What people see in numbers is well, where no other past is named. */
function page(
  name: string,
  right: Incident['right'],
  health: Incident['health'],
  why: string,
  more: More = {},
): Incident {
  return { name, right, why, ...WELL, ...(health ? { health } : {}), ...more }
}

const of = (body: unknown, status = 200): Page => ({
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  type: typeof body === 'string' ? 'text/plain' : 'application/json',
})
const HTML = '<html><body><h1>It works!</h1></body></html>'
const html = (status: number, body = HTML): Page => ({ status, body, type: 'text/html' })
const both = (pages: Pages) => ({ backend: pages, frontend: pages })
const one = (pages: Pages) => ({ frontend: pages })
const sent = (to: string): Page => ({ to })
const CANNOT_JUDGE = /cannot judge health, because/
const PARTIAL = /"rule":"partial-outage","matched":true/
const OUTAGE = /"rule":"complete-outage","matched":true/

/** 13. What "down" means. */
const down: readonly Incident[] = [
  page('pages-401', 'person-decides', both(401), 'our credentials, not an outage', {
    says: CANNOT_JUDGE,
  }),
  page('pages-403', 'person-decides', both(403), 'our credentials, not an outage'),
  page('pages-404', 'person-decides', both(404), 'our path, not an outage', { says: CANNOT_JUDGE }),
  page('pages-429', 'person-decides', both(429), 'we ask too often', { says: CANNOT_JUDGE }),
  page('one-page-404', 'person-decides', one(404), 'nothing is known of the frontend', {
    says: PARTIAL,
  }),
  page('pages-sent-elsewhere', 'person-decides', both(sent('elsewhere')), 'somebody else answers'),
  page('pages-sent-to-login', 'person-decides', both(sent('/login')), 'a login page tells nothing'),
  page(
    'pages-sent-to-a-login-in-json',
    'person-decides',
    both(sent('/api/login')),
    'a login tells nothing, in whatever it is written',
    { says: CANNOT_JUDGE },
  ),
  page(
    'pages-sent-to-an-empty-login',
    'person-decides',
    both(sent('/sso/')),
    'a login tells nothing, though it answers 200',
  ),
  page(
    'page-of-settings-sent-to-login',
    'person-decides',
    both(sent('/login')),
    'that 200 is healthy does not make a login page the health page',
    { asked: { healthyStatuses: [200] } },
  ),
  page('page-sent-beside', 'do-not', one(sent('/health/ready')), 'its own page, one step on'),
  page(
    'page-that-is-a-redirect',
    'do-not',
    both(sent('/login')),
    'the settings say that a redirect is how it answers when it is well',
    { asked: { healthyStatuses: [302] } },
  ),
  page('pages-empty-204', 'do-not', both(204), 'as many answer when all is well'),
  page('pages-empty-200', 'do-not', both(200), 'as many answer when all is well'),
  page('pages-plain-ok', 'do-not', both(of('OK')), 'as many answer when all is well'),
  page(
    'pages-ok-called-html',
    'do-not',
    both(html(200, 'OK')),
    'what a framework calls its answer where nobody has told it: no page for people',
  ),
  page(
    'pages-json-called-html',
    'do-not',
    both(html(200, '{"status":"ok"}')),
    'JSON that says ok, under a wrong type',
  ),
  page(
    'pages-json-called-html-and-down',
    'roll-back',
    both(html(200, '{"status":"down"}')),
    'JSON that says down, under a wrong type',
  ),
  page('pages-unhealthy', 'roll-back', both(of({ status: 'unhealthy' })), 'both say it themselves'),
  page('one-unhealthy', 'person-decides', one(of({ status: 'unhealthy' })), 'one of two is down', {
    says: PARTIAL,
  }),
  page('pages-degraded', 'person-decides', both(of({ status: 'degraded' })), 'degraded: not down'),
  page('one-degraded', 'person-decides', one(of({ status: 'degraded' })), 'somebody looks'),
  page('pages-down', 'roll-back', both(of({ status: 'DOWN' })), 'both say it themselves'),
  page('pages-ok-false', 'roll-back', both(of({ ok: false })), 'both say it themselves'),
  page('pages-ok-zero', 'roll-back', both(of({ ok: 0 })), 'false, as some write it'),
  page('pages-ok-one', 'do-not', both(of({ ok: 1 })), 'true, as some write it'),
  page(
    'pages-text-unhealthy',
    'roll-back',
    both(of('Unhealthy')),
    'the one word is the answer, and it is 200 with some frameworks',
  ),
  page('one-text-degraded', 'person-decides', one(of('Degraded')), 'the one word is the answer', {
    says: PARTIAL,
  }),
  page('pages-text-not-ok', 'roll-back', both(of('NOT OK\n')), 'the words are the answer'),
  page('pages-json-false', 'roll-back', both(of(false)), 'false is the answer'),
  page('pages-json-true', 'do-not', both(of(true)), 'true is the answer'),
  page(
    'pages-status-503-in-200',
    'roll-back',
    both(of({ status: 503, message: 'Service Unavailable' })),
    'a gateway that wraps the answer: the status is in it',
  ),
  page('pages-status-200-in-200', 'do-not', both(of({ status: 200 })), 'the same, and well'),
  page(
    'pages-down-in-an-envelope',
    'roll-back',
    both(of({ data: { status: 'DOWN' } })),
    'the answer is one level deeper, and says down',
  ),
  page(
    'pages-health-status-down',
    'roll-back',
    both(of({ health: { status: 'down' } })),
    'the same under its own name',
  ),
  page(
    'pages-ok-in-an-envelope',
    'do-not',
    both(of({ success: true, data: { status: 'UP' } })),
    'well, one level deeper',
  ),
  page(
    'one-part-down-and-nothing-of-the-whole',
    'person-decides',
    one(of({ database: 'down', cache: 'ok' })),
    'it has no word for the whole, and one part is down: somebody looks',
    { says: PARTIAL },
  ),
  page(
    'parts-down-and-the-whole-is-up',
    'do-not',
    one(of({ status: 'UP', components: { mail: { status: 'DOWN' } } })),
    'whoever wrote it has weighed the part: the whole is up',
  ),
  page('pages-html-of-a-balancer', 'person-decides', both(html(200)), 'nobody is behind it', {
    says: CANNOT_JUDGE,
  }),
  page(
    'pages-html-503',
    'roll-back',
    both(html(503)),
    'the balancer says that nobody is behind it',
  ),
  page('pages-502', 'roll-back', both(html(502)), 'the balancer cannot reach anybody'),
  page('front-page-as-the-settings-say', 'do-not', both(html(200)), 'the settings want a page', {
    asked: { expect: { contentType: 'text/html', contains: ['It works'] } },
  }),
  page(
    'pages-of-another-type',
    'person-decides',
    both(html(200)),
    'the settings want JSON, and somebody else answers',
    { asked: { expect: { contentType: 'application/json' } } },
  ),
  page(
    'pages-not-as-expected',
    'roll-back',
    both(of({ db: { up: false } })),
    'the settings say what well is, and it is not',
    { asked: { expect: { json: [{ path: '$.db.up', equals: true }] } } },
  ),
  page('pages-401-as-expected', 'do-not', both(401), 'the settings say so', {
    asked: { healthyStatuses: [200, 401] },
  }),
  page('pages-refused', 'person-decides', both('refused'), 'may be our way to them', {
    says: /nothing else confirms/,
  }),
  page(
    'pages-refused-and-targets-down',
    'roll-back',
    both('refused'),
    'Prometheus stands elsewhere and sees the same',
    { pastOf: 'all-down-190', says: OUTAGE },
  ),
  page('one-page-refused', 'person-decides', one('refused'), 'one of two', { says: PARTIAL }),
  page('pages-no-tls', 'person-decides', both('no-tls'), 'our address is wrong, most likely'),
  page('one-page-no-tls', 'person-decides', one('no-tls'), 'nothing is known of it', {
    says: PARTIAL,
  }),
  page(
    'one-refused-one-500',
    'roll-back',
    { backend: 'refused', frontend: 500 },
    'none is well, and one was seen to fail',
  ),
  page(
    'one-401-one-503',
    'person-decides',
    { backend: 401, frontend: 503 },
    'one is down, and of the other nothing is known',
    { says: PARTIAL },
  ),
  page(
    'pages-drip',
    'person-decides',
    both({ body: '{', type: 'application/json', drips: true }),
    'no answer in time from either: reached, and nothing else confirms an outage',
    { deadlineSeconds: 3 },
  ),
  page('one-page-slow', 'do-not', one({ body: 'ok', afterMs: 700 }), 'in time'),
]

/** 16. What maintenance explains, and what it does not. */
const maintenance: readonly Incident[] = [
  page('maintained-503', 'do-not', both(503), 'on purpose', {
    maintenance: 'true',
    says: /"rule":"maintenance-on","matched":true/,
  }),
  page('maintained-503-html', 'do-not', both(html(503)), 'on purpose, with a page for people', {
    maintenance: 'true',
  }),
  page('maintained-500', 'roll-back', both(500), 'maintenance answers 503 and nothing else', {
    maintenance: 'true',
  }),
  page('maintained-502', 'roll-back', both(502), 'the same', { maintenance: 'true' }),
  page(
    'maintained-one-503-one-500',
    'person-decides',
    { backend: 503, frontend: 500 },
    'one is on purpose, the other is not',
    { maintenance: 'true', says: /health probes fail: frontend HTTP 500/ },
  ),
  page(
    'maintained-one-of-two',
    'do-not',
    { backend: 503 },
    'one is kept back on purpose, the other does well',
    { maintenance: 'true' },
  ),
  page('maintained-off-503', 'roll-back', both(503), 'it is off, and nobody is let in', {
    maintenance: 'false',
  }),
  page('maintained-never-503', 'roll-back', both(503), 'there is a switch, and it is off', {
    maintenance: null,
  }),
  page('maintained-off-one-503', 'person-decides', one(503), 'one of two', { maintenance: '0' }),
  page(
    'maintained-not-known-503',
    'roll-back',
    both(503),
    'whether it is on purpose is not known, and that Redis is away is one thing more that is bad',
    { maintenance: 'redis-is-away' },
  ),
  page('maintained-refused', 'person-decides', both('refused'), 'maintenance answers', {
    maintenance: 'true',
  }),
  page('maintained-200', 'do-not', undefined, 'the pages are well: only people are kept out', {
    maintenance: 'true',
  }),
  page('maintained-401', 'person-decides', both(401), 'not what maintenance answers', {
    maintenance: 'true',
  }),
]

/** 19. Asked three times. */
const samples: readonly Incident[] = [
  page('one-bad-of-three', 'do-not', one([503, 200, 200]), 'one sample decides nothing', {
    says: /HTTP 200 \(2 of 3\), HTTP 503 \(1 of 3\)/,
  }),
  page('one-bad-of-three-each', 'do-not', both([500, 200]), 'nor one of each'),
  page('two-bad-of-three', 'person-decides', one([503, 200, 503]), 'two of three: it is down', {
    says: /HTTP 503 \(2 of 3\)/,
  }),
  page('two-bad-of-three-each', 'roll-back', both([503, 503, 200]), 'two of three of both'),
  page('one-unclear-of-three', 'do-not', one([401, 200, 200]), 'two of three are well'),
  page(
    'one-lost-question',
    'do-not',
    one(['silent', 200]),
    'a question that was lost costs no verdict',
    { deadlineSeconds: 3 },
  ),
  page(
    'one-bad-one-well-one-lost',
    'person-decides',
    one([503, 'silent', 200]),
    'one of each: nobody knows',
    { deadlineSeconds: 3, says: /HTTP 503 \(1 of 3\)/ },
  ),
  page(
    'bad-and-then-lost-each',
    'roll-back',
    both([503, 'silent', 'silent']),
    'no answer was well, and each was seen to fail',
    { deadlineSeconds: 3 },
  ),
  page(
    'maintained-one-of-three',
    'do-not',
    both([503, 503, 200]),
    'two of three as maintenance answers',
    { maintenance: 'true' },
  ),
]

export const healthCorpus: readonly Incident[] = [...down, ...maintenance, ...samples]
