import { afterEach, expect, test } from 'vitest'
import type { World } from '../../../src/ports/world.ts'
import { surroundings, wish, type Surroundings } from '../../support/engine-story.ts'
import {
  incidentOf,
  planned,
  running,
  saidOn,
  SIGNED,
  tell,
  tellMore,
} from '../../support/rollback-story.ts'

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

test('production that a stopped undo has made bad again is never called stable (J10)', async () => {
  const story = surroundings()
  around = story
  let stopAtNextWrite = false
  const world = (inner: World): World => {
    const { deployments } = inner
    if (!deployments) return inner
    const write: typeof deployments.write = async (...args) => {
      if (stopAtNextWrite) {
        stopAtNextWrite = false
        await process.engine.receive(id, wish('stop', { kind: 'abort', plan: null }))
        process.engine.wake(id)
      }
      return deployments.write(...args)
    }
    return { ...inner, deployments: { ...deployments, write } }
  }
  const process = story.startProcess(null, { world })
  const { engine } = process
  await tell(story, process)
  const id = await incidentOf(story)
  const look = async (times: number) => {
    for (let looks = 0; looks < times; looks += 1) {
      story.pass(10_000)
      engine.tick()
      await engine.idle()
    }
  }
  await look(25)
  expect(saidOn('headline', story)).toContain('🟢 production: stable')

  await tellMore(story, process, [planned({ kind: 'undo', plan: 1 }), ...SIGNED.slice(0, 1)])
  stopAtNextWrite = true
  await tellMore(story, process, SIGNED.slice(1))
  // Stopped while it wrote: that is finished, and what it came to is told.
  expect(await running(story)).toBe('v2.0.0,v2.0.0')
  expect((await engine.load(id))?.plans[1]?.run?.ended?.outcome).toBe('aborted')
  expect(saidOn('headline', story)).not.toContain('production: stable')
  await look(25)
  expect((await engine.load(id))?.watch).toMatchObject({ plan: 2, state: 'relapse' })
  expect(saidOn('headline', story)).toMatch(/production: (bad|Roll back)/)
})
