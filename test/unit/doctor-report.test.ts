import { expect, test } from 'vitest'
import { doctorReport } from '../../src/chat/text/doctor-report.ts'
import { careful, ok, wrong } from '../../src/domain/base/doctor-check.ts'

const refused = 'Prometheus: connection refused at 127.0.0.1:9090'
const probe = (dependency: string, tried: string) => ({
  ...wrong(dependency, tried, refused, 'check PROMETHEUS_URL'),
  query: 'up',
})

test('a cause is told once, with all it blinds, what that means, and what to do', () => {
  const report = doctorReport([
    probe('prometheus', 'Errors'),
    ok('journal', 'file system', 'local'),
    probe('redis or prometheus', 'Active users'),
    careful('slack', 'approvers', 'none is configured', 'name three people'),
    probe('prometheus', 'Logins'),
  ])
  expect(report.split('\n')).toEqual([
    '         dependency  tried        found',
    'ok       journal     file system  local',
    '',
    'careful  slack, approvers: none is configured',
    '         to do   name three people',
    '',
    'wrong    Prometheus cannot be reached: connection refused at 127.0.0.1:9090',
    '         blinds  Errors; Active users; Logins',
    '         means   errors, logins and latency are not known, so no answer is ever "do not roll back"',
    '         to do   check PROMETHEUS_URL',
    '',
    '1 thing is wrong, and 1 thing is worth a look.',
  ])
})

test('what one dependency found is no cause of what another one found in the same words', () => {
  const report = doctorReport([
    wrong('slack', 'SLACK_BOT_TOKEN', 'not set', 'set it'),
    wrong('kubernetes', 'KUBECONFIG', 'not set', 'set it'),
  ])
  expect(report).toContain('slack, SLACK_BOT_TOKEN: not set')
  expect(report).toContain('kubernetes, KUBECONFIG: not set')
  expect(report).toMatch(/2 things are wrong\.$/)
})

test('a refusal is not called unreachable, and a question that stands alone is shown', () => {
  const found = 'Prometheus: did not accept the credentials (Prometheus answered 401)'
  const check = { ...wrong('prometheus', 'Errors', found, 'check it'), query: 'sum(rate(x[5m]))' }
  const report = doctorReport([check])
  expect(report).toContain(`wrong    ${found}`)
  expect(report).toContain('asked   sum(rate(x[5m]))')
})

test('when all is well it says so, and no more', () => {
  expect(doctorReport([ok('journal', 'file system', 'local')])).toMatch(/\n\nNothing is wrong\.$/)
})
