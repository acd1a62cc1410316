import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { runAssess } from '../../../src/compose/commands/assess.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { startApp } from '../../servers/app/start.ts'
import { startPrometheus } from '../../servers/prometheus.ts'
import { freshFolder } from '../../servers/spawn.ts'
import { AssessmentJson } from '../../support/assessment-json.ts'
import { clusterThatRan } from './cluster-that-ran.ts'
import type { Incident } from './incident.ts'
import { pinnedAt } from './pinned.ts'
import { writtenIncidents } from './written-incidents.ts'

/** A few hundred thousand samples are written before the first question. */
export const WRITING_MS = 300_000

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

  /** As `assess --json` does it; its command line is tried elsewhere, and costs a second each. */
  async function assessed({ name, settings = {}, match, ran }: Incident) {
    await using cluster = ran && (await clusterThatRan(ran, now))
    const file = join(folder, `${name}.yaml`)
    const only = [`case="${name}"`, ...(match ? [match] : [])].join()
    const [backend, frontend] = apps
    writeFileSync(
      file,
      stringify({
        environment: name,
        slack: { channels: ['C0INCIDENTS'] },
        services: [
          { name: 'backend', url: backend.url },
          { name: 'frontend', url: frontend.url },
        ],
        prometheus: { match: only, clockSkewLimitSeconds: 600, ...settings },
        ...cluster?.settings,
      }),
    )
    const variables = { PROMETHEUS_URL: url, ...cluster?.variables }
    const config = loadConfig({ file, variables, needs: [] })
    const { output, exitCode } = await runAssess(config, { symptoms: [], json: true })
    return { json: AssessmentJson.parse(JSON.parse(output)), output, exitCode }
  }

  return { assessed, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
