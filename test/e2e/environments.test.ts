import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kubeconfigText } from '../servers/kubernetes/kubeconfig.ts'
import {
  dataFolder,
  startConfiguredBot,
  startDemoSlack,
  startSimulatedBot,
} from '../support/bot.ts'
import { closedPort } from '../support/contracts/outside.ts'
import type { Bot } from '../support/bot.ts'
import { ANA, BO, CY, DRILLS, INCIDENTS, RANDOM } from '../support/slack/fixture.ts'
import { dicts } from '../support/slack/json.ts'
import type { Dict } from '../support/slack/json.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { journaled } from './journaled.ts'
import { severalEnvironments } from './several-environments.ts'
import { card, declare, planned, pressApprove, sign, told, valueOf, words } from './reading.ts'
import type { Declared } from './reading.ts'

const STAGING = RANDOM
const RUN_MS = 60_000

const settings = severalEnvironments(DRILLS, { production: INCIDENTS, staging: STAGING })

const env = {
  PRODUCTION_PROMETHEUS_URL: 'http://prometheus.production.invalid',
  STAGING_PROMETHEUS_URL: 'http://prometheus.staging.invalid',
  PRODUCTION_BACKOUT_LOCKS_TOKEN: 'the-token-of-production-pipelines',
  STAGING_BACKOUT_LOCKS_TOKEN: 'the-token-of-staging-pipelines',
}

/** The journal of one environment, beside the folder in which the other one's is. */
const journalOf = ({ journal }: Bot, name: string) => ({
  journal: join(dirname(journal), 'environments', name, 'journal.sqlite'),
})

const deployments = (person: Person, channel: string): Promise<string> =>
  told(person, () => person.command(channel, '/rollback deployments'))

const saidOf = ({ incident }: Declared, messages: readonly Dict[]) =>
  messages.filter((message) => JSON.stringify(message).includes(incident))

describe('two environments in one process', () => {
  it('each has its incidents, its plan, its production and its journal, also after a SIGKILL', async () => {
    await using cleaning = new AsyncDisposableStack()
    const slack = cleaning.adopt(await startDemoSlack(), (one) => one.stop())
    const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
    const data = dataFolder()
    const start = () =>
      startSimulatedBot({ slack, settings, scenario: 'errors-62,errors-62', data, env })
    const first = await start()
    cleaning.defer(() => first.stop())

    const production = await declare(slack, ana)
    const staging = await declare(slack, bo, undefined, STAGING)
    expect(production.headline.reads).toContain('production')
    expect(staging.headline.reads).toContain('staging')
    expect(production.headline.reads).not.toContain('staging')
    expect(staging.headline.reads).not.toContain('production')

    // Whose plan it is says the channel, whatever the button holds.
    const plan = await planned(slack, ana, staging, STAGING)
    const value = valueOf(plan.message, 'approve-plan')
    const there = { ts: plan.ts, value }
    expect(await pressApprove(slack, bo, { ...there, channel: INCIDENTS })).toMatch(
      /There is no incident\./,
    )
    const swapped = value.replace(staging.incident, production.incident)
    const onOther = { ...there, channel: STAGING, value: swapped }
    expect(await pressApprove(slack, bo, onOther)).toMatch(/There is no incident\./)
    await sign(slack, bo, plan, STAGING)

    await first.kill()
    const bot = await start()
    cleaning.defer(() => bot.stop())
    await sign(slack, cy, plan, STAGING)
    const over = /was carried out/
    await card(slack, 'run-1', staging.incident, over, RUN_MS, STAGING)
    expect(await deployments(ana, STAGING)).toMatch(/staging[^]*Runs v1\.9\.0/)
    expect(await deployments(ana, INCIDENTS)).toMatch(/production[^]*Runs v2\.0\.0/)

    // Nothing of the one is with the other.
    expect(saidOf(staging, await slack.chat.all(INCIDENTS))).toEqual([])
    expect(saidOf(production, await slack.chat.all(STAGING))).toEqual([])
    const kept = (name: string, { incident }: Declared) =>
      journaled(journalOf(bot, name), incident).length
    expect(kept('staging', staging)).toBeGreaterThan(kept('production', production))
    expect([kept('staging', production), kept('production', staging)]).toEqual([0, 0])
    await everyCardSays(slack)
    await operatorsSee(bot, staging)
    await homeShows(ana)
    expect(await told(ana, () => ana.command(DRILLS, '/rollback drill'))).toContain('DRILL')
  }, 180_000)
})

