import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkFlagStores } from '../../src/compose/doctor-flag-stores.ts'
import { openFlagStores } from '../../src/compose/open-flag-stores.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { WrongConfiguration } from '../../src/config/problem.ts'
import { serve } from '../support/contracts/http-server.ts'
import { closedPort, faultOf, patience } from '../support/contracts/outside.ts'

const SETTINGS = `environment: staging
slack: { channels: [C0INCIDENTS] }
services: [{ name: backend, url: http://backend.test }]
`
const FLAG = `procedures:
  featureFlag:
    name: MULTI_TENANT
    safe: "false"
    places:
`
const IN_UNLEASH = `${SETTINGS}${FLAG}      - { in: unleash, environment: development }\n`
const IN_PM2 = `${SETTINGS}${FLAG}      - { in: pm2, app: backend }\n`

function configOf(text: string, variables: NodeJS.ProcessEnv) {
  const folder = mkdtempSync(join(tmpdir(), 'backout-flags-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'backout.yaml')
  writeFileSync(file, text)
  return loadConfig({ file, variables, needs: [] })
}

const problemsOf = (text: string, variables: NodeJS.ProcessEnv): readonly string[] => {
  try {
    configOf(text, variables)
    return []
  } catch (error) {
    if (!(error instanceof WrongConfiguration)) throw error
    return error.problems.map(({ where, what }) => `${where}: ${what}`)
  }
}

test('without a flag that is kept in a store there is none', async () => {
  expect(await openFlagStores(configOf(SETTINGS, {}))).toBeNull()
  const inDocker = `${SETTINGS}${FLAG}      - { in: docker-env, service: backend }\n`
  expect(await openFlagStores(configOf(inDocker, {}))).toBeNull()
})

test('a place in Unleash without its address is wrong, and says what is missing', () => {
  expect(problemsOf(IN_UNLEASH, {})).toEqual([
    'backout.yaml:9: procedures.featureFlag.places[0]: needs UNLEASH_URL and UNLEASH_TOKEN in the environment',
  ])
  expect(problemsOf(IN_UNLEASH, { UNLEASH_URL: 'http://unleash.test' })).toEqual([
    expect.stringMatching(/needs UNLEASH_TOKEN in the environment$/),
  ])
  expect(problemsOf(IN_PM2, {})).toEqual([])
  const UNLEASH_CA_FILE = '/nowhere.pem'
  const set = { UNLEASH_URL: 'http://a.test', UNLEASH_TOKEN: 'x', UNLEASH_CA_FILE }
  expect(problemsOf(IN_UNLEASH, set)).toEqual([expect.stringContaining('UNLEASH_CA_FILE')])
})

test('each store is asked by its name, and another name is a fault', async () => {
  const asked: string[] = []
  const url = await serve((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`)
    const environments = [{ name: 'development', enabled: true, strategies: [] }]
    const isFlag = request.url?.endsWith('/MULTI_TENANT')
    response.writeHead(isFlag ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ name: 'MULTI_TENANT', createdAt: 'then', environments }))
  })
  const variables = { UNLEASH_URL: url, UNLEASH_TOKEN: 'hunter2', PM2_HOME: '/nowhere' }
  const both = `${IN_UNLEASH}      - { in: pm2, app: backend }\n`
  const stores = await openFlagStores(configOf(both, variables))
  const name = 'flag MULTI_TENANT of development in Unleash'
  expect(await stores?.look(name, 'off', patience())).toMatchObject({ value: 'on' })
  expect(asked).toContain('/api/admin/projects/default/features/MULTI_TENANT hunter2')
  const inPm2 = 'MULTI_TENANT of backend in pm2'
  const fault = await faultOf(stores?.look(inPm2, 'false', patience()) ?? Promise.resolve())
  expect(fault).toMatchObject({ dependency: 'pm2', detail: 'there is no folder PM2_HOME' })
  const unknown = await faultOf(stores?.look('flag x', 'off', patience()) ?? Promise.resolve())
  expect(unknown).toMatchObject({ kind: 'terminal' })
  expect(unknown.detail).toBe('"flag x" is kept nowhere that is configured')
})

test('the doctor asks those that are configured, and no others', async () => {
  const found = async (text: string, variables: NodeJS.ProcessEnv) =>
    (await checkFlagStores(configOf(text, variables), patience())).map(
      (one) => `${one.state} ${one.dependency} ${one.found}`,
    )
  expect(await found(SETTINGS, {})).toEqual([])
  const UNLEASH_URL = `http://127.0.0.1:${await closedPort()}`
  expect(await found(IN_UNLEASH, { UNLEASH_URL, UNLEASH_TOKEN: 'x' })).toEqual([
    expect.stringMatching(/^wrong unleash connection refused/),
  ])
  expect(await found(IN_PM2, { PM2_HOME: '/nowhere' })).toEqual([
    'wrong pm2 there is no folder PM2_HOME',
  ])
})
