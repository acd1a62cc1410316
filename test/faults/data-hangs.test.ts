import { expect, test } from 'vitest'
import { wish } from '../support/engine-story.ts'
import { incidentOf } from '../support/rollback-story.ts'
import { dataDeed, wrongIn } from './data-deed.ts'
import { turns } from './held-at.ts'

test.each(['make', 'restore'] as const)(
  'a tool that hangs in %s is ended when somebody stops the run, and nothing of it is left',
  async (at) => {
    const left = await dataDeed('restore', {
      async through(call, make, around, engine) {
        if (call.name !== at) return make()
        around.sandbox.onData?.troubleTool('hangs')
        const made = make()
        await turns()
        const id = await incidentOf(around)
        await engine.receive(id, wish('abort', { kind: 'abort', plan: null }, 'U0BO'))
        engine.wake(id)
        return made
      },
    })
    expect(wrongIn(left)).toEqual([])
    expect(left).toMatchObject({ live: 'damaged', kept: [], backend: 3, maintenance: null })
    expect(left.outcomes.at(-1)).toBe('aborted')
    expect(left.says).toMatch(/^stopped/)
  },
)
