// npm run screenshots: every card as people see it, wide and on a phone, into docs/images/.
// With words behind it, only the stories whose names hold one of them: npm run screenshots -- assess
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { resvgDrawing } from '../../src/adapters/resvg/drawing.ts'
import { chartSvg } from '../../src/chat/chart/chart-svg.ts'
import type { ScenarioName } from '../../src/sandbox/scenario.ts'
import type { SandboxWorld } from '../../src/sandbox/world.ts'
import { shippedSettings, startBot, startDemoSlack, startSimulatedBot } from '../support/bot.ts'
import { openBrowser } from '../support/browser.ts'
import { statusPageServer } from '../support/status-page-server.ts'
import { CREDENTIALS, startPagerServer } from '../support/pager-server.ts'
import { lifelikeChart } from '../support/drawn-chart.ts'
import { ANA, BO, CY, DRILLS, INCIDENTS, RANDOM } from '../support/slack/fixture.ts'
import { dicts, str } from '../support/slack/json.ts'
import type { Dict } from '../support/slack/json.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { cardOfIncident, shown } from '../integration/incidents/shown.ts'
import { writtenDown } from '../integration/incidents/written-down.ts'
import { withoutSlack } from './signing-pictures.ts'
import { answer, cardOf, keep, message, reply, take } from './pictures.ts'
import type { Shot } from './pictures.ts'
import {
  answerTo,
  assess,
  card,
  cards,
  closeIncident,
  declare,
  deny,
  noted,
  planned,
  sign,
  told,
  words,
} from './reading.ts'
import type { Card, Declared } from './reading.ts'
import { severalEnvironments } from './several-environments.ts'
import { withStage } from './staged.ts'

type Story = (browser: Browser, slack: Slack) => Promise<void>

const RUN_MS = 60_000
/** Ten good looks, ten seconds apart; and what is bad at first counts only after a while. */
const WATCH_MS = 200_000

const HOME: Shot = {
  name: 'home',
  of: async (page) => {
    await page.locator('.sidebar-item', { hasText: 'backout' }).click()
    return page.locator('.home').last()
  },
}

const FORM: Shot = {
  name: 'start-form',
  of: async (page) => {
    const modal = page.locator('.modal')
    await modal.locator('input:not([type=checkbox])').first().fill('Customers see an empty list')
    // Slack shows what is chosen at first; local-slack does not.
    await modal.locator('select').selectOption({ label: 'kubernetes' })
    return modal
  },
}

const thread = (name: string, headline: Card): Shot => ({
  name,
  of: async (page) => {
    await page.locator(`.msg[data-ts="${headline.ts}"] .thread-summary`).click()
    return page.locator('.thread-pane')
  },
})

/** What is said in the thread in a message of its own, the newest that reads like that. */
async function noteOf(name: string, slack: Slack, { headline }: Declared, reads: RegExp) {
  const find = async () =>
    (await slack.chat.all(INCIDENTS)).findLast(
      (one) => one.thread_ts === headline.ts && reads.test(words(one.blocks)),
    )
  const said = await until(find, `a note that reads ${String(reads)}`)
  return reply(name, headline, { ts: str(said['ts']) })
}

const questions: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'errors-62' })
  await bot.ready()
  const ana = slack.as(ANA)
  const assessed = await assess(slack, ana)
  await take(browser, slack, [message('assess-roll-back', assessed)])
  const { incident, headline, thread: details } = await declare(slack, ana)
  await slack.as(BO).click(INCIDENTS, details.ts, 'Report a symptom', { pick: 'Data loss' })
  await card(slack, 'thread-card', incident, ({ reads }) => {
    return reads.includes('reported: Data loss') && !reads.includes('Looking again')
  })
  await take(browser, slack, [reply('thread', headline, details)])
  for (const name of ['status', 'history', 'deployments', 'ping', 'targets', 'metrics']) {
    await take(browser, slack, [await answer(name, slack, ana)])
  }
  for (const name of ['contacts', 'help']) {
    await take(browser, slack, [await answer(name, slack, ana)])
  }
  await take(browser, slack, [
    await answer('logs', slack, ana, 'logs backend --tail 4'),
    await answer('refusal', slack, ana, 'logs bakend'),
  ])
  await ana.openHome()
  await ana.home((view) => words(view['blocks']).includes('targets are up'))
  await take(browser, slack, [HOME])
}

