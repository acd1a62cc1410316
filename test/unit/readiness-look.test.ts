import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { lookAtReadiness } from '../../src/compose/readiness/look-at-readiness.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { WayBackReadiness } from '../../src/domain/readiness/readiness.ts'
import type { Account, People } from '../../src/ports/conversations.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { atMs } from '../support/builders.ts'
import { patience } from '../support/contracts/outside.ts'
import { isWrite, outward, type Call } from '../faults/outward.ts'

const SETTINGS = `
environment: production
slack: { channels: [C0INCIDENTS] }
services:
  - { name: backend, url: "http://backend.example", health: /health, version: null }
  - { name: frontend, url: "http://frontend.example", health: /health, version: null }
procedures:
  kubernetes: { namespace: production, deployments: { backend: backend, frontend: frontend } }
`

const member = (id: string): Account => ({ kind: 'member', email: `${id}@shop.example` })
const ACCOUNTS: Readonly<Record<string, Account>> = {
  U0ANA: member('ana'),
  U0BO: member('bo'),
  U0CY: member('cy'),
  /** Ana's other one. */
  U0ANB: member('ana'),
  U0GONE: { kind: 'deactivated', email: 'gone@shop.example' },
}

/** Slack, with these accounts and one group. */
function people(changes: Partial<People> = {}): People {
  return {
    accountOf: async (id) => ACCOUNTS[id] ?? { kind: 'unknown', email: null },
    membersOf: async () => ['U0BO', 'U0CY'],
    ...changes,
  }
}

async function looked(more: string, from: People = people()) {
  const folder = mkdtempSync(join(tmpdir(), 'backout-readiness-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'backout.yaml')
  writeFileSync(file, `${SETTINGS}${more}\n`)
  const config = loadConfig({ file, variables: {}, needs: [] })
  const clock = { now: () => atMs }
  const { world } = sandboxWorld({ scenario: 'healthy', clock, settings: config.assess })
  const calls: Call[] = []
  const heard = outward((call, make) => {
    calls.push(call)
    return make()
  }).world?.(world)
  const asked = { world: heard ?? world, people: from, clock }
  const { reading } = await lookAtReadiness(config, asked, patience())
  expect(calls.filter(isWrite)).toEqual([])
  return reading
}

const signersOf = ({ waysBack: [way] }: { readonly waysBack: readonly WayBackReadiness[] }) =>
  way?.checks.find(({ name }) => name === 'signers')

test('a production that is well can go back, and everything that was looked at says so', async () => {
  const reading = await looked('approval: { users: [U0ANA, U0BO, U0CY] }')
  expect(reading).toMatchObject({
    at: new Date(atMs).toISOString(),
    waysBack: [
      {
        procedure: 'kubernetes',
        services: ['backend', 'frontend'],
        does: 'backend and frontend back to v1.9.0',
        state: 'ready',
        checks: [
          { name: 'plan', state: 'ready' },
          { name: 'rehearsal', state: 'ready' },
          { name: 'signers', state: 'ready', because: '3 approvers can sign' },
        ],
      },
    ],
    beside: [],
  })
})

describe('who signs is asked of Slack as it is now', () => {
  const away = async () => {
    throw new Fault({ kind: 'retryable', dependency: 'slack', detail: 'Slack did not answer' })
  }

  test.each<[string, string, People, string, RegExp]>([
    ['nobody is named', '', people(), 'not-ready', /^0 approvers/],
    ['a group', 'approval: { users: [U0ANA], groups: [S0ONE] }', people(), 'ready', /^3 approvers/],
    [
      'two accounts of one person',
      'approval: { users: [U0ANA, U0ANB, U0BO] }',
      people(),
      'not-ready',
      /^2 approvers/,
    ],
    [
      'somebody has left',
      'approval: { users: [U0ANA, U0BO, U0GONE] }',
      people(),
      'not-ready',
      /^2 approvers/,
    ],
    [
      'Slack is away',
      'approval: { users: [U0ANA, U0BO, U0CY] }',
      people({ accountOf: away }),
      'unknown',
      /Slack did not answer$/,
    ],
    [
      'a group does not answer, and the others are enough',
      'approval: { users: [U0ANA, U0BO, U0CY], groups: [S0ONE] }',
      people({ membersOf: away }),
      'ready',
      /^3 approvers/,
    ],
    [
      'an account that nobody knows',
      'approval: { users: [U0ANA, U0BO, U0WHO] }',
      people(),
      'unknown',
      /whose account/,
    ],
  ])('%s', async (_, settings, from, state, because) => {
    const reading = await looked(settings, from)
    expect(signersOf(reading)).toMatchObject({ state, because: expect.stringMatching(because) })
    expect(reading.waysBack[0]?.state).toBe(state)
  })
})

test('a pager that cannot be used is said beside, and no way back is less ready for it', async () => {
  const reading = await looked('approval: { users: [U0ANA, U0BO, U0CY] }\npaging: { webhook: {} }')
  expect(reading.waysBack[0]?.state).toBe('ready')
  expect(reading.beside).toEqual([
    {
      name: 'paging',
      state: 'not-ready',
      because: 'BACKOUT_PAGING_WEBHOOK_URL is not set: nobody can be called',
    },
  ])
})
