import { expect, test } from 'vitest'
import { surroundings } from '../support/engine-story.ts'
import { incidentOf, ROLLBACK, tell } from '../support/rollback-story.ts'

test('a release that lands on the one to be left does not make that one the way back', async () => {
  const around = surroundings()
  const process = around.startProcess()
  await tell(around, process, 0, ROLLBACK.slice(0, 3))
  around.sandbox.others.deploy('backend', 'v2.0.1')
  around.pass(60 * 60_000)
  process.engine.tick()
  await process.engine.idle()
  const plans = (await process.engine.load(await incidentOf(around)))?.plans ?? []
  expect(plans.at(-1)?.plan?.changes.map(({ from, to }) => `${from} to ${to}`)).toEqual([
    expect.stringMatching(/^v2\.0\.1 .* to v1\.9\.0 /),
    expect.stringMatching(/^v2\.0\.0 .* to v1\.9\.0 /),
  ])
  around.end()
})
