import { expect, test } from 'vitest'
import { MOVES, moved } from '../support/gate-of-two/model.ts'
import {
  beginning,
  fingerprint,
  isOver,
  type Moment,
  type Moved,
} from '../support/gate-of-two/moment.ts'

test('two processes, one frozen anywhere, and signing with and without Slack: no write without the gate, and none twice (J5, J7)', async () => {
  const seen = new Set<string>()
  const queue: Moment[] = [beginning()]
  const counts = new Map<Moved['happened'], number>()
  let transitions = 0
  for (let moment = queue.pop(); moment; moment = queue.pop()) {
    for (const move of MOVES) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { moment: next, wrong, happened } = await moved(moment, move)
      transitions += 1
      if (wrong.length > 0) expect.fail(`${JSON.stringify(move)}: ${wrong.join()}`)
      counts.set(happened, (counts.get(happened) ?? 0) + 1)
      const key = fingerprint(next)
      if (seen.has(key)) continue
      seen.add(key)
      if (!isOver(moment) || !isOver(next)) queue.push(next)
    }
  }
  counts.delete(null)
  console.log(
    `gate with two processes: ${seen.size} states, ${transitions} transitions, ${[...counts].map(([what, count]) => `${count} ${what}`).join(', ')}`,
  )
  expect([...counts.keys()].toSorted()).toEqual([
    'came too late',
    'may not act',
    'sent',
    'sent without Slack',
    'written',
  ])
}, 300_000)
