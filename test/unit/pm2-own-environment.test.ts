import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { readList, type Pm2Process } from '../../src/adapters/pm2/list.ts'
import { asTheyRun } from '../../src/adapters/pm2/own-environment.ts'

const running = new Set<() => Promise<void>>()
afterEach(async () => {
  for (const end of running) await end()
  running.clear()
})

/** A process that was started with this, and says when it runs. */
async function startedWith(env: Readonly<Record<string, string>>) {
  const says = 'console.log(1); setInterval(() => {}, 1000)'
  const child = spawn(process.execPath, ['-e', says], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const end = async (): Promise<void> => {
    const over = once(child, 'exit')
    if (child.exitCode === null && child.kill('SIGKILL')) await over
  }
  running.add(end)
  await once(child.stdout, 'data')
  return { pid: child.pid ?? 0, end }
}

/** As pm2 lists it: it is to have "false". */
function listed(pid: number, mode: 'fork' | 'cluster', id: number | string = 3) {
  const environment = {
    status: 'online',
    exec_mode: `${mode}_mode`,
    pm_exec_path: '/srv/app.js',
    env: { MULTI_TENANT: 'false' },
  }
  const all = [{ pid, name: 'backend', pm_id: id, pm2_env: environment }]
  const [one] = readList(JSON.stringify(all), 'MULTI_TENANT').processes
  if (!one) throw new Error('it is listed')
  return one
}

/** Of a daemon whose children nobody knows. */
async function asItRuns(one: Pm2Process): Promise<Pm2Process | undefined> {
  const [found, ...more] = await asTheyRun([one], {
    app: 'backend',
    variable: 'MULTI_TENANT',
    home: '/nowhere',
  })
  expect(more).toEqual([])
  return found
}

const OURS = { name: 'backend', pm_id: '3' }
const inCluster = (more: object) => ({ pm2_env: JSON.stringify({ ...OURS, ...more }) })

test.each([
  ['fork', { ...OURS, MULTI_TENANT: 'true' }, 'true'],
  ['fork', OURS, null],
  ['cluster', inCluster({ MULTI_TENANT: 'true' }), 'true'],
  ['cluster', inCluster({ MULTI_TENANT: true }), 'true'],
  // pm2 itself was started with it.
  ['cluster', { ...inCluster({}), MULTI_TENANT: 'true' }, 'true'],
  ['cluster', { ...inCluster({ MULTI_TENANT: 'false' }), MULTI_TENANT: 'true' }, 'false'],
  ['cluster', inCluster({}), null],
] as const)('in %s mode, of one started with %j: %s', async (mode, env, value) => {
  const { pid } = await startedWith(env)
  for (const id of [3, '_old_3']) {
    expect(await asItRuns(listed(pid, mode, id))).toMatchObject({
      value,
      kept: 'false',
    })
  }
})

test.each(['fork', 'cluster'] as const)(
  'in %s mode it is as listed where the number is that of something else, or of nothing',
  async (mode) => {
    const other = await startedWith({ MULTI_TENANT: 'true', name: 'worker', pm_id: '3' })
    const as = async (pid: number) => (await asItRuns(listed(pid, mode)))?.value
    expect(await as(other.pid)).toBe('false')
    await other.end()
    expect(await as(other.pid)).toBe('false')
    expect(await as(0)).toBe('false')
  },
)

test.each(['fork', 'cluster'] as const)(
  'in %s mode an old one that pm2 does not list any more is found, and no stranger',
  async (mode) => {
    const home = await mkdtemp(join(tmpdir(), 'backout-pm2-children-'))
    onTestFinished(() => rm(home, { recursive: true }))
    // Here the daemon is this process.
    await writeFile(join(home, 'pm2.pid'), `${process.pid}\n`)
    const of = (more: Record<string, string>) =>
      mode === 'cluster' ? inCluster(more) : { ...OURS, ...more }
    const old = await startedWith(of({ MULTI_TENANT: 'true' }))
    const now = await startedWith(of({ MULTI_TENANT: 'false' }))
    await startedWith(of({ MULTI_TENANT: 'true', name: 'worker' }))
    await startedWith(of({ MULTI_TENANT: 'true', pm_id: '4' }))
    const at = { app: 'backend', variable: 'MULTI_TENANT', home }
    const look = () => asTheyRun([listed(now.pid, mode)], at)
    expect((await look()).map(({ id, value }) => [id, value])).toEqual([
      ['3', 'false'],
      ['_old_3', 'true'],
    ])
    await old.end()
    expect((await look()).map(({ id, value }) => [id, value])).toEqual([['3', 'false']])
    // It ended after it was listed, and pm2 has started it anew, as it does in a crash loop.
    await now.end()
    expect((await look()).map(({ id, status }) => [id, status])).toEqual([['3', 'online']])
    const ended = { ...listed(now.pid, mode), status: 'stopped' }
    expect(await asTheyRun([ended], at)).toMatchObject([{ id: '3', status: 'launching' }])
    const byHand = { ...ended, pid: null }
    expect(await asTheyRun([byHand], at)).toEqual([byHand])
    const next = await startedWith(of({ MULTI_TENANT: 'false' }))
    expect(await asTheyRun([ended], at)).toMatchObject([{ id: '3', status: 'launching' }])
    expect((await look()).map(({ id, status, pid }) => [id, status, pid])).toEqual([
      ['3', 'launching', next.pid],
    ])
  },
)
