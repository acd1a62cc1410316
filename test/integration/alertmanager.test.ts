import { describe, expect, onTestFinished, test } from 'vitest'
import { botMetrics } from '../../src/adapters/http/bot-metrics.ts'
import { operatorServer } from '../../src/adapters/http/server.ts'
import { alertHooksOf } from '../../src/compose/alert-hook.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { foldIncident } from '../../src/domain/incident/fold.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import { startAlertmanager, type AlertmanagerServer, type Told } from '../servers/alertmanager.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed } from '../servers/find.ts'
import { surroundings, type Surroundings } from '../support/engine-story.ts'

const token = 'a-token-for-the-alertmanager-of-production'
const groupBy = ['service']

/** A process of ours, with the page that Alertmanager sends to. */
async function process(around: Surroundings) {
  let isBroken = false
  const answered: number[] = []
  const { engine } = around.startProcess(null, {
    journal: () => {
      const journal = around.connect()
      return {
        ...journal,
        append: async (append) => {
          if (!isBroken) return journal.append(append)
          const detail = 'the disk is full'
          throw new Fault({ kind: 'retryable', dependency: 'journal', detail })
        },
      }
    },
  })
  const metrics = botMetrics(['production'])
  const log = { info() {}, warn() {}, error() {} }
  const hooks = alertHooksOf(token, {
    engine,
    metrics: async () => metrics.of('production'),
    log,
  })
  const server = await operatorServer({
    host: '127.0.0.1',
    port: 0,
    readiness: async () => [],
    metrics: async () => metrics,
    locks: [],
    alerts: { hooks, log, answered: (status) => void answered.push(status) },
  })
  onTestFinished(() => server.stop())
  return {
    engine,
    answered,
    breaks: (now: boolean) => (isBroken = now),
    hook: { url: `http://127.0.0.1:${server.port}/hooks/alertmanager`, token },
  }
}

function begun(): Surroundings {
  const around = surroundings()
  onTestFinished(() => around.end())
  return around
}

async function alertmanager(hook: { url: string; token: string }): Promise<AlertmanagerServer> {
  const server = await startAlertmanager({ hook, groupBy })
  onTestFinished(() => server.stop())
  return server
}

async function incidentsOf(around: Surroundings): Promise<readonly Incident[]> {
  const ids = await around.journal.recent(1e12)
  return Promise.all(ids.map(async (id) => foldIncident(id, await around.journal.read(id))))
}

const startsAt = new Date().toISOString()
const fires = (alertname: string, more: Partial<Told> = {}): Told => ({
  labels: { alertname, severity: 'critical', service: 'backend' },
  annotations: { summary: `${alertname} says what is wrong` },
  startsAt,
  generatorURL: 'http://prometheus:9090/graph',
  ...more,
})

describe.skipIf(missingAllowed('alertmanager'))('a real Alertmanager', () => {
  test('tells that something fires and that it has ended: one incident, which says both', async () => {
    const around = begun()
    const ours = await process(around)
    const theirs = await alertmanager(ours.hook)
    await theirs.tell(fires('HighErrorRate'), fires('LoginsFail'))
    const [incident] = await eventually(
      () => incidentsOf(around),
      (all) => all[0]?.alerts.length === 2 && all[0].assessment !== null,
    )
    expect(incident?.alerts.map(({ name }) => name).toSorted()).toEqual([
      'HighErrorRate',
      'LoginsFail',
    ])
    expect(incident).toMatchObject({ opened: { by: expect.stringMatching(/^alert:/) } })
    expect(incident?.alerts[0]).toMatchObject({
      severity: 'critical',
      startsAt,
      endsAt: null,
      links: { source: 'http://prometheus:9090/graph', alertmanager: expect.any(String) },
    })
    const endsAt = new Date().toISOString()
    await theirs.tell(fires('HighErrorRate', { endsAt }))
    const [after] = await eventually(
      () => incidentsOf(around),
      (all) => all[0]?.alerts.some(({ state }) => state === 'ended') === true,
    )
    expect(after?.alerts.find(({ name }) => name === 'HighErrorRate')).toMatchObject({ endsAt })
    expect(after).toMatchObject({ declared: null, closed: null })
    expect(await incidentsOf(around)).toHaveLength(1)
    expect(await theirs.counts()).toMatchObject({ failed: 0 })
  })

  test('sends again what could not be written, and it is there once', async () => {
    const around = begun()
    const ours = await process(around)
    const theirs = await alertmanager(ours.hook)
    ours.breaks(true)
    await theirs.tell(fires('HighErrorRate'))
    await eventually(
      async () => ours.answered.length,
      (answers) => answers >= 2,
    )
    expect(new Set(ours.answered)).toEqual(new Set([503]))
    expect((await around.journal.head()).position).toBe(0)
    ours.breaks(false)
    const all = await eventually(
      () => incidentsOf(around),
      (found) => found[0]?.alerts.length === 1,
    )
    expect(all).toHaveLength(1)
    expect(ours.answered.at(-1)).toBe(200)
  })

  test('and a second one deliver the same group to two of our processes after an outage: one incident', async () => {
    const around = begun()
    const one = await process(around)
    const two = await process(around)
    const [first, second] = await Promise.all([alertmanager(one.hook), alertmanager(two.hook)])
    one.breaks(true)
    two.breaks(true)
    const alerts = [fires('HighErrorRate'), fires('LoginsFail'), fires('SlowAnswers')]
    await first.tell(...alerts)
    await second.tell(...alerts.toReversed())
    await eventually(
      async () => [one.answered.length, two.answered.length],
      (answers) => answers.every((count) => count >= 1),
    )
    one.breaks(false)
    two.breaks(false)
    await eventually(
      async () => [one.answered, two.answered].map((answers) => answers.includes(200)),
      (done) => done.every(Boolean),
    )
    await Promise.all([one.engine.idle(), two.engine.idle()])
    const all = await incidentsOf(around)
    expect(all).toHaveLength(1)
    expect(all[0]?.alerts).toHaveLength(3)
    const fired = all[0]?.timeline.filter(({ event }) => event.type === 'alert-fired')
    expect(fired).toHaveLength(3)
    expect(around.slack.messages).toHaveLength(1)
  })

  test('with another token opens nothing, and says that it was refused', async () => {
    const around = begun()
    const ours = await process(around)
    const theirs = await alertmanager({ ...ours.hook, token: 'another-token-than-that-one' })
    await theirs.tell(fires('HighErrorRate'))
    await eventually(
      () => theirs.counts(),
      ({ failed }) => failed > 0,
    )
    expect(ours.answered).toContain(401)
    expect((await around.journal.head()).position).toBe(0)
  })
})
