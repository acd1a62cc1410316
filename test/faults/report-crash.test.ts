import { describe, expect, test } from 'vitest'
import { reportShare } from '../../src/compose/report-share.ts'
import type { Courier } from '../../src/engine/outbox/couriers.ts'
import { fileCourier } from '../../src/engine/outbox/file-courier.ts'
import { atRest, surroundings, wish } from '../support/engine-story.ts'
import { deathsBetween, mortal, type Death } from '../support/mortal.ts'

const MINUTE_MS = 60_000
const FORM = { services: [], symptoms: [], procedure: null, toVersion: null }

/** An incident is closed by a process with this death, and another one comes later. */
async function withDeath(death: Death) {
  const courier: { now: Courier<'file'> | null } = { now: null }
  const written: number[] = []
  const around = surroundings({
    ids: ['i-1'],
    writeReport: async ({ sequence }) => {
      written.push(sequence)
      return { ok: true, says: '3 files' }
    },
    couriers: [
      {
        kind: 'file',
        deadlineMs: MINUTE_MS,
        owed: (incident) => courier.now?.owed(incident) ?? [],
        send: (...asked) => of(courier).send(...asked),
        find: async (...asked) => (await of(courier).find?.(...asked)) ?? null,
      } satisfies Courier<'file'>,
    ],
  })
  /** A process whose files go to Slack as its messages do: not once it is dead. */
  const started = (its: Death) => {
    const process = around.startProcess(its)
    const conversations = mortal(around.slack.conversations, process.life, its)
    courier.now = fileCourier({ conversations, sources: [reportShare(async () => null)] })
    return process
  }
  const before = started(null)
  const start = { kind: 'start', description: 'Logins fail', ...FORM } as const
  await before.engine.receive(null, wish('d1', start))
  before.engine.wake('i-1')
  await atRest(before.engine, before.life)
  await before.engine.stop()

  const { engine, life } = started(death)
  await engine.load('i-1')
  await Promise.race([engine.receive('i-1', wish('d2', { kind: 'close' })), diedIn(life)])
  engine.wake('i-1')
  await atRest(engine, life)

  around.pass(4 * MINUTE_MS)
  const second = started(null)
  await second.engine.resume()
  // A press that never reached the journal was not acknowledged: the person sees that, and presses again.
  const again = await second.engine.receive('i-1', wish('d2', { kind: 'close' }))
  // What the journal holds already, the process that comes later finds by itself.
  if (again.kind === 'received') second.engine.wake('i-1')
  for (let minutes = 0; minutes < 4; minutes += 1) {
    second.engine.tick()
    await second.engine.idle()
    around.pass(MINUTE_MS)
  }
  const { closed, report, outbox } = (await second.engine.load('i-1'))!
  const left = {
    effects: life.effects,
    died: life.dead,
    isClosed: closed !== null,
    report,
    written: written.length,
    sent: Object.values(outbox.file).map((one) => one?.kind),
    files: around.slack.files.map(({ name }) => name),
  }
  await second.engine.stop()
  around.end()
  return left
}

function of({ now }: { now: Courier<'file'> | null }): Courier<'file'> {
  if (!now) throw new Error('there is no courier yet')
  return now
}

async function diedIn(life: { readonly dead: boolean }): Promise<void> {
  while (!life.dead) await new Promise((next) => setImmediate(next))
}

describe('a process that dies while it writes the report and sends it', async () => {
  const unharmed = await withDeath(null)

  test('undisturbed it is written once and stands in the thread once, and every effect of it was tried', () => {
    expect(unharmed.effects.length).toBeGreaterThan(5)
    expect(unharmed).toMatchObject({
      isClosed: true,
      report: { written: 1, dueSince: null },
      written: 1,
      sent: ['delivered'],
      files: ['i-1-report-1.md'],
    })
  })

  test.each(deathsBetween(unharmed.effects))(
    'at effect $at, $when: it is there in the end, and once in the thread (J1, J8)',
    async (death) => {
      const { died, isClosed, report, written, sent, files } = await withDeath(death)
      expect({ died, isClosed, sent, files }).toEqual({
        died: true,
        isClosed: true,
        sent: ['delivered'],
        files: ['i-1-report-1.md'],
      })
      expect(report).toMatchObject({ written: 1, dueSince: null, last: { ok: true } })
      // Cut off before the journal knew of it, it is written again, into a folder of its own.
      expect(written).toBeLessThanOrEqual(2)
    },
  )
})
