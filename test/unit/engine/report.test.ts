import { afterEach, describe, expect, test } from 'vitest'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import { atRest, surroundings, wish, type Surroundings } from '../../support/engine-story.ts'

const HOUR_MS = 60 * 60_000

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

type Writes = NonNullable<Parameters<typeof surroundings>[0]>['writeReport']

/** A declared incident, and how to go on with it. */
async function declared(
  options: { readonly reportHours?: number; readonly writeReport?: Writes } = {},
) {
  const story = surroundings({ ids: ['i-1'], ...options })
  around = story
  let process = story.startProcess()
  let delivery = 0
  const tell = async (intent: Parameters<typeof wish>[1], incident: string | null = 'i-1') => {
    await process.engine.receive(incident, wish(`d-${(delivery += 1)}`, intent))
    process.engine.wake('i-1')
    await atRest(process.engine, process.life)
  }
  const form = { services: [], symptoms: [], procedure: null, toVersion: null }
  await tell({ kind: 'start', description: 'Logins fail', ...form }, null)
  return {
    story,
    tell,
    incident: async (): Promise<Incident> => (await process.engine.load('i-1'))!,
    tick: async () => {
      process.engine.tick()
      await atRest(process.engine, process.life)
    },
    /** The process is gone, and the next one takes over. */
    restart: async () => {
      await process.engine.stop()
      process = story.startProcess()
      await process.engine.resume()
      await atRest(process.engine, process.life)
    },
  }
}

const request = { kind: 'kubernetes', toVersion: null } as const
const resolved = { kind: 'decide-status', stage: 'resolved', decision: 'published' } as const
const typesOf = ({ timeline }: Incident) => timeline.map(({ event }) => event.type)
const noted = ({ outbox }: Incident) =>
  Object.keys(outbox.message).filter((surface) => surface.startsWith('note-')).length

describe('the report', () => {
  test('is written when the incident closes, and each time that somebody asks', async () => {
    const sequences: number[] = []
    const writeReport: Writes = async ({ sequence }) => {
      sequences.push(sequence)
      return { ok: true, says: '3 files' }
    }
    const { tell, incident } = await declared({ writeReport })
    expect((await incident()).report).toMatchObject({ written: 0, dueSince: null })
    await tell({ kind: 'write-report' })
    expect((await incident()).report).toMatchObject({ written: 1, last: { says: '3 files' } })
    await tell({ kind: 'close' })
    expect((await incident()).report).toMatchObject({ written: 2, dueSince: null })
    await tell({ kind: 'write-report' })
    expect((await incident()).report).toMatchObject({ written: 3 })
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
    expect(new Set(sequences).size).toBe(3)
  })

  test('that could not be written says why, and is written again when somebody asks', async () => {
    const answers = [{ ok: false, says: 'nothing kept: the disk is full' }]
    const writeReport: Writes = async () => answers.shift() ?? { ok: true, says: '3 files' }
    const { tell, incident, tick } = await declared({ writeReport })
    await tell({ kind: 'close' })
    await tick()
    expect((await incident()).report).toMatchObject({ written: 1, last: { ok: false } })
    await tell({ kind: 'write-report' })
    expect((await incident()).report).toMatchObject({ written: 2, last: { ok: true } })
  })

  test('that a crash cut off is written by the next process', async () => {
    const never = new Promise<never>(() => {})
    const begun = Promise.withResolvers<void>()
    let calls = 0
    const story = surroundings({
      ids: ['i-1'],
      async writeReport() {
        begun.resolve()
        return (calls += 1) === 1 ? never : { ok: true, says: '3 files' }
      },
    })
    around = story
    const form = { services: [], symptoms: [], procedure: null, toVersion: null }
    const first = story.startProcess()
    const start = { kind: 'start', description: 'Logins fail', ...form } as const
    await first.engine.receive(null, wish('d-1', start))
    first.engine.wake('i-1')
    await atRest(first.engine, first.life)
    await first.engine.receive('i-1', wish('d-2', { kind: 'close' }))
    first.engine.wake('i-1')
    await begun.promise
    first.life.dead = true
    const second = story.startProcess()
    await second.engine.resume()
    await atRest(second.engine, second.life)
    expect((await second.engine.load('i-1'))?.report).toMatchObject({ written: 1, dueSince: null })
    expect(calls).toBe(2)
  })
})

describe('a report that the status page promised', () => {
  async function closedAndPromised(options: Parameters<typeof declared>[0] = { reportHours: 24 }) {
    const told = await declared(options)
    // Of a rollback only what the status page is asked after.
    await told.story.journal.append({
      incident: 'i-1',
      seen: 'any',
      events: [
        { type: 'plan-requested', plan: 1, by: 'U0ANA', human: 'ana', request },
        { type: 'watch-started', watch: 1, plan: 1 },
        { type: 'watch-turned', watch: 1, to: 'stable' },
      ],
    })
    await told.tick()
    await told.tell(resolved)
    await told.tell({ kind: 'close' })
    expect((await told.incident()).closed).not.toBeNull()
    return told
  }

  test('and that is not there a day later is asked for once, in the thread', async () => {
    const { story, incident, tick } = await closedAndPromised()
    const before = noted(await incident())
    story.pass(24 * HOUR_MS - 60_000)
    await tick()
    expect(typesOf(await incident())).not.toContain('report-missed')
    story.pass(2 * 60_000)
    await tick()
    await tick()
    expect(typesOf(await incident()).filter((type) => type === 'report-missed')).toHaveLength(1)
    expect(noted(await incident())).toBe(before + 1)
    const said = story.slack.messages.map(({ view }) => JSON.stringify(view)).at(-1)
    expect(said).toContain('The status page promised a report of this incident')
    expect(said).toContain('Report published')
  })

  test('is asked for by the process that runs then, whoever closed it', async () => {
    const { story, incident, tick, restart } = await closedAndPromised()
    story.pass(25 * HOUR_MS)
    await restart()
    await tick()
    expect(typesOf(await incident())).toContain('report-missed')
  })

  test('and that somebody says is published is not asked for', async () => {
    const { story, incident, tick, tell } = await closedAndPromised()
    await tell({ kind: 'report-published' })
    story.pass(30 * HOUR_MS)
    await tick()
    expect(typesOf(await incident())).not.toContain('report-missed')
  })

  test('is not asked for where the settings say so', async () => {
    const { story, incident, tick } = await closedAndPromised({ reportHours: 0 })
    story.pass(90 * HOUR_MS)
    await tick()
    expect(typesOf(await incident())).not.toContain('report-missed')
  })
})
