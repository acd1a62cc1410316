import { expect, test } from 'vitest'
import type { FlagHolder } from '../../../src/ports/flag-stores.ts'
import { setStoredFlag } from '../../../src/runbook/feature-flag/steps/set-stored-flag.ts'
import { inSandbox } from './in-sandbox.ts'
import { writeContextOn } from './write-context.ts'

const STORE = 'MULTI_TENANT of backend in pm2'

/** Three processes that have the value already, of which some do not run. */
function stepOver(down: readonly FlagHolder['down'][], before: readonly string[] = []) {
  let writes = 0
  const holders = down.map((one, at): FlagHolder => {
    return { name: `backend (${at})`, value: 'false', ...(one && { down: one }) }
  })
  const found = {
    identity: 'backend app.js',
    value: 'false',
    holders,
    obstacle: null,
    cautions: [],
  }
  const flagStores = {
    look: async () => found,
    write: async () => {
      writes += 1
      return { kind: 'written' } as const
    },
  }
  const world = { ...inSandbox().world, flagStores }
  const input = {
    store: STORE,
    identity: found.identity,
    from: 'true',
    to: 'false',
    down: [...before],
  }
  const context = writeContextOn(world, 'i-1/plan-1/step-1')
  return { step: setStoredFlag.bind(input), context, writes: () => writes }
}

const ERRORED = { says: 'errored', givenUp: true }
const YOUNG = { says: 'only just started', givenUp: false }

test('a flag that is switched in processes that do not run any more is no success', async () => {
  const { step, context } = stepOver([undefined, ERRORED, undefined])
  expect(await step.verify(context)).toEqual({
    kind: 'failed',
    says: `${STORE}: it says "false", but 1 of 3 does not run: backend (1) (errored)`,
  })
})

test('what has only just been started is waited for', async () => {
  const { step, context } = stepOver([YOUNG, YOUNG, undefined])
  expect(await step.verify(context)).toEqual({
    kind: 'not-yet',
    says: `${STORE}: it says "false", but 2 of 3 do not run: backend (0) (only just started), backend (1) (only just started)`,
  })
})

test('what did not run before it either holds nothing up, and is said', async () => {
  const { step, context } = stepOver([undefined, ERRORED, undefined], ['backend (1)'])
  expect(await step.verify(context)).toMatchObject({
    kind: 'verified',
    says: expect.stringMatching(/; as before it, 1 of 3 does not run: backend \(1\) \(errored\)$/),
  })
})

test('cut off by a crash it is looked at again, and nothing is written twice', async () => {
  const { step, context, writes } = stepOver([undefined, ERRORED, undefined])
  const found = await step.inspect(context)
  expect(found.kind).toBe('needed')
  if (found.kind === 'needed') expect(await found.apply(context)).toEqual({ kind: 'written' })
  expect(writes()).toBe(0)
})
