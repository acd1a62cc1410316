import { afterEach, describe, expect, test } from 'vitest'
import type { Intent } from '../../../src/domain/incident/intent.ts'
import { postedAs } from '../../../src/domain/incident/incident.ts'
import type { Conversations } from '../../../src/ports/conversations.ts'
import { surroundings, wish, type Surroundings, type Ways } from '../../support/engine-story.ts'
import { assertWithinLimits } from '../../support/slack-limits.ts'

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

/** One bot, to which people type in the channel. */
function typing(conversations?: Ways['conversations']) {
  const story = surroundings()
  around = story
  const { engine } = story.startProcess(null, conversations ? { conversations } : {})
  let typed = 0
  const type = async (id: string | null, intent: Intent, thread: string | null = null) => {
    const received = wish(`d${(typed += 1)}`, intent)
    const place = { ...received.place, thread }
    const receipt = await engine.receive(id, { ...received, place })
    const incident = receipt.kind === 'received' ? receipt.incident : ''
    engine.wake(incident)
    await engine.idle()
    return incident
  }
  const answers = () =>
    story.slack.told.map(({ user, view }) => {
      assertWithinLimits(view)
      return { user, text: view.text, blocks: JSON.stringify(view.blocks) }
    })
  return { engine, type, answers, slack: story.slack }
}

const clearCache: Intent = { kind: 'plan', request: { kind: 'clear-cache' } }

describe('whoever types a wish in the channel', () => {
  test('is told alone which plan is made, with a link into the thread that was opened for it', async () => {
    const { engine, type, answers } = typing()
    const id = await type(null, clearCache)
    const card = postedAs((await engine.load(id))!, 'thread-card')
    expect(answers()).toHaveLength(1)
    const [answer] = answers()
    expect(answer?.user).toBe('U0ANA')
    expect(answer?.text).toMatch(
      /^Plan 1 is being made, clear the cache\. It appears here, .*: the thread of incident clear the cache\.$/,
    )
    expect(answer?.blocks).toContain(
      `<https://slack.test/archives/C0INCIDENTS/p${card?.ts}|the thread of incident clear the cache>`,
    )
  })

  test('is told so of a watch, and of the next plan with its number', async () => {
    const { type, answers } = typing()
    const id = await type(null, clearCache)
    await type(id, { kind: 'watch', on: true })
    await type(id, { kind: 'plan', request: { kind: 'restart', service: 'backend' } })
    expect(answers().map(({ text }) => text.split('.')[0])).toEqual([
      'Plan 1 is being made, clear the cache',
      'Production is watched from now on',
      'Plan 2 is being made, restart',
    ])
  })

  test('and who is in the thread already sees it there', async () => {
    const { engine, type, answers } = typing()
    const id = await type(null, clearCache)
    const headline = postedAs((await engine.load(id))!, 'headline')
    await type(id, { kind: 'watch', on: true }, headline?.ts)
    expect(answers()).toHaveLength(1)
  })

  test('an assessment posts its card where it was typed, and says nothing else', async () => {
    const { type, answers } = typing()
    await type(null, { kind: 'assess', symptoms: [] })
    expect(answers()).toEqual([])
  })

  test('and a refusal is the only answer', async () => {
    const { type, answers } = typing()
    const id = await type(null, clearCache)
    await type(id, { kind: 'abort', plan: null })
    expect(answers().map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Plan 1 is being made/),
      expect.stringMatching(/^Nothing is being carried out/),
    ])
  })
})

const without = (changes: Partial<Conversations>) => (inner: Conversations) => ({
  ...inner,
  ...changes,
})

test('without a link the sentence is the same', async () => {
  const { type, answers } = typing(without({ linkTo: async () => null }))
  await type(null, clearCache)
  expect(answers()[0]?.text).toMatch(/the thread of incident clear the cache\.$/)
  expect(answers()[0]?.blocks).not.toContain('<https')
})

test('a thread that does not come is not waited for longer than a few seconds', async () => {
  const { type, answers } = typing(without({ post: () => new Promise(() => {}) }))
  void type(null, clearCache)
  await expect.poll(() => answers().length, { timeout: 10_000 }).toBe(1)
  expect(answers()[0]?.text).toMatch(/^Plan 1 is being made/)
})
