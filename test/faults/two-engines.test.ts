import fc from 'fast-check'
import { expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import type { Conversations } from '../../src/ports/conversations.ts'
import { surroundings, wish } from '../support/engine-story.ts'

/** Every time other ones: what one time does not find, the next one may. */
const RUNS = 100

/** Every call to Slack waits for its turn, and every reply too: the scheduler decides whose turn it is. */
function scheduled(inner: Conversations, scheduler: fc.Scheduler): Conversations {
  const inTurn =
    <Args extends unknown[], Result>(name: string, call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await scheduler.schedule(Promise.resolve(), `${name} arrives`)
      const result = await call(...args)
      await scheduler.schedule(Promise.resolve(), `${name} is answered`)
      return result
    }
  return {
    post: inTurn('post', inner.post),
    update: inTurn('update', inner.update),
    find: inTurn('find', inner.find),
    linkTo: inTurn('linkTo', inner.linkTo),
    tell: inTurn('tell', inner.tell),
    upload: inTurn('upload', inner.upload),
    findFile: inTurn('findFile', inner.findFile),
  }
}

test(`two engines on one journal, ${RUNS} interleavings: nothing happens twice (J2, J5)`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const around = surroundings()
      const engines = [1, 2].map(
        () =>
          around.startProcess(null, { conversations: (inner) => scheduled(inner, scheduler) })
            .engine,
      )
      const [one, two] = engines
      if (!one || !two) throw new Error('two engines')
      const receipt = await one.receive(null, wish('d1', { kind: 'assess', symptoms: [] }))
      const id = receipt.kind === 'received' ? receipt.incident : ''
      // The same delivery reaches the other replica too.
      const again = await two.receive(null, wish('d1', { kind: 'assess', symptoms: [] }))
      expect(again.kind).toBe('duplicate')
      for (const engine of engines) engine.wake(id)
      await Promise.all([
        one.receive(id, wish('d2', { kind: 'declare' })),
        two.receive(id, wish('d3', { kind: 'declare' })),
      ])
      for (const engine of engines) engine.wake(id)
      const settled = Promise.all(engines.map((engine) => engine.idle()))
      await Promise.race([settled, scheduler.waitFor(settled)])
      await settled

      const surfaces = around.slack.messages.map(({ key }) => key.split(':')[0]).toSorted()
      const events = (await around.journal.read(id)).map(({ event }) => event.type)
      const proof = verifyJournal(around.file).kind
      around.end()
      expect(surfaces).toEqual([
        'assessment-card',
        'checklist',
        'headline',
        'status-page',
        'thread-card',
      ])
      expect(events.filter((type) => type === 'incident-declared')).toHaveLength(1)
      expect(events.filter((type) => type === 'intent-refused')).toHaveLength(1)
      expect(proof).toBe('intact')
    }),
    { numRuns: RUNS },
  )
}, 120_000)
