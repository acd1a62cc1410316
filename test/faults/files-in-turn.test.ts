import { expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import { incidentLog } from '../../src/engine/journal/incident-log.ts'
import { couriersOf } from '../../src/engine/outbox/couriers.ts'
import { fileCourier, type FileSource } from '../../src/engine/outbox/file-courier.ts'
import { surroundings } from '../support/engine-story.ts'

const IDS = ['20261122-one1', '20261122-two2', '20261122-thre']
const KEY = 'picture-7'

/** Three incidents whose headline is posted, and which are owed a picture in the same moment. */
async function owedAtOnce(make: FileSource['make']) {
  const around = surroundings()
  const incidents = incidentLog(around.journal, { reach() {} })
  const source: FileSource = { owed: ({ id }) => [{ key: KEY, name: `${id}.png` }], make }
  const couriers = couriersOf({
    couriers: [fileCourier({ conversations: around.slack.conversations, sources: [source] })],
    incidents,
    clock: around.clock,
    sleep: async () => {},
    log: { info() {}, warn() {}, error() {} },
    stopped: new AbortController().signal,
  })
  await Promise.all(
    IDS.map((id) =>
      incidents.append(id, () => [
        {
          type: 'outbox-claimed',
          kind: 'message',
          key: 'headline',
          to: { channel: 'C1', thread: null },
        },
        {
          type: 'outbox-delivered',
          kind: 'message',
          key: 'headline',
          receipt: { channel: 'C1', ts: '5.0' },
        },
      ]),
    ),
  )
  for (const id of IDS) couriers.refresh(id)
  const deliveries = async () =>
    Promise.all(IDS.map(async (id) => (await incidents.load(id)).outbox.file[KEY]?.kind ?? 'none'))
  return { couriers, deliveries }
}

test('of files that are owed in one moment one is made at a time, and whoever waits has claimed nothing', async () => {
  const begun: string[] = []
  const ends: (() => void)[] = []
  const { couriers, deliveries } = await owedAtOnce(async ({ id }) => {
    begun.push(id)
    await new Promise<void>((end) => ends.push(end))
    return { title: id, altText: 'words', bytes: new Uint8Array([1]) }
  })
  await expect.poll(() => begun).toEqual([IDS[0]])
  expect(await deliveries()).toEqual(['claimed', 'none', 'none'])
  ends[0]?.()
  await expect.poll(() => begun).toEqual([IDS[0], IDS[1]])
  expect(await deliveries()).toEqual(['delivered', 'claimed', 'none'])
  ends[1]?.()
  await expect.poll(() => begun).toEqual(IDS)
  ends[2]?.()
  await couriers.settled()
  expect(await deliveries()).toEqual(['delivered', 'delivered', 'delivered'])
})

test('one that cannot be made holds up none after it', async () => {
  const { couriers, deliveries } = await owedAtOnce(async ({ id }) => {
    if (id === IDS[0]) {
      throw new Fault({ kind: 'retryable', dependency: 'drawing', detail: 'it took too long' })
    }
    return { title: id, altText: 'words', bytes: new Uint8Array([1]) }
  })
  await couriers.settled()
  expect(await deliveries()).toEqual([
    expect.not.stringMatching('delivered'),
    'delivered',
    'delivered',
  ])
})
