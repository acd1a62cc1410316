// Fewer documents, to see that it works: FULL_DOCUMENTS=few npm run bench -- full
import { copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { card, declare, sign } from '../e2e/reading.ts'
import { requireBinary } from '../servers/find.ts'
import { run } from '../servers/run.ts'
import { freshFolder } from '../servers/spawn.ts'
import type { Bot } from '../support/bot.ts'
import { A_THOUSAND, DATABASE, TWENTY_THOUSAND } from '../support/database-stage.ts'
import { startFullStage, type FullStage } from '../support/full-stage.ts'
import { startBotCluster, type BotCluster } from '../support/kubernetes.ts'
import { releaseBadly, SERVICES, startProduction, type Production } from '../support/production.ts'
import { ANA, APPROVERS, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import { ms, ratioWithin, spreadText } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { spread } from './pairs.ts'

const MOST_TIMES = 0.5
/** One is more than a minute. */
const PAIRS = 3
const REPLICAS = 2
/** The runbook's own wait for requests under way. */
const SLEEP_SECONDS = 30
const SIZES = process.env['FULL_DOCUMENTS'] === 'few' ? A_THOUSAND : TWENTY_THOUSAND
const BACKUPS = ['nightly.archive.gz', 'weekly.archive.gz'] as const
const RUN_ENDS_WITHIN_MS = 240_000

/**
 * Code, data and caches back: the time of the machine, not that of people. Ours are two plans, the restore beside and
 * the whole. The runbook's are its commands of the phases 1 to 3 on the same API server and database server, without
 * the build of the images, which favours it.
 */
export const fullProcedure = async (): Promise<readonly Outcome[]> => {
  await using bots = await startBotCluster()
  await using stage = await startFullStage(bots, 'ours', SIZES)
  await using theirs = await startProduction(bots, { namespace: 'runbook' })
  await using folder = await freshFolder('full')
  await releaseBadly(bots, 'runbook', REPLICAS)
  await copyFile(join(stage.shop.catalogue, BACKUPS[0]), join(stage.shop.catalogue, BACKUPS[1]))
  await using ours = await bringingBack(stage)
  const runbook = await asInTheRunbook(bots, stage, theirs, folder.path)
  const restores: number[] = []
  const outcome = await ratioWithin({
    what: 'machine time of restore and full procedure, against the runbook’s phases 1 to 3',
    gate: MOST_TIMES,
    pairs: PAIRS,
    sides: {
      async subject() {
        const took = await ours.bringBack()
        restores.push(took.restoreMs)
        return took.restoreMs + took.wholeMs
      },
      baseline: runbook,
    },
    again: () => void restores.splice(0),
    more: () => [
      `of ours ${spreadText(spread(restores))} is the restore beside, which users do not notice`,
      `of the runbook’s ${ms(SLEEP_SECONDS * 1_000)} is its own sleep; no image is built`,
    ],
  })
  return [outcome]
}

/** What Backout does from a command to a plan that can be signed, and from the last signature to the end. */
async function bringingBack({ production, shop }: FullStage) {
  await using starting = new AsyncDisposableStack()
  const { slack } = production
  slack.group(APPROVERS).gains(CY)
  const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  const bot = starting.adopt(await production.startBot(), (one) => one.stop())
  starting.defer(() => shop.writer.stop())
  const { incident } = await declare(slack, cy)
  let plans = 0
  const carriedOut = async (ask: () => Promise<unknown>, signatures: number): Promise<number> => {
    plans += 1
    await ask()
    const surface = `plan-${plans}` as const
    const shown = await card(slack, surface, incident, new RegExp(`0 of ${signatures}`), 60_000)
    await sign(slack, ana, shown)
    if (signatures > 1) await sign(slack, bo, await card(slack, surface, incident, /1 of 2/))
    await card(slack, `run-${plans}`, incident, /was carried out/, RUN_ENDS_WITHIN_MS)
    return machineTime(bot, incident, plans)
  }
  const type = (line: string) => () => cy.command(INCIDENTS, line)
  const undo = async () => {
    const { ts } = await card(slack, `run-${plans - 1}`, incident)
    await cy.click(INCIDENTS, ts, 'Undo')
  }
  let times = 0
  const resources = starting.move()
  return {
    async bringBack() {
      const backup = BACKUPS[(times += 1) % BACKUPS.length]
      const restoreMs = await carriedOut(type(`/rollback plan database --backup ${backup}`), 1)
      const wholeMs = await carriedOut(type('/rollback plan full'), 2)
      await carriedOut(undo, 2)
      return { restoreMs, wholeMs }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** By its journal: the time in which nobody could have signed yet, and the time after everybody had. */
function machineTime({ journal }: Bot, incident: string, plan: number): number {
  const database = new DatabaseSync(journal, { readOnly: true, timeout: 2_000 })
  try {
    const query = database.prepare(
      "SELECT type, at FROM events WHERE incident = ? AND body ->> 'plan' = ? ORDER BY sequence",
    )
    const events = query.all(incident, plan)
    const last = (type: string): number =>
      Date.parse(String(events.findLast((one) => one['type'] === type)?.['at']))
    const planned = last('plan-proposed') - last('plan-requested')
    return planned + last('run-ended') - last('plan-approved')
  } finally {
    database.close()
  }
}

/** Its commands in one shell, and everything as before afterwards, which is not measured. */
async function asInTheRunbook(
  { cluster }: BotCluster,
  { shop }: FullStage,
  { redis, urls, namespace }: Production,
  folder: string,
): Promise<() => Promise<number>> {
  const archive = join(shop.catalogue, BACKUPS[0])
  const places = `--nsFrom='${DATABASE}.*' --nsTo='${namespace}.*'`
  const restore = `mongorestore --quiet --uri=${shop.uri} --gzip --archive=${archive} --drop --noIndexRestore --nsInclude='${DATABASE}.*' ${places}`
  const redisCli = `redis-cli -h ${redis.host} -p ${redis.port}`
  const kubectl = `kubectl -n ${namespace}`
  const all = SERVICES.map((name) => `deployment/${name}`).join(' ')
  const status = `${kubectl} rollout status --timeout=2m ${all}`
  const shell = async (...commands: readonly string[]): Promise<number> => {
    const beganMs = performance.now()
    const tools = [requireBinary('mongodb', 'mongodump'), requireBinary('kubernetes', 'kubectl')]
    const path = [...tools.map((one) => dirname(one)), process.env['PATH']].join(':')
    const env = `export PATH='${path}' HOME='${folder}' KUBECONFIG='${cluster.kubeconfig}'`
    await run('/bin/sh', ['-e', '-c', [env, ...commands].join('\n')])
    return performance.now() - beganMs
  }
  await shell(restore)
  return async () => {
    const tookMs = await shell(
      `${redisCli} SET maintenance_mode true`,
      `${redisCli} SET maintenance_message "System maintenance in progress."`,
      `${kubectl} scale deployment/backend --replicas=0`,
      `sleep ${SLEEP_SECONDS}`,
      `mongodump --quiet --uri=${shop.uri} --db=${namespace} --out=${join(folder, 'emergency')}`,
      restore,
      `${kubectl} rollout undo ${all}`,
      `${kubectl} scale deployment/backend --replicas=${REPLICAS}`,
      status,
      `${redisCli} FLUSHALL`,
      ...urls.map((url) => `curl -sf --retry 50 --retry-delay 1 --retry-connrefused ${url}/health`),
      `${redisCli} DEL maintenance_mode maintenance_message`,
    )
    await shell(`${kubectl} rollout undo ${all}`, status)
    return tookMs
  }
}