/** From the declaration to a stable production, and the plan that would take it back. */
const rollback: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'errors-62' })
  await bot.ready()
  const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  const declared = await declare(slack, ana)
  const shot = (name: string, surface: Parameters<typeof card>[1], reads?: RegExp, ms?: number) =>
    cardOf(name, slack, declared, surface, reads, ms)

  await take(browser, slack, [
    await shot('headline', 'headline'),
    await shot('checklist', 'checklist'),
  ])
  await bo.click(INCIDENTS, declared.thread.ts, 'I have it')
  await take(browser, slack, [
    await shot('headline-led', 'headline', /Lead/),
    await shot('thread-led', 'thread-card', /Take over the lead/),
  ])
  const plan = await planned(slack, ana, declared)
  await take(browser, slack, [await shot('plan', 'plan-1', /the cluster accepts/)])
  await sign(slack, bo, plan)
  await take(browser, slack, [
    await shot('plan-one-signature', 'plan-1', /1 of 2/),
    await shot('headline-signing', 'headline', /1 of 2/),
  ])
  await sign(slack, cy, plan)
  await take(browser, slack, [await shot('run-running', 'run-1')])
  await take(browser, slack, [await shot('headline-running', 'headline')])
  await take(browser, slack, [
    await shot('run-done', 'run-1', /was carried out/, RUN_MS),
    await shot('headline-done', 'headline', /Done/),
    await shot('plan-done', 'plan-1', /was carried out/),
    await shot('status-page-monitoring', 'status-page', /Status page: monitoring/),
    await shot('watch', 'watch-1', /Look \d/),
    await shot('thread-done', 'thread-card'),
  ])
  await bo.click(INCIDENTS, declared.thread.ts, 'Check again')
  await take(browser, slack, [
    await shot('watch-stable', 'watch-1', /\*Stable\*/, WATCH_MS),
    await shot('headline-stable', 'headline', /stable/),
    await noteOf('note-stable', slack, declared, /is stable/),
    await shot('checklist-done', 'checklist'),
  ])
  const done = await card(slack, 'run-1', declared.incident)
  await bo.click(INCIDENTS, done.ts, 'Undo')
  await take(browser, slack, [
    await shot('plan-undo', 'plan-2', /the cluster accepts/),
    thread('whole-thread', declared.headline),
  ])
  await deny(bo, await card(slack, 'plan-2', declared.incident), 'We found the cause: the flag.')
  await take(browser, slack, [
    await shot('plan-denied', 'plan-2', /Denied/),
    await shot('headline-undo-denied', 'headline', /denied|stable/),
  ])
}

/** Other people deploy meanwhile, and somebody stops it. */
const contested: Story = async (browser, slack) => {
  await withStage(slack, 'errors-62', async ({ others }) => {
    const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
    const declared = await declare(slack, ana)
    const { incident, thread: details } = declared
    const shot = (name: string, surface: Parameters<typeof card>[1], reads?: RegExp, ms?: number) =>
      cardOf(name, slack, declared, surface, reads, ms)

    await ana.mention(INCIDENTS, 'restart backend', declared.headline.ts)
    await take(browser, slack, [await shot('plan-restart', 'plan-1', /the cluster accepts/)])
    await deny(bo, await card(slack, 'plan-1', incident))
    await card(slack, 'plan-1', incident, /Denied/)

    await ana.click(INCIDENTS, details.ts, 'Prepare rollback')
    const second = await card(slack, 'plan-2', incident, /0 of 2/)
    await sign(slack, bo, second)
    others.deploy('backend', 'v2.0.1')
    await sign(slack, cy, second)
    const third = await card(slack, 'plan-3', incident, /0 of 2/, RUN_MS)
    await take(browser, slack, [
      await shot('plan-void', 'plan-2'),
      await noteOf('note-void', slack, declared, /void|Nothing was written/),
    ])
    await sign(slack, bo, third)
    await sign(slack, cy, third)
    const run = await card(slack, 'run-3', incident, /has begun/)
    await ana.click(INCIDENTS, run.ts, 'Stop after this step')
    await take(browser, slack, [
      await shot('run-stopping', 'run-3'),
      await shot('run-stopped', 'run-3', /Stopped/, RUN_MS),
      await shot('headline-stopped', 'headline', /stopped/),
    ])
    await bo.click(INCIDENTS, (await card(slack, 'run-3', incident)).ts, 'Undo')
    const fourth = await card(slack, 'plan-4', incident, /0 of 2/)
    await sign(slack, ana, fourth)
    await sign(slack, cy, fourth)
    await card(slack, 'run-4', incident, /Under way/)
    others.deploy('backend', 'v2.0.2')
    await take(browser, slack, [
      await shot('run-failed', 'run-4', /Failed/, RUN_MS),
      await shot('headline-failed', 'headline', /failed/),
      await noteOf('note-failed', slack, declared, /Failed:/),
    ])
  })
}

