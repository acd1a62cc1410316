import { afterEach, expect, test } from 'vitest'
import type { World } from '../../../src/ports/world.ts'
import { surroundings, type Surroundings } from '../../support/engine-story.ts'
import { folded, saidOn, tell } from '../../support/rollback-story.ts'

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

test('a proof that was waited for in vain says what it saw last', async () => {
  const story = surroundings()
  around = story
  const unwell = (inner: World): World => {
    const ask: typeof inner.endpoints.ask = async (question) => {
      const answer = await inner.endpoints.ask(question)
      return question.url.endsWith('backend.invalid/health') ? { ...answer, status: 503 } : answer
    }
    return { ...inner, endpoints: { ...inner.endpoints, ask } }
  }
  const process = story.startProcess(null, { world: unwell })
  await tell(story, process)
  expect((await folded(story))?.plans[0]?.run?.ended).toMatchObject({
    outcome: 'failed',
    says: expect.stringMatching(/not finished in time: .*backend: health is HTTP 503/),
  })
  expect(saidOn('run-1', story)).toContain('backend: health is HTTP 503')
})

test('an old pod that does not end fails no rollback, and a watch follows', async () => {
  const story = surroundings()
  around = story
  const draining = (inner: World): World => {
    const { deployments } = inner
    if (!deployments) return inner
    const rollouts: typeof deployments.rollouts = async (services, signal) =>
      (await deployments.rollouts(services, signal)).map((one) => {
        return one.service === 'backend' ? { ...one, ending: ['backend-old-1'] } : one
      })
    return { ...inner, deployments: { ...deployments, rollouts } }
  }
  const process = story.startProcess(null, { world: draining })
  await tell(story, process)
  const incident = await folded(story)
  expect(incident?.plans[0]?.run?.ended?.outcome).toBe('succeeded')
  expect(incident?.watch).toMatchObject({ plan: 1 })
  expect(saidOn('run-1', story)).toContain('3 of 3 pods ready; still ending: backend-old-1')
})
