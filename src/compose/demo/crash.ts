import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { World } from '../../ports/world.ts'
import { untilStopped } from '../process.ts'
import { lend } from './lent-world.ts'

const MAIN = resolve(import.meta.dirname, '../../main.ts')

/** Long enough to read what happened, and to press a button that nobody answers. */
const STARTS_AGAIN_AFTER_MS = 4_000
const STOP_TIMEOUT_MS = 12_000

const Ready = z.object({ httpPort: z.number() })

/** The bot in a process of its own, over a production that lives here and outlives it. */
export async function keepBotRunning(options: {
  readonly world: World
  readonly slackApiUrl: string
  readonly data: string
  readonly platform: string
  readonly scenario: string
  readonly say: (text: string) => void
}): Promise<number> {
  const { say, data } = options
  const stopped = untilStopped()
  let bot = startBotOver(options)
  const keyboard = listenForKill(() => bot.child.kill('SIGKILL'))
  try {
    for (let starts = 1; ; starts += 1) {
      const httpPort = await Promise.race([bot.ready, bot.ended.then(() => null)])
      if (httpPort === null) {
        say('\nThe bot ended while it started; what it said is above.\n')
        return 1
      }
      say(starts === 1 ? howToKill(bot.child, httpPort, data) : backAgain(bot.child, httpPort))
      const how = await Promise.race([bot.ended, stopped.then(() => null)])
      if (how === null) return 0
      say(
        `\nThe bot is gone (${how}). Production and its journal are as it left them. It starts again in ${STARTS_AGAIN_AFTER_MS / 1000} seconds.\n`,
      )
      const isOver = await Promise.race([
        delay(STARTS_AGAIN_AFTER_MS, false),
        stopped.then(() => true),
      ])
      if (isOver) return 0
      bot = startBotOver(options)
    }
  } finally {
    keyboard?.close()
    say('\nStopping.\n')
    await bot.stop()
  }
}

function startBotOver({
  world,
  slackApiUrl,
  data,
  platform,
  scenario,
}: {
  readonly world: World
  readonly slackApiUrl: string
  readonly data: string
  readonly platform: string
  readonly scenario: string
}) {
  const args = [
    'demo',
    '--lent-production',
    '--slack',
    slackApiUrl,
    '--data',
    data,
    '--platform',
    platform,
    '--scenario',
    scenario,
  ]
  // A group of its own: Ctrl-C in the terminal reaches us, and we stop it in order.
  const child = fork(MAIN, args, { serialization: 'advanced', detached: true })
  const answer = lend(world, (message) => {
    if (child.connected) child.send(message)
  })
  const ready = Promise.withResolvers<number>()
  child.on('message', (message) => {
    const { data: said } = Ready.safeParse(message)
    if (said) ready.resolve(said.httpPort)
    else answer(message)
  })
  const ended = once(child, 'exit').then(() => child.signalCode ?? `exit code ${child.exitCode}`)
  return {
    child,
    ready: ready.promise,
    ended,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      if (child.exitCode === null && child.signalCode === null) await ended
      clearTimeout(timer)
    },
  }
}

/** Only where somebody sits at a keyboard. */
function listenForKill(kill: () => void) {
  if (!process.stdin.isTTY) return null
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    if (line.trim() === 'k') kill()
  })
  return lines
}

function howToKill({ pid }: ChildProcess, httpPort: number, data: string): string {
  const here = process.stdin.isTTY ? 'type k and Enter here, or in another terminal: ' : ''
  return `
  8. Kill it   whenever you like, best while a rollback runs (that takes eight seconds):
               ${here}kill -9 ${pid}
               It starts again by itself, over the same production and the same journal, and
               goes on where it was. Nothing is written twice. The thread says what happened.

The journal: ${join(data, 'journal.sqlite')}
Health of the bot: http://127.0.0.1:${httpPort}/readyz
Ctrl-C ends everything.
`
}

function backAgain({ pid }: ChildProcess, httpPort: number): string {
  return `
The bot runs again, as process ${pid}, and goes on where the other one was. Look at the thread.
Kill it again: kill -9 ${pid}. Health: http://127.0.0.1:${httpPort}/readyz
`
}