describe('one of two environments', () => {
  it('whose cluster cannot be reached at all says so, and the other one works', async () => {
    await using cleaning = new AsyncDisposableStack()
    const slack = cleaning.adopt(await startDemoSlack(), (one) => one.stop())
    const ana = slack.as(ANA)
    const { apiUrl, workspace } = slack
    const bot = await startConfiguredBot({
      settings,
      env: {
        SLACK_API_URL: apiUrl,
        SLACK_BOT_TOKEN: workspace.app.botToken,
        SLACK_APP_TOKEN: workspace.app.appToken,
        PRODUCTION_KUBECONFIG: writtenKubeconfig(await closedPort()),
        STAGING_KUBECONFIG: '/nowhere/kubeconfig',
      },
    })
    cleaning.defer(() => bot.stop())
    expect(await deployments(ana, STAGING)).toMatch(/cannot read \/nowhere\/kubeconfig/)
    expect(await deployments(ana, INCIDENTS)).toMatch(/connection refused at https/)
    await bot.ready()
  }, 60_000)
})

/** Of a cluster where nobody listens. */
function writtenKubeconfig(port: number): string {
  const file = join(dataFolder(), 'kubeconfig')
  const cluster = { url: `https://127.0.0.1:${port}`, ca: '', token: 'token' }
  writeFileSync(file, kubeconfigText(cluster))
  return file
}

/** A form and the home page are of no channel: they say whose they are, or show both. */
async function homeShows(ana: Person): Promise<void> {
  await ana.command(STAGING, '/rollback start')
  expect(words((await ana.modal())['blocks'])).toMatch(/^Environment: \*staging\*/)
  await ana.openHome()
  const home = await ana.home((view) => /targets are up/.test(words(view['blocks'])))
  expect(words(home['blocks'])).toMatch(
    /Backout: production\n\*1 incident open\.\*[^]*Backout: staging\n\*1 incident open\.\*/,
  )
}

/** Each message with buttons in it, so that nobody signs for the wrong one. */
async function everyCardSays(slack: Slack): Promise<void> {
  for (const [channel, name] of [
    [INCIDENTS, 'production'],
    [STAGING, 'staging'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- two channels
    const messages = await slack.chat.all(channel)
    const pressable = messages.filter(({ blocks }) =>
      dicts(blocks).some(({ type }) => type === 'actions'),
    )
    expect(pressable.length).toBeGreaterThan(1)
    for (const message of pressable) {
      expect(words(message['blocks'])).toMatch(new RegExp(`^Environment: \\*${name}\\*`))
    }
  }
}

async function operatorsSee(bot: Bot, { incident }: Declared): Promise<void> {
  const metrics = await (await fetch(`${bot.url}/metrics`)).text()
  expect(metrics).toContain('backout_ready{part="staging journal"} 1')
  expect(metrics).toContain('backout_acting{environment="staging"} 1')
  const ready = await (await fetch(`${bot.url}/readyz`)).text()
  expect(ready).toMatch(/^production journal: ok\n/m)
  const locks = async (token: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}` }
    return (await fetch(`${bot.url}/locks`, { headers })).json()
  }
  expect(await locks(env.PRODUCTION_BACKOUT_LOCKS_TOKEN)).toEqual([])
  expect(await locks(env.STAGING_BACKOUT_LOCKS_TOKEN)).toMatchObject([
    { incident, version: 'v2.0.0' },
    { incident, version: 'v2.0.0' },
  ])
  expect(await locks('the-token-of-nobody-at-all')).toMatchObject({ error: expect.any(String) })
}
