import { expect, test } from 'vitest'
import { cachePart } from '../../../src/runbook/parts/cache.ts'
import { maintenanceSwitch } from '../../../src/runbook/parts/maintenance.ts'
import { joined } from '../../../src/runbook/parts/part.ts'
import type { Circumstances } from '../../../src/runbook/procedure.ts'
import { patience } from '../../support/contracts/outside.ts'
import { inSandbox, settings, type Sandbox } from './in-sandbox.ts'

const { key, messageKey, message } = settings.maintenance

function circumstancesOf({ world }: Sandbox, cache = world.cache): Circumstances {
  const stepOf = (id: string) => {
    throw new Error(`${id} is not asked for`)
  }
  return {
    world: { ...world, cache },
    settings,
    plans: [],
    beganAt: null,
    signal: patience(),
    stepOf,
  }
}

test('a larger plan turns maintenance on before its steps, and off again after them', async () => {
  const sandbox = inSandbox()
  const circumstances = circumstancesOf(sandbox)
  await sandbox.cache.changeTexts([{ key, from: null, to: 'false' }], patience())
  const found = await maintenanceSwitch(circumstances)
  if (!found) throw new Error('the sandbox has a Redis')
  expect(found.isOn).toBe(false)
  const { turnedOn, turnedOffAgain } = found
  const plan = joined([turnedOn, await cachePart(circumstances), turnedOffAgain])
  expect(plan.targets).toEqual(['redis maintenance'])
  expect(plan.lost).toEqual([`People see: ${message}`])

  const stood: (string | null)[][] = []
  for (const step of plan.steps) {
    const { proof } = await sandbox.carryOut(step)
    expect(proof.kind).toBe('verified')
    stood.push((await sandbox.standing()).texts)
  }
  expect(stood).toEqual([
    ['true', message],
    ['true', message],
    [null, null],
  ])
})

test('another message is what people see, and what is taken away again', async () => {
  const found = await maintenanceSwitch(circumstancesOf(inSandbox()), 'Back at noon.')
  expect(found?.turnedOn.lost).toEqual(['People see: Back at noon.'])
  expect(found?.turnedOffAgain.steps[0]?.input).toMatchObject({
    texts: [
      { key, from: 'true', to: null },
      { key: messageKey, from: 'Back at noon.', to: null },
    ],
  })
})

test('without a Redis there is no switch', async () => {
  expect(await maintenanceSwitch(circumstancesOf(inSandbox(), null))).toBeNull()
})
