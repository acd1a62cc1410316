import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { dataFolder, runBackout, startConfiguredBot } from '../support/bot.ts'
import { closedPort } from '../support/contracts/outside.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'

const DISK = resolve(import.meta.dirname, 'on-network-disk.ts')
const NFS = String(0x6969)

const settings = `
environment: staging
slack: { channels: [${INCIDENTS}] }
services:
  - { name: backend, url: "http://127.0.0.1:1", health: /health, version: null }
deadlineSeconds: 1
`

/** A Slack that is away: what is tried here comes before it. */
const onNfs = async () => ({
  SLACK_API_URL: `http://127.0.0.1:${await closedPort()}/api/`,
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  BACKOUT_HTTP_PORT: '0',
  NODE_OPTIONS: `--import=${DISK}`,
  STATFS_TYPE: NFS,
})

test('a journal on NFS: the start refuses, and writes nothing there', async () => {
  const folder = dataFolder()
  const config = join(folder, 'backout.yaml')
  writeFileSync(config, settings)
  const data = join(folder, 'data')
  const env = { ...(await onNfs()), BACKOUT_DATA: data }
  const { code, output } = await runBackout(['start', '--config', config], env)
  expect(code).toBe(78)
  expect(output).toContain('BACKOUT_DATA is on NFS')
  expect(output).toContain('BACKOUT_DATA_ANYWAY=1')
  expect(output).not.toMatch(/^ {4}at /m)
  expect(existsSync(data)).toBe(false)
})

test('who knows better may start there, and reads it in the log', async () => {
  const env = { ...(await onNfs()), BACKOUT_DATA_ANYWAY: '1' }
  await using bot = await startConfiguredBot({ settings, env, untilReady: false })
  await until(() => bot.output().includes('Backout started'), 'the start')
  expect(bot.output()).toContain('BACKOUT_DATA is on NFS')
})

test('the doctor says the same, and then only that it is worth a look', async () => {
  const folder = dataFolder()
  const config = join(folder, 'backout.yaml')
  writeFileSync(config, settings)
  const env = { ...(await onNfs()), BACKOUT_DATA: join(folder, 'data') }
  const doctor = (more: object) => runBackout(['doctor', '--config', config], { ...env, ...more })
  expect((await doctor({})).output).toMatch(/wrong +journal, file system.*it is on NFS/)
  const { output } = await doctor({ BACKOUT_DATA_ANYWAY: '1' })
  expect(output).toMatch(/careful +journal, file system.*it is on NFS/)
})
