import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pinoLog } from '../../adapters/log/pino-log.ts'
import { loadConfig } from '../../config/load-config.ts'
import { scenarioNames, type ScenarioName } from '../../sandbox/scenario.ts'
import { sandboxWorld } from '../../sandbox/world.ts'
import { startBot } from '../bot.ts'
import { app, workspace } from '../demo/cast.ts'
import { NoLocalSlack, startLocalSlack } from '../demo/local-slack.ts'
import { surviveKnownSlackDefects, untilStopped } from '../process.ts'

const SHIPPED_SETTINGS = resolve(import.meta.dirname, '../../../backout.yaml')

export type DemoOptions = {
  readonly scenario: string
  /** Port of the local Slack's page; any free one if left out. */
  readonly port?: string | undefined
  /** The Web API of a Slack that runs already; none is started then. */
  readonly slack?: string | undefined
  /** Where the journal stays; a folder that is removed at the end if left out. */
  readonly data?: string | undefined
}

/** A local Slack, a simulated production with a bad release, and the bot. Ctrl-C ends all of it. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const scenario = scenarioNames.find((name) => name === options.scenario)
  if (!scenario) {
    const known = scenarioNames.join(', ')
    throw new TypeError(`there is no scenario "${options.scenario}"; known are ${known}`)
  }
  const log = pinoLog({ level: process.env['BACKOUT_LOG_LEVEL'] || 'error' })
  surviveKnownSlackDefects(log)
  await using ending = new AsyncDisposableStack()

  const slackUrl = options.slack ?? (await ownSlack(ending, options.port))
  if (slackUrl === null) return 1
  const data = options.data ?? temporaryFolder(ending)
  const config = loadConfig({
    file: SHIPPED_SETTINGS,
    needs: ['slack'],
    variables: {
      BACKEND_URL: 'http://backend.demo.invalid',
      FRONTEND_URL: 'http://frontend.demo.invalid',
      SLACK_API_URL: options.slack ?? `${slackUrl}/api/`,
      SLACK_BOT_TOKEN: app.botToken,
      SLACK_APP_TOKEN: app.appToken,
      BACKOUT_DATA: data,
      BACKOUT_HTTP_PORT: '0',
    },
  })
  const { world } = sandboxWorld({ scenario, clock: { now: Date.now }, settings: config.assess })
  const bot = await startBot(config, async () => world, log)
  ending.defer(() => bot.stop())
  process.stdout.write(invitation(slackUrl.replace(/\/api\/?$/, ''), scenario, bot.httpPort))
  await Promise.race([bot.failed, untilStopped()])
  process.stdout.write('\nStopping.\n')
  return 0
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

function invitation(url: string, scenario: ScenarioName, httpPort: number): string {
  return `
Backout demo: production is simulated, and the scenario is "${scenario}".

  1. Open      ${url}
  2. Be        Ana Lima, on call ("Act as", at the top right). Bo and Cy are there too.
  3. Go to     #incidents
  4. Type      /rollback assess
     then try  /rollback help
  5. Go on     Declare incident; in its thread: Prepare rollback, which asks for two signatures.
  6. Be        Bo, then Cy, and press Approve in that thread. Undo takes it back, in the same way.

Other scenarios: npm run demo -- --scenario NAME
  ${scenarioNames.join(', ')}

Health of the bot: http://127.0.0.1:${httpPort}/readyz
Ctrl-C ends everything.
`
}
