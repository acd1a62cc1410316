import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assess } from '../../src/assess/assess.ts'
import { openWorld } from '../../src/compose/open-world.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { feasibilityReader } from '../../src/runbook/runbook.ts'
import type { Metrics } from '../../src/ports/metrics.ts'
import { startApp } from '../servers/app/start.ts'
import { eventually } from '../servers/eventually.ts'
import { startKubernetes } from '../servers/kubernetes/start.ts'
import { startMongodb } from '../servers/mongodb.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { askRedis, startRedis } from '../servers/redis.ts'
import { dataFolder } from '../support/bot.ts'
import { distanceTo } from './distance.ts'
import { atMost, ms, ratioWithin, reported, spreadText } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { compare, measurePairs } from './pairs.ts'
import { MAIN } from './processes.ts'
import { asInTheRunbook, everythingConfigured } from './settings.ts'

const ONE_WAY_MS = 50
/** Beyond the deadline of the question that is not answered. */
const TOLERANCE_MS = 250
const TIMES_BLACK_HOLED = 3
/** Half a second each: so many tell a hundredth. */
const PAIRS = 45

/** Real servers, each behind a proxy that makes it 100 ms away; and the ways to ask them. */
export const assessing = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const [app, redis, mongodb, cluster] = await Promise.all([
    startApp().then((one) => resources.use(one)),
    startRedis().then((one) => resources.use(one)),
    startMongodb().then((one) => resources.use(one)),
    startKubernetes().then((one) => resources.use(one)),
  ])
  const scrape = [{ job: 'backend', targets: [app.target] }]
  const prometheus = resources.use(await startPrometheus({ scrape }))
  await Promise.all(
    ['backend', 'frontend'].map((name) =>
      cluster.deploy('production', name, `example.test/${name}:v1.0.0`, 1),
    ),
  )
  await askRedis(redis.host, redis.port, 'SET active_users_count 120')
  await untilScraped(prometheus.url)

  const ports = [app.url, redis.url, mongodb.uri, prometheus.url, cluster.url].map(portOf)
  const distance = resources.use(await distanceTo(ONE_WAY_MS, ports))
  const far = (address: string): string =>
    address.replace(`:${portOf(address)}`, `:${distance.farFrom(portOf(address))}`)
  const swallowed = (address: string): string =>
    address.replace(`:${portOf(address)}`, `:${distance.blackHole}`)

  const folder = dataFolder()
  const kubeconfig = join(folder, 'kubeconfig')
  const text = readFileSync(cluster.kubeconfig, 'utf8')
  writeFileSync(kubeconfig, text.replaceAll(cluster.url, far(cluster.url)))
  const addresses = {
    BACKEND_URL: far(app.url),
    FRONTEND_URL: far(app.url),
    PROMETHEUS_URL: far(prometheus.url),
    REDIS_URL: far(redis.url),
    MONGODB_URI: far(mongodb.uri),
  }
  const files = { runbook: join(folder, 'runbook.yaml'), all: join(folder, 'all.yaml') }
  writeFileSync(files.runbook, asInTheRunbook)
  writeFileSync(files.all, everythingConfigured)

  const warm = async (file: string, variables: Record<string, string>) => {
    const asker = await openAsker(file, variables)
    resources.defer(asker.close)
    return asker
  }
  const runbook = async () => {
    const startedMs = performance.now()
    await runToEnd('sh', ['-c', RUNBOOK], {
      API_URL: addresses.BACKEND_URL,
      PROMETHEUS_URL: addresses.PROMETHEUS_URL,
      REDIS_PORT: String(distance.farFrom(redis.port)),
    })
    return performance.now() - startedMs
  }

  const ours = await warm(files.runbook, addresses)
  const first = await ours.answered()
  const outcomes: Outcome[] = [
    await ratioWithin({
      what: 'assess, everything 100 ms away, against the runbook’s commands in turn',
      gate: 0.4,
      pairs: PAIRS,
      sides: { subject: ours.answered, baseline: runbook },
      more: () => [
        `the first one of a process, which connects: ${ms(first)}`,
        `${ours.questions()} questions, against 3 commands (mongosh is left out)`,
        `${ours.queries()} queries to Prometheus, ${ours.overTime()} of them over a time, all at once`,
      ],
    }),
  ]

  const withKubernetes = await warm(files.all, { ...addresses, KUBECONFIG: kubeconfig })
  await withKubernetes.answered()
  outcomes.push(await sideBySide('the same with Kubernetes too', withKubernetes.answered, runbook))
  const asProcess = async () => {
    const startedMs = performance.now()
    const args = [MAIN, 'assess', '--json', '--config', files.runbook]
    await runToEnd(process.execPath, args, addresses, [0, 10, 11])
    return performance.now() - startedMs
  }
  outcomes.push(await sideBySide('the same as a command: assess --json', asProcess, runbook))

  const holes = {
    'the services': { BACKEND_URL: swallowed(app.url), FRONTEND_URL: swallowed(app.url) },
    Prometheus: { PROMETHEUS_URL: swallowed(prometheus.url) },
    Redis: { REDIS_URL: swallowed(redis.url) },
    MongoDB: { MONGODB_URI: swallowed(mongodb.uri) },
  }
  for (const [name, hole] of Object.entries(holes)) {
    const asker = await warm(files.runbook, { ...addresses, ...hole })
    const times: number[] = []
    for (let time = 0; time < TIMES_BLACK_HOLED; time += 1) times.push(await asker.silent())
    outcomes.push(
      atMost({
        what: `assess with ${name} in a black hole, the slowest of ${TIMES_BLACK_HOLED}`,
        measured: Math.max(...times),
        gate: asker.deadlineMs + TOLERANCE_MS,
        unit: 'ms',
      }),
    )
  }
  return outcomes
}

