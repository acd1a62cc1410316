import { expect, test } from 'vitest'
import { switchCautions } from '../../../src/runbook/database/switch-cautions.ts'
import { dataSettings } from './on-data.ts'

const at = '2026-11-22T03:12:07.000Z'
const beside: Parameters<typeof switchCautions>[0] = {
  restored: {
    backup: 'es-nightly',
    plan: 1,
    compared: { collections: [], moment: null, from: at, to: at },
  },
  server: {
    identity: 'shop-rs',
    database: 'es',
    version: '7.0.12',
    fence: 'none',
    topology: 'standalone',
    lacks: [],
  },
  release: null,
  migration: null,
}

test.each([
  ['the settings of the plan name some', ['backend'], false],
  ['they name none', [], true],
] as const)(
  'whether services are stopped is said of the plan at hand: %s',
  (_, services, isSaid) => {
    const said = switchCautions(beside, dataSettings, { services, by: 'procedures.full.stop' })
    const none = 'No service is stopped for it (procedures.full.stop is empty)'
    expect(said.some((one) => one.startsWith(none))).toBe(isSaid)
    expect(said.join(' ')).not.toContain('procedures.database.writers')
  },
)
