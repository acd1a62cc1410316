import { expect, test } from 'vitest'
import { seeConfigMaps } from '../../src/compose/doctor-config-maps.ts'
import { FLAG } from '../../src/sandbox/production.ts'
import { patience } from '../support/contracts/outside.ts'
import { flagSettings, IN_CONFIG_MAP } from '../support/flag.ts'
import { inSandbox } from './runbook/in-sandbox.ts'

const { name, map, maps, settings } = IN_CONFIG_MAP

const seen = (
  change: (sandbox: ReturnType<typeof inSandbox>) => void = () => undefined,
  more = {},
) => {
  const sandbox = inSandbox({}, { scenario: 'tenant-flag', configMaps: maps })
  change(sandbox)
  return seeConfigMaps(flagSettings({ ...settings, ...more }), sandbox.world, patience())
}

test('the ConfigMap of a flag is told by the name that the pods use, with its value', async () => {
  const { names, checks } = await seen()
  expect(names).toEqual([name])
  expect(checks).toMatchObject([
    { state: 'ok', tried: `ConfigMap ${name}`, found: `${FLAG} is "true"` },
  ])
})

test('one that is not there, or that nobody reads, is wrong', async () => {
  const gone = await seen(({ others }) => others.configMaps.remove(name))
  expect(gone.checks).toMatchObject([{ state: 'wrong', found: 'it is not there' }])
  const places = [{ in: 'config-map', configMap: 'shop', services: ['backend'] }]
  const unread = await seen(undefined, { places })
  expect(unread.names).toEqual(['shop'])
  expect(unread.checks).toMatchObject([
    { state: 'wrong', found: `backend: its pods refer to no ConfigMap shop, but to ${name}` },
  ])
})

test('one that cannot be changed is worth a word', async () => {
  const fixed = await seen(({ others }) => others.configMaps.put(name, { ...map, immutable: true }))
  expect(fixed.checks).toMatchObject([{ state: 'careful', found: 'it is immutable' }])
  const bytes = await seen(({ others }) =>
    others.configMaps.put(name, { data: {}, binary: [FLAG] }),
  )
  expect(bytes.checks).toMatchObject([
    { state: 'careful', found: `${FLAG} is kept as binary data there` },
  ])
})

test('what cannot be asked is called as in the settings, and nothing where no flag is kept so', async () => {
  const away = await seen(({ change }) => change({ kubernetes: 'refusing' }))
  expect(away).toEqual({ names: ['general'], checks: [] })
  const elsewhere = await seeConfigMaps(flagSettings(), inSandbox().world, patience())
  expect(elsewhere).toEqual({ names: [], checks: [] })
})
