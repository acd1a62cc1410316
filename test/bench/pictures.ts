import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { pictureOf } from '../../src/compose/picture-of.ts'
import {
  MatrixSettings,
  MetricsSettings,
  ServiceSettings,
} from '../../src/domain/assessment/settings.ts'
import { newIncident, type Incident } from '../../src/domain/incident/incident.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { atMost, ms, reported } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { spread } from './pairs.ts'

const PICTURES = 20
const WARM = 10
const MINUTE_MS = 60_000
const MEGABYTE = 1_000_000
const QUIET_MS = 1_000

const settings = {
  services: ['backend', 'frontend'].map((name) =>
    ServiceSettings.parse({ name, url: `http://${name}.invalid` }),
  ),
  metrics: MetricsSettings.parse({}),
  matrix: MatrixSettings.parse({}),
  activeUsersKey: 'active_users_count',
  maintenanceKey: 'maintenance_mode',
  clearsCache: true,
  deadlineMs: 3_000,
  deployed: { services: ['backend', 'frontend'] },
}

/**
 * Pictures of an incident of 40 minutes, from the simulated Prometheus to the PNG: how long one takes, how
 * long our own loop is held up, and what it takes of memory, ours and the drawing process's.
 */
export const pictures = async (): Promise<readonly Outcome[]> => {
  const nowMs = Date.now()
  const world = sandboxWorld({
    scenario: 'errors-62',
    clock: { now: () => nowMs },
    settings,
    slowestMs: 0,
  }).world
  const incident = incidentSince(nowMs - 40 * MINUTE_MS)
  const from = {
    production: { world, readScrape: async () => 15_000 },
    settings: settings.metrics,
    nowMs,
  }
  const draw = async () => {
    const picture = await pictureOf(incident, from, AbortSignal.timeout(30_000))
    if (!picture) throw new Error('nothing was drawn')
    return picture.png.byteLength
  }
  const firstStartedMs = performance.now()
  await draw()
  const firstMs = performance.now() - firstStartedMs
  // What is compiled and kept once is no matter of each picture.
  for (let nth = 1; nth < WARM; nth += 1) await draw()

  const before = await settledMemory()
  const drawnBefore = drawingMs()
  const watched = watch()
  const took: number[] = []
  let bytes = 0
  for (let nth = 0; nth < PICTURES; nth += 1) {
    const startedMs = performance.now()
    bytes = await draw()
    took.push(performance.now() - startedMs)
  }
  const { turnMs, oursAtMost, theirsAtMost } = await watched.stop()
  const after = await settledMemory()
  const times = spread(took)
  return [
    atMost({
      what: 'One picture, time on the processor of the process that draws',
      measured: (drawingMs() - drawnBefore) / PICTURES,
      gate: 300,
      unit: 'ms',
      details: [
        `by the clock ${ms(times.median)} (p10 ${ms(times.p10)}, p90 ${ms(times.p90)}), the first one ${ms(firstMs)}; ${Math.round(bytes / 1_000)} KB`,
      ],
    }),
    atMost({
      what: 'Longest turn of our event loop, time on the processor',
      measured: turnMs,
      gate: 20,
      unit: 'ms',
    }),
    atMost({
      what: 'Memory of ours and of the process that draws, at most',
      measured: Math.max(0, oursAtMost - before + theirsAtMost) / MEGABYTE,
      gate: 60,
      unit: 'MB',
      details: ['of what the drawing process shares with others its part is counted (Pss)'],
    }),
    atMost({
      what: `Memory after ${PICTURES} pictures`,
      measured: Math.max(0, after - before) / MEGABYTE,
      gate: 5,
      unit: 'MB',
    }),
    reported('Processes left behind', String(children().length)),
  ]
}

/** After everything that can be thrown away was. */
async function settledMemory(): Promise<number> {
  for (let nth = 0; nth < 3; nth += 1) {
    collectGarbage()
    await pause(QUIET_MS)
  }
  return process.memoryUsage.rss()
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

/** Of all processes of ours that have ended: user and system time, in hundredths of a second. */
function drawingMs(): number {
  const [, rest = ''] = readFileSync('/proc/self/stat', 'utf8').split(') ')
  const [user = 0, system = 0] = rest.split(' ').slice(13, 15).map(Number)
  return 10 * (user + system)
}

/** The longest turn of the loop, and memory, until it is stopped. */
function watch() {
  const seen = { turnMs: 0, oursAtMost: 0, theirsAtMost: 0 }
  const stopping = new AbortController()
  const cpuMs = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }
  const ended = (async () => {
    let nextLookMs = 0
    while (!stopping.signal.aborted) {
      const before = cpuMs()
      await new Promise((turn) => setImmediate(turn))
      seen.turnMs = Math.max(seen.turnMs, cpuMs() - before)
      if (performance.now() < nextLookMs) continue
      nextLookMs = performance.now() + 10
      seen.oursAtMost = Math.max(seen.oursAtMost, process.memoryUsage.rss())
      seen.theirsAtMost = Math.max(seen.theirsAtMost, ...children().map(shareOf))
    }
    return seen
  })()
  return {
    stop: () => {
      stopping.abort()
      return ended
    },
  }
}

function children(): readonly number[] {
  const file = `/proc/${process.pid}/task/${process.pid}/children`
  return readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

/** What it takes alone, and its part of what it shares, in bytes. */
function shareOf(pid: number): number {
  try {
    const [, kilobytes = '0'] =
      /^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
    return Number(kilobytes) * 1_024
  } catch {
    // It has ended.
    return 0
  }
}

function incidentSince(sinceMs: number): Incident {
  const at = new Date(sinceMs).toISOString()
  const by = 'U0ANA'
  const place = { channel: 'C0INCIDENTS', thread: null }
  return { ...newIncident('20261122-abcd'), opened: { by, at, place, environment: null } }
}
