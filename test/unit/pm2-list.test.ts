import { expect, test } from 'vitest'
import { readList } from '../../src/adapters/pm2/list.ts'
import { faultOf } from '../support/contracts/outside.ts'

const listed = (env: object, more: object = {}) => ({
  pid: 4711,
  name: 'backend',
  pm_id: 3,
  monit: { memory: 1 },
  pm2_env: {
    status: 'online',
    exec_mode: 'fork_mode',
    pm_exec_path: '/srv/backend/app.js',
    namespace: 'shop',
    DATABASE_PASSWORD: 'hunter2',
    env: { DATABASE_PASSWORD: 'hunter2', PM2_HOME: '/home/app/.pm2', ...env },
    ...more,
  },
})
const read = (env: object, more: object = {}) =>
  readList(JSON.stringify([listed(env, more)]), 'MULTI_TENANT').processes[0]

test('of a process nothing is kept but what is needed', () => {
  const list = readList(JSON.stringify([listed({ MULTI_TENANT: 'true' })]), 'MULTI_TENANT')
  expect(list).toEqual({
    processes: [
      {
        name: 'backend',
        id: '3',
        status: 'online',
        pid: 4711,
        mode: 'fork',
        script: '/srv/backend/app.js',
        value: 'true',
        kept: 'true',
        isOfPm2: false,
        startedAt: null,
        minUptimeMs: 1_000,
        home: '/home/app/.pm2',
        forgotten: [],
      },
    ],
    names: ['backend', 'shop'],
  })
  expect(JSON.stringify(list)).not.toContain('hunter2')
})

test.each([
  ['\u001B[31m[PM2][WARN]\u001B[39m In-memory PM2 is out-of-date, do:\n>>>> pm2 update\n'],
  ['[PM2] Spawning PM2 daemon\n[PM2] PM2 Successfully daemonized\n'],
  ['[1, 2]\n[]x\n'],
])('lines of its own may stand before the list: %j', (before) => {
  const text = JSON.stringify([listed({ MULTI_TENANT: 'true' })])
  expect(readList(`${before}${text}`, 'MULTI_TENANT').processes).toHaveLength(1)
  expect(readList(`${before}${text}\n[PM2] done\n`, 'MULTI_TENANT').processes).toHaveLength(1)
})

test('a daemon without a process has none', () => {
  expect(readList('[]', 'MULTI_TENANT')).toEqual({ processes: [], names: [] })
})

test.each([
  '',
  'not json',
  '{"a":1}',
  '[{"name":"x"}]',
  `[${'{"name":"x"},'.repeat(50_000)}`,
  `[${JSON.stringify(listed({}))}`,
])('what is no list is a fault that repeats none of it', async (output) => {
  const fault = await faultOf(Promise.resolve().then(() => readList(output, 'X')))
  expect(fault).toMatchObject({
    kind: 'terminal',
    detail: 'pm2 jlist did not answer with a list of processes',
  })
  expect(String(fault.cause)).not.toContain('hunter2')
})

test.each([
  [{ MULTI_TENANT: '' }, ''],
  [{ MULTI_TENANT: false }, 'false'],
  [{ MULTI_TENANT: 0 }, '0'],
  [{ MULTI_TENANT: { a: 1 } }, null],
  [{ MULTI_TENANT: null }, null],
  [{}, null],
])('a variable that stands there as %j is %j', (env, value) => {
  expect(read(env)?.value).toBe(value)
})

test('a setting of pm2 itself is told from a variable', () => {
  expect(read({}, { MULTI_TENANT: 'x' })?.isOfPm2).toBe(true)
  expect(read({ MULTI_TENANT: 'x' }, { MULTI_TENANT: 'x' })?.isOfPm2).toBe(false)
  expect(readList(JSON.stringify([listed({})]), 'constructor').processes[0]).toMatchObject({
    value: null,
    isOfPm2: false,
  })
})

test('what pm2 forgets with a restart is told, where it is not the default', () => {
  const more = { instance_var: 'INSTANCE', kill_retry_time: 500, filter_env: ['AWS_'] }
  expect(read({}, more)?.forgotten).toEqual(['instance_var', 'kill_retry_time', 'filter_env'])
  const usual = { instance_var: 'NODE_APP_INSTANCE', kill_retry_time: 100, filter_env: [] }
  expect(read({}, usual)?.forgotten).toEqual([])
})

test('one that a reload is about to end has no number', () => {
  const ending = { ...listed({}), pm_id: '_old_3' }
  expect(readList(JSON.stringify([ending]), 'X').processes[0]?.id).toBe('_old_3')
})

test('since when it runs is told where pm2 tells it', () => {
  const startedAt = '2026-11-22T03:05:00.000Z'
  expect(read({}, { pm_uptime: Date.parse(startedAt) })?.startedAt).toBe(startedAt)
  for (const odd of [0, -1, 1e300, '2026', null]) {
    expect(read({}, { pm_uptime: odd })?.startedAt).toBeNull()
  }
})
