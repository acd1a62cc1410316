import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { app as demoApp } from '../../src/compose/demo/cast.ts'
import type { ScenarioName } from '../../src/sandbox/scenario.ts'
import { reap, spare } from '../servers/reaper.ts'
import { pipeshub } from './slack/fixture.ts'
import type { Workspace } from './slack/fixture.ts'
import type { ProxySettings } from './slack/proxy.ts'
import { PROGRAM } from './program.ts'
import { startSlack } from './slack/slack.ts'
import type { Slack } from './slack/slack.ts'
import { until } from './slack/waiting.ts'

/** Backout as people run it, in a process of its own. */
export type Bot = AsyncDisposable & {
  readonly pid: number
  /** Of its own HTTP server: `/healthz`, `/readyz`, `/metrics`. */
  readonly url: string
  /** Where its journal is. */
  readonly journal: string
  /** All it printed and logged so far. */
  readonly output: () => string
  /** Waits until `/readyz` says 200. */
  readonly ready: () => Promise<void>
  /** SIGKILL: nothing is finished, nothing is said. */
  readonly kill: () => Promise<void>
  /** SIGTERM; throws unless it then ends by itself and well. Harmless when it has ended. */
  readonly stop: () => Promise<void>
}

export type Ended = { readonly code: number | null; readonly output: string }

type Variables = Readonly<Record<string, string>>

const SIMULATED = resolve(import.meta.dirname, '../e2e/simulated.ts')
const SHIPPED_SETTINGS = resolve(import.meta.dirname, '../../backout.yaml')
const STARTS_WITHIN_MS = 20_000
const ENDS_WITHIN_MS = 15_000

/** The standing cast, in a workspace where the demo's tokens are the right ones. */
const demoWorkspace = (): Workspace => {
  const workspace = pipeshub()
  const { botToken, appToken } = demoApp
  return { ...workspace, app: { ...workspace.app, botToken, appToken } }
}

export const startDemoSlack = (settings: Partial<ProxySettings> = {}): Promise<Slack> =>
  startSlack(demoWorkspace(), settings)

/** The bot over a simulated production. `data`: where a bot before it left its journal. */
export const startBot = async (options: {
  readonly slack: Slack
  readonly scenario: ScenarioName
  readonly data?: string
  readonly env?: Variables
  /** Else `/readyz` is not waited for: Slack may be away. */
  readonly untilReady?: boolean
  /** In a process of its own, below the one that is returned. */
  readonly crash?: boolean
  readonly platform?: 'docker'
}): Promise<Bot> => {
  const { slack, scenario, env = {} } = options
  const data = options.data ?? dataFolder()
  const args = ['demo', '--slack', slack.apiUrl, '--data', data, '--scenario', scenario]
  if (options.crash) args.push('--crash')
  if (options.platform) args.push('--platform', options.platform)
  const bot = await launch(args, { BACKOUT_LOG_LEVEL: 'warn', ...env }, data)
  return finish(bot, options.untilReady ?? true)
}

/** The bot with settings of its own, as an operator installs it. */
export const startConfiguredBot = async (options: {
  readonly settings: string
  readonly env: Variables
  readonly data?: string
  readonly untilReady?: boolean
  readonly entry?: string
}): Promise<Bot> => {
  const data = options.data ?? dataFolder()
  const config = join(data, 'backout.yaml')
  writeFileSync(config, options.settings)
  const env = {
    BACKOUT_DATA: data,
    BACKOUT_HTTP_PORT: '0',
    BACKOUT_LOG_LEVEL: 'info',
    ...options.env,
  }
  const bot = await launch(['start', '--config', config], env, data, options.entry)
  return finish(bot, options.untilReady ?? true)
}

/** The shipped settings with some lines written differently; throws where a line is not there. */
export const shippedSettings = (changes: Readonly<Record<string, string>>): string =>
  Object.entries(changes).reduce(
    (settings, [line, instead]) => {
      if (!settings.includes(line)) throw new Error(`backout.yaml has no ${line}`)
      return settings.replace(line, instead)
    },
    readFileSync(SHIPPED_SETTINGS, 'utf8'),
  )

/** What the shipped settings need in this Slack; nobody answers at the services' addresses. */
export const variablesFor = ({ apiUrl, workspace }: Slack): Variables => ({
  BACKEND_URL: 'http://backend.invalid',
  FRONTEND_URL: 'http://frontend.invalid',
  SLACK_API_URL: apiUrl,
  SLACK_BOT_TOKEN: workspace.app.botToken,
  SLACK_APP_TOKEN: workspace.app.appToken,
  SLACK_SIGNING_SECRET: workspace.app.signingSecret,
})

