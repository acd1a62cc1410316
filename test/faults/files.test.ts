import { describe, expect, test } from 'vitest'
import { Fault, type FaultKind } from '../../src/domain/base/fault.ts'
import { incidentLog } from '../../src/engine/journal/incident-log.ts'
import { couriersOf } from '../../src/engine/outbox/couriers.ts'
import { fileCourier, type FileSource } from '../../src/engine/outbox/file-courier.ts'
import type { Conversations } from '../../src/ports/conversations.ts'
import { surroundings, untilDead, type Surroundings } from '../support/engine-story.ts'
import { deathsAt, mortal, type Death, type Life } from '../support/mortal.ts'

const ID = '20261122-file'
const KEY = 'picture-7'
const NAME = `${ID}-${KEY}.png`
const HEADLINE = { channel: 'C1', ts: '5.0' }
const MINUTE_MS = 60_000

const picture: FileSource = {
  owed: () => [{ key: KEY, name: NAME }],
  make: async () => ({ title: 'the picture', altText: 'words', bytes: new Uint8Array([1]) }),
}

type Fate = 'arrives' | 'done-and-lost' | 'shown-late' | 'not-done-and-lost' | FaultKind

/** A Slack whose uploads meet these fates, one after the other; what is shown late is shown after a look. */
function slackWith(around: Surroundings, fates: readonly Fate[], failingLooks = 0) {
  const left = [...fates]
  let looksLeft = failingLooks
  let hidden = false
  const { conversations, files } = around.slack
  const port: Pick<Conversations, 'upload' | 'findFile'> = {
    async upload(place, file, signal) {
      const fate = left.shift() ?? 'arrives'
      const shown = fate === 'arrives' || fate === 'done-and-lost' || fate === 'shown-late'
      hidden = fate === 'shown-late'
      const answer = shown ? await conversations.upload(place, file, signal) : null
      if (answer && fate === 'arrives') return answer
      const kind = fate === 'retryable' || fate === 'terminal' ? fate : 'unknown-outcome'
      throw new Fault({ kind, dependency: 'slack', detail: fate })
    },
    async findFile(...asked) {
      if (looksLeft > 0) {
        looksLeft -= 1
        throw new Fault({ kind: 'retryable', dependency: 'slack', detail: 'it is away' })
      }
      if (!hidden) return conversations.findFile(...asked)
      hidden = false
      return null
    },
  }
  return { port, files }
}

function process(
  around: Surroundings,
  conversations: Pick<Conversations, 'upload' | 'findFile'>,
  journal = around.journal,
) {
  const incidents = incidentLog(journal, { reach() {} })
  const couriers = couriersOf({
    couriers: [fileCourier({ conversations, sources: [picture] })],
    incidents,
    clock: around.clock,
    sleep: async (ms) => {
      around.pass(ms)
      await new Promise((next) => setImmediate(next))
    },
    log: { info() {}, warn() {}, error() {} },
    stopped: new AbortController().signal,
  })
  return {
    incidents,
    async begins() {
      await incidents.append(ID, () => [
        {
          type: 'outbox-claimed',
          kind: 'message',
          key: 'headline',
          to: { channel: 'C1', thread: null },
        },
        { type: 'outbox-delivered', kind: 'message', key: 'headline', receipt: HEADLINE },
      ])
    },
    async refreshes() {
      await incidents.load(ID)
      couriers.refresh(ID)
      await couriers.settled()
    },
    /** As the clock ticks, for so long. */
    async ticks(forMs: number) {
      for (let passed = 0; passed < forMs; passed += 10_000) {
        around.pass(10_000)
        couriers.retry()
        // oxlint-disable-next-line no-await-in-loop -- one tick follows another
        await couriers.settled()
      }
    },
    delivery: async () => (await incidents.load(ID)).outbox.file[KEY],
  }
}

describe('a file', () => {
  test.each<{ fates: Fate[]; looks?: number; shown: number; ends: string }>([
    { fates: ['arrives'], shown: 1, ends: 'delivered' },
    { fates: ['done-and-lost'], shown: 1, ends: 'delivered' },
    { fates: ['shown-late'], shown: 1, ends: 'delivered' },
    { fates: ['not-done-and-lost'], shown: 1, ends: 'delivered' },
    { fates: ['not-done-and-lost', 'shown-late'], shown: 1, ends: 'delivered' },
    { fates: ['retryable', 'done-and-lost'], shown: 1, ends: 'delivered' },
    // It cannot be looked for when it may be there: that is no reason to send it again.
    { fates: ['done-and-lost'], looks: 3, shown: 1, ends: 'delivered' },
    { fates: ['terminal'], shown: 0, ends: 'refused' },
  ])('$fates, and $looks looks fail: shown $shown times, $ends (J4)', async (story) => {
    const around = surroundings()
    const { port, files } = slackWith(around, story.fates, story.looks)
    const one = process(around, port)
    await one.begins()
    await one.refreshes()
    await one.ticks(3 * MINUTE_MS)
    expect(files.map(({ name, thread }) => [name, thread])).toEqual(
      Array.from({ length: story.shown }, () => [NAME, HEADLINE.ts]),
    )
    expect(await one.delivery()).toMatchObject({ kind: story.ends })
    // Whoever comes after a restart shows it no second time.
    const next = process(around, port)
    await next.refreshes()
    await next.ticks(MINUTE_MS)
    expect(files).toHaveLength(story.shown)
    around.end()
  })

  test('waits for its thread', async () => {
    const around = surroundings()
    const one = process(around, around.slack.conversations)
    await one.incidents.append(ID, () => [{ type: 'backout-restarted' }])
    await one.refreshes()
    expect(around.slack.files).toEqual([])
    await one.begins()
    await one.refreshes()
    expect(around.slack.files).toHaveLength(1)
    around.end()
  })
})

describe('a process that dies while it shows a file', async () => {
  /** One process with this death, and another one after it. */
  async function story(death: Death) {
    const around = surroundings()
    await process(around, around.slack.conversations).begins()
    const life: Life = { calls: 0, effects: [], dead: false }
    const { conversations } = around.slack
    const dying = process(
      around,
      mortal(conversations, life, death),
      mortal(around.journal, life, death),
    )
    await untilDead(life, dying.refreshes())
    const next = process(around, conversations)
    await next.refreshes()
    await next.ticks(2 * MINUTE_MS)
    const last = await next.delivery()
    const { effects, dead } = life
    around.end()
    return { effects, dead, shown: around.slack.files.length, last }
  }

  const unharmed = await story(null)
  test.each(deathsAt(unharmed.effects))(
    'at effect $at, $when: it is shown once (J1, J4)',
    async (death) => {
      const { dead, shown, last } = await story(death)
      expect(dead).toBe(true)
      expect(shown).toBe(1)
      expect(last).toMatchObject({ kind: 'delivered' })
    },
  )

  test('each of its effects was tried: the claim, the showing and the result', () => {
    expect(unharmed.effects).toHaveLength(3)
  })
})
