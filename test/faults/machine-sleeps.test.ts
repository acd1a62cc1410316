import { afterEach, expect, test } from 'vitest'
import type { Journal } from '../../src/ports/journal.ts'
import type { World } from '../../src/ports/world.ts'
import { surroundings, type Surroundings } from '../support/engine-story.ts'
import { folded, running, saidOn, tell } from '../support/rollback-story.ts'
import { recorder, wrongIn } from './recorder.ts'

const HOUR = 60 * 60_000

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

test('eight hours between the last question and the first send: nothing is sent (J7)', async () => {
  const story = surroundings()
  around = story
  const seen = recorder(story)
  let slept = false
  const journal = (inner: Journal): Journal => ({
    ...inner,
    async append(asked) {
      const said = await inner.append(asked)
      if (!slept && asked.events.some(({ type }) => type === 'step-started')) {
        slept = true
        story.setClock(8 * HOUR)
      }
      return said
    },
  })
  await tell(story, story.startProcess(null, { ...seen.ways, journal }))
  expect(slept).toBe(true)
  expect(seen.written).toEqual([])
  expect(wrongIn(seen)).toEqual([])
  expect(await running(story)).toBe('v2.0.0,v2.0.0')
  const [plan] = (await folded(story))?.plans ?? []
  expect(plan?.run?.ended?.outcome).toBe('failed')
  expect(saidOn('run-1', story)).toMatch(/not finished in time/)
})

test('each write of a signed step says until when it may be sent', async () => {
  const story = surroundings({ kept: true })
  around = story
  const untils: (number | undefined)[] = []
  const world = (inner: World): World => {
    const { deployments, owners } = inner
    if (!deployments || !owners) throw new Error('both are there')
    return {
      ...inner,
      deployments: {
        ...deployments,
        write(write, options) {
          if (!options.dryRun) untils.push(options.sendBeforeMs)
          return deployments.write(write, options)
        },
      },
      owners: {
        ...owners,
        write(write, options) {
          if (!options.dryRun) untils.push(options.sendBeforeMs)
          return owners.write(write, options)
        },
      },
    }
  }
  await tell(story, story.startProcess(null, { world }))
  const [plan] = (await folded(story))?.plans ?? []
  expect(plan?.run?.ended?.outcome).toBe('succeeded')
  const first = Math.min(...(plan?.approvals ?? []).map(({ expiresAt }) => Date.parse(expiresAt)))
  // The suspension, and what only it had made way for.
  expect(untils).toEqual([first, first, first])
})
