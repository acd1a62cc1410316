import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import type { Conversations } from '../../src/ports/conversations.ts'
import { declaredIncident } from '../support/engine-story.ts'

type Outcome = 'never-sent' | 'done-and-lost' | 'not-done-and-lost'

/** Slack whose `nth` call goes wrong in this way. */
function faulty(
  inner: Conversations,
  nth: number,
  outcome: Outcome,
  count: { calls: number },
): Conversations {
  const wrap =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      count.calls += 1
      if (count.calls !== nth) return call(...args)
      if (outcome === 'done-and-lost') await call(...args)
      const kind = outcome === 'never-sent' ? 'retryable' : 'unknown-outcome'
      throw new Fault({ kind, dependency: 'slack', detail: 'the reply was lost' })
    }
  return {
    post: wrap(inner.post),
    update: wrap(inner.update),
    find: wrap(inner.find),
    linkTo: inner.linkTo,
    tell: wrap(inner.tell),
    upload: wrap(inner.upload),
    findFile: wrap(inner.findFile),
  }
}

async function storyWith(nth: number, outcome: Outcome) {
  const count = { calls: 0 }
  const { around } = await declaredIncident((inner) => faulty(inner, nth, outcome, count))
  const result = {
    calls: count.calls,
    surfaces: around.slack.messages.map(({ key }) => key.split(':')[0]).toSorted(),
    texts: around.slack.messages.map(({ view }) => view.text).toSorted(),
  }
  around.end()
  return result
}

describe('a reply that is lost at any call to Slack', async () => {
  const unharmed = await storyWith(0, 'never-sent')
  const cases = Array.from({ length: unharmed.calls }, (_, index) => index + 1).flatMap((nth) =>
    (['never-sent', 'done-and-lost', 'not-done-and-lost'] as const).map((outcome) => ({
      nth,
      outcome,
    })),
  )

  test.each(cases)(
    'call $nth $outcome: each message stands once, and says the same (J4)',
    async ({ nth, outcome }) => {
      const { surfaces, texts } = await storyWith(nth, outcome)
      expect(surfaces).toEqual(unharmed.surfaces)
      expect(texts).toEqual(unharmed.texts)
    },
  )
})
