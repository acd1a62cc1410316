import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { runbookOver } from '../../../src/runbook/runbook.ts'
import type { RunbookSettings } from '../../../src/runbook/parts/settings.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { atMs, declared, incidentAfter, opened } from '../../support/builders.ts'
import { patience } from '../../support/contracts/outside.ts'
import { assessSettings } from '../../support/contracts/settings.ts'
import { settings } from './in-sandbox.ts'
import { hostSettings, onHosts } from './on-hosts.ts'

const FULL: PlanRequest = { kind: 'full', toVersion: null, backup: null }

/** The backend in containers, the frontend in pods; both have gone bad. */
function onBoth(changes: Partial<RunbookSettings> = {}) {
  const of = (platform: 'kubernetes' | 'docker') =>
    sandboxWorld({
      scenario: 'errors-62',
      clock: { now: () => atMs },
      settings: assessSettings,
      platform,
      slowestMs: 0,
    })
  const [pods, hosts] = [of('kubernetes'), of('docker')]
  const { containers, ledger } = hosts.world
  const world = { ...pods.world, containers, ledger }
  const planned: RunbookSettings = {
    ...settings,
    kubernetes: settings.kubernetes && { ...settings.kubernetes, services: ['frontend'] },
    docker: hostSettings.docker && { ...hostSettings.docker, services: ['backend'] },
    full: { stop: ['backend', 'frontend'] },
    ...changes,
  }
  const runbook = runbookOver(world, planned)
  return {
    pods,
    hosts,
    async drafted(request: PlanRequest = FULL) {
      const resolved = await runbook.resolve(request, incidentAfter(opened, declared), patience())
      if (resolved.kind === 'infeasible') throw new Error(resolved.because)
      return resolved.draft
    },
  }
}

test('people see the message of this incident where somebody gave one, else what the settings say', async () => {
  const { drafted } = onBoth()
  const message = 'We bring data back. Expected end: 03:45 UTC.'
  expect((await drafted({ ...FULL, message })).lost).toContain(`People see: ${message}`)
  const usual = await drafted()
  expect(usual.lost).toContain(`People see: ${settings.maintenance.message}`)
  expect(usual.lost).not.toContain('03:45')
})

describe('services of which some are pods and some are containers', () => {
  test('go back as one plan: all stopped, all back, one of each first', async () => {
    const { drafted } = onBoth()
    const draft = await drafted()
    expect(draft.steps.map(({ id }) => id)).toEqual([
      'set-maintenance',
      'scale-workloads',
      'run-containers',
      'restore-revisions',
      'swap-containers',
      'clear-cache',
      'scale-workloads',
      'run-containers',
      'prove-services',
      'scale-workloads',
      'set-maintenance',
    ])
    const [restored, swapped] = draft.steps.slice(3, 5)
    expect(restored?.input).toMatchObject({ changes: [{ service: 'frontend', runs: false }] })
    expect(swapped?.input).toMatchObject({ changes: [{ service: 'backend', runs: false }] })
    expect(draft.title).toBe('frontend back to v1.9.0; backend back to v1.9.0')
    expect(draft.versions).toEqual({ frontend: ['v1.9.0'], backend: ['v1.9.0'] })
    const starting = draft.steps.filter(({ givesBackAfter }) => givesBackAfter !== undefined)
    expect(new Set(starting.map((one) => one.givesBackAfter))).toEqual(
      new Set(['restore-revisions']),
    )
  })

  test('go back where they can, and what stays is said', async () => {
    const { drafted, hosts } = onBoth()
    hosts.onHosts.setObstacles('backend', ['it is linked to other containers'])
    const draft = await drafted()
    expect(draft.title).toBe('frontend back to v1.9.0')
    expect(draft.cautions[1]).toMatch(
      /^Not rolled back: backend: .* it is linked to other containers\.$/,
    )
  })
})

/** The backend is stopped and swapped: what starts it is the last of these steps. */
async function swappedWhileStopped() {
  const hosts = onHosts({ settings: { full: { stop: ['backend'] } } })
  const { steps } = await hosts.drafted(FULL)
  const [stop, start] = steps.filter(({ id }) => id === 'run-containers')
  const swap = steps.find(({ id }) => id === 'swap-containers')
  await hosts.carryOut(stop!)
  await hosts.carryOut(swap!)
  return { ...hosts, start: hosts.runbook.bind(start!) }
}

test('what was made in the place of a container is started, and nothing that somebody else has made there', async () => {
  const ours = await swappedWhileStopped()
  expect(await ours.running()).toEqual(['pipeshub-frontend-1 on shop-1: v1.9.0'])
  expect(await ours.start.inspect(ours.context())).toMatchObject({ kind: 'needed' })

  const theirs = await swappedWhileStopped()
  theirs.onHosts.composeUp('backend')
  expect(await theirs.start.inspect(theirs.context())).toEqual({
    kind: 'blocked',
    begun: 'no-mark',
    says: 'pipeshub-backend-1 on shop-1 was removed or made anew',
  })
})

test('a container that waits for its start is left alone by a rollback of the code alone, which says why', async () => {
  const hosts = await swappedWhileStopped()
  const asked = { kind: 'docker', toVersion: 'v1.8.3' } as const
  const resolved = await hosts.resolve(asked)
  expect(JSON.stringify(resolved)).toMatch(
    /pipeshub-backend-1 on shop-1 was made while its service was stopped, and was never started/,
  )
})
