import { describe, expect, test } from 'vitest'
import { FLAG, type Production } from '../../../src/sandbox/production.ts'
import { flagSettings, PRECONDITION } from '../../support/flag.ts'
import { inSandbox } from './in-sandbox.ts'

const request = { kind: 'feature-flag', flag: null } as const

const flagged = (changes: object = {}, production: Partial<Production> = {}) => {
  const sandbox = inSandbox({ featureFlag: flagSettings(changes) }, { scenario: 'tenant-flag' })
  sandbox.change(production)
  return sandbox
}

describe('a plan to switch a flag', () => {
  test('names the value that is there, the one that comes, and what is not asked', async () => {
    const draft = await flagged().drafted(request)
    expect(draft).toMatchObject({
      title: `switch ${FLAG} to "false"`,
      targets: ['production: deployment production/backend'],
      changes: [{ what: `${FLAG} of backend`, from: '"true"', to: '"false"' }],
      signatures: [{ count: 2, from: 'approvers' }],
    })
    expect(draft.steps.map(({ title }) => title)).toEqual([
      `Set ${FLAG} of backend to "false"`,
      'Prove that health is right: backend, frontend',
    ])
    expect(draft.cautions).toContain(
      `Nobody is asked by which value it goes: no readBack is configured for ${FLAG}.`,
    )
  })

  test('where nothing runs is written, and proved by what is asked for', async () => {
    const sandbox = flagged()
    sandbox.others.scale('backend', 0)
    sandbox.pass(60)
    const draft = await sandbox.drafted(request)
    expect(draft.cautions).toContain(
      'backend: it is scaled to 0. Nothing of it runs until it is scaled up.',
    )
    expect(await sandbox.carryOut(draft.steps[0]!)).toMatchObject({ proof: { kind: 'verified' } })
  })

  test('is not possible where what it protects would leak, and says how much', async () => {
    const leaking = flagged({ precondition: PRECONDITION }, { matching: { projects: 1_204 } })
    expect(await leaking.problem(request)).toBe(
      'legacy routes show every organisation’s projects: 1,204 projects belong to an organisation',
    )
    const safe = await flagged({ precondition: PRECONDITION }).drafted(request)
    expect(safe.because).toContain('0 projects belong to an organisation')
    expect(safe.steps[0]?.title).toBe(`Check once more that ${FLAG} may be switched`)
  })
})
