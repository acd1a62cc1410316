import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { countOf, journaled } from '../e2e/journaled.ts'
import { card, declare, sign } from '../e2e/reading.ts'
import type { AuditedCall } from '../servers/kubernetes/audit.ts'
import { dataFolder, startDemoSlack } from '../support/bot.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { exactly, ratioWithin } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { asNpmStart, slackEnvironment, startNode, untilSeen } from './processes.ts'
import type { Started } from './processes.ts'
import { FIRST, NAMESPACE, rollbackStage } from './rollback-stage.ts'
import type { Stage } from './rollback-stage.ts'

/** So many that their rollouts take longer than it takes to kill the bot. */
const names = Array.from({ length: 8 }, (_, at) => `service-${at + 1}`)
const PAIRS = 15
/** Long enough for everything that comes after the connection. */
const SETTLES_WITHIN_MS = 3_000

/**
 * A bot is killed in the middle of a run, once its writes are there. From starting it again to its
 * next call, received by the API server; against the same bot with nothing to carry on, to its socket
 * at Slack. Each time it finds the journal as the killed one left it.
 */
export const restart = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const slack = resources.adopt(await startDemoSlack(), (one) => one.stop())
  const stage = resources.use(await rollbackStage(names))
  const start = starter(slack, stage)

  const left = dataFolder()
  const written = await killedInTheMiddle(slack, stage, () => start(left), left)
  // What is compiled is kept once all of it was loaded.
  const settling = await connected(slack, () => start(dataFolder()))
  await pause(SETTLES_WITHIN_MS)
  await settling.bot.end('SIGINT')

  const after: AuditedCall[] = []
  const firsts: string[] = []
  const gated = await ratioWithin({
    what: 'killed in a run: start to the next call, against a clean start to connected',
    gate: 1.5,
    pairs: PAIRS,
    sides: {
      subject: async () => {
        const data = dataFolder()
        cpSync(left, data, { recursive: true })
        await noneConnected(slack)
        const startedAtMs = Date.now()
        const bot = start(data)
        const calls = await stage.callsSince('backout', startedAtMs, ({ length }) => length > 0)
        await bot.end('SIGKILL')
        const first = calls.toSorted((one, other) => one.receivedAtMs - other.receivedAtMs)[0]
        if (!first) throw new Error('no call')
        after.push(...calls)
        firsts.push(`${first.verb} ${first.resource}`)
        return first.receivedAtMs - startedAtMs
      },
      baseline: async () => {
        const { bot, tookMs } = await connected(slack, () => start(dataFolder()))
        await bot.end('SIGKILL')
        return tookMs
      },
    },
    more: () => [`the first call: ${[...new Set(firsts)].join(' or ')}`],
  })
  return [
    gated,
    exactly({
      what: `writes sent again, in ${firsts.length} restarts`,
      measured: after.filter(isWrite).length,
      gate: 0,
      details: [`killed after ${written} writes, before the step had a result`],
    }),
  ]
}

const settingsOf = (url: string): string =>
  JSON.stringify({
    environment: 'production',
    slack: { channels: [INCIDENTS] },
    services: names.map((name) => ({ name, url, version: null })),
    approval: { users: [ANA, BO, CY], readSeconds: 0 },
    procedures: {
      kubernetes: {
        namespace: NAMESPACE,
        deployments: Object.fromEntries(names.map((name) => [name, name])),
      },
    },
  })

/** With this folder for its journal. */
const starter = (slack: Slack, stage: Stage) => {
  const config = join(dataFolder(), 'backout.yaml')
  writeFileSync(config, settingsOf(stage.servicesUrl))
  return (data: string): Started => {
    const { args, env } = asNpmStart(config, {
      ...slackEnvironment(slack),
      KUBECONFIG: stage.kubeconfig('backout'),
      BACKOUT_DATA: data,
      BACKOUT_HTTP_PORT: '0',
      BACKOUT_LOG_LEVEL: 'error',
    })
    return startNode(args, env)
  }
}

/** People press what they would press. How many writes were accepted. */
const killedInTheMiddle = async (
  slack: Slack,
  stage: Stage,
  start: () => Started,
  data: string,
): Promise<number> => {
  const { bot } = await connected(slack, start)
  const ana = slack.as(ANA)
  const { incident } = await declare(slack, ana)
  // By its name: that release did not run for long enough to be chosen.
  await ana.command(INCIDENTS, `/rollback plan --to ${FIRST}`)
  const plan = await card(slack, 'plan-1', incident, /Evidence: .* kept/, 30_000)
  await sign(slack, slack.as(BO), plan)
  const signedAtMs = Date.now()
  const signing = sign(slack, slack.as(CY), plan)
  const calls = await stage.callsSince('backout', signedAtMs, (seen) => {
    return seen.filter(isWrite).length >= names.length
  })
  await bot.end('SIGKILL')
  await signing.catch(() => undefined)
  const events = journaled({ journal: join(data, 'journal.sqlite') }, incident)
  const results = countOf(events, 'step-succeeded') + countOf(events, 'step-failed')
  if (countOf(events, 'step-started') !== 1 || results > 0) {
    throw new Error(`not killed in the middle: ${events.map(({ type }) => type).join()}`)
  }
  return calls.filter(isWrite).length
}

const noneConnected = (slack: Slack) =>
  untilSeen(() => slack.sockets.open().length === 0, 'the last one to be gone')

const connected = async (slack: Slack, start: () => Started) => {
  await noneConnected(slack)
  const startedMs = performance.now()
  const bot = start()
  await untilSeen(() => slack.sockets.open().length > 0, 'a socket')
  return { bot, tookMs: performance.now() - startedMs }
}

const isWrite = ({ verb, uri }: AuditedCall): boolean => verb === 'patch' && !uri.includes('dryRun')