/** The release was not the cause: the rollback works, and the errors stay. */
const relapse: Story = async (browser, slack) => {
  await withStage(slack, 'errors-62', async ({ change }) => {
    change({ causedByRelease: false })
    const declared = await declare(slack, slack.as(ANA))
    const plan = await planned(slack, slack.as(ANA), declared)
    await sign(slack, slack.as(BO), plan)
    await sign(slack, slack.as(CY), plan)
    const bad = /Production is bad/
    await take(browser, slack, [
      await cardOf('watch-bad', slack, declared, 'watch-1', bad, WATCH_MS),
      await cardOf('headline-bad', slack, declared, 'headline', bad),
      await noteOf('note-bad', slack, declared, bad),
    ])
  })
}

/** Argo CD would put the bad version back: it is suspended first, and resumed once Git says the good one. */
const kept: Story = async (browser, slack) => {
  const application = { kind: 'Application', namespace: 'argocd', name: 'pipeshub' } as const
  const tell = async ({ others }: SandboxWorld): Promise<void> => {
    others.keep({ ...application, version: 'v2.0.0' })
    const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
    const declared = await declare(slack, ana)
    const { headline, incident } = declared
    const shot = (name: string, surface: Parameters<typeof card>[1], reads?: RegExp, ms?: number) =>
      cardOf(name, slack, declared, surface, reads, ms)

    const plan = await planned(slack, ana, declared)
    await take(browser, slack, [await shot('plan-suspends', 'plan-1', /may be suspended/)])
    await sign(slack, bo, plan)
    await sign(slack, cy, plan)
    await take(browser, slack, [
      await shot('run-suspended', 'run-1', /was carried out/, RUN_MS),
      await shot('headline-suspended', 'headline', /Suspended by plan 1/),
    ])
    await ana.mention(INCIDENTS, 'resume', headline.ts)
    await noted(slack, declared, /Plan 2 is not possible/)
    await take(browser, slack, [
      await noteOf('note-not-resumed', slack, declared, /Plan 2 is not possible/),
    ])
    others.keep({ ...application, version: 'v1.9.0' })
    others.setOwner(application, null)
    // Argo CD has looked since.
    await pause(1_000)
    await ana.mention(INCIDENTS, 'resume', headline.ts)
    await card(slack, 'plan-3', incident, /0 of 2/)
    await take(browser, slack, [await shot('plan-resume', 'plan-3', /may be resumed/)])
  }
  await withStage(slack, 'errors-62', tell, [application])
}

const assessment =
  (scenario: ScenarioName, name: string): Story =>
  async (browser, slack) => {
    await using bot = await startBot({ slack, scenario })
    await bot.ready()
    await take(browser, slack, [message(name, await assess(slack, slack.as(ANA)))])
  }

/** Incidents of the corpus, as their cards stand in Slack. */
const incidents: Story = async (browser, slack) => {
  await using written = await writtenDown(shown)
  for (const incident of shown) {
    const found = await cardOfIncident(written, incident, slack)
    await take(browser, slack, [message(`incident-${incident.name}`, found)])
  }
}

