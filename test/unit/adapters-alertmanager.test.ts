import { expect, test } from 'vitest'
import { alertmanagerAlerts } from '../../src/adapters/alertmanager/alerts.ts'
import { httpEndpoints } from '../../src/adapters/http/endpoints.ts'
import { answerWith, serve } from '../support/contracts/http-server.ts'
import { faultOf, patience } from '../support/contracts/outside.ts'

const alertsAt = (url: string) =>
  alertmanagerAlerts({ url, endpoints: httpEndpoints({ dependency: 'alertmanager' }) })

/** As its API describes one, with more than is read of it. */
const alert = (state: string, labels: object = {}) => ({
  annotations: { summary: 'Somebody logged in as root' },
  endsAt: '2026-11-22T03:17:07.000Z',
  fingerprint: '5ef4ba1e7fd0a2c1',
  receivers: [{ name: 'team' }],
  startsAt: '2026-11-22T03:12:07.000+01:00',
  status: { inhibitedBy: [], mutedBy: [], silencedBy: [], state },
  updatedAt: '2026-11-22T03:12:07.000Z',
  generatorURL: 'http://prometheus.test/graph',
  labels: { alertname: 'RootLogin', ...labels },
})

test('it asks for what fires and nobody has silenced, below the prefix it was started with', async () => {
  let heard = ''
  const url = await serve((request, response) => {
    heard = request.url ?? ''
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]')
  })
  await alertsAt(`${url}/alertmanager/`).open(['category="security"', 'team=~"a|b"'], patience())
  const asked = new URL(heard, url)
  expect(asked.pathname).toBe('/alertmanager/api/v2/alerts')
  expect(Object.fromEntries(asked.searchParams)).toMatchObject({
    active: 'true',
    silenced: 'false',
    inhibited: 'false',
  })
  expect(asked.searchParams.getAll('filter')).toEqual(['category="security"', 'team=~"a|b"'])
})

test('one that came just now counts, one that is suppressed does not', async () => {
  const all = ['active', 'unprocessed', 'suppressed'].map((state) => alert(state))
  const open = await alertsAt(await serve(answerWith(200, JSON.stringify(all)))).open(
    [],
    patience(),
  )
  expect(open).toHaveLength(2)
  expect(open[0]).toEqual({
    name: 'RootLogin',
    startsAt: '2026-11-22T03:12:07.000+01:00',
    summary: 'Somebody logged in as root',
  })
})

test.each<[string, number, string, RegExp, string]>([
  [
    'a page of a proxy',
    200,
    '<html>log in</html>',
    /is no list of alerts; is it Alertmanager/,
    'terminal',
  ],
  ['the older API', 200, '{"status":"success","data":[]}', /is no list of alerts/, 'terminal'],
  ['an alert without a state', 200, '[{"labels":{}}]', /is no list of alerts/, 'terminal'],
  ['an API that was removed', 410, '{"message":"gone"}', /HTTP 410: gone/, 'terminal'],
  ['no right', 403, '', /^it answered HTTP 403$/, 'terminal'],
  ['one that starts', 503, '"starting up"', /HTTP 503: starting up/, 'retryable'],
  [
    'more than can be read',
    200,
    `[${'1,'.repeat(3 * 1024 * 1024)}1]`,
    /longer than 4 MiB/,
    'terminal',
  ],
])('%s is a fault, and never "no alert"', async (_what, status, body, detail, kind) => {
  const url = await serve(answerWith(status, body))
  const fault = await faultOf(alertsAt(url).open([], patience()))
  expect(fault).toMatchObject({ kind, dependency: 'alertmanager' })
  expect(fault.detail).toMatch(detail)
})
