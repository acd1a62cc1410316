import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { assess } from '../../src/assess/assess.ts'
import { lookAt } from '../../src/assess/look.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { dataFolder, runBackout } from '../support/bot.ts'
import { assessSettings as settings } from '../support/contracts/settings.ts'
import { ANA } from '../support/slack/fixture.ts'
import { declaredEvents } from './open-incidents.ts'
import { atMost, reported, spreadText } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { spread } from './pairs.ts'

const EVENTS = 10_000
const TIMES = 5
const MOST_MS = 2_000
const ID = '20261122-k7qf'
const clock = { now: Date.now }

/** From the command to its end: the journal is read, and what was asked for is on the disk. */
export const reporting = async (): Promise<readonly Outcome[]> => {
  const data = dataFolder()
  const journal = join(data, 'journal.sqlite')
  await writeLongIncident(journal)
  const written = (options: readonly string[], name: string) => async (): Promise<number> => {
    const startedMs = performance.now()
    const args = ['report', ID, '--journal', journal, ...options]
    const { code, output } = await runBackout(args)
    const tookMs = performance.now() - startedMs
    if (code !== 0) throw new Error(`the report was not written: ${output}`)
    rmSync(join(data, name), { recursive: true })
    return tookMs
  }
  const page = join(data, 'report.html')
  const folder = join(data, 'incident')
  const pages = await timesOf(written([page], 'report.html'))
  const folders = await timesOf(written(['--folder', folder], 'incident'))
  const megabytes = (statSync(journal).size / 1e6).toFixed(0)
  return [
    atMost({
      what: `report of an incident of ${EVENTS} events as a page, the slowest of ${TIMES}`,
      measured: Math.max(...pages),
      gate: MOST_MS,
      unit: 'ms',
      details: [spreadText(spread(pages))],
    }),
    reported('the same with its journal, redacted, in a folder', spreadText(spread(folders)), [
      `the journal file has ${megabytes} MB`,
    ]),
  ]
}

const timesOf = async (measure: () => Promise<number>): Promise<number[]> => {
  // It warms up.
  await measure()
  const times: number[] = []
  for (let time = 0; time < TIMES; time += 1) times.push(await measure())
  return times
}

/** A day of looks, with an assessment, a call and a card edited in between, many times over. */
const writeLongIncident = async (file: string): Promise<void> => {
  const { world } = sandboxWorld({ scenario: 'errors-62', clock, settings })
  const never = new AbortController().signal
  const assessment = await assess(world, settings, [], async () => [])
  const look = await lookAt(world, settings, never, { part: 'half-hour' })
  const journal = sqliteJournal({ file, clock })
  const events: Event[] = [
    ...declaredEvents(ID, assessment),
    { type: 'watch-started', watch: 1, plan: null },
  ]
  for (let due = 1; events.length < EVENTS - 6; due += 1) {
    events.push({ type: 'watch-looked', watch: 1, look: { ...look, due } })
    if (due % 50 > 0) continue
    events.push(
      { type: 'watch-turned', watch: 1, to: due % 100 === 0 ? 'stable' : 'relapse' },
      { type: 'moment-added', by: ANA, at: new Date(clock.now()).toISOString(), text: 'A call' },
      { type: 'assessment-requested', by: ANA },
      { type: 'assessment-taken', assessment },
      { type: 'backout-restarted' },
    )
  }
  while (events.length < EVENTS) events.push({ type: 'backout-restarted' })
  for (let from = 0; from < events.length; from += 500) {
    const batch = events.slice(from, from + 500)
    const written = await journal.append({ incident: ID, seen: from, events: batch })
    if (written.kind !== 'appended') throw new Error(`${ID}: ${written.kind}`)
  }
  journal.close()
}
