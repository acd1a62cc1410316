import { describe, expect, test } from 'vitest'
import { renewContainers } from '../../../src/runbook/docker/restart.ts'
import { restartContainers } from '../../../src/runbook/docker/steps/restart-containers.ts'
import { FLAG, type Production } from '../../../src/sandbox/production.ts'
import { CHECKED, flagSettings, PRECONDITION } from '../../support/flag.ts'
import { inSandbox } from './in-sandbox.ts'
import { hostSettings, onHosts, TWO_HOSTS } from './on-hosts.ts'
import { patience } from '../../support/contracts/outside.ts'

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

describe('a flag that stands right in its place, and that an instance has not read', () => {
  const STORE = `flag ${FLAG} of production in Unleash`
  const stale = (platform: 'kubernetes' | 'docker') => {
    const places = [{ in: 'unleash', environment: 'production' }]
    const changes = { ...CHECKED, safe: 'off', values: ['on', 'off'], places }
    const readBack = { ...CHECKED.readBack, expect: 'false' }
    const featureFlag = flagSettings({ ...changes, readBack })
    const staged = { scenario: 'tenant-flag', flags: { [STORE]: { value: 'off' } } } as const
    return platform === 'docker'
      ? onHosts({ settings: { featureFlag }, ...staged, placement: TWO_HOSTS })
      : inSandbox({ featureFlag }, staged)
  }

  test('is restarted where it runs as a container', async () => {
    const draft = await stale('docker').drafted(request)
    expect(draft.title).toBe(
      `restart shop-1/pipeshub-backend-1, shop-2/pipeshub-backend-1 of backend, to read ${FLAG}`,
    )
    expect(draft.steps.map(({ id }) => id)).toEqual([
      'check-precondition',
      'restart-containers',
      'read-flag-back',
      'prove-services',
    ])
  })

  test('and no container besides is', async () => {
    const { world } = stale('docker')
    const settings = hostSettings
    const stepOf = () => restartContainers
    const circumstances = { world, settings, plans: [], beganAt: null, signal: patience(), stepOf }
    const names = ['shop-2/pipeshub-backend-1']
    const part = await renewContainers('backend', names, circumstances, 'look')
    if ('problem' in part) throw new Error(part.problem)
    expect(part.steps.map(({ title }) => title)).toEqual([
      'Restart backend: pipeshub-backend-1 on shop-2',
    ])
    expect(part.targets).toEqual(['container shop-2/pipeshub-backend-1'])
  })

  test('is restarted with all pods of its service, and the card says so', async () => {
    const draft = await stale('kubernetes').drafted(request)
    expect(draft.steps.map(({ id }) => id)).toContain('restart-workload')
    expect(draft.because).toMatch(/is "off" already wherever it is kept, and 3 of 3 instances go/)
    expect(draft.cautions).toContain(
      'All pods of backend are replaced, a few at a time: Backout has no right to end one of them alone.',
    )
  })

  test('is not restarted where that would leak', async () => {
    const sandbox = stale('kubernetes')
    sandbox.change({ matching: { projects: 1_204 } })
    expect(await sandbox.problem(request)).toMatch(/1,204 projects belong to an organisation/)
  })
})
