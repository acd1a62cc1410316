import { afterEach, expect, test } from 'vitest'
import { surroundings, wish, type Surroundings } from '../../support/engine-story.ts'
import { ASKED, folded, incidentOf, planned, saidOn, tell } from '../../support/rollback-story.ts'

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

const lastTold = ({ slack }: Surroundings): string => slack.told.at(-1)?.view.text ?? ''

test('a version that nobody keeps is refused to whoever asked, with the nearest that is kept', async () => {
  const story = surroundings()
  around = story
  const process = story.startProcess()
  await tell(story, process, 0, ASKED.slice(0, 2))
  const before = saidOn('headline', story)
  const { engine } = process
  const id = await incidentOf(story)
  const request = { kind: 'kubernetes', toVersion: 'v1.9.1' } as const
  await engine.receive(id, wish('typed', { kind: 'plan', request }))
  engine.wake(id)
  await engine.idle()
  expect(lastTold(story)).toContain(
    'backend: no revision of v1.9.1 is kept; kept are v1.9.0, v1.8.3, the nearest is v1.9.0',
  )
  expect((await folded(story))?.plans).toEqual([])
  expect(saidOn('headline', story)).toBe(before)
})

test('what cannot be done opens no incident: the cache while Redis is away', async () => {
  const story = surroundings()
  around = story
  const { engine } = story.startProcess()
  story.sandbox.change({ redis: 'refusing' })
  const receipt = await engine.receive(
    null,
    wish('typed', { kind: 'plan', request: { kind: 'clear-cache' } }),
  )
  if (receipt.kind !== 'received') throw new Error(receipt.kind)
  engine.wake(receipt.incident)
  await engine.idle()
  expect(lastTold(story)).toContain('redis could not be asked: connection refused')
  expect(engine.open()).toEqual([])
  expect(story.slack.messages).toEqual([])
})

test('asked for twice, a plan is there once, with its signatures', async () => {
  const story = surroundings()
  around = story
  const process = story.startProcess()
  const wanted = planned({ kind: 'kubernetes', toVersion: null })
  await tell(story, process, 0, [...ASKED, { ...wanted, by: 'U0CY' }])
  expect((await folded(story))?.plans).toMatchObject([{ requestedBy: 'U0ANA', ended: null }])
  expect(lastTold(story)).toContain('Plan 1 for this is there already')
})

test('asked for again, the plan says what to know of it now, and is tried once more', async () => {
  const story = surroundings()
  around = story
  const process = story.startProcess()
  const wanted = planned({ kind: 'kubernetes', toVersion: null })
  await tell(story, process, 0, ASKED)
  const [before] = (await folded(story))?.plans ?? []
  story.sandbox.others.set('backend', {
    managedBy: [{ says: 'Helm release shop', scales: false, owner: null }],
  })
  await tell(story, process, ASKED.length, [...ASKED, { ...wanted, by: 'U0CY' }])
  const plans = (await folded(story))?.plans
  expect(plans).toMatchObject([{ plan: { digest: before?.plan?.digest }, rehearsal: { ok: true } }])
  const cautions = plans?.[0]?.plan?.cautions.join()
  expect(cautions).toMatch(/backend: Helm release shop/)
  expect(before?.plan?.cautions.join()).not.toBe(cautions)
  expect(saidOn('plan-1', story)).toContain('Helm release shop')
})
