import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { dataFolder, startDemoSlack } from '../support/bot.ts'
import type { Slack } from '../support/slack/slack.ts'
import { atMost, exactly, ms, ratioWithin, reported } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { quantile } from './pairs.ts'
import {
  asNpmStart,
  processorMs,
  slackEnvironment,
  START_FLAGS,
  startNode,
  untilSeen,
} from './processes.ts'
import { everythingConfigured, nobodyThere } from './settings.ts'
import { toldBy } from './told-by.ts'
import { writeIncidents } from './written-incidents.ts'

const WATCHED_ONE_IN = 3
const MANY = { closed: 5_000, open: 300, watchedOneIn: WATCHED_ONE_IN }
/** None of them open: such a start has no card to bring up to date. */
const FEW = { closed: 10, open: 0, watchedOneIn: WATCHED_ONE_IN }
/** What people notice begins at 50 ms; Slack waits for three seconds. */
const MOST_MS = 20
const MOST_TIMES = 2.5
const SUBJECT = resolve(import.meta.dirname, 'many-incidents-subject.ts')

/**
 * A journal of years, and an outage that never ends. How long nothing else has a turn, and how much
 * later the bot is connected than with a journal of ten closed incidents.
 */
export const manyIncidents = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const [many, few] = [dataFolder(), dataFolder()]
  for (const [folder, amounts] of [
    [many, MANY],
    [few, FEW],
  ] as const) {
    writeFileSync(join(folder, 'backout.yaml'), everythingConfigured)
    await writeIncidents(join(folder, 'journal.sqlite'), amounts)
    await subject(folder, 'post')
  }
  const { start, ticks, mentions } = await subject(many, 'measure')
  const slack = resources.adopt(await startDemoSlack(), (one) => one.stop())
  const processor: Record<string, number[]> = { [many]: [], [few]: [] }
  const started = (folder: string) => async () => {
    const { tookMs, onProcessorMs } = await untilConnected(slack, folder, { settlesMs: 0 })
    processor[folder]?.push(onProcessorMs)
    return tookMs
  }
  // What is compiled is kept once the bot has started.
  await untilConnected(slack, few, { settlesMs: 3_000 })
  return [
    blocked('a tick', ticks),
    blocked('a mention, and what it leads to', mentions),
    exactly({
      what: `transactions of a look, ${MANY.open / WATCHED_ONE_IN} incidents watched`,
      measured: Math.max(...ticks.map(({ commits }) => commits)),
      gate: 1,
    }),
    reported('the longest turn of a start', ms(start.processorMs), [
      `of that and all that it leads to ${start.commits} transactions`,
    ]),
    await ratioWithin({
      what: `start to socket connected, ${MANY.closed} incidents closed and ${MANY.open} open, against ${FEW.closed} closed`,
      gate: MOST_TIMES,
      sides: { subject: started(many), baseline: started(few) },
      more: () => [
        `of that on a processor, median: ours ${ms(median(processor[many] ?? []))}, baseline ${ms(median(processor[few] ?? []))}`,
      ],
    }),
  ]
}

/** On the processor: what others do with the machine is not in it, and told beside it. */
const blocked = (what: string, turns: Told['ticks']): Outcome =>
  atMost({
    what: `the longest turn of ${what}, ${MANY.closed} incidents closed and ${MANY.open} open, p90 of ${turns.length}`,
    measured: quantile(
      turns.map((one) => one.processorMs),
      0.9,
    ),
    gate: MOST_MS,
    unit: 'ms',
    details: [
      `the longest of each: ${turns.map((one) => ms(one.processorMs)).join(', ')}`,
      `with disk and other processes, median ${ms(median(turns.map((one) => one.blockedMs)))}`,
    ],
  })

const median = (values: readonly number[]): number => quantile(values, 0.5)

const Turn = z.object({ blockedMs: z.number(), processorMs: z.number(), commits: z.int() })
const Told = z.object({ start: Turn, ticks: z.array(Turn), mentions: z.array(Turn) })
type Told = z.infer<typeof Told>

/** `post`: every card is posted, and the process ends. */
const subject = async (folder: string, task: 'post' | 'measure'): Promise<Told> => {
  const flags = START_FLAGS.filter((flag) => !flag.startsWith('--import'))
  const child = fork(SUBJECT, [folder, task], { execArgv: flags })
  return Told.parse(await toldBy(child))
}

const untilConnected = async (
  slack: Slack,
  folder: string,
  { settlesMs }: { readonly settlesMs: number },
) => {
  await untilSeen(() => slack.sockets.open().length === 0, 'the last one to be gone')
  const { args, env } = asNpmStart(join(folder, 'backout.yaml'), {
    ...slackEnvironment(slack),
    ...nobodyThere(folder),
  })
  const startedMs = performance.now()
  const { pid, end } = startNode(args, env)
  await untilSeen(() => slack.sockets.open().length > 0, 'a socket')
  const tookMs = performance.now() - startedMs
  const onProcessorMs = processorMs(pid)
  await pause(settlesMs)
  await end('SIGKILL')
  return { tookMs, onProcessorMs }
}