/** What is typed in the channel during an incident: what cannot be is refused, and what can leads into the thread. */
const whileOpen: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'errors-62' })
  await bot.ready()
  const bo = slack.as(BO)
  const declared = await declare(slack, slack.as(ANA))
  const { incident, headline } = declared
  await bo.click(INCIDENTS, declared.thread.ts, 'Prepare rollback')
  const plan = await card(slack, 'plan-1', incident, /0 of 2/)
  await take(browser, slack, [
    await answer('answer-plan', slack, slack.as(ANA), 'plan'),
    await answer('refusal-version', slack, slack.as(ANA), 'plan --to v9.9.9'),
  ])
  await bo.click(INCIDENTS, declared.thread.ts, 'Report a symptom', { pick: 'Data loss' })
  const reported = await cardOf(
    'symptom-reported',
    slack,
    declared,
    'thread-card',
    /reported: Data/,
  )
  await take(browser, slack, [reported])
  // It stays open, over everything.
  const denyForm = async (page: Page) => {
    const modal = page.locator('.modal')
    if (await modal.isVisible()) return modal
    const ready = await reply('', headline, plan).of(page)
    await ready.getByText('Deny', { exact: true }).click()
    return modal
  }
  await take(browser, slack, [{ name: 'deny-form', of: denyForm }])
}

/** The form stays open, over everything: it has a Slack of its own. */
const maintenanceForm: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'errors-62' })
  await bot.ready()
  const typed = { user: ANA, channel: INCIDENTS, command: '/rollback' }
  await slack.upstream.control('command', { ...typed, text: 'maintenance' })
  await take(browser, slack, [
    { name: 'maintenance-form', of: async (page) => page.locator('.modal') },
  ])
}

const form: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'errors-62' })
  await bot.ready()
  // Typed on the page: only then does local-slack show the form there.
  const typed = { user: ANA, channel: INCIDENTS, command: '/rollback' }
  await slack.upstream.control('command', { ...typed, text: 'start kubernetes --to v1.9.0' })
  await take(browser, slack, [FORM])
}

type Opening = {
  readonly press: string
  readonly shows: string
  /** Of the thread in which the button is; left out where it is in the channel. */
  readonly headline?: Card
}

/** What a button opens. It stays open, also on the next page that looks at this Slack. */
const openedBy = (name: string, ts: string, { press, shows, headline }: Opening): Shot => ({
  name,
  of: async (page) => {
    const modal = page.locator('.modal')
    const button = page.locator(`.msg[data-ts="${ts}"]`).getByText(press, { exact: true })
    await modal.waitFor({ timeout: 2_000 }).catch(async () => {
      if (headline) await page.locator(`.msg[data-ts="${headline.ts}"] .thread-summary`).click()
      await button.last().click()
    })
    await modal.getByText(shows).first().waitFor()
    return modal
  },
})

const everyRule: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'errors-62' })
  await bot.ready()
  const { ts } = await assess(slack, slack.as(ANA))
  const opened = openedBy('every-rule', ts, { press: 'Details', shows: 'How it was asked' })
  await take(browser, slack, [opened])
}

/** A plan that does not fit on its card: what is on it, and what the button opens. */
const wholePlan: Story = async (browser, slack) => {
  const prefixes = Array.from({ length: 700 }, (_, index) => `cache-of-service-${index}:`)
  const settings = shippedSettings({
    'prefixes: ["cache:"]': `prefixes: ${JSON.stringify(prefixes)}`,
  })
  await using bot = await startSimulatedBot({ slack, scenario: 'errors-62', settings })
  await bot.ready()
  const ana = slack.as(ANA)
  const declared = await declare(slack, ana)
  const plan = await planned(slack, ana, declared)
  await take(browser, slack, [await cardOf('plan-shortened', slack, declared, 'plan-1')])
  const opened = openedBy('plan-whole', plan.ts, {
    press: 'Show all of it',
    shows: 'Page 1 of 2',
    headline: declared.headline,
  })
  await take(browser, slack, [opened])
}

/** The services run as containers on a host. */
const containers: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'errors-62', platform: 'docker' })
  await bot.ready()
  const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  await take(browser, slack, [await answer('docker-deployments', slack, ana, 'deployments')])
  const declared = await declare(slack, ana)
  const shot = (name: string, surface: Parameters<typeof card>[1], reads?: RegExp, ms?: number) =>
    cardOf(name, slack, declared, surface, reads, ms)
  const plan = await planned(slack, ana, declared)
  await take(browser, slack, [await shot('docker-plan', 'plan-1', /every image is on its host/)])
  await sign(slack, bo, plan)
  await sign(slack, cy, plan)
  await take(browser, slack, [await shot('docker-run', 'run-1', /was carried out/, RUN_MS)])
  await bo.click(INCIDENTS, (await card(slack, 'run-1', declared.incident)).ts, 'Undo')
  await take(browser, slack, [await shot('docker-undo', 'plan-2', /0 of 2/)])
}

