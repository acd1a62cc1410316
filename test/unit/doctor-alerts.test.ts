import { expect, test } from 'vitest'
import { alertChecks } from '../../src/compose/doctor-alerts.ts'
import { Environment } from '../../src/config/environment.ts'

const token = 'a-token-for-the-alertmanager-of-production'

test.each([
  ['nothing is set', {}, 'ok', /not configured: only people open incidents/],
  [
    'it listens on this machine only',
    { BACKOUT_ALERTMANAGER_TOKEN: token },
    'careful',
    /only an Alertmanager on this machine reaches 127\.0\.0\.1:8080/,
  ],
  [
    'any port is taken',
    { BACKOUT_ALERTMANAGER_TOKEN: token, BACKOUT_HTTP_PORT: '0' },
    'careful',
    /another one at every start/,
  ],
  [
    'it can be reached',
    { BACKOUT_ALERTMANAGER_TOKEN: token, BACKOUT_HTTP_HOST: '0.0.0.0' },
    'ok',
    /port 8080, \/hooks\/alertmanager/,
  ],
])('where %s the doctor says so, and never the token', (_what, variables, state, found) => {
  const checks = alertChecks({ environment: Environment.parse(variables) })
  expect(checks).toMatchObject([{ dependency: 'alertmanager', state }])
  expect(checks[0]?.found).toMatch(found)
  expect(JSON.stringify(checks)).not.toContain(token)
})
