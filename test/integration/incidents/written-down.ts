import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { assess } from '../../../src/assess/assess.ts'
import { runAssess } from '../../../src/compose/commands/assess.ts'
import { openWorld } from '../../../src/compose/open-world.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import type { Assessment } from '../../../src/domain/assessment/assessment.ts'
import { feasibilityReader } from '../../../src/runbook/runbook.ts'
import { startPrometheus } from '../../servers/prometheus.ts'
import { askRedis, startRedis } from '../../servers/redis.ts'
import { freshFolder } from '../../servers/spawn.ts'
import { INCIDENTS } from '../../support/slack/fixture.ts'
import { AssessmentJson } from '../../support/assessment-json.ts'
import { clusterThatRan } from './cluster-that-ran.ts'
import { healthPages } from './health-pages.ts'
import type { Incident } from './incident.ts'
import { movedToNow } from './pinned.ts'
import { writtenIncidents } from './written-incidents.ts'

/** A few hundred thousand samples are written before the first question. */
export const WRITING_MS = 600_000

const AWAY = 'redis-is-away'

/** A real Prometheus with the past of all of these, and how each of them is assessed. */
export async function writtenDown(
  incidents: readonly Incident[],
  /** Those whose pasts they may have. */
  all: readonly Incident[] = incidents,
) {
  await using opening = new AsyncDisposableStack()
  const now = Math.floor(Date.now() / 1_000)
  const folder = opening.use(await freshFolder('incidents')).path
  const pages = opening.use(await healthPages(incidents))
  const pasts = new Set(incidents.map(({ name, pastOf = name }) => pastOf))
  const written = all.filter(({ name }) => pasts.has(name))
  const prometheus = await startPrometheus({ openmetrics: writtenIncidents(written, now) })
  opening.defer(() => prometheus.stop())
  const redis = incidents.some(({ maintenance }) => maintenance !== undefined)
    ? await startRedis({ args: [] })
    : null
  if (redis) opening.defer(() => redis.stop())
  const { url } = opening.use(await movedToNow(prometheus.url, now))
  const opened = opening.move()

  /** What the program is started with for this one, and a cluster that is there until it is disposed of. */
  async function begun(incident: Incident) {
    const { name, pastOf = name, settings = {}, matrix, match, ran, beside, stands } = incident
    const cluster = ran && (await clusterThatRan(ran, Date.now() / 1_000, beside, stands))
    const only = [`case="${pastOf}"`, ...(match ? [match] : [])].join()
    const key = `maintenance:${name}`
    const { maintenance } = incident
    if (redis && maintenance && maintenance !== AWAY) {
      await askRedis(redis.host, redis.port, `SET ${key} ${maintenance}`)
    }
    const REDIS_URL = maintenance === AWAY ? 'redis://127.0.0.1:1' : redis?.url
    const yaml = stringify({
      environment: name.slice(0, 40),
      // That this machine is busy is not what is tried.
      deadlineSeconds: incident.deadlineSeconds ?? 20,
      slack: { channels: [INCIDENTS] },
      services: [pages.of(incident, 'backend'), pages.of(incident, 'frontend')],
      maintenance: { key },
      prometheus: { match: only, clockSkewLimitSeconds: 3_600, ...settings },
      ...(matrix ? { matrix } : {}),
      ...cluster?.settings,
    })
    return {
      yaml,
      variables: {
        PROMETHEUS_URL: url,
        ...(maintenance === undefined ? {} : { REDIS_URL }),
        ...cluster?.variables,
      },
      [Symbol.asyncDispose]: async () => cluster?.[Symbol.asyncDispose](),
    }
  }

  async function configured(incident: Incident) {
    const own = await begun(incident)
    const file = join(folder, `${incident.name}.yaml`)
    writeFileSync(file, own.yaml)
    const config = loadConfig({ file, variables: own.variables, needs: [] })
    return { config, [Symbol.asyncDispose]: own[Symbol.asyncDispose] }
  }

  /** As `assess --json` does it; its command line is tried elsewhere, and costs a second each. */
  async function assessed(incident: Incident) {
    await using own = await configured(incident)
    const { output, exitCode } = await runAssess(own.config, { symptoms: [], json: true })
    return { json: AssessmentJson.parse(JSON.parse(output)), output, exitCode }
  }

  /** The same with all that the card is made of. */
  async function assessment(incident: Incident): Promise<Assessment> {
    await using own = await configured(incident)
    const { config } = own
    const { world, close } = await openWorld(config)
    try {
      const feasibility = feasibilityReader(config.runbook)
      const signal = AbortSignal.timeout(WRITING_MS)
      return await assess(world, config.assess, [], (sharing, began) =>
        feasibility(sharing, [], signal, began),
      )
    } finally {
      await close()
    }
  }

  return { assessed, assessment, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