/** What becomes of what people have had published. */
const published: Story = async (browser, slack) => {
  const page = await statusPageServer()
  const settings = shippedSettings({
    '  publishers: { users: [], groups: [] }': `  publishers: { users: [], groups: [] }
  customers: [{ name: Enterprise, to: [ops@acme.example, it@initech.example] }]
  statusPage:
    provider: statuspage
    page: ${page.page}
    apiUrl: ${page.url}
    components: { backend: c-backend, frontend: c-frontend }`,
  })
  const env = { BACKOUT_STATUSPAGE_API_KEY: page.apiKey }
  try {
    await using bot = await startSimulatedBot({ slack, settings, env })
    await bot.ready()
    const [ana, bo] = [slack.as(ANA), slack.as(BO)]
    const declared = await declare(slack, ana)
    await planned(slack, ana, declared)
    const shot = (name: string, reads: RegExp) =>
      cardOf(name, slack, declared, 'status-page', reads)
    const press = async (label: string) => {
      const { ts } = await card(slack, 'status-page', declared.incident)
      await bo.click(INCIDENTS, ts, label)
    }
    await take(browser, slack, [
      await shot('status-page', /Status page: identified/),
      await cardOf('checklist-letters', slack, declared, 'checklist', /A draft for key customers/),
    ])
    page.next('write', { answer: 422, error: 'Component ids are not of this page' })
    await press('Publish')
    await take(browser, slack, [await shot('status-page-refused', /Not published/)])
    page.goAway()
    await press('Publish again')
    await take(browser, slack, [await shot('status-page-waits', /could not be published yet/)])
    page.comeBack()
    await take(browser, slack, [await shot('status-page-published', /published by/)])
  } finally {
    await page.stop()
  }
}

/** What the pager says of a call: it is away, it took it, somebody answered there. */
const paging: Story = async (browser, slack) => {
  await using pager = await startPagerServer()
  const { events, rest } = pager.at
  const settings = `${shippedSettings({})}
paging: { pagerduty: { eventsUrl: "${events}", apiUrl: "${rest}" } }
`
  const { routingKey, apiToken } = CREDENTIALS
  const env = {
    BACKOUT_PAGERDUTY_ROUTING_KEY: routingKey,
    BACKOUT_PAGERDUTY_API_TOKEN: apiToken,
  }
  pager.meetAll({ status: 503 })
  await using bot = await startSimulatedBot({ slack, scenario: 'errors-62', settings, env })
  await bot.ready()
  const declared = await declare(slack, slack.as(ANA))
  const shot = (name: string, surface: Parameters<typeof card>[1], reads: RegExp) =>
    cardOf(name, slack, declared, surface, reads, RUN_MS)
  await take(browser, slack, [await shot('headline-page-waits', 'headline', /not sent yet/)])
  pager.meetAll(null)
  await take(browser, slack, [
    await shot('headline-paged', 'headline', /nobody has acknowledged/),
    await shot('checklist-paged', 'checklist', /nobody has acknowledged/),
  ])
  const [call = ''] = pager.rings
  pager.answer(call, 'Cy Example', new Date().toISOString())
  await take(browser, slack, [
    await shot('headline-page-answered', 'headline', /acknowledged there/),
    await shot('thread-page-answered', 'thread-card', /acknowledged in PagerDuty/),
  ])
}

/** Nothing of its preparation is still to come. */
const READY = /^(?![^]*(?:under way|being collected))[^]*0 of \d/

