import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { WrongConfiguration } from '../../../src/config/problem.ts'

const SMALL = `environment: staging
slack: { channels: [C0INCIDENTS] }
services: [{ name: backend, url: "http://backend.test" }]
`
const RUN_BY = `procedures: { kubernetes: { namespace: shop, deployments: { backend: backend } } }
`

function read(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'backout-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'backout.yaml')
  writeFileSync(file, text)
  return loadConfig({ file, variables: {}, needs: [] })
}

function problemsOf(text: string): readonly string[] {
  try {
    read(text)
    return []
  } catch (error) {
    if (!(error instanceof WrongConfiguration)) throw error
    return error.problems.map(({ where, what }) => `${where}: ${what}`)
  }
}

test('no release is watched unless that is asked for', () => {
  expect(read(SMALL + RUN_BY).settings.releaseWatch).toBeUndefined()
  expect(read(`${SMALL}${RUN_BY}releaseWatch: {}`).settings.releaseWatch).toEqual({
    minutes: 30,
    everySeconds: 60,
  })
})

test.each([
  [
    'releaseWatch:',
    'releaseWatch: switched on by "releaseWatch: {}", or by the keys below it; leave it out to switch it off',
  ],
  ['releaseWatch: { minutes: 300 }', 'releaseWatch.minutes: must be at most 240 minutes'],
  [
    'releaseWatch: { everySeconds: 300 }',
    'releaseWatch.everySeconds: must be at most 60 seconds: trouble is to be told within two minutes',
  ],
  [
    'releaseWatch: { every: 60 }',
    'unknown key "every" in releaseWatch; known here: minutes, everySeconds',
  ],
])('%s is refused in words', (line, what) => {
  expect(problemsOf(`${SMALL}${RUN_BY}${line}`)).toEqual([`backout.yaml:5: ${what}`])
})

test('without anything that runs the services nothing would ever be noticed', () => {
  expect(problemsOf(`${SMALL}releaseWatch: {}`)).toEqual([
    'backout.yaml:4: releaseWatch: nothing here tells what was deployed; it needs procedures.kubernetes or procedures.docker',
  ])
})

test('who can roll nothing back is not reminded to rehearse it', () => {
  expect(problemsOf(`${SMALL}rehearsal: { everyDays: 30 }`)).toEqual([
    expect.stringContaining('rehearsal: nothing here can be rolled back; it needs procedures'),
  ])
  const { rehearsal } = read(`${SMALL}${RUN_BY}rehearsal: { everyDays: 30 }`).settings
  expect(rehearsal).toEqual({ everyDays: 30, hourUtc: 8 })
})
