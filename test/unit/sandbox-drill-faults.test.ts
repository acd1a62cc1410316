import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Deployments } from '../../src/ports/deployments.ts'
import { DRILL_FAULTS, drillFaultNames, withDrillFault } from '../../src/sandbox/drill-faults.ts'
import { DRILL_SCENES } from '../../src/sandbox/drill-scenes.ts'
import { scenarioNames } from '../../src/sandbox/scenario.ts'
import { drillConfig } from '../../src/compose/drills/drill-config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'

/** Those of a drill: of the team's own there is nothing that a simulation would be asked. */
function stageSettings() {
  const { settings } = loadConfig({
    file: resolve(import.meta.dirname, '../../backout.yaml'),
    needs: [],
    variables: { BACKEND_URL: 'http://backend.test', FRONTEND_URL: 'http://frontend.test' },
  })
  const folder = 'data/drills/drill-1'
  return drillConfig(settings, { channel: 'C0DRILLS', folder, scenario: 'errors-62' }).assess
}

const { signal } = new AbortController()
const START = Date.UTC(2026, 10, 22, 3, 12)

function played(fault: (typeof drillFaultNames)[number] | null) {
  let nowMs = START
  const simulated = sandboxWorld({
    scenario: 'errors-62',
    clock: { now: () => nowMs },
    settings: stageSettings(),
    slowestMs: 0,
  })
  const world = withDrillFault(simulated, 'errors-62', fault)
  const { deployments } = world
  if (!deployments) throw new Error('there is no cluster')
  return {
    world,
    deployments,
    pass: (seconds: number) => (nowMs += seconds * 1_000),
    write: (dryRun = false) => restart(deployments, dryRun),
    list: () => deployments.list(['backend'], signal),
  }
}

async function restart(deployments: Deployments, dryRun: boolean) {
  const [seen] = await deployments.sightings(['backend'], signal)
  if (!seen) throw new Error('there is no backend')
  const options = { key: 'k', cause: 'a drill', dryRun, signal }
  return deployments.write({ seen, change: { kind: 'restart' } }, options)
}

describe('what goes wrong in a drill', () => {
  test('nothing, where nothing is to', async () => {
    const { write, list } = played(null)
    expect(await write()).toEqual({ kind: 'written' })
    expect(await list()).toHaveLength(1)
  })

  test('the cluster is away for 20 seconds after the first write, and a dry run is none', async () => {
    const { write, list, pass } = played('cluster-away')
    await write(true)
    expect(await list()).toHaveLength(1)
    expect(await write()).toEqual({ kind: 'written' })
    await expect(list()).rejects.toThrow(/refused/)
    pass(19)
    await expect(list()).rejects.toThrow(/refused/)
    pass(1)
    expect(await list()).toHaveLength(1)
    expect(await write()).toEqual({ kind: 'written' })
    expect(await list()).toHaveLength(1)
  })

  test('the first write is carried out, and its answer is lost', async () => {
    const { deployments, write } = played('lost-reply')
    const [before] = await deployments.sightings(['backend'], signal)
    await expect(write()).rejects.toMatchObject({ kind: 'unknown-outcome' })
    const [after] = await deployments.sightings(['backend'], signal)
    expect(after?.generation).toBeGreaterThan(before?.generation ?? Infinity)
    expect(await write()).toEqual({ kind: 'written' })
  })

  test('what measures is away for a minute, and comes back whoever asks', async () => {
    const { world, write, pass, list } = played('metrics-away')
    await write()
    const asked = world.metrics?.targets(AbortSignal.timeout(10))
    await expect(asked).rejects.toThrow(/in time/)
    pass(60)
    await list()
    expect(await world.metrics?.targets(signal)).not.toEqual([])
  })

  test('every fault and every scenario is told in words', () => {
    for (const name of drillFaultNames) expect(DRILL_FAULTS[name]).toMatch(/^[A-Z].*\.$/)
    for (const name of scenarioNames) {
      const { told } = DRILL_SCENES[name]
      expect(told).toMatch(/^[A-Z].*\.$/)
      // It is not to be told by what it looks like from outside.
      expect(told).not.toMatch(/roll|flag off|Redis|Prometheus/i)
    }
  })
})
