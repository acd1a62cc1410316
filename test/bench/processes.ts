import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { reap, spare } from '../servers/reaper.ts'
import type { Slack } from '../support/slack/slack.ts'

const ROOT = resolve(import.meta.dirname, '../..')

const { scripts } = z
  .object({ scripts: z.object({ start: z.string() }) })
  .parse(JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')))

/** Those of `npm start`, but for its file of variables: nothing of the machine's may leak in. */
export const START_FLAGS = scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--') && !word.startsWith('--env-file'))
  .map((flag) => flag.replace('=./', `=${ROOT}/`))

/** Those of `npm start`, before the name of the program: what the C library is told. */
export const START_VARIABLES = Object.fromEntries(
  scripts.start.split(' ').flatMap((word) => {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(word) ?? []
    return name === undefined || value === undefined ? [] : [[name, value]]
  }),
)

export const MAIN = resolve(ROOT, 'dist/main.js')
export const BARE_BOLT = resolve(import.meta.dirname, 'bare-bolt.mjs')

/** The bot with these settings, as `npm start` starts it. */
export const asNpmStart = (config: string, env: Readonly<Record<string, string>>) => ({
  args: [...START_FLAGS, MAIN, 'start', '--config', config],
  env: { ...START_VARIABLES, ...env },
})

export type Started = {
  readonly pid: number
  /** Empties when it has ended. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>
}

/** `node …` with nothing of the machine's own configuration. */
export const startNode = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Started => {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const { pid = 0 } = child
  reap({ pid })
  const ended = new Promise<void>((done) => {
    child.once('close', () => {
      spare({ pid })
      done()
    })
  })
  return {
    pid,
    end: async (signal) => {
      child.kill(signal)
      await ended
    },
  }
}

export const slackEnvironment = ({ apiUrl, workspace }: Slack) => ({
  SLACK_API_URL: apiUrl,
  SLACK_BOT_TOKEN: workspace.app.botToken,
  SLACK_APP_TOKEN: workspace.app.appToken,
})

/** Time on a processor so far, all threads. Counted by the kernel: other processes do not show in it. */
export const processorMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // utime and stime, in ticks of 10 ms: proc_pid_stat(5).
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Looks often: what is measured takes tens of milliseconds. */
export const untilSeen = async (seen: () => boolean, what: string): Promise<void> => {
  const deadline = performance.now() + 30_000
  while (!seen()) {
    if (performance.now() > deadline) throw new Error(`waited 30 s for ${what}`)
    await pause(1)
  }
}
