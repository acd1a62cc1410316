import { expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import { surroundings, wish } from '../support/engine-story.ts'
import { incidentOf, rolledBack } from '../support/rollback-story.ts'

test('a click on an incident that cannot be read now is refused as that, and not as damage', async () => {
  const { around, id } = await rolledBack()
  const away = { is: true }
  const { engine } = around.startProcess(null, {
    journal: (inner) => ({
      ...inner,
      async read(...args) {
        if (!away.is) return inner.read(...args)
        throw new Fault({ kind: 'retryable', dependency: 'journal', detail: 'no answer' })
      },
    }),
  })
  const click = wish('again', { kind: 'take-lead' }, 'U0BO')
  const refused = await engine.receive(id, click)
  expect(refused).toMatchObject({ reason: 'journal-unavailable', detail: 'no answer' })
  away.is = false
  expect(await engine.receive(id, click)).toMatchObject({ kind: 'received' })
  await engine.idle()
  around.end()
})

test('a process whose journal cannot be asked when the clock tells it goes on, and asks again', async () => {
  const around = surroundings({ reportHours: 24 })
  const { id } = await rolledBack(around)
  const asked = { times: 0 }
  const { engine } = around.startProcess(null, {
    journal: (inner) => ({
      ...inner,
      async recent(lastMs) {
        asked.times += 1
        if (asked.times > 1) return inner.recent(lastMs)
        throw new Fault({ kind: 'retryable', dependency: 'journal', detail: 'no answer' })
      },
    }),
  })
  for (let tick = 0; tick < 2; tick += 1) {
    engine.tick()
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await engine.idle()
  }
  expect(asked.times).toBe(2)
  expect(await incidentOf(around)).toBe(id)
  around.end()
})
