import * as fc from 'fast-check'
import { inUtc } from '../../src/chat/text/moments.ts'
import { describe, expect, test } from 'vitest'
import { verifyView } from '../../src/chat/answers/verify.ts'
import { answer, type Answering } from '../../src/compose/answer.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { World } from '../../src/ports/world.ts'
import type { ScenarioName } from '../../src/sandbox/scenario.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { atMs } from '../support/builders.ts'
import { measurement, words } from '../support/chat-arbitraries.ts'
import { assessSettings } from '../support/contracts/settings.ts'
import { inVirtualTime } from '../support/virtual-timers.ts'
import { assertWithinLimits, renderedIn } from '../support/slack-limits.ts'

const unreadable = (): never => {
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
  incident: async () => null,
  declared: async () => [],
  open: () => [],
  unreadable: () => [],
  linkTo: async () => null,
}

test.each([null, 'i-9', 'I-9'])(
  'status %s names an incident that cannot be read, and does not say that nothing is open',
  async (incident) => {
    const found = { ...usual, unreadable: () => ['i-9'] }
    const said = JSON.stringify(await answer({ kind: 'status', incident }, found))
    expect(said).toMatch(/Not shown:\* 1 incident \(i-9\)/)
    expect(said).not.toMatch(/No incident is open|There is no incident/)
  },
)

describe('a question is answered, whatever cannot be read', () => {
  test.each([{ kind: 'history' }, { kind: 'status', incident: null }] as const)(
    'the journal: $kind',
    async (command) => {
      const view = await answer(command, {
        ...usual,
        declared: async () => unreadable(),
        open: unreadable,
      })
      expect(view.text).toBe('Could not read the incidents: the disk has an error.')
    },
  )

  test.each([
    [{ kind: 'deployments' }, 'the deployments'],
    [{ kind: 'logs', service: 'backend', tail: 50 }, 'the logs'],
    [{ kind: 'targets' }, 'the Prometheus targets'],
    [{ kind: 'metrics' }, 'the numbers'],
    [{ kind: 'verify' }, 'the numbers'],
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

describe('verify', () => {
  const hasty = { ...assessSettings, deadlineMs: 100 }

  async function verified(scenario: ScenarioName, without: Partial<World> = {}) {
    const clock = { now: () => atMs }
    const { world } = sandboxWorld({ scenario, clock, settings: assessSettings })
    const seen = { ...world, ...without }
    const view = await inVirtualTime(() =>
      answer({ kind: 'verify' }, { ...usual, settings: hasty, world: async () => seen }),
    )
    const lines = renderedIn(inUtc(view)).flatMap(({ text }) => text.split('\n'))
    return { says: view.text, lines: lines.filter((line) => /^[🟢🔴⚫⚪]/u.test(line)) }
  }

  test('shows health, versions and errors of a production that is well, and nothing else', async () => {
    const { says, lines } = await verified('healthy')
    expect(says).toBe('production: health and errors are good, and every version is known.')
    expect(lines).toEqual([
      '🟢 *Health, backend:* HTTP 200',
      '🟢 *Health, frontend:* HTTP 200',
      expect.stringMatching(/^🟢 \*Version, backend:\* runs v/),
      expect.stringMatching(/^🟢 \*Version, frontend:\* runs v/),
      expect.stringMatching(/^🟢 \*Errors:\* 0\.\d/),
    ])
  })

  test('says what is bad', async () => {
    const { says, lines } = await verified('errors-62')
    expect(says).toBe('production: bad: Errors.')
    expect(lines.at(-1)).toMatch(/^🔴 \*Errors:\* 6\d/)
  })

  test.each<[string, ScenarioName, Partial<World>, RegExp]>([
    ['Prometheus says nothing', 'prometheus-silent', {}, /^[⚪⚫] \*Errors:\*/u],
    [
      'its samples are old',
      'prometheus-stale',
      {},
      /^⚪ \*Errors:\* the newest sample in Prometheus is .* old/u,
    ],
    [
      'there is none',
      'healthy',
      { metrics: null },
      /^⚪ \*Errors:\* not asked, Prometheus is not/u,
    ],
  ])('calls nothing good that was not seen: %s', async (_, scenario, without, line) => {
    const { says, lines } = await verified(scenario, without)
    expect(says).toBe('production: nothing bad was seen. Could not be seen: Errors.')
    expect(lines.at(-1)).toMatch(line)
  })

  test('is what Slack takes, whatever was measured', () => {
    const asked = measurement.map((one) => ({ ...one, probe: 'health-passing' }))
    const all = fc.array(fc.oneof(measurement, asked), { maxLength: 120 })
    fc.assert(
      fc.property(all, words, (measurements, where) => {
        assertWithinLimits(verifyView(measurements, where))
      }),
    )
  })
})
