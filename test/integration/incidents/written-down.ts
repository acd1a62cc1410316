import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { assess } from '../../../src/assess/assess.ts'
import { runAssess } from '../../../src/compose/commands/assess.ts'
import { openWorld } from '../../../src/compose/open-world.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import type { Assessment } from '../../../src/domain/assessment/assessment.ts'
import { feasibilityReader } from '../../../src/runbook/runbook.ts'
import { startApp } from '../../servers/app/start.ts'
import { startPrometheus } from '../../servers/prometheus.ts'
import { freshFolder } from '../../servers/spawn.ts'
import { INCIDENTS } from '../../support/slack/fixture.ts'
import { AssessmentJson } from '../../support/assessment-json.ts'
import { clusterThatRan } from './cluster-that-ran.ts'
import type { Incident } from './incident.ts'
import { pinnedAt } from './pinned.ts'
import { writtenIncidents } from './written-incidents.ts'

/** A few hundred thousand samples are written before the first question. */
export const WRITING_MS = 600_000

/** A real Prometheus with the past of all of these, and how each of them is assessed. */
export async function writtenDown(incidents: readonly Incident[]) {
  await using opening = new AsyncDisposableStack()
  const now = Math.floor(Date.now() / 1_000)
  const folder = opening.use(await freshFolder('incidents')).path
  const apps = await Promise.all([startApp(), startApp()])
  const prometheus = await startPrometheus({ openmetrics: writtenIncidents(incidents, now) })
  for (const server of [...apps, prometheus]) opening.defer(() => server.stop())
  const { url } = opening.use(await pinnedAt(prometheus.url, now))
  const opened = opening.move()

  /** What the program is started with for this one, and a cluster that is there until it is disposed of. */
  async function begun({ name, settings = {}, matrix, match, ran, beside }: Incident) {
    const cluster = ran && (await clusterThatRan(ran, now, beside))
    const only = [`case="${name}"`, ...(match ? [match] : [])].join()
    const [backend, frontend] = apps
    const yaml = stringify({
      environment: name,
      // That this machine is busy is not what is tried.
      deadlineSeconds: 20,
      slack: { channels: [INCIDENTS] },
      services: [
        { name: 'backend', url: backend.url },
        { name: 'frontend', url: frontend.url },
      ],
      prometheus: { match: only, clockSkewLimitSeconds: 600, ...settings },
      ...(matrix ? { matrix } : {}),
      ...cluster?.settings,
    })
    return {
      yaml,
      variables: { PROMETHEUS_URL: url, ...cluster?.variables },
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
