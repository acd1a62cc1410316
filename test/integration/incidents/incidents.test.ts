import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { runAssess } from '../../../src/compose/commands/assess.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { startApp, type AppServer } from '../../servers/app/start.ts'
import { missingAllowed } from '../../servers/find.ts'
import { startPrometheus } from '../../servers/prometheus.ts'
import { freshFolder } from '../../servers/spawn.ts'
import { AssessmentJson, exitCodes } from '../../support/assessment-json.ts'
import { corpus } from './corpus.ts'
import { clusterThatRan } from './cluster-that-ran.ts'
import type { Incident } from './incident.ts'
import { pinnedAt } from './pinned.ts'
import { writtenIncidents } from './written-incidents.ts'

/** All of them, or those whose names match: `INCIDENTS='^logins' vitest run …`. */
const chosen = corpus.filter(({ name }) => new RegExp(process.env['INCIDENTS'] ?? '').test(name))

/** A few hundred thousand samples are written before the first question. */
const WRITING_MS = 300_000

describe.skipIf(missingAllowed('prometheus'))('incidents that were written down', () => {
  const opened = new AsyncDisposableStack()
  const right: string[] = []
  const wrong: string[] = []
  let apps: readonly AppServer[]
  let url: string
  let writtenAt: number
  let folder: string

  beforeAll(async () => {
    const now = Math.floor(Date.now() / 1_000)
    writtenAt = now
    folder = opened.use(await freshFolder('incidents')).path
    apps = await Promise.all([startApp(), startApp()])
    const openmetrics = writtenIncidents(chosen, now)
    const prometheus = await startPrometheus({ openmetrics })
    for (const server of [...apps, prometheus]) opened.defer(() => server.stop())
    url = opened.use(await pinnedAt(prometheus.url, now)).url
  }, WRITING_MS)
  afterAll(async () => {
    console.log(`right ${right.length} of ${right.length + wrong.length}`)
    if (wrong.length > 0) console.log(`wrong: ${wrong.join(', ')}`)
    await opened.disposeAsync()
  })

  /** As `assess --json` does it; its command line is tried elsewhere, and costs a second each. */
  async function assessed({ name, settings = {}, match, ran }: Incident) {
    await using cluster = ran && (await clusterThatRan(ran, writtenAt))
    const file = join(folder, `${name}.yaml`)
    const only = [`case="${name}"`, ...(match ? [match] : [])].join()
    const [backend, frontend] = apps
    writeFileSync(
      file,
      stringify({
        environment: name,
        slack: { channels: ['C0INCIDENTS'] },
        services: [
          { name: 'backend', url: backend?.url },
          { name: 'frontend', url: frontend?.url },
        ],
        prometheus: { match: only, clockSkewLimitSeconds: 600, ...settings },
        ...cluster?.settings,
      }),
    )
    const variables = { PROMETHEUS_URL: url, ...cluster?.variables }
    const config = loadConfig({ file, variables, needs: [] })
    const { output, exitCode } = await runAssess(config, { symptoms: [], json: true })
    const json = AssessmentJson.parse(JSON.parse(output))
    expect(exitCode).toBe(exitCodes[json.decision])
    return { json, output }
  }

  test.each(chosen)('$name: $right', async (incident) => {
    wrong.push(incident.name)
    const { json, output } = await assessed(incident)
    const rules = json.rules
      .filter(({ matched }) => matched !== false)
      .map(({ rule, matched, because }) => `${rule} ${matched}: ${because}`)
    expect(json.decision, rules.join('\n')).toBe(incident.right)
    if (incident.says) expect(output).toMatch(incident.says)
    if (incident.never) expect(output).not.toMatch(incident.never)
    if (incident.leadsTo !== undefined) {
      const way = json.procedures.find(({ name }) => name === 'kubernetes')
      expect(way?.to, way?.because).toBe(incident.leadsTo)
    }
    if (incident.measured) {
      const [probe, value, within] = incident.measured
      const measured = json.measurements.find((one) => one.probe === probe)
      expect(Math.abs(Number(measured?.value) - value), String(measured?.value)).toBeLessThan(
        within,
      )
    }
    wrong.pop()
    right.push(incident.name)
  })
})
