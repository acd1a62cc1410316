import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { SCOPES } from '../../src/chat/scopes.ts'
import { answerTo } from '../e2e/reading.ts'
import { tellOnFailure } from '../e2e/tell-on-failure.ts'
import { startRegistry } from '../servers/docker/registry.ts'
import { missingAllowed } from '../servers/find.ts'
import { askRedis, startRedis, type RedisServer } from '../servers/redis.ts'
import { freshFolder } from '../servers/spawn.ts'
import { toolFolders } from '../support/backups.ts'
import { runBackout, startConfiguredBot, type Bot } from '../support/bot.ts'
import { openBrowser } from '../support/browser.ts'
import { dockerOf, startComposeShop, type ComposeShop } from '../support/compose-shop.ts'
import {
  A_THOUSAND as SIZES,
  isClosedIn,
  shopSettings,
  startShop,
  type Shop,
} from '../support/database-stage.ts'
import { forwarded } from '../support/forwarded.ts'
import { LEDGER, migrate, MIGRATED, type Migrated } from '../support/migrated.ts'
import { downCommand, downImage } from '../support/migration-image.ts'
import { BAD, GOOD, SERVICES } from '../support/production.ts'
import { APPROVERS, BO, CY, INCIDENTS, pipeshub } from '../support/slack/fixture.ts'
import { leakBetween, mendLeak, shopApi, shopChecks } from '../support/shop-api.ts'
import { startSlack, type Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import {
  ENDED,
  mustHold,
  PEOPLE,
  usersWriteOn,
  wholeStory,
  type WholeStory,
} from '../support/whole-story.ts'

/** A busy machine takes its time. */
const PATIENCE_MS = 240_000
const needs = ['mongodb', 'redis', 'docker'] as const
/** As the containers answer. */
const checks = shopChecks('/cgi-bin/api')
/** What no switch replaces. */
const others = ['sessions', LEDGER.collection, ...MIGRATED]

/** The same on hosts of containers, with a migration whose `down` runs as one of them. */
describe.skipIf(needs.some(missingAllowed))(
  'code, data and a migration back as one plan, on a real Engine',
  { timeout: PATIENCE_MS },
  () => {
    const stack = new AsyncDisposableStack()
    let shop: Shop
    let compose: ComposeShop
    let redis: RedisServer
    let slack: Slack
    let migrated: Migrated
    let startBot: () => Promise<Bot>
    let bot: Bot
    let browser: Browser
    let story: WholeStory
    let untouched: readonly string[]
    tellOnFailure(() => bot)

    beforeAll(async () => {
      redis = stack.use(await startRedis({ args: [] }))
      shop = stack.use(await startShop(SIZES, () => isClosedIn(redis)))
      stack.defer(() => shop.writer.stop())
      compose = stack.use(await startComposeShop({ api: shopApi(shop.db) }))
      const folder = stack.use(await freshFolder('whole-story')).path
      migrated = await migrate(shop.db, { uri: shop.uri, archive: join(folder, 'down.archive') })
      const registry = stack.use(await startRegistry())
      const image = await downImage(compose.engine, registry, migrated.archive)
      const { gateway, project, urls } = compose
      const network = `${project}_default`
      const near = stack.use(await forwarded(Number(new URL(shop.uri).port), gateway))
      slack = stack.adopt(await startSlack({ ...pipeshub(), scopes: Object.keys(SCOPES) }), (one) =>
        one.stop(),
      )
      slack.group(APPROVERS).gains(CY)
      const { botToken, appToken } = slack.workspace.app
      const env = {
        SLACK_BOT_TOKEN: botToken,
        SLACK_APP_TOKEN: appToken,
        SLACK_API_URL: slack.apiUrl,
        REDIS_URL: redis.url,
        MONGODB_URI: shop.uri,
        MIGRATION_MONGODB_URI: `mongodb://${gateway}:${near.port}/`,
        BACKOUT_MONGO_TOOLS: toolFolders()[0] ?? '',
        NODE_COMPILE_CACHE: join(folder, 'compiled'),
        ...checks.env,
      }
      const settings = stringify({
        environment: 'production',
        slack: { channels: [INCIDENTS] },
        services: SERVICES.map((name) => ({ name, url: urls[name] })),
        redis: { cache: { prefixes: ['cache:'], protectedPrefixes: ['sess:'] } },
        approval: { groups: [APPROVERS], readSeconds: 0, dataOwners: { users: [BO] } },
        procedures: {
          docker: dockerOf(compose),
          database: {
            ...shopSettings(shop.catalogue),
            writers: ['backend'],
            proveBy: checks.proveBy,
            migration: {
              ledger: LEDGER,
              collections: MIGRATED,
              image,
              command: downCommand(3),
              docker: { host: 'shop-1', network, environment: ['MIGRATION_MONGODB_URI'] },
            },
          },
          full: { stop: ['backend'], people: PEOPLE },
        },
        ...checks.settings,
      })
      startBot = () => startConfiguredBot({ settings, env, data: folder })
      bot = await startBot()
      await until(async () => {
        const says = await answerTo(slack.as(CY), 'deployments')
        return says.includes(`Runs ${GOOD}.`) && says.includes('Newest change: v1.9.0')
      }, 'the first release to be recorded')
      await compose.up(BAD)
      await until(async () => (await compose.versionOf('backend')) === BAD, 'the bad release')
      untouched = await compose.othersNow()
      browser = await openBrowser()
      story = await wholeStory(slack, browser, () => bot)
    }, PATIENCE_MS)
    afterAll(async () => {
      await browser?.close()
      await bot?.stop()
      await stack.disposeAsync()
    })

    const ask = (command: string) => askRedis(redis.host, redis.port, command)
    const migrationOf = (plan: number) => `backout-${story.incident()}-p${plan}`
    const jobs = async () =>
      (await compose.containers())
        .filter(({ Labels }) => Labels['backout.role'] === 'job')
        .map(({ Names, State }) => `${Names[0]?.slice(1)} ${State}`)
    const mustStand = async (version: string, data: Parameters<typeof mustHold>[2]['data']) => {
      expect([await compose.versionOf('backend'), await compose.versionOf('frontend')]).toEqual([
        version,
        version,
      ])
      const held = await mustHold(shop, SIZES, { data, others })
      const live = data === 'spoilt' ? migrated.since : migrated.before
      expect(live.filter((line) => !held.holdsLive(line))).toEqual([])
      expect(migrated.since.filter((line) => !held.holds(line))).toEqual([])
      expect(await ask('GET maintenance_mode')).toContain('$-1')
      expect(await compose.othersNow()).toEqual(untouched)
    }

    test('restored beside while people write, the whole plan says that the migration is taken back, and where', async () => {
      await story.declares()
      await story.says('/rollback plan database')
      await story.signedByOne(1)
      await story.carriedOut(1)
      await usersWriteOn(shop)
      await mustStand(BAD, 'spoilt')
      await story.says(`/rollback plan full --to ${GOOD}`)
      const reads = await story.signedByTwo(2)
      expect(reads).toMatch(/\*backend\*: 1 container → \*stopped meanwhile, then started again\*/)
      expect(reads).toMatch(/migrations says that the migration is applied/)
      expect(reads).toMatch(/Before that 401 documents \([^)]*\) are copied beside/)
      expect(reads).toMatch(/“docker compose up” starts backend again while it is to be stopped/)
      expect(reads).not.toMatch(/\bpods?\b|Deployment|at least less/)
    })

    test('stopped before anything but maintenance was touched, Undo turns that off, and all is as before', async () => {
      const before = await compose.idsOf(SERVICES)
      await story.has('people-asked', 2, /drain the load balancer/)
      await story.press(await story.shows('run-2', /Waits for people/), 'Stop after this step')
      const { reads } = await story.shows('run-2', ENDED)
      expect(reads).toMatch(/\*Left so until _Undo_:\* maintenance is on\./)
      expect(await ask('GET maintenance_mode')).toContain('true')
      await story.press(await story.shows('run-2', /Undo/), 'Undo')
      await story.signedByTwo(3)
      await story.carriedOut(3)
      expect(await compose.idsOf(SERVICES)).toEqual(before)
      await mustStand(BAD, 'spoilt')
      expect(await jobs()).toEqual([])
    })

    test('killed while the migration is taken back in a container, it goes on, does not run it twice, and ends no maintenance while one organisation sees another', async () => {
      await ask('SET cache:document:1 x')
      await ask('SET sess:1 x')
      await leakBetween(shop.db)
      await story.says(`/rollback plan full --to ${GOOD}`)
      await story.signedByTwo(4)
      await story.theyDo(4, /drain the load balancer/)
      const runs = async () => (await jobs()).includes(`${migrationOf(4)} running`)
      await until(runs, 'the migration to be taken back', 60_000)
      await bot.kill()
      bot = await startBot()
      const { reads } = await story.shows('run-4', ENDED)
      expect(reads).toMatch(/the migration is taken back, and migrations says so/)
      expect(reads).toMatch(/backend has v1\.9\.0 on shop-1, and is not started yet/)
      expect(reads).toMatch(/\*Failed:\* “Nobody sees another organisation” is not proved: /)
      expect(reads).toMatch(/\*Left so until _Undo_, as last seen:\* maintenance is on\./)
      expect(await ask('GET maintenance_mode')).toContain('true')
      expect(await jobs()).toEqual([`${migrationOf(4)} exited`])
    })

    test('mended and planned again, its containers prove a write, a read and the organisations, and people are back', async () => {
      await mendLeak(shop.db)
      await story.press(await story.shows('run-4', /Plan again/), 'Plan again')
      await story.signedByTwo(5)
      await story.theyDo(5, /tell the call centre/)
      const reads = await story.carriedOut(5)
      expect(reads).toMatch(/Projects are kept: POST [^]*\$\.text is the expected text/)
      expect(reads).toMatch(/acme does not see globex: .* HTTP 404 without data of another/)
      expect(await jobs()).toEqual([`${migrationOf(4)} exited`])
      await mustStand(GOOD, 'as in the backup')
      expect(
        [await ask('EXISTS cache:document:1'), await ask('EXISTS sess:1')].map((one) => one.trim()),
      ).toEqual([':0', ':1'])
      await usersWriteOn(shop)
    })

    test('Undo takes all of it back, the migration by its copies', async () => {
      await story.press(await story.shows('run-4', /Undo/), 'Undo')
      // Another undo took a second: that says nothing about this one.
      expect(await story.signedByTwo(6)).toMatch(/\*How long:\* not known yet/)
      await story.theyDo(6, /drain the load balancer/)
      await story.theyDo(6, /tell the call centre/)
      await story.carriedOut(6)
      await mustStand(BAD, 'spoilt')
      // It does not run anew.
      expect(await jobs()).toEqual([`${migrationOf(4)} exited`])
      const before = await compose.idsOf(SERVICES)
      await compose.say('up', '-d')
      expect(await compose.idsOf(SERVICES)).toEqual(before)
    })

    test('the journal is whole, and nothing went wrong unseen', async () => {
      await bot.stop()
      expect((await runBackout(['verify-journal', bot.journal])).output).toMatch(
        /^The journal is intact/,
      )
      expect(bot.output()).not.toMatch(/"level":(50|60)/)
    })
  },
)