/** "Assess the situation" as the runbook has it, without mongosh. */
const RUNBOOK = `set -e
curl -fsS -o /dev/null "$API_URL/health"
curl -fsS -g -o /dev/null "$PROMETHEUS_URL/api/v1/query?query=rate(http_requests_total{status=~%225..%22}[5m])"
test "$(redis-cli -h 127.0.0.1 -p "$REDIS_PORT" GET active_users_count)" = 120
`

const openAsker = async (file: string, addresses: Readonly<Record<string, string>>) => {
  const config = loadConfig({ file, variables: addresses, needs: [] })
  const { world, close } = await openWorld(config)
  const feasibility = feasibilityReader(config.runbook)
  const never = new AbortController().signal
  let asked = 0
  let queries = 0
  let overTime = 0
  const counting =
    world.metrics &&
    counted(world.metrics, {
      onQuery: () => (queries += 1),
      onRange: () => (overTime += 1),
    })
  const take = async () => {
    const startedMs = performance.now()
    queries = 0
    overTime = 0
    const { measurements } = await assess(
      { ...world, metrics: counting },
      config.assess,
      [],
      (sharing, began) => feasibility(sharing, [], never, began),
    )
    const tookMs = performance.now() - startedMs
    asked = measurements.length
    const unreachable = measurements.filter(({ verdict }) => verdict === 'unreachable')
    return { tookMs, unreachable }
  }
  return {
    close,
    deadlineMs: config.assess.deadlineMs,
    questions: () => asked,
    queries: () => queries,
    overTime: () => overTime,
    /** Fast because nobody was there does not count. */
    answered: async () => {
      const { tookMs, unreachable } = await take()
      if (unreachable.length === 0) return tookMs
      throw new Error(`not answered: ${unreachable.map(({ summary }) => summary).join('; ')}`)
    },
    silent: async () => {
      const { tookMs, unreachable } = await take()
      if (unreachable.length > 0) return tookMs
      throw new Error('somebody answered out of a black hole')
    },
  }
}

const counted = (
  metrics: Metrics,
  { onQuery, onRange }: { readonly onQuery: () => void; readonly onRange: () => void },
): Metrics => ({
  ...metrics,
  range: async (...asked) => {
    onQuery()
    onRange()
    return metrics.range(...asked)
  },
  instant: async (...asked) => {
    onQuery()
    return metrics.instant(...asked)
  },
  labelled: async (...asked) => {
    onQuery()
    return metrics.labelled(...asked)
  },
})

const sideBySide = async (
  what: string,
  subject: () => Promise<number>,
  baseline: () => Promise<number>,
): Promise<Outcome> => {
  const found = compare(await measurePairs({ subject, baseline }))
  return reported(what, `${found.ratio.toFixed(2)} x`, [
    `ours ${spreadText(found.subject)}, baseline ${spreadText(found.baseline)}`,
  ])
}

const runToEnd = async (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  good: readonly number[] = [0],
): Promise<void> => {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (!good.includes(Number(code))) throw new Error(`${command} ended with ${String(code)}`)
}

const portOf = (address: string): number => Number(new URL(address).port)

const untilScraped = async (url: string): Promise<void> => {
  const rate = encodeURIComponent('sum(rate(http_requests_total[5m])) > 1')
  const seen = await eventually(
    async () => (await fetch(`${url}/api/v1/query?query=${rate}`)).text(),
    (text) => text.includes('"value"'),
    30_000,
  )
  if (!seen.includes('"value"')) throw new Error(`Prometheus scraped nothing: ${seen}`)
}