/** The bot with settings of its own over a simulated production. `data`: as for `startBot`. */
export const startSimulatedBot = async (options: {
  readonly slack: Slack
  readonly settings: string
  /** Of each environment, in the order of the settings. */
  readonly scenario?: ScenarioName | `${ScenarioName},${ScenarioName}`
  readonly data?: string
  readonly env?: Variables
}): Promise<Bot> => {
  const data = options.data ?? dataFolder()
  const config = join(data, 'backout.yaml')
  writeFileSync(config, options.settings)
  const env = {
    BACKOUT_DATA: data,
    BACKOUT_HTTP_PORT: '0',
    ...variablesFor(options.slack),
    ...options.env,
  }
  const args = ['--config', config, '--scenario', options.scenario ?? 'errors-62']
  return finish(await launch(args, env, data, SIMULATED), true)
}

/** A command that ends by itself, with all it printed. */
export const runBackout = async (args: readonly string[], env: Variables = {}): Promise<Ended> => {
  const child = spawnNode(args, env)
  const timer = setTimeout(() => child.signal('SIGKILL'), STARTS_WITHIN_MS)
  const code = await child.ended
  clearTimeout(timer)
  return { code, output: child.output() }
}

/** A folder for a journal. It goes when the tests do. */
export const dataFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'backout-e2e-'))
  reap({ folder })
  return folder
}

type Child = {
  readonly pid: number
  readonly output: () => string
  readonly ended: Promise<number | null>
  readonly hasEnded: () => boolean
  readonly signal: (signal: NodeJS.Signals) => void
}

const spawnNode = (args: readonly string[], env: Variables, entry = PROGRAM): Child => {
  const child = spawn(process.execPath, [entry, ...args], {
    // Nothing of the machine's own configuration may leak in.
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid = 0 } = child
  reap({ pid })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
  }
  let over = false
  // "close" and not "exit": only then is everything read that it printed.
  const ended = new Promise<number | null>((done) => {
    child.once('close', (code) => {
      over = true
      spare({ pid })
      done(code)
    })
  })
  return {
    pid,
    ended,
    output: () => printed,
    hasEnded: () => over,
    signal: (signal) => void child.kill(signal),
  }
}

/** Where it says that its HTTP server is: the demo's invitation, or the first log line. */
const addressIn = (output: string): string | undefined => {
  const invited = /Health of the bot: (http:\/\/[\d.:]+)\/readyz/.exec(output)?.[1]
  const logged = /"http":(\d+)/.exec(output)?.[1]
  return invited ?? (logged && `http://127.0.0.1:${logged}`)
}

const launch = async (
  args: readonly string[],
  env: Variables,
  data: string,
  entry = PROGRAM,
): Promise<Bot> => {
  const child = spawnNode(args, env, entry)
  const failure = (what: string) => new Error(`Backout ${what}. It said:\n${child.output()}`)
  const force = async () => {
    child.signal('SIGKILL')
    await child.ended
  }
  const url = await until(
    () => addressIn(child.output()) ?? (child.hasEnded() && 'ended'),
    'the bot to start',
    STARTS_WITHIN_MS,
  ).catch(() => 'late')
  if (!url.startsWith('http')) {
    await force()
    throw failure(url === 'late' ? 'did not start in time' : 'ended while it started')
  }

  const stop = async () => {
    if (child.hasEnded()) return
    child.signal('SIGTERM')
    const timer = setTimeout(() => child.signal('SIGKILL'), ENDS_WITHIN_MS)
    const code = await child.ended
    clearTimeout(timer)
    if (code !== 0) throw failure(`ended with ${code ?? 'SIGKILL, being too slow'} on SIGTERM`)
  }
  const ready = async () => {
    await until(
      async () => {
        if (child.hasEnded()) throw failure('ended')
        const answer = await fetch(`${url}/readyz`).catch(() => null)
        return answer?.status === 200
      },
      'the bot to be ready',
      STARTS_WITHIN_MS,
    ).catch((cause: unknown) => {
      throw new Error(`Backout was not ready. It said:\n${child.output()}`, { cause })
    })
  }
  return {
    pid: child.pid,
    url,
    journal: join(data, 'journal.sqlite'),
    output: child.output,
    ready,
    kill: force,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const finish = async (bot: Bot, untilReady: boolean): Promise<Bot> => {
  try {
    if (untilReady) await bot.ready()
    return bot
  } catch (error) {
    await bot.kill()
    throw error
  }
}
