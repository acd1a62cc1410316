import { describe, expect, test } from 'vitest'
import { answer, type Answering } from '../../src/compose/answer.ts'
import { Fault } from '../../src/domain/fault.ts'
import { assessSettings } from '../support/contracts/settings.ts'

const unreadable = () => {
  throw new Fault({ kind: 'retryable', dependency: 'journal', detail: 'the disk has an error' })
}
const notOpened = async () => {
  throw new Fault({ kind: 'terminal', dependency: 'redis', detail: 'its address is wrong' })
}
const usual: Answering = {
  world: notOpened,
  settings: assessSettings,
  environment: 'production',
  contacts: { onCall: [], support: [], channels: [] },
  incidents: () => [],
}

describe('a question is answered, whatever cannot be read', () => {
  test.each([{ kind: 'history' }, { kind: 'status', incident: null }] as const)(
    'the journal: $kind',
    async (command) => {
      const view = await answer(command, { ...usual, incidents: unreadable })
      expect(view.text).toBe('Could not read the incidents: the disk has an error.')
    },
  )

  test.each([
    [{ kind: 'deployments' }, 'the deployments'],
    [{ kind: 'logs', service: 'backend', tail: 50 }, 'the logs'],
    [{ kind: 'targets' }, 'the Prometheus targets'],
    [{ kind: 'metrics' }, 'the numbers'],
  ] as const)('production: %j', async (command, what) => {
    const view = await answer(command, usual)
    expect(view.text).toBe(`Could not read ${what}: its address is wrong.`)
  })

  test('production: ping says so of both', async () => {
    const said = JSON.stringify(await answer({ kind: 'ping' }, usual))
    expect(said.match(/its address is wrong/g)?.length).toBeGreaterThanOrEqual(2)
  })
})

test.each([
  { kind: 'help' },
  { kind: 'contacts' },
  { kind: 'history' },
  { kind: 'status', incident: null },
] as const)('$kind asks nothing of production', async (command) => {
  const view = await answer(command, usual)
  expect(view.text).not.toContain('Could not read')
})
