import { expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import { declaredIncident, surroundings, wish } from '../support/engine-story.ts'

test('a headline deleted while its thread card is on the way gets a thread with a card of its own', async () => {
  let deleted = false
  const { around } = await declaredIncident((inner) => ({
    ...inner,
    async post(place, view, key) {
      const posted = await inner.post(place, view, key)
      if (key.startsWith('thread-card') && !deleted) {
        deleted = true
        const { messages } = around.slack
        messages.splice(
          messages.findIndex((one) => one.key.startsWith('headline')),
          1,
        )
      }
      return posted
    },
  }))
  const headline = around.slack.messages.find(({ key }) => key.startsWith('headline'))
  const cards = around.slack.messages.filter(({ key }) => key.startsWith('thread-card'))
  expect(deleted).toBe(true)
  expect(cards.some(({ thread }) => thread === headline?.ts)).toBe(true)
  around.end()
})

test.each([
  ['not_in_channel', /not a member/],
  ['is_archived', /does not take the card: the channel is archived/],
])(
  'a channel that refuses us with %s is told to the asker as what it is, once',
  async (code, words) => {
    const detail = 'the channel is archived'
    const { around, engine } = await declaredIncident((inner) => ({
      ...inner,
      async post() {
        throw new Fault({ kind: 'terminal', dependency: 'slack', code, detail })
      },
    }))
    engine.tick()
    await engine.idle()
    const said = around.slack.told.map(({ view }) => view.text)
    expect(said.every((text) => words.test(text))).toBe(true)
    expect(said).toHaveLength(2) // The card of the assessment, and the headline.
    around.end()
  },
)

test('two problems never share an incident, although the names are drawn by lot', async () => {
  const around = surroundings({ ids: ['20261122-aaaa', '20261122-aaaa', '20261122-bbbb'] })
  const { engine } = around.startProcess()
  // Both at once: neither knows yet that the other one has drawn the same lot.
  const receipts = await Promise.all(
    ['d1', 'd2'].map((delivery) =>
      engine.receive(null, wish(delivery, { kind: 'assess', symptoms: [] })),
    ),
  )
  const ids = receipts.map((one) => (one.kind === 'received' ? one.incident : null))
  expect(ids).toEqual(['20261122-aaaa', '20261122-bbbb'])
  around.end()
})

test('after the clock was set back a card is still brought up to date at once', async () => {
  const { around, engine, id } = await declaredIncident()
  around.setClock(-3_600_000)
  const before = around.clock.now()
  await engine.receive(id, wish('d3', { kind: 'close' }))
  engine.wake(id)
  await engine.idle()
  expect(around.slack.messages.find(({ key }) => key.startsWith('headline'))?.view.text).toMatch(
    /^Closed/,
  )
  expect(around.clock.now() - before).toBeLessThan(10_000)
  around.end()
})
