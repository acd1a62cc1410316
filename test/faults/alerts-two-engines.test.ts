import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { foldIncident } from '../../src/domain/incident/fold.ts'
import type { Engine } from '../../src/engine/engine-types.ts'
import { alert, ended, group } from '../support/alerts.ts'
import { atRest, surroundings, untilDead, type Surroundings } from '../support/engine-story.ts'
import { scheduledJournal } from '../support/scheduled-journal.ts'
import { deathsAt } from '../support/mortal.ts'

/** Every time other ones: what one time does not find, the next one may. */
const RUNS = 60

const NAMES = ['A', 'B', 'C', 'D', 'E']

async function incidentsOf(around: Surroundings) {
  const ids = await around.journal.recent(1e12)
  const all = await Promise.all(
    ids.map(async (id) => foldIncident(id, await around.journal.read(id))),
  )
  return all.filter(({ sequence }) => sequence > 0)
}

async function everythingDone(engines: readonly Engine[], around: Surroundings): Promise<void> {
  for (const id of await around.journal.recent(1e12)) for (const one of engines) one.wake(id)
  await Promise.all(engines.map((engine) => engine.idle()))
}

const Names = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 })

test(`two processes told of groups that overlap, ${RUNS} interleavings: one incident, each alert once (J2, J5)`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), Names, Names, async (scheduler, first, second) => {
      const around = surroundings()
      const engines = [first, second].map(
        () =>
          around.startProcess(null, { journal: (inner) => scheduledJournal(inner, scheduler) })
            .engine,
      )
      // Whichever comes second may share one alert only: it is told of the whole group.
      const groups = [first, [...new Set([first[0] ?? '', ...second])].toReversed()]
      const [one, two] = engines
      if (!one || !two) throw new Error('two engines')
      const both = Promise.all([
        one.receiveAlerts(group(...(groups[0] ?? []))),
        two.receiveAlerts(group(...(groups[1] ?? []))),
      ])
      await scheduler.waitFor(both)
      const receipts = await both
      const done = everythingDone(engines, around)
      await scheduler.waitFor(done)
      const incidents = await incidentsOf(around)
      const proof = verifyJournal(around.file).kind
      around.end()
      expect(receipts.map(({ kind }) => kind)).toEqual(['received', 'received'])
      expect(incidents).toHaveLength(1)
      const noted = incidents.flatMap(({ alerts }) => alerts.map(({ name }) => name))
      expect(noted.toSorted()).toEqual([...new Set(groups.flat())].toSorted())
      const fired = incidents[0]?.timeline.filter(({ event }) => event.type === 'alert-fired')
      expect(fired).toHaveLength(noted.length)
      expect(around.slack.messages).toHaveLength(1)
      expect(proof).toBe('intact')
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test('one process says that it fires and the other that it has ended, in any order: one incident', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const around = surroundings()
      const engines = [1, 2].map(
        () =>
          around.startProcess(null, { journal: (inner) => scheduledJournal(inner, scheduler) })
            .engine,
      )
      const [one, two] = engines
      if (!one || !two) throw new Error('two engines')
      const both = Promise.all([
        one.receiveAlerts(group('A', 'B')),
        two.receiveAlerts(group(ended('A'), alert('B'))),
      ])
      await scheduler.waitFor(both)
      const done = everythingDone(engines, around)
      await scheduler.waitFor(done)
      const incidents = await incidentsOf(around)
      around.end()
      expect(incidents).toHaveLength(1)
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test('a journal that cannot be written tells whoever sends to send again, and nothing is half there', async () => {
  const around = surroundings()
  onTestFinished(() => around.end())
  let broken = true
  const fault = new Fault({ kind: 'retryable', dependency: 'journal', detail: 'the disk is full' })
  const { engine, life } = around.startProcess(null, {
    journal: (inner) => ({
      ...inner,
      append: async (append) => {
        if (broken) throw fault
        return inner.append(append)
      },
    }),
  })
  await expect(engine.receiveAlerts(group('A', 'B', 'C'))).rejects.toBe(fault)
  expect((await around.journal.head()).position).toBe(0)
  broken = false
  const receipt = await engine.receiveAlerts(group('C', 'A', 'B'))
  expect(receipt).toMatchObject({ kind: 'received', counts: { noted: 3 } })
  await atRest(engine, life)
  expect(await incidentsOf(around)).toHaveLength(1)
})

test('killed at any call, the next process is told again and ends with one incident (J8)', async () => {
  const told = group('A', 'B', ended('C'))
  const whole = surroundings()
  const { engine: alive, life: calls } = whole.startProcess()
  await alive.receiveAlerts(told)
  const count = calls.calls
  whole.end()
  expect(count).toBeGreaterThan(3)
  for (const death of deathsAt(Array.from({ length: count }, (_, at) => at + 1))) {
    const around = surroundings()
    const { engine, life } = around.startProcess(death)
    // oxlint-disable-next-line no-await-in-loop -- one death after the other
    await untilDead(life, engine.receiveAlerts(told))
    const { engine: next } = around.startProcess()
    // oxlint-disable-next-line no-await-in-loop -- as above
    await next.resume()
    // oxlint-disable-next-line no-await-in-loop -- as above
    await next.receiveAlerts(told)
    // oxlint-disable-next-line no-await-in-loop -- as above
    await everythingDone([next], around)
    // oxlint-disable-next-line no-await-in-loop -- as above
    const incidents = await incidentsOf(around)
    around.end()
    expect({ death, names: incidents.map(({ alerts }) => alerts.map(({ name }) => name)) }).toEqual(
      { death, names: [['A', 'B']] },
    )
    expect(around.slack.messages).toHaveLength(1)
  }
})