/** A release has corrupted data: restored beside, switched, and the way back from that. */
const data: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'data-corruption' })
  await bot.ready()
  const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  const line = '/rollback assess data-corruption'
  await take(browser, slack, [message('assess-data', await assess(slack, ana, line))])
  const declared = await declare(slack, ana, line)
  const { incident } = declared
  const shot = (name: string, surface: Parameters<typeof card>[1], reads: RegExp) =>
    cardOf(name, slack, declared, surface, reads, RUN_MS)
  await take(browser, slack, [await answer('backups', slack, ana)])
  await ana.command(INCIDENTS, '/rollback plan database')
  await take(browser, slack, [await shot('data-restore-plan', 'plan-1', READY)])
  await sign(slack, bo, await card(slack, 'plan-1', incident))
  await take(browser, slack, [await shot('data-restore-run', 'run-1', /was carried out/)])
  await ana.click(INCIDENTS, (await card(slack, 'run-1', incident)).ts, 'Prepare the switch')
  await take(browser, slack, [await shot('data-switch-plan', 'plan-2', READY)])
  await sign(slack, bo, await card(slack, 'plan-2', incident))
  await sign(slack, cy, await card(slack, 'plan-2', incident))
  await take(browser, slack, [
    await shot('data-switch-run', 'run-2', /was carried out/),
    await shot('data-headline', 'headline', /Done: switch/),
  ])
  await bo.click(INCIDENTS, (await card(slack, 'run-2', incident)).ts, 'Undo')
  await take(browser, slack, [await shot('data-undo', 'plan-3', READY)])
}

/** A release has brought a flag: switched off, and read back from every pod. */
const flag: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'tenant-flag' })
  await bot.ready()
  const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  await take(browser, slack, [message('assess-flag', await assess(slack, ana))])
  const declared = await declare(slack, ana)
  const { incident } = declared
  const shot = (name: string, surface: Parameters<typeof card>[1], reads: RegExp) =>
    cardOf(name, slack, declared, surface, reads, RUN_MS)
  await ana.command(INCIDENTS, '/rollback plan flag')
  await take(browser, slack, [await shot('flag-plan', 'plan-1', READY)])
  await sign(slack, bo, await card(slack, 'plan-1', incident))
  await sign(slack, cy, await card(slack, 'plan-1', incident))
  await take(browser, slack, [
    await shot('flag-run', 'run-1', /was carried out/),
    await shot('flag-headline', 'headline', /Done: switch/),
  ])
}

/** Code, data and caches back as one plan. */
const everything: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'data-corruption' })
  await bot.ready()
  const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  const declared = await declare(slack, ana, '/rollback assess data-corruption')
  const { incident } = declared
  const shot = (name: string, surface: Parameters<typeof card>[1], reads: RegExp) =>
    cardOf(name, slack, declared, surface, reads, RUN_MS)
  await ana.command(INCIDENTS, '/rollback plan database')
  await sign(slack, bo, await card(slack, 'plan-1', incident, READY))
  await card(slack, 'run-1', incident, /was carried out/, RUN_MS)
  await ana.command(INCIDENTS, '/rollback plan full')
  await take(browser, slack, [await shot('full-plan', 'plan-2', READY)])
  await sign(slack, bo, await card(slack, 'plan-2', incident))
  await sign(slack, cy, await card(slack, 'plan-2', incident))
  await take(browser, slack, [
    await shot('full-running', 'run-2', /▰|Scale backend/),
    await shot('full-run', 'run-2', /was carried out/),
    await shot('full-headline', 'headline', /Done: /),
  ])
  await bo.click(INCIDENTS, (await card(slack, 'run-2', incident)).ts, 'Undo')
  await take(browser, slack, [await shot('full-undo', 'plan-3', READY)])
}

/** A team that tries its uploads where there are none, and whose heartbeat does not beat. */
const CHECKS = `verification:
  items:
    dataAccessible: { kind: http, service: backend, path: /health }
    uploadsWork: { kind: http, service: backend, path: /api/uploads }
    noSecurityAlerts: { kind: alerts, heartbeat: ['alertname="Heartbeat"'] }
`

