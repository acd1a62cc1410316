import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pinoLog } from '../../adapters/log/pino-log.ts'
import { VERSION } from '../../config/version.ts'
import { scenarioNames, type ScenarioName } from '../../sandbox/scenario.ts'
import { sandboxWorld } from '../../sandbox/world.ts'
import { startBot } from '../bot.ts'
import { runBotAlone } from '../demo/bot-alone.ts'
import { workspace } from '../demo/cast.ts'
import { keepBotRunning } from '../demo/crash.ts'
import { demoConfig, PLATFORMS } from '../demo/demo-config.ts'
import { NoLocalSlack, startLocalSlack } from '../demo/local-slack.ts'
import { surviveKnownSlackDefects, untilStopped } from '../process.ts'

export type DemoOptions = {
  readonly scenario: string
  /** What runs the simulated services. */
  readonly platform: string
  /** Port of the local Slack's page; any free one if left out. */
  readonly port?: string | undefined
  /** The Web API of a Slack that runs already; none is started then. */
  readonly slack?: string | undefined
  /** Where the journal stays; a folder that is removed at the end if left out. */
  readonly data?: string | undefined
  /** The bot in a process of its own, to be killed; production outlives it. */
  readonly crash: boolean
  /** This is that process. */
  readonly 'lent-production': boolean
}

/** A local Slack, a simulated production with a bad release, and the bot. Ctrl-C ends all of it. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const platform = PLATFORMS.find((name) => name === options.platform)
  if (!platform) {
    const known = PLATFORMS.join(', ')
    throw new TypeError(`there is no platform "${options.platform}"; known are ${known}`)
  }
  const scenario = scenarioNames.find((name) => name === options.scenario)
  if (!scenario) {
    const known = scenarioNames.join(', ')
    throw new TypeError(`there is no scenario "${options.scenario}"; known are ${known}`)
  }
  if (options['lent-production']) {
    const { slack: slackApiUrl = '', data = '' } = options
    return runBotAlone({ slackApiUrl, data, platform, scenario })
  }
  const log = pinoLog({ level: process.env['BACKOUT_LOG_LEVEL'] || 'error' })
  surviveKnownSlackDefects(log)
  await using ending = new AsyncDisposableStack()

  const slackUrl = options.slack ?? (await ownSlack(ending, options.port))
  if (slackUrl === null) return 1
  const slackApiUrl = options.slack ?? `${slackUrl}/api/`
  const data = options.data ?? temporaryFolder(ending)
  const config = demoConfig({ slackApiUrl, data, platform, scenario })
  const clock = { now: Date.now }
  const { world } = sandboxWorld({
    scenario,
    clock,
    settings: config.assess,
    platform,
    database: {},
  })
  const invited = invitation(slackUrl.replace(/\/api\/?$/, ''), scenario, options)
  if (options.crash) {
    say(invited)
    // Awaited here: what is open ends with this function.
    return await keepBotRunning({ world, slackApiUrl, data, platform, scenario, say })
  }
  const bot = await startBot([config], async () => world, log)
  ending.defer(() => bot.stop())
  // Before it says that Ctrl-C ends everything.
  const stopped = untilStopped()
  say(`${invited}\n${lastLines(bot.httpPort)}`)
  await Promise.race([bot.failed, stopped])
  say('\nStopping.\n')
  return 0
}

function say(text: string): void {
  process.stdout.write(text)
}

async function ownSlack(
  ending: AsyncDisposableStack,
  port: string | undefined,
): Promise<string | null> {
  try {
    const slack = await startLocalSlack(workspace, portOf(port))
    ending.defer(() => slack.stop())
    return slack.url
  } catch (error) {
    if (!(error instanceof NoLocalSlack)) throw error
    process.stderr.write(`${error.message}\n`)
    return null
  }
}

function portOf(given: string | undefined): number {
  const port = Number(given ?? 0)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new TypeError(`--port ${given}: a port is a number up to 65535`)
}

function temporaryFolder(ending: AsyncDisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), 'backout-demo-'))
  ending.defer(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What whoever started the demo reads: where it is, what to type, and who else can reach it. */
export function invitation(
  url: string,
  scenario: ScenarioName,
  { slack, crash }: Pick<DemoOptions, 'slack' | 'crash'>,
): string {
  return `
Backout ${VERSION} demo: production is simulated, and the scenario is "${scenario}".

  1. Open      ${url}
  2. Be        Ana Lima, on call ("Act as", at the top right). Bo and Cy are there too.
  3. Go to     #incidents
  4. Type      /rollback assess
     then try  /rollback help
  5. Go on     Declare incident; in its thread: Prepare rollback, which asks for two signatures.
  6. Be        Bo, then Cy, and press Approve in that thread. Undo takes it back, in the same way.
  7. Rehearse  in #drills: /rollback drill, which has a production and a journal of its own.
${slack === undefined ? OPEN_TO_ALL : ''}${crash ? '' : OTHERS}`
}

/** It has no option for one interface only. */
const OPEN_TO_ALL = `
Whoever reaches this machine reaches that page too, and nobody is asked who they are: the local
Slack listens on every interface. Try it in a network you trust, or close its port.
`

const OTHERS = `
Other scenarios: npm run demo -- --scenario NAME
  ${scenarioNames.join(', ')}
The services as containers on a Docker host: npm run demo -- --platform docker
Kill the bot in the middle of a rollback: npm run demo -- --crash
`

function lastLines(httpPort: number): string {
  return `Health of the bot: http://127.0.0.1:${httpPort}/readyz
Ctrl-C ends everything.
`
}
