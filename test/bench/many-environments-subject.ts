// Many environments in one process, each with a journal on disk, over the simulated production, and a Slack that only
// takes what it is sent: node test/bench/many-environments-subject.ts CONFIG requests|simulated|connected
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { pinoLog } from '../../src/adapters/log/pino-log.ts'
import { journalFile } from '../../src/adapters/sqlite/journal-file.ts'
import { openEnvironments } from '../../src/compose/environments/open-environments.ts'
import { newIncidentIds } from '../../src/compose/new-incident-id.ts'
import { openWorld } from '../../src/compose/open-world.ts'
import { surviveKnownSlackDefects } from '../../src/compose/process.ts'
import { reachSlack } from '../../src/compose/reach-slack.ts'
import { serve } from '../../src/compose/serve.ts'
import { sleep } from '../../src/compose/sleep.ts'
import { turnsOf } from '../../src/compose/turns.ts'
import { loadConfigs, type Config } from '../../src/config/load-config.ts'
import { steadyClock } from '../../src/engine/steady-clock.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { counted, inAll, type Asked } from './counted-world.ts'
import { longestTurn } from './longest-turn.ts'
import { quietSlack } from './quiet-slack.ts'
import { looksTaken } from './watched-incidents.ts'

/** A watch looks every ten seconds, and targets are asked every third time. */
const EVERY_MS = 10_000
const TIMES = 9
const TARGETS_ONE_IN = 3
/** With the first look at readiness, which is a minute after the start. */
const RUNS_MS = 90_000
const SETTLES_MS = 20_000

const [file = '', task] = process.argv.slice(2)
const configs = loadConfigs({ file, variables: process.env, needs: ['slack'] })
const [first] = configs
const log = pinoLog({ level: 'error' })
surviveKnownSlackDefects(log)
let laterMs = 0
const later = () => Date.now() + laterMs
const clock = steadyClock({ wall: later, monotonic: () => performance.now() })
const each: Asked = {}
const simulated = async ({ assess: settings }: Config) =>
  counted(sandboxWorld({ scenario: 'healthy', clock, settings }).world, each)
const slack = reachSlack(first, { clock, log })
// Connected like any other; what is said there goes nowhere.
const stopping = new AbortController()
const turns = turnsOf(stopping.signal)
const shared = { ...slack, ...quietSlack(), clock, log }
const people = { ...slack.people, ...quietSlack().people }

/** The numbers of pictures are counted for themselves: one is drawn once in the life of an incident, when it is stable. */
const askedByNow = (): number => inAll(each) - (each['metrics.range'] ?? 0)

/** What one due time after the other asks of production. */
const requests = async () => {
  // Readiness is not looked at by the hour: what it asks does not belong to a due time.
  const unscheduled = ({ settings, ...config }: Config): Config => ({
    ...config,
    settings: { ...settings, readiness: { ...settings.readiness, everyMinutes: 0 } },
  })
  const [home, ...others] = configs
  const all = [unscheduled(home), ...others.map(unscheduled)] as const
  const environments = await openEnvironments(all, {
    ...shared,
    people,
    breathe: turns.breathe,
    openWorld: simulated,
    metrics: async () => (await import('../../src/adapters/http/bot-metrics.ts')).botMetrics(names),
    newIncidentId: newIncidentIds(clock),
  })
  const ticked = async ({ engine }: (typeof environments)[number]) => {
    await turns.tick()
    engine.tick()
  }
  const settled = () => Promise.all(environments.map(({ engine }) => engine.idle()))
  for (const { engine } of environments) await engine.resume()
  await settled()
  // A run before this one was ahead of the time.
  laterMs += clock.now() - later()
  const looks = () =>
    configs.reduce(
      (sum, { environment }) => sum + looksTaken(journalFile(environment.BACKOUT_DATA)),
      0,
    )
  const times = []
  let looksBefore = 0
  for (let time = 0; time <= TIMES; time += 1) {
    laterMs += EVERY_MS
    const before = askedByNow()
    const turn = longestTurn()
    await pause(20)
    await Promise.all(environments.map(ticked))
    if (time % TARGETS_ONE_IN === 0) {
      await Promise.all(environments.map(({ targets }) => targets.look()))
    }
    await settled()
    await pause(20)
    // The first one takes what a start left due.
    if (time > 0) times.push({ asked: askedByNow() - before, ...turn() })
    else looksBefore = looks()
  }
  const looked = looks() - looksBefore
  for (const one of environments) {
    await one.rest()
    await one.engine.stop()
    await one.journal.close()
  }
  return { times, each, looked }
}

const kernelMb = (name: string): number => {
  const status = readFileSync('/proc/self/status', 'utf8')
  return (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6
}

/** The whole program goes on by itself for a while. */
const running = async (openAll: (config: Config) => ReturnType<typeof simulated>) => {
  const { signal } = stopping
  const around = { ...shared, people, openWorld: openAll, stopping: signal }
  const connected = slack.slack.start(sleep, signal)
  const serving = await serve(configs, around)
  await Promise.all([connected, serving.opened])
  await pause(SETTLES_MS)
  const turn = longestTurn()
  let most = 0
  for (let leftMs = RUNS_MS - SETTLES_MS; leftMs > 0; leftMs -= 250) {
    await pause(250)
    most = Math.max(most, kernelMb('VmRSS'))
  }
  const longest = turn()
  const { heapUsed, heapTotal, external } = process.memoryUsage()
  const metrics = await (await fetch(`http://127.0.0.1:${serving.httpPort}/metrics`)).text()
  const told = {
    mostMb: most,
    nowMb: kernelMb('VmRSS'),
    peakMb: kernelMb('VmHWM'),
    anonymousMb: kernelMb('RssAnon'),
    heapUsedMb: heapUsed / 1e6,
    heapTotalMb: heapTotal / 1e6,
    externalMb: external / 1e6,
    open: openIn(metrics),
    ...longest,
  }
  stopping.abort()
  return told
}

const openIn = (metrics: string): number =>
  [...metrics.matchAll(/^backout_open_incidents\{.*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )

const names = configs.map(({ settings }) => settings.environment)
if (task === 'requests') process.send?.(await requests())
if (task === 'simulated') process.send?.(await running(simulated))
if (task === 'connected') {
  process.send?.(await running(async (config) => (await openWorld(config)).world))
}
process.exit()