/** What is verified after a rollback: by Backout, by a person, and not at all. */
const verification: Story = async (browser, slack) => {
  const settings = shippedSettings({ 'verification:\n  deadlineSeconds: 10\n': CHECKS })
  await using bot = await startSimulatedBot({ slack, scenario: 'errors-62', settings })
  await bot.ready()
  const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  await take(browser, slack, [await answer('verify', slack, ana)])
  const declared = await declare(slack, ana)
  const plan = await planned(slack, ana, declared)
  await sign(slack, bo, plan)
  await sign(slack, cy, plan)
  const { incident, thread: details } = declared
  await card(slack, 'run-1', incident, /was carried out/, RUN_MS)
  const shot = (name: string, reads: RegExp) =>
    cardOf(name, slack, declared, 'verification', reads, RUN_MS)
  await take(browser, slack, [await shot('verification', /1 failed/)])
  const list = await card(slack, 'verification', incident)
  const value = `${incident}/users-log-in`
  await bo.click(INCIDENTS, list.ts, { label: 'Verified', value })
  await take(browser, slack, [await shot('verification-ticked', /seen by/)])
  await ana.click(INCIDENTS, details.ts, 'Close incident')
  await take(browser, slack, [
    await cardOf('headline-not-verified', slack, declared, 'headline', /Not verified:/),
    await shot('verification-closed', /^(?![^]*Verify again$)/),
  ])
}

/** On a quiet day: every way back is ready, until somebody cleans up. */
const readiness: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'healthy', platform: 'docker' })
  await bot.ready()
  const ana = slack.as(ANA)
  await take(browser, slack, [await answer('readiness', slack, ana)])
  await ana.openHome()
  await ana.home((view) => words(view['blocks']).includes('targets are up'))
  await take(browser, slack, [{ ...HOME, name: 'home-readiness' }])
}

/** Somebody cleans up what the way back would need: asked for, and told in the channel. */
const wayLost: Story = async (browser, slack) => {
  await withStage(slack, 'healthy', async ({ others }) => {
    const ana = slack.as(ANA)
    await answer('readiness', slack, ana)
    for (const version of ['v1.9.0', 'v1.8.3']) others.removeRevision('backend', version)
    // Nobody is answered with another look within a minute.
    await pause(61_000)
    await take(browser, slack, [await answer('readiness-not-ready', slack, ana, 'readiness')])
    const find = async () =>
      (await slack.chat.all(INCIDENTS)).find(({ blocks }) =>
        /way back was lost/.test(words(blocks)),
      )
    const lost = await until(find, 'the loss to be told', WATCH_MS)
    await take(browser, slack, [message('readiness-lost', { ts: str(lost['ts']) })])
  })
}

/** A release turns bad while Backout watches it, and nobody has typed anything. */
const releaseWatch: Story = async (browser, slack) => {
  const tell = async ({ become }: SandboxWorld): Promise<void> => {
    const ana = slack.as(ANA)
    await until(
      async () => /At \d\d:\d\d UTC no rule/.test(await answerTo(ana, 'readiness')),
      'a look at the release',
      RUN_MS,
    )
    await take(browser, slack, [await answer('readiness-release-watch', slack, ana, 'readiness')])
    become('errors-62')
    const called = await until(
      async () =>
        (await cards(slack, 'assessment-card')).find(({ reads }) => reads.includes('Looked at')),
      'the release watch to open an incident',
      RUN_MS,
    )
    await take(browser, slack, [message('release-watch', called)])
    await ana.click(INCIDENTS, called.ts, 'Declare incident')
    const headline = await card(slack, 'headline', called.incident)
    const details = await card(slack, 'thread-card', called.incident, /declared the incident/)
    await take(browser, slack, [reply('release-watch-thread', headline, details)])
  }
  await withStage(slack, 'healthy', tell, [], { releaseWatch: { minutes: 30, everySeconds: 15 } })
}

/** What stands in the thread once production is stable, as Backout draws it. */
const incidentPicture: Story = async () => {
  const png = await resvgDrawing().png(chartSvg(lifelikeChart()), AbortSignal.timeout(RUN_MS))
  keep('incident-picture.png', Buffer.from(png))
}

/** Staging beside production: each message says whose it is, and the home page shows both. */
const environments: Story = async (browser, slack) => {
  const settings = severalEnvironments(DRILLS, { staging: INCIDENTS, production: RANDOM })
  const env = {
    STAGING_PROMETHEUS_URL: 'http://staging.invalid',
    PRODUCTION_PROMETHEUS_URL: 'http://production.invalid',
  }
  await using bot = await startSimulatedBot({ slack, settings, env, scenario: 'errors-62,healthy' })
  await bot.ready()
  const ana = slack.as(ANA)
  const declared = await declare(slack, ana)
  await planned(slack, ana, declared)
  await take(browser, slack, [
    await cardOf('environments-headline', slack, declared, 'headline', /0 of 2/),
    await cardOf('environments-plan', slack, declared, 'plan-1', /the cluster accepts/),
  ])
  await ana.openHome()
  await ana.home((view) => words(view['blocks']).includes('targets are up'))
  await take(browser, slack, [{ ...HOME, name: 'environments-home' }])
}

