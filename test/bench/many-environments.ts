import { fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'rolldown'
import { z } from 'zod'
import { programOf } from '../../rolldown.config.ts'
import { dataFolder, startDemoSlack } from '../support/bot.ts'
import type { Slack } from '../support/slack/slack.ts'
import { shown } from './counted-world.ts'
import { atMost, exactly, ms, reported } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { quantile } from './pairs.ts'
import { slackEnvironment, START_FLAGS, START_VARIABLES } from './processes.ts'
import { everythingIn, nobodyIn } from './settings.ts'
import { toldBy } from './told-by.ts'
import { writeIncidents, type Amounts } from './written-incidents.ts'

const NAMES = Array.from({ length: 20 }, (_, index) => `e${index + 1}`)
const MANY = { closed: 0, open: 50, watchedOneIn: 5 }
const FEW = { closed: 0, open: 1, watchedOneIn: 1 }
const MOST_MB = 200
/** As with many incidents of one environment. */
const MOST_MS = 20
const SUBJECT = 'many-environments-subject'
/** The subject and its packages in few files, as the program is installed. */
const BUILT = resolve(import.meta.dirname, '../../dist/bench')

/** One process with twenty environments of fifty open incidents each, ten of them watched. */
export const manyEnvironments = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const slack = resources.adopt(await startDemoSlack(), (one) => one.stop())
  await build(programOf(resolve(import.meta.dirname, `${SUBJECT}.ts`), BUILT))
  const [many, few] = [await written(MANY), await written(FEW)]
  // What is compiled is kept, and every card is posted.
  await subject(slack, few, 'requests')
  await subject(slack, many, 'requests')
  const [ofMany, ofFew] = [
    Times.parse(await subject(slack, many, 'requests')),
    Times.parse(await subject(slack, few, 'requests')),
  ]
  const asked = [ofMany, ofFew].map(({ times }) => times.map((one) => one.asked))
  const due = ofMany.times.length
  const simulated = Running.parse(await subject(slack, many, 'simulated'))
  const connected = Running.parse(await subject(slack, many, 'connected'))
  const incidents = NAMES.length * MANY.open
  const of = `${incidents} incidents in ${NAMES.length} environments`
  return [
    exactly({
      what: `requests of ${due} due times, ${of}, against those of ${NAMES.length} incidents`,
      measured: sum(asked[0]),
      gate: sum(asked[1]),
      details: [
        `at each: ${asked.map((each) => each.join(', ')).join('; of few ')}`,
        `asked in all: ${shown(ofMany.each)}`,
      ],
    }),
    reported(
      'questions for the numbers of pictures meanwhile',
      String(ofMany.each['metrics.range'] ?? 0),
      ['four for a picture; each of 200 watched incidents gets one when it is stable'],
    ),
    reported('looks in the journals meanwhile', String(ofMany.looked), [
      `of 200 watched incidents; of ${NAMES.length} watched incidents ${ofFew.looked}`,
    ]),
    atMost({
      what: `the longest turn of a tick of all, ${of}, p90 of ${due}`,
      measured: quantile(
        ofMany.times.map((one) => one.processorMs),
        0.9,
      ),
      gate: MOST_MS,
      unit: 'ms',
      details: [
        `the longest of each: ${ofMany.times.map((one) => ms(one.processorMs)).join(', ')}`,
        `with disk and other processes: ${ofMany.times.map((one) => ms(one.blockedMs)).join(', ')}`,
      ],
    }),
    limited(`memory, ${of}`, simulated, incidents),
    limited(`the same with every adapter of each, and nobody there`, connected, incidents),
    reported(
      'the longest turn of 70 s, the first look at readiness with it',
      ms(simulated.processorMs),
      [
        `with disk and other processes ${ms(simulated.blockedMs)}; with every adapter ${ms(connected.processorMs)}, ${ms(connected.blockedMs)}`,
      ],
    ),
  ]
}

const sum = (each: readonly number[] = []): number => each.reduce((all, one) => all + one, 0)

const written = async (amounts: Amounts): Promise<string> => {
  const folder = dataFolder()
  writeFileSync(join(folder, 'backout.yaml'), everythingIn(NAMES))
  for (const name of NAMES) {
    mkdirSync(folderOf(folder, name), { recursive: true })
    await writeIncidents(join(folderOf(folder, name), 'journal.sqlite'), amounts)
  }
  return folder
}

const folderOf = (folder: string, name: string): string => join(folder, 'environments', name)

const limited = (what: string, found: Running, incidents: number): Outcome => {
  if (found.open !== incidents) throw new Error(`${found.open} incidents are open`)
  const mb = (value: number): string => `${value.toFixed(0)} MB`
  return atMost({
    what,
    measured: found.mostMb,
    gate: MOST_MB,
    unit: 'MB',
    details: [
      `at the end ${mb(found.nowMb)}, of it its own ${mb(found.anonymousMb)}; at the start ${mb(found.peakMb)} at most`,
      `V8 heap ${mb(found.heapTotalMb)}, of which used ${mb(found.heapUsedMb)}; buffers and the like ${mb(found.externalMb)}`,
    ],
  })
}

const Times = z.object({
  times: z.array(z.object({ asked: z.int(), blockedMs: z.number(), processorMs: z.number() })),
  each: z.record(z.string(), z.int()),
  looked: z.int(),
})

const Running = z.object({
  mostMb: z.number(),
  nowMb: z.number(),
  peakMb: z.number(),
  anonymousMb: z.number(),
  heapUsedMb: z.number(),
  heapTotalMb: z.number(),
  externalMb: z.number(),
  open: z.int(),
  blockedMs: z.number(),
  processorMs: z.number(),
})
type Running = z.infer<typeof Running>

type Task = 'requests' | 'simulated' | 'connected'

const subject = async (slack: Slack, folder: string, task: Task): Promise<unknown> => {
  const child = fork(join(BUILT, `${SUBJECT}.js`), [join(folder, 'backout.yaml'), task], {
    execArgv: START_FLAGS,
    env: {
      PATH: process.env['PATH'],
      NODE_NO_WARNINGS: '1',
      ...START_VARIABLES,
      ...slackEnvironment(slack),
      ...nobodyIn(folder, NAMES),
    },
  })
  return toldBy(child)
}
