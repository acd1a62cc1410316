import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../eventually.ts'
import { requireBinary } from '../find.ts'
import { reap, spare } from '../reaper.ts'
import { isRunning } from '../run.ts'
import { freshFolder, stoppable } from '../spawn.ts'
import type { Stoppable } from '../spawn.ts'

const execute = promisify(execFile)
const APP = join(import.meta.dirname, 'app.cjs')

export type Pm2App = {
  readonly name: string
  readonly mode?: 'fork' | 'cluster'
  readonly instances?: number
  readonly env?: Readonly<Record<string, string>>
  /** Anything else that an ecosystem file may say of it. */
  readonly more?: Readonly<Record<string, unknown>>
}

export type Pm2Server = Stoppable & {
  readonly program: string
  readonly home: string
  readonly pid: number
  /** As a person types it, with what their shell has set. */
  readonly pm2: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<string>
  /** From an ecosystem file. */
  readonly start: (...apps: readonly Pm2App[]) => Promise<void>
  /** Everything that pm2 tells of its processes. */
  readonly list: () => Promise<readonly Listed[]>
  /** With what this process was started last. */
  readonly seenBy: (name: string, id: number) => Promise<Readonly<Record<string, string>>>
}

export type Listed = {
  readonly name: string
  readonly pid: number
  readonly pm_id: number
  readonly pm2_env: Readonly<Record<string, unknown>> & {
    readonly status: string
    readonly restart_time: number
    readonly env: Readonly<Record<string, unknown>>
  }
}

/** A daemon of its own, with a folder of its own; `shell`: what else is set where it is started. */
export const startPm2 = async (
  shell: Readonly<Record<string, string>> = {},
): Promise<Pm2Server> => {
  const program = requireBinary('pm2', 'pm2')
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('pm2')).path
  const home = join(folder, 'home')
  const own = { PATH: process.env['PATH'] ?? '', HOME: folder, PM2_HOME: home }
  const pm2: Pm2Server['pm2'] = async (args, env = {}) => {
    const options = { env: { ...own, ...env }, cwd: folder, maxBuffer: 64 * 1024 * 1024 }
    return (await execute(process.execPath, [program, ...args], options)).stdout
  }
  await pm2(['ping'], shell)
  const pid = Number(await readFile(join(home, 'pm2.pid'), 'utf8'))
  reap({ pid })
  starting.defer(async () => {
    if (isRunning(pid)) {
      // One that a test has stopped hears nothing.
      process.kill(pid, 'SIGCONT')
      await pm2(['kill'])
    }
    const left = await eventually(
      async () => isRunning(pid),
      (runs) => !runs,
    )
    if (left) process.kill(pid, 'SIGKILL')
    spare({ pid })
  })

  let files = 0
  const start: Pm2Server['start'] = async (...apps) => {
    const file = join(folder, `${(files += 1)}.config.json`)
    const written = apps.map(({ name, mode = 'fork', instances = 1, env = {}, more = {} }) => ({
      name,
      script: APP,
      cwd: folder,
      exec_mode: mode,
      instances,
      env: { SEEN: join(folder, name), ...env },
      ...more,
    }))
    await writeFile(file, JSON.stringify({ apps: written }))
    await pm2(['start', file])
  }
  const list: Pm2Server['list'] = async () => JSON.parse(await pm2(['jlist']))
  const seenBy: Pm2Server['seenBy'] = async (name, id) =>
    JSON.parse(await readFile(join(folder, `${name}-${id}.json`), 'utf8'))
  return { program, home, pid, pm2, start, list, seenBy, ...stoppable(starting.move()) }
}
