import { chown, link, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { checkPm2 } from '../../src/adapters/pm2/check.ts'
import { pm2Flag } from '../../src/adapters/pm2/flag.ts'
import { eventually } from '../servers/eventually.ts'
import { binaryPath, missingAllowed } from '../servers/find.ts'
import { startPm2, type Pm2App, type Pm2Server } from '../servers/pm2/start.ts'
import { isRunning } from '../servers/run.ts'
import { flagStoreContract } from '../support/contracts/flag-stores.ts'
import { faultOf } from '../support/contracts/outside.ts'

/** pm2's command line takes its time on a busy machine. */
const patience = () => AbortSignal.timeout(20_000)
const options = () => ({ cause: 'Ana and Ben, inc-1', signal: patience() })

/** Of a daemon that crashed: its socket is left; or of one that takes a question and never answers. */
const strangeHome = async (daemon: 'gone' | 'silent'): Promise<string> => {
  const home = await mkdtemp(join(tmpdir(), 'backout-pm2-home-'))
  const listener = createServer((socket) => socket.on('error', () => undefined).resume())
  const socket = join(home, daemon === 'gone' ? 'first.sock' : 'rpc.sock')
  await new Promise<void>((resolve) => listener.listen(socket, resolve))
  if (daemon === 'gone') await link(socket, join(home, 'rpc.sock'))
  if (daemon === 'gone') listener.close()
  onTestFinished(async () => {
    if (daemon === 'silent') listener.close()
    await rm(home, { recursive: true })
  })
  return home
}

describe.skipIf(missingAllowed('pm2'))('pm2', () => {
  let server: Pm2Server
  let made = 0
  let pool: string[] = []
  const variables = { MULTI_TENANT: 'true', DATABASE_PASSWORD: 'hunter2 "$x"\n' }
  beforeAll(async () => {
    server = await startPm2()
    // Every call of pm2 takes its time: these are started by one.
    pool = Array.from({ length: 14 }, (_, index) => `plain-${index}`)
    await server.start(...pool.map((name) => ({ name, env: variables })))
  })
  afterAll(() => server.stop())

  const flagOf = (app: string, variable = 'MULTI_TENANT', home = server.home) =>
    pm2Flag({ program: binaryPath('pm2') ?? '', folders: [], home, app, variable })

  const newApp = async (more: Partial<Pm2App> = {}) => {
    const ready = Object.keys(more).length === 0 ? pool.pop() : undefined
    if (ready !== undefined) return ready
    const { name = `flag-${(made += 1)}`, env } = more
    await server.start({ ...more, name, env: { ...variables, ...env } })
    return name
  }
  const processesOf = async (name: string) =>
    (await server.list()).filter((one) => one.name === name)
  const started = async (more: Partial<Pm2App> = {}) => {
    const name = await newApp(more)
    const others = {
      set: (value: string) =>
        server.pm2(['restart', name, '--update-env'], { MULTI_TENANT: value }),
      remove: () => server.pm2(['delete', name]),
    }
    return { name, store: flagOf(name), unsafe: 'true', safe: 'false', others }
  }

  flagStoreContract('pm2', {
    start: () => started(),
    async startShared() {
      const shared = await started({ mode: 'cluster', instances: 2 })
      return {
        ...shared,
        async setOne(value) {
          const [, last] = await processesOf(shared.name)
          await server.pm2(['reload', `${last?.pm_id}`, '--update-env'], { MULTI_TENANT: value })
        },
      }
    },
    refusing: async () => flagOf('x', 'X', await strangeHome('gone')),
    silent: async () => flagOf('x', 'X', await strangeHome('silent')),
  })

  test.each(['fork', 'cluster'] as const)(
    'in %s mode only the one variable is another afterwards, in every process and nowhere else',
    async (mode) => {
      const neighbour = await newApp()
      const more = { instance_var: 'INSTANCE', increment_var: 'PORT', kill_timeout: 1_234 }
      const { name, store } = await started({ mode, instances: 2, env: { PORT: '4100' }, more })
      const before = await processesOf(name)
      const [untouched] = await processesOf(neighbour)
      const seenBefore = await Promise.all(before.map(({ pm_id: id }) => server.seenBy(name, id)))
      process.env['BACKOUT_TEST_SECRET'] = 'ours'
      onTestFinished(() => void delete process.env['BACKOUT_TEST_SECRET'])

      const { identity, holders, cautions } = await store.look('false', patience())
      expect(holders).toMatchObject(
        before.map(({ pm_id: id }) => ({ name: `${name} (${id})`, value: 'true' })),
      )
      expect(cautions.join(' ')).toContain('pm2 sets back instance_var to its default')
      const write = { identity, from: 'true', to: 'false' }
      expect(await store.write(write, options())).toEqual({ kind: 'written' })

      const after = await processesOf(name)
      expect(after.map(({ pm_id }) => pm_id)).toEqual(before.map(({ pm_id }) => pm_id))
      for (const [index, { pm_id: id, pm2_env: now }] of after.entries()) {
        expect(now.env).toEqual({ ...before[index]?.pm2_env.env, MULTI_TENANT: 'false' })
        expect(now).toMatchObject({ restart_time: 1, status: 'online', kill_timeout: 1_234 })
        const seen = await eventually(
          () => server.seenBy(name, id),
          ({ MULTI_TENANT }) => MULTI_TENANT === 'false',
        )
        const told = Object.keys(seen).filter((key) => seen[key] !== seenBefore[index]?.[key])
        // pm2's own of each start, that it had run for less than a second before among it, and nothing of the
        // environment that this test has.
        const own =
          /^(MULTI_TENANT|restart_time|created_at|pm_uptime|unstable_restarts|status|exit_code|prev_\w+|merge_logs|instance_var|filter_env|pm2_env|NODE_UNIQUE_ID|pid|node_version|version)$/
        expect(told.filter((key) => !own.test(key))).toEqual([])
        expect(seen['DATABASE_PASSWORD']).toBe('hunter2 "$x"\n')
        expect(seen['PORT']).toBe(String(4_100 + index))
      }
      expect(await processesOf(neighbour)).toMatchObject([
        { pid: untouched?.pid, pm2_env: { restart_time: 0 } },
      ])
    },
  )

  /** pm2 lists a value as soon as it is to come; what counts is what the process was started with. */
  test.each(['fork', 'cluster'] as const)(
    'in %s mode one that runs on with the old value is named until it has ended',
    async (mode) => {
      const more = { kill_timeout: 60_000 }
      const env = { STAYS: 'yes' }
      const { name, store } = await started({ mode, instances: 2, env, more })
      const before = await processesOf(name)
      const end = (pid: number): void => {
        if (isRunning(pid)) process.kill(pid, 'SIGKILL')
      }
      onTestFinished(async () => {
        for (const { pid } of [...before, ...(await processesOf(name))]) end(pid)
      })
      const { identity } = await store.look('false', patience())
      const signal = AbortSignal.timeout(60_000)
      const write = { identity, from: 'true', to: 'false' }
      const written = store.write(write, { cause: 'Ana', signal })
      for (const { pid, pm_id: id } of before) {
        // In cluster mode the old one is hidden by then.
        const listed = await eventually(
          async () => (await processesOf(name)).find((one) => one.pm_id === id),
          (one) => one?.pm2_env.env['MULTI_TENANT'] === 'false',
        )
        expect(listed?.pm2_env.env['MULTI_TENANT']).toBe('false')
        expect(isRunning(pid)).toBe(true)
        const { value, holders } = await store.look('false', patience())
        const old = mode === 'cluster' ? `${name} (${id}, ending)` : `${name} (${id})`
        expect(value).toBe('true')
        expect(holders).toContainEqual({ name: old, value: 'true' })
        end(pid)
      }
      expect(await written).toEqual({ kind: 'written' })
      const { value, holders } = await store.look('false', patience())
      expect(value).toBe('false')
      expect(holders).toMatchObject(
        before.map(({ pm_id: id }) => ({ name: `${name} (${id})`, value: 'false' })),
      )
    },
  )

  test.each(['fork', 'cluster'] as const)(
    'in %s mode a restart that leaves the old value in place is seen, and switched',
    async (mode) => {
      const { name, store } = await started({ mode, instances: 2 })
      await server.pm2(['restart', name], { MULTI_TENANT: 'false' })
      const { identity, value, holders } = await store.look('false', patience())
      expect([value, ...holders.map((one) => one.value)]).toEqual(['true', 'true', 'true'])
      await store.write({ identity, from: 'true', to: 'false' }, options())
      for (const { pm_id: id } of await processesOf(name)) {
        const seen = await eventually(
          () => server.seenBy(name, id),
          ({ MULTI_TENANT }) => MULTI_TENANT === 'false',
        )
        expect(seen['MULTI_TENANT']).toBe('false')
      }
      expect((await store.look('false', patience())).value).toBe('false')
    },
  )

  test('in cluster mode what pm2 itself was started with counts, and is switched', async () => {
    await using other = await startPm2({ MULTI_TENANT: 'true' })
    await other.start({ name: 'app', mode: 'cluster', instances: 2 })
    const [first] = await other.list()
    expect(first?.pm2_env.env).not.toHaveProperty('MULTI_TENANT')
    const store = flagOf('app', 'MULTI_TENANT', other.home)
    const { identity, value, cautions } = await store.look('false', patience())
    expect(value).toBe('true')
    expect(cautions.join(' ')).toContain('app (0) "true" is what it was started with')
    await store.write({ identity, from: 'true', to: 'false' }, options())
    expect((await store.look('false', patience())).value).toBe('false')
    for (const { pm_id: id } of await other.list()) {
      const seen = await eventually(
        () => other.seenBy('app', id),
        ({ MULTI_TENANT }) => MULTI_TENANT === 'false',
      )
      expect(seen['MULTI_TENANT']).toBe('false')
    }
  })

  test('what was not there is told as that, and once set cannot be taken back', async () => {
    const { name } = await started()
    const store = flagOf(name, 'NEVER_SET')
    const seen = await store.look('false', patience())
    expect(seen).toMatchObject({ value: null, obstacle: null })
    expect(seen.cautions.join(' ')).toMatch(/NEVER_SET is not set now.*an undo of this is refused/)
    const write = { identity: seen.identity, from: null, to: 'false' }
    expect(await store.write(write, options())).toEqual({ kind: 'written' })
    expect((await store.look('false', patience())).value).toBe('false')
    const undo = { identity: seen.identity, from: 'false', to: null }
    expect(await store.write(undo, options())).toEqual({
      kind: 'refused',
      because: expect.stringContaining('cannot be made "not set" again'),
    })
    expect((await processesOf(name))[0]?.pm2_env.restart_time).toBe(1)
  })

  test('one that somebody has stopped stays stopped, and is told', async () => {
    const { name, store } = await started({ mode: 'cluster', instances: 2 })
    const [first] = await processesOf(name)
    await server.pm2(['stop', String(first?.pm_id)])
    const { identity, cautions, holders } = await store.look('false', patience())
    expect(holders).toHaveLength(1)
    expect(cautions.join(' ')).toContain(`left as they are: ${name} (${first?.pm_id}) "true"`)
    await store.write({ identity, from: 'true', to: 'false' }, options())
    expect((await processesOf(name)).map(({ pm2_env }) => pm2_env.status)).toEqual([
      'stopped',
      'online',
    ])
    await server.pm2(['stop', name])
    const { obstacle } = await store.look('false', patience())
    expect(obstacle).toBe('none of its 2 processes runs')
  })

  test('one that does not come up with the other value is told from the first look on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'backout-pm2-app-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const script = join(folder, 'needs-tenants.cjs')
    const ends = "if (process.env.MULTI_TENANT === 'false') process.exit(1)"
    await writeFile(script, `${ends}\nsetInterval(() => {}, 60_000)\n`)
    const { name, store } = await started({ more: { script, max_restarts: 3, min_uptime: 5_000 } })
    const [{ pm_id: id } = { pm_id: -1 }] = await processesOf(name)
    const { identity } = await store.look('false', patience())
    await store.write({ identity, from: 'true', to: 'false' }, options())
    const looks: (boolean | undefined)[] = []
    const last = await eventually(
      async () => {
        const { holders } = await store.look('false', patience())
        looks.push(...holders.map(({ down }) => down?.givenUp))
        return holders
      },
      ([one]) => one?.down?.givenUp === true,
      30_000,
    )
    expect(last).toEqual([
      { name: `${name} (${id})`, value: 'false', down: { says: 'errored', givenUp: true } },
    ])
    expect(looks).not.toContain(undefined)
    expect((await store.look('true', patience())).cautions.join(' ')).toContain(
      'Not running now, as it has ended again and again',
    )
  })

  test('a write that is cut off may have been made, and is finished by another one', async () => {
    const { name, store } = await started({ mode: 'cluster', instances: 3 })
    const { identity } = await store.look('false', patience())
    const write = { identity, from: 'true', to: 'false' }
    const stop = new AbortController()
    const cut = faultOf(store.write(write, { cause: 'Ana', signal: stop.signal }))
    await eventually(
      () => processesOf(name),
      (all) => all.some(({ pm2_env }) => pm2_env.env['MULTI_TENANT'] === 'false'),
    )
    stop.abort()
    expect(await cut).toMatchObject({ kind: 'unknown-outcome', code: 'ETIMEDOUT' })
    expect((await store.look('false', patience())).value).toBe('true')
    // pm2 remembers for half a minute that a reload has begun.
    await rm(join(server.home, 'reload.lock'), { force: true })
    await eventually(
      async () => store.write(write, options()).catch(() => null),
      (written) => written?.kind === 'written',
    )
    const all = await processesOf(name)
    expect(all.map(({ pm2_env }) => pm2_env.env['MULTI_TENANT'])).toEqual(Array(3).fill('false'))
  })

  test('nothing is sent where a number would be taken for a name', async () => {
    const { name, store } = await started()
    const [ours] = await processesOf(name)
    const stranger = await newApp({ name: String(ours?.pm_id) })
    const { identity } = await store.look('false', patience())
    expect(await store.write({ identity, from: 'true', to: 'false' }, options())).toMatchObject({
      kind: 'refused',
    })
    expect(await processesOf(stranger)).toMatchObject([{ pm2_env: { restart_time: 0 } }])
  })

  test('a setting of pm2 itself is no variable, and an unknown application is named', async () => {
    const { name } = await started()
    const { obstacle } = await flagOf(name, 'exec_mode').look('false', patience())
    expect(obstacle).toContain('exec_mode is a setting of pm2 itself')
    const fault = await faultOf(flagOf(`${name}x`).look('false', patience()))
    expect(fault).toMatchObject({ kind: 'terminal', dependency: 'pm2' })
    expect(fault.detail).toBe(`there is no application ${name}x in pm2; did you mean ${name}?`)
  })

  test('a folder of somebody else is not used', async () => {
    const home = await strangeHome('silent')
    const isRoot = process.getuid?.() === 0
    if (isRoot) await chown(home, 65_534, 65_534)
    const fault = await faultOf(flagOf('x', 'X', isRoot ? home : '/').look('x', patience()))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'EACCES' })
    expect(fault.detail).toMatch(/belongs to another user.*run Backout as the user/)
  })

  test('a daemon that is frozen or dead is told, and none is started in its place', async () => {
    await using other = await startPm2()
    await other.start({ name: 'app', env: { MULTI_TENANT: 'true' } })
    const store = flagOf('app', 'MULTI_TENANT', other.home)
    const { identity } = await store.look('false', patience())
    const write = { identity, from: 'true', to: 'false' }
    process.kill(other.pid, 'SIGSTOP')
    expect(await faultOf(store.look('false', AbortSignal.timeout(1_500)))).toMatchObject({
      kind: 'retryable',
      code: 'ETIMEDOUT',
    })
    process.kill(other.pid, 'SIGKILL')
    await eventually(
      async () => isRunning(other.pid),
      (runs) => !runs,
    )
    const before = await readdir(other.home)
    const refused = { kind: 'retryable', code: 'ECONNREFUSED' }
    expect(await faultOf(store.look('false', patience()))).toMatchObject(refused)
    expect(await faultOf(store.write(write, options()))).toMatchObject(refused)
    expect(await readdir(other.home)).toEqual(before)
  })

  test('the doctor says the version, and what the application has', async () => {
    const app = await newApp()
    const at = { program: binaryPath('pm2') ?? '', folders: [] }
    const places = [{ app, variable: 'MULTI_TENANT', safe: 'false' }]
    const found = async (home: string) =>
      (await checkPm2({ ...at, home, places }, patience())).map(
        (one) => `${one.state} ${one.tried}: ${one.found}`,
      )
    expect(await found(server.home)).toEqual([
      'ok daemon: version 7.0.4, and ours to ask',
      `ok MULTI_TENANT of ${app}: "true" in 1 of its processes`,
    ])
    expect(await found(await strangeHome('gone'))).toEqual([
      'wrong daemon: connection refused: its daemon does not run (ECONNREFUSED)',
    ])
  })
})
