import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { SCOPES } from '../../src/chat/scopes.ts'
import { answerTo, card, declare, noted, sign } from '../e2e/reading.ts'
import { container, runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker } from '../servers/docker/engine.ts'
import { pushImage } from '../servers/docker/images.ts'
import { startRegistry } from '../servers/docker/registry.ts'
import { missingAllowed } from '../servers/find.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'
import { startConfiguredBot } from '../support/bot.ts'
import { appImage, withBytes } from '../support/docker.ts'
import { ANA, APPROVERS, BO, CY, INCIDENTS, pipeshub } from '../support/slack/fixture.ts'
import { startSlack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { slowedDown } from '../support/slow-registry.ts'

const IMAGE_BYTES = 24_000_000
/** Slow enough to be met while it pulls. */
const BYTES_PER_SECOND = 2_000_000

/** The image of the way back is in the registry alone, and Backout is killed while the host pulls it. */
test.skipIf(missingAllowed('docker'))(
  'a plan whose image is being pulled says how far it is, also after a kill, and waits for it',
  async () => {
    await using stack = new AsyncDisposableStack()
    const engine = stack.use(await startDocker())
    const registry = stack.use(await startRegistry())
    const slow = stack.use(await slowedDown(registry.port, BYTES_PER_SECOND))
    const data = stack.use(await freshFolder('pull-story')).path
    const name = `127.0.0.1:${slow.port}/shop/backend`
    const light = await appImage(engine, { name, version: 'v1.9.0' })
    const good = await withBytes(engine, light, IMAGE_BYTES)
    await pushImage(engine, registry, good)
    const bad = await appImage(engine, { name, version: 'v2.0.0' })
    const port = await freePort()
    const published = [{ HostIp: '127.0.0.1', HostPort: String(port) }]
    // Of both versions the same port: `more` takes the place of what is usual.
    const HostConfig = {
      NetworkMode: 'apps',
      PortBindings: { '8080/tcp': published },
      RestartPolicy: { Name: 'unless-stopped' },
    }
    const start = (image: string) =>
      runContainer(engine, { name: 'backend', image, more: { HostConfig } })
    await start(good.reference)
    const slack = stack.adopt(
      await startSlack({ ...pipeshub(), scopes: Object.keys(SCOPES) }),
      (one) => one.stop(),
    )
    slack.group(APPROVERS).gains(CY)
    const { botToken, appToken } = slack.workspace.app
    const settings = stringify({
      environment: 'production',
      slack: { channels: [INCIDENTS] },
      services: [{ name: 'backend', url: `http://127.0.0.1:${port}` }],
      approval: { groups: [APPROVERS], readSeconds: 0 },
      procedures: {
        docker: {
          hosts: { 'shop-1': { address: engine.host } },
          services: { backend: { container: 'backend' } },
        },
      },
    })
    const env = {
      SLACK_BOT_TOKEN: botToken,
      SLACK_APP_TOKEN: appToken,
      SLACK_API_URL: slack.apiUrl,
      NODE_COMPILE_CACHE: join(data, 'compiled'),
    }
    const startBot = () => startConfiguredBot({ settings, env, data })
    let bot = await startBot()
    stack.defer(() => bot.stop())
    const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
    await until(
      async () => (await answerTo(cy, 'deployments')).includes('Runs v1'),
      'v1 to be seen',
      60_000,
    )
    await engine.must('DELETE', '/containers/backend', { query: { force: 'true' } })
    await start(bad.reference)
    for (const image of [good.reference, good.id])
      await engine.request('DELETE', `/images/${image}`)
    expect((await engine.request('GET', `/images/${good.id}/json`)).status).toBe(404)
    await untilContainer(engine, 'backend', { health: 'healthy' })
    const serving = await container(engine, 'backend')

    const declared = await declare(slack, cy)
    const { incident } = declared
    await cy.command(INCIDENTS, '/rollback plan docker --to v1.9.0')
    const pulling =
      /Pull backend v1\.9\.0 on shop-1: pulling backend v1\.9\.0 on shop-1 [▱▰]+ \d+ %/
    await card(slack, 'plan-1', incident, pulling, 60_000)
    await bot.kill()
    expect(await container(engine, 'backend')).toEqual(serving)
    bot = await startBot()
    await noted(slack, declared, /restarted and carries on\. Plan 1: 0 of 2 signatures/, 60_000)
    const again = await card(slack, 'plan-1', incident, pulling, 60_000)
    await sign(slack, ana, again)
    await sign(slack, bo, await card(slack, 'plan-1', incident, /1 of 2/))
    // Nothing is stopped for an image that is not there yet.
    await card(
      slack,
      'headline',
      incident,
      /signed, waiting for what it needs: pulling backend v1\.9\.0/,
    )
    expect(await container(engine, 'backend')).toEqual(serving)
    const ended = /was carried out|failed|was not begun/
    const run = await card(slack, 'run-1', incident, ended, 60_000)
    expect(run.reads).toMatch(/Plan 1 was carried out/)
    const plan = await card(slack, 'plan-1', incident)
    expect(plan.reads).not.toMatch(pulling)
    expect((await container(engine, 'backend')).imageId).toBe(good.id)
  },
  240_000,
)