/** In the channel of the drills. */
const inDrills = (shot: Shot): Shot => ({
  ...shot,
  of: async (page) => {
    await page.locator('.sidebar-item', { hasText: 'drills' }).click()
    return shot.of(page)
  },
})

/** A drill from its list to its score, and the second one of the same scenario. */
const drills: Story = async (browser, slack) => {
  await using bot = await startBot({ slack, scenario: 'healthy' })
  await bot.ready()
  const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  const inChannel = async (key: RegExp) =>
    (await slack.chat.all(DRILLS)).findLast(({ blocks }) =>
      key.test(str(dicts(blocks)[0]?.['block_id'])),
    )
  const wholeDrill = async (shoot: boolean) => {
    await told(ana, () => ana.command(DRILLS, '/rollback drill errors-62 --fault cluster-away'))
    const begun = await until(() => inChannel(/^drill-started:/), 'the drill to begin')
    if (shoot) await take(browser, slack, [drillShot('drill-started', begun)])
    const declared = await declare(slack, ana, undefined, DRILLS)
    if (shoot) await take(browser, slack, [drillShot('drill-assessed', declared)])
    const plan = await planned(slack, ana, declared, DRILLS)
    await sign(slack, bo, plan, DRILLS)
    await sign(slack, cy, plan, DRILLS)
    const run = await card(slack, 'run-1', declared.incident, /was carried out/, WATCH_MS, DRILLS)
    if (shoot) {
      await take(browser, slack, [inDrills(reply('drill-run', declared.headline, run))])
    }
    const { incident } = declared
    const canClose = /Close incident/
    await card(slack, 'thread-card', incident, canClose, RUN_MS, DRILLS)
    const before = await inChannel(/^drill-ended:/)
    await closeIncident(ana, declared.thread, DRILLS)
    return until(
      async () => {
        const found = await inChannel(/^drill-ended:/)
        return found?.['ts'] === before?.['ts'] ? undefined : found
      },
      'the score',
      RUN_MS,
    )
  }
  const drillShot = (name: string, { ts }: Dict | Card) => inDrills(message(name, { ts: str(ts) }))
  const answered = async (name: string, line: string) => {
    await told(ana, () => ana.command(DRILLS, `/rollback ${line}`))
    return drillShot(name, slack.ephemerals(ana.id).at(-1) ?? { ts: '' })
  }
  await take(browser, slack, [await answered('drill-list', 'drill')])
  await wholeDrill(true)
  await take(browser, slack, [drillShot('drill-score', await wholeDrill(false))])
  await take(browser, slack, [await answered('drill-scores', 'drill scores')])
}

const STORIES: Readonly<Record<string, Story>> = {
  drills,
  environments,
  questions,
  rollback,
  containers,
  data,
  flag,
  everything,
  contested,
  relapse,
  kept,
  verification,
  'without-slack': withoutSlack,
  'assess-person-decides': assessment('errors-8', 'assess-person-decides'),
  'assess-blind': assessment('prometheus-silent', 'assess-blind'),
  'assess-do-not': assessment('redis-down', 'assess-do-not'),
  form,
  typed: whileOpen,
  'maintenance-form': maintenanceForm,
  'every-rule': everyRule,
  'whole-plan': wholePlan,
  published,
  paging,
  readiness,
  'readiness-lost': wayLost,
  'release-watch': releaseWatch,
  'incident-picture': incidentPicture,
  incidents,
}

await using ending = new AsyncDisposableStack()
const browser = await openBrowser()
ending.defer(() => browser.close())
const wanted = process.argv.slice(2)
for (const [name, story] of Object.entries(STORIES)) {
  if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue
  const slack = await startDemoSlack()
  try {
    await story(browser, slack)
  } finally {
    await slack.stop()
  }
}
