import { describe, expect, test } from 'vitest'
import { watchCard } from '../../src/chat/cards/watch-card.ts'
import { pictureFiles } from '../../src/compose/pictures.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { fileCourier } from '../../src/engine/outbox/file-courier.ts'
import type { Courier } from '../../src/engine/outbox/couriers.ts'
import type { Conversations } from '../../src/ports/conversations.ts'
import { surroundings, wish } from '../support/engine-story.ts'
import { cardWords } from '../support/card-words.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

type Draw = () => Promise<{ readonly png: Uint8Array; readonly alt: string } | null>

const drawn: Draw = async () => ({ png: new Uint8Array([137]), alt: 'what is in it' })

/** A watch over production, with pictures that are drawn so. */
async function watching(draw: { with: Draw }, scenario: 'healthy' | 'errors-62' = 'healthy') {
  const courier: { now: Courier<'file'> | null } = { now: null }
  const around = surroundings({
    scenario,
    couriers: [
      {
        kind: 'file',
        deadlineMs: 60_000,
        owed: (incident) => courier.now?.owed(incident) ?? [],
        send: (...asked) => of(courier).send(...asked),
        find: async (...asked) => (await of(courier).find?.(...asked)) ?? null,
      } satisfies Courier<'file'>,
    ],
  })
  const { conversations, files } = around.slack
  let sends = 0
  const counted: Pick<Conversations, 'upload' | 'findFile'> = {
    ...conversations,
    upload(...asked) {
      sends += 1
      return conversations.upload(...asked)
    },
  }
  courier.now = fileCourier({
    conversations: counted,
    sources: [pictureFiles({ pictureOf: () => draw.with(), clock: around.clock })],
  })
  let { engine } = around.startProcess()
  const receipt = await engine.receive(null, wish('d1', { kind: 'assess', symptoms: [] }))
  const id = receipt.kind === 'received' ? receipt.incident : ''
  engine.wake(id)
  await engine.idle()
  await engine.receive(id, wish('d2', { kind: 'declare' }))
  await engine.receive(id, wish('d3', { kind: 'watch', on: true }))
  engine.wake(id)
  await engine.idle()
  return {
    id,
    files,
    sends: () => sends,
    titles: () => files.map(({ title }) => title.replace(/^[\d:]+ UTC: /, '')),
    async ticks(forMs: number) {
      for (let passedMs = 0; passedMs < forMs; passedMs += 10 * SECOND_MS) {
        around.pass(10 * SECOND_MS)
        engine.tick()
        await engine.idle()
      }
    },
    async close() {
      await engine.receive(id, wish('d9', { kind: 'close' }))
      engine.wake(id)
      await engine.idle()
    },
    async restart() {
      await engine.stop()
      ;({ engine } = around.startProcess())
      await engine.resume()
      await engine.idle()
    },
    card: async () => JSON.stringify(cardWords(watchCard((await engine.load(id))!, 1))),
    incident: async () => (await engine.load(id))!,
    async end() {
      await engine.stop()
      around.end()
    },
  }
}

function of({ now }: { now: Courier<'file'> | null }): Courier<'file'> {
  if (!now) throw new Error('there is no courier yet')
  return now
}

describe('pictures of an incident', () => {
  test('come when production turns, after half an hour and at the end: each once, also over restarts', async () => {
    const story = await watching({ with: drawn })
    await story.ticks(2 * MINUTE_MS)
    expect(story.titles()).toEqual([])
    await story.ticks(3 * MINUTE_MS)
    expect(story.titles()).toEqual(['Production is stable'])
    expect(story.files[0]).toMatchObject({
      altText: 'what is in it',
      name: expect.stringMatching(new RegExp(`^${story.id}-chart-\\d+\\.png$`)),
    })
    expect(await story.card()).toMatch(/The picture of .*UTC.* is in this thread\./)
    await story.restart()
    await story.ticks(26 * MINUTE_MS)
    await story.restart()
    await story.close()
    await story.restart()
    expect(story.titles()).toEqual([
      'Production is stable',
      'The first half hour is over',
      'The incident is closed',
    ])
    expect(new Set(story.files.map(({ name }) => name)).size).toBe(story.files.length)
    expect(story.sends()).toBe(story.files.length)
    await story.end()
  })

  test('that cannot be drawn hold nothing up, say why on the card, and come when they can', async () => {
    const detail = 'connection refused at 127.0.0.1:9090'
    const draw: { with: Draw } = {
      async with() {
        throw new Fault({ kind: 'retryable', dependency: 'prometheus', detail })
      },
    }
    const story = await watching(draw)
    await story.ticks(5 * MINUTE_MS)
    expect(story.files).toEqual([])
    expect((await story.incident()).watch?.state).toBe('stable')
    expect(await story.card()).toMatch(
      /No picture of .*: connection refused at 127\.0\.0\.1:9090\./,
    )
    draw.with = drawn
    await story.ticks(6 * MINUTE_MS)
    expect(story.titles()).toEqual(['Production is stable'])
    expect(await story.card()).toMatch(/The picture of .* is in this thread\./)
    await story.end()
  })

  test.each([
    [
      'say so',
      new Fault({ kind: 'retryable', dependency: 'drawing', detail: 'it took too long' }),
      'it took too long',
    ],
    ['only took too long', new DOMException('late', 'TimeoutError'), 'it took too long'],
    ['have a fault of ours', new TypeError('x of null'), 'unexpected: TypeError: x of null'],
  ])('that %s for half an hour are told, and not tried for ever', async (_how, error, because) => {
    let tries = 0
    const story = await watching({
      async with() {
        tries += 1
        throw error
      },
    })
    await story.ticks(4 * MINUTE_MS)
    expect(await story.card()).toContain(`: ${because}.`)
    await story.close()
    await story.ticks(60 * MINUTE_MS)
    const after = tries
    expect(Object.values((await story.incident()).outbox.file).map((one) => one?.kind)).toContain(
      'refused',
    )
    await story.ticks(60 * MINUTE_MS)
    expect(tries).toBe(after)
    expect(tries).toBeLessThan(40)
    await story.end()
  })

  test('that were only stopped are not given up for it, however late', async () => {
    const story = await watching({ with: drawn })
    await story.ticks(5 * MINUTE_MS)
    const incident = await story.incident()
    const source = pictureFiles({
      pictureOf: (_, signal) => Promise.reject(signal.reason),
      clock: { now: () => Date.UTC(2026, 10, 22, 6) },
    })
    const [owed] = source.owed(incident)
    const made = (signal: AbortSignal) => source.make(incident, owed!.key, signal)
    const stopped = new DOMException('stopped', 'AbortError')
    await expect(made(AbortSignal.abort(stopped))).rejects.toBe(stopped)
    const late = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    await expect(made(late)).rejects.toMatchObject({ kind: 'terminal', detail: 'it took too long' })
    await story.end()
  })

  test('are none without numbers', async () => {
    const story = await watching({ with: async () => null })
    await story.ticks(5 * MINUTE_MS)
    expect(story.files).toEqual([])
    await story.end()
  })
})
