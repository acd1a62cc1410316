import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import { checkpointIn } from '../../src/chat/text/checkpoint-words.ts'
import { checkpointSigner } from '../../src/compose/checkpoint-key.ts'
import { CheckpointMoment } from '../../src/domain/incident/checkpoint.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { Journal } from '../../src/ports/journal.ts'
import { atRest, surroundings, type Surroundings, type Ways } from '../support/engine-story.ts'
import { deathsBetween, type Death } from '../support/mortal.ts'
import { incidentOf, ROLLBACK, SIGNED, tell, type Telling } from '../support/rollback-story.ts'

const keys = generateKeyPairSync('ed25519')
const sign = checkpointSigner(keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
const said = (intent: 'close' | 'reopen'): Telling => ({
  by: 'U0ANA',
  intent: () => ({ kind: intent }),
})
const CLOSED: readonly Telling[] = [...ROLLBACK, said('close')]
const MOMENTS = ['signed 1', 'first-write 1', 'closed']

const telling = () => surroundings({ checkpoints: { of: CheckpointMoment.options, sign } })

async function taken(around: Surroundings) {
  const events = await around.journal.read(await incidentOf(around))
  return events.flatMap(({ event }) =>
    event.type === 'checkpoint-taken' ? [event.checkpoint] : [],
  )
}

async function momentsIn(around: Surroundings): Promise<string[]> {
  return (await taken(around)).map(({ of, plan }) => [of, plan].filter(Boolean).join(' '))
}

/** What the thread was told, in the order in which it was. */
const toldIn = ({ slack }: Surroundings) =>
  slack.messages.flatMap(({ view }) => checkpointIn(view.text) ?? [])

describe('checkpoints of a rollback', () => {
  test('the thread is told at the signatures, the first write and the end, with what the journal holds (J8)', async () => {
    const around = telling()
    await tell(around, around.startProcess(), 0, CLOSED)
    expect(await momentsIn(around)).toEqual(MOMENTS)
    const inJournal = (await taken(around)).map(({ position, hash }) => ({ position, hash }))
    expect(toldIn(around)).toEqual(inJournal)
    const outside = {
      anchors: inJournal.map((one) => ({ ...one, where: 'the thread' })),
      publicKeys: [keys.publicKey],
    }
    expect(verifyJournal(around.file, outside)).toMatchObject({
      kind: 'intact',
      checkpointed: inJournal.at(-1)?.position,
    })
    around.end()
  })

  test('each covers what it tells of', async () => {
    const around = telling()
    await tell(around, around.startProcess(), 0, CLOSED)
    const all = (await around.journal.follow(0)).events
    const [signed, begun, closed] = (await taken(around)).map(({ position }) =>
      all.slice(0, position).map(({ event }) => event.type),
    )
    expect(signed?.filter((type) => type === 'plan-approved')).toHaveLength(2)
    expect(begun).toContain('step-started')
    expect(closed).toContain('incident-closed')
    around.end()
  })

  test('none is taken of a plan that lacks a signature', async () => {
    const around = telling()
    await tell(around, around.startProcess(), 0, ROLLBACK.slice(0, -1))
    expect(await momentsIn(around)).toEqual([])
    around.end()
  })

  test('one that is opened again is told of its end again', async () => {
    const around = telling()
    await tell(around, around.startProcess(), 0, [...CLOSED, said('reopen'), said('close')])
    expect(await momentsIn(around)).toEqual([...MOMENTS, 'closed'])
    around.end()
  })

  test('without a key they are told unsigned', async () => {
    const around = surroundings({ checkpoints: { of: ['closed'] } })
    await tell(around, around.startProcess(), 0, CLOSED)
    const [only, ...more] = await taken(around)
    expect(more).toEqual([])
    expect(only).not.toHaveProperty('signed')
    expect(toldIn(around)).toHaveLength(1)
    around.end()
  })

  test('a journal that does not say how far it is holds up nothing, and says it later', async () => {
    const around = telling()
    let away = true
    const journal = (inner: Journal): Journal => ({
      ...inner,
      async head() {
        const isFollowed = (await inner.recent(1e14)).length === 0
        if (!away || isFollowed) return inner.head()
        throw new Fault({ kind: 'retryable', dependency: 'journal', detail: 'away' })
      },
    })
    const process = around.startProcess(null, { journal })
    await tell(around, process, 0, ROLLBACK)
    const run = (await process.engine.load(await incidentOf(around)))?.plans[0]?.run
    expect(run?.ended?.outcome).toBe('succeeded')
    expect(await momentsIn(around)).toEqual([])
    away = false
    process.engine.tick()
    await atRest(process.engine, process.life)
    expect(await momentsIn(around)).toEqual(MOMENTS.slice(0, 2))
    around.end()
  })

  test('two engines take each once (J2, J5)', async () => {
    const around = telling()
    const [one, two] = [around.startProcess(), around.startProcess()]
    await tell(around, one, 0, ROLLBACK.slice(0, -1))
    await two.engine.resume()
    await tell(around, one, ROLLBACK.length - SIGNED.length, ROLLBACK)
    two.engine.tick()
    await atRest(two.engine, two.life)
    await atRest(one.engine, one.life)
    expect(await momentsIn(around)).toEqual(MOMENTS.slice(0, 2))
    expect(toldIn(around)).toHaveLength(2)
    around.end()
  })
})

describe('killed between any two things that it changes, from the signatures on', async () => {
  async function killed(death: Death, ways: Ways = {}) {
    const around = telling()
    const first = around.startProcess(death, ways)
    let reached = await tell(around, first, 0, ROLLBACK.slice(0, -1))
    const unsigned = first.life.calls
    if (!first.life.dead) reached = await tell(around, first, reached, CLOSED)
    const { effects } = first.life
    const second = around.startProcess()
    await second.engine.resume()
    await atRest(second.engine, second.life)
    await tell(around, second, reached, CLOSED)
    await second.engine.idle()
    const left = {
      effects: effects.filter((at) => at > unsigned),
      moments: await momentsIn(around),
      told: toldIn(around).map(({ position }) => position),
      taken: (await taken(around)).map(({ position }) => position),
      proof: verifyJournal(around.file, { anchors: [], publicKeys: [keys.publicKey] }),
    }
    around.end()
    return left
  }
  const unharmed = await killed(null)
  const deaths = deathsBetween(unharmed.effects)

  test('enough moments are tried', () => {
    console.log(`crash points with checkpoints: ${deaths.length}`)
    expect(deaths.length).toBeGreaterThan(20)
  })

  test.each(deaths)('call $at, $when: each is taken and told once (J1, J4)', async (death) => {
    const left = await killed(death)
    expect(left.moments).toEqual(MOMENTS)
    expect(left.told).toEqual(left.taken)
    expect(left.proof.kind).toBe('intact')
  })
})
