import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { opened } from '../e2e/reading.ts'
import { tellOnFailure } from '../e2e/tell-on-failure.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { askRedis } from '../servers/redis.ts'
import { openBrowser } from '../support/browser.ts'
import { runBackout, type Bot } from '../support/bot.ts'
import { A_THOUSAND as SIZES, namesIn } from '../support/database-stage.ts'
import { podsIn, runningIn, startFullStage, type FullStage } from '../support/full-stage.ts'
import { startBotCluster, type BotCluster } from '../support/kubernetes.ts'
import { BAD, cachedKeys, fillCache, GOOD, keptKeys, SERVICES } from '../support/production.ts'
import { leakBetween, mendLeak } from '../support/shop-api.ts'
import { ANA, APPROVERS, CY } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'
import {
  ENDED,
  mustHold,
  PEOPLE,
  usersWriteOn,
  wholeStory,
  type WholeStory,
} from '../support/whole-story.ts'

const needs = ['mongodb', 'redis', 'prometheus', 'kubernetes'] as const
const skip = needs.some(missingAllowed) || outsideAddress('kubernetes') !== undefined
/** A busy machine takes its time. */
const PATIENCE_MS = 240_000
const NAMESPACE = 'worst-night'
const REPLICAS = 2
const CACHED = 500
/** Of a pod that has a request to answer still. */
const STILL_SERVING = 'shop.example/still-serving'
/** What no switch replaces. */
const others = ['sessions']

/** The runbook's detailed step by step, in the worst night. */
describe.skipIf(skip)(
  'code, data and caches back as one plan, on real servers',
  { timeout: PATIENCE_MS },
  () => {
    let bots: BotCluster
    let stage: FullStage
    let bot: Bot
    let browser: Browser
    let story: WholeStory
    let kept: string
    tellOnFailure(() => bot)

    beforeAll(async () => {
      bots = await startBotCluster()
      const circumstances = { prometheus: true, people: PEOPLE, proved: true }
      stage = await startFullStage(bots, NAMESPACE, SIZES, circumstances)
      const { production } = stage
      production.slack.group(APPROVERS).gains(CY)
      await fillCache(production, CACHED)
      kept = await keptKeys(production)
      await production.sees(BAD)
      bot = await production.startBot()
      browser = await openBrowser()
      story = await wholeStory(production.slack, browser, () => bot)
    }, PATIENCE_MS)
    afterAll(async () => {
      await browser?.close()
      await bot?.stop()
      await stage?.[Symbol.asyncDispose]()
      await bots?.[Symbol.asyncDispose]()
    })

    const maintenance = () => {
      const { host, port } = stage.production.redis
      return askRedis(host, port, 'GET maintenance_mode')
    }
    const podsOf = (name: string) => podsIn(bots, NAMESPACE, name)
    const holdUp = (pod: string, finalizers: readonly string[]) =>
      bots.cluster.admin.must('PATCH', `/api/v1/namespaces/${NAMESPACE}/pods/${pod}`, {
        metadata: { finalizers },
      })
    const mustRun = async (version: string, backends = REPLICAS): Promise<void> => {
      const runs = { backend: backends, frontend: REPLICAS }
      expect(await runningIn(bots, NAMESPACE)).toEqual(
        SERVICES.map((name) => `pipeshub/${name}:${version}, ${runs[name]} of ${runs[name]}`),
      )
    }

    test('what no metric shows is reported, and the incident declared', async () => {
      const { assessed, headline } = await story.declares()
      expect(assessed).toMatch(/data is lost or corrupt \(reported\)/)
      expect(assessed).toMatch(/5xx [56]\d[.\d]* %( \([\d,]+ of [\d,]+\))?, rule above 50 %/)
      expect(headline.reads).toMatch(/severity critical/)
    })

    test('the backup is restored beside with one signature, while people go on writing', async () => {
      await story.says('/rollback plan database')
      await story.signedByOne(1)
      expect(await story.carriedOut(1)).toMatch(/[1-9]\d* documents created and 40 changed since/)
      await usersWriteOn(stage.shop)
      await mustHold(stage.shop, SIZES, { data: 'spoilt', others })
      await mustRun(BAD)
    })

    test('the whole plan says what changes, what is lost, and who does what on the way', async () => {
      await story.says('/rollback plan full')
      await story.pictured('night-plan', 'plan-2', /0 of 2/)
      const reads = await story.signedByTwo(2)
      expect(reads).toMatch(/\*backend\*: 2 pods → \*stopped meanwhile, then 2 pods again\*/)
      expect(reads).toMatch(/collection projects\*: .*\n +\d+ documents created and 200 changed/)
      expect(reads).toMatch(
        /1\. Turn maintenance on\n2\. edge team: drain the load balancer\n3\. Scale backend from 2 to 0/,
      )
      expect(reads).toMatch(
        /Scale backend from 0 to 1 replicas[^]*Prove through the application[^]*from 1 to 2 replicas/,
      )
      // It is: by this very plan.
      expect(reads).not.toMatch(/No service is stopped/)
    })

    test('stopped in its first phase, it says what is left so, and the servers are as it says', async () => {
      const [slow = ''] = await podsOf('backend')
      await holdUp(slow, [STILL_SERVING])
      await story.theyDo(2, /drain the load balancer/)
      const waits = new RegExp(`backend: it is scaled to 0; still ending: ${slow}`)
      await story.press(await story.shows('run-2', waits), 'Stop after this step')
      expect((await story.shows('run-2', /\*Stopping:\*/)).reads).toMatch(/Nothing more is begun/)
      await holdUp(slow, [])
      const { reads } = await story.shows('run-2', ENDED)
      expect(reads).toMatch(/\*Stopped:\* after step 3 of 12/)
      expect(reads).toMatch(/\*Left so until _Undo_:\* maintenance is on; backend is stopped/)
      const headline = await story.shows(
        'headline',
        /🚨 production: maintenance is on, backend is stopped/,
      )
      expect(headline.reads).toMatch(/\*Next:\* Decide in the thread, on the card of plan 2/)
      await story.pictured('night-stopped', 'headline', /backend is stopped/)
      expect(await maintenance()).toContain('true')
      await mustRun(BAD, 0)
      await mustHold(stage.shop, SIZES, { data: 'spoilt', others })
      expect(await cachedKeys(stage.production)).toBe(CACHED)
    })

    test('planned again, it is killed between the renames, and goes on, until the first pod shows what it must not', async () => {
      await story.press(await story.shows('run-2', /Plan again/), 'Plan again')
      await leakBetween(stage.shop.db)
      const plan = await story.signedByTwo(3)
      // That stands since plan 2, and one instance is proved before the others all the same.
      expect(plan).not.toMatch(/drain the load balancer|Turn maintenance on|until it is scaled up/)
      expect(plan).toMatch(
        /Scale backend from 0 to 1 replicas[^]*Prove through the application[^]*from 1 to 2 replicas/,
      )
      const isMoving = async () =>
        (await namesIn(stage.shop.db)).some((name) => /_old__/.test(name))
      await until(isMoving, 'the first collection to be set aside', 60_000)
      await bot.kill()
      bot = await stage.production.startBot()
      const { reads } = await story.shows('run-3', ENDED)
      expect(reads).toMatch(/2 switched; what was live is kept/)
      expect(reads).toMatch(
        /\*Failed:\* “Nobody sees another organisation” is not proved: .* shows data of another organisation\./,
      )
      expect(reads).toMatch(
        /\*Left so until _Undo_, as last seen:\* maintenance is on; only one pod of backend runs/,
      )
      expect(reads).toMatch(/_Plan again_ goes on from what stands now, once the cause is removed/)
      await story.shows(
        'headline',
        /🚨 production: maintenance is on, only one pod of backend runs/,
      )
      await story.pictured('night-not-proved', 'run-3', /Plan again/)
      expect(await maintenance()).toContain('true')
      await mustRun(GOOD, 1)
      await mustHold(stage.shop, SIZES, { data: 'as in the backup', others })
    })

    test('mended and planned again, a write, a read and the organisations are proved before the others start', async () => {
      await mendLeak(stage.shop.db)
      await story.press(await story.shows('run-3', /Plan again/), 'Plan again')
      expect(await story.signedByTwo(4)).toMatch(
        /1\. Prove that [^]*2\. Prove through the application[^]*3\. Scale backend from 1 to 2/,
      )
      await story.theyDo(4, /tell the call centre/)
      const reads = await story.carriedOut(4)
      await story.pictured('night-done', 'run-4', ENDED)
      expect(reads).toMatch(/runs v1\.9\.0[^]*backend: 2 of 2 pods ready/)
      expect(reads).toMatch(/Projects are kept: POST [^]*\$\.text is the expected text/)
      expect(reads).toMatch(/acme does not see globex: .* HTTP 404 without data of another/)
      const headline = await story.shows('headline', /Done: /)
      expect(headline.reads).not.toMatch(/left so|is stopped/)
    })

    test('the servers are as they were before the release, and nothing that people wrote is lost', async () => {
      await mustRun(GOOD)
      await mustHold(stage.shop, SIZES, { data: 'as in the backup', others })
      expect(await maintenance()).toContain('$-1')
      expect(await cachedKeys(stage.production)).toBe(0)
      expect(await keptKeys(stage.production)).toBe(kept)
      await usersWriteOn(stage.shop)
    })

    test('it is watched, and what cannot be measured waits for a person', async () => {
      const watch = await story.shows('watch-3', /Version, backend: runs v1\.9\.0/)
      expect(watch.reads).toMatch(/Health, backend: HTTP 200/)
      const list = await story.shows('verification', /\d+ of \d+ verified/)
      expect(list.reads).toMatch(
        /search index: rebuild from empty \(search team\)\*: a person looks/,
      )
    })

    test('Undo takes all of it back as one plan', async () => {
      await story.press(await story.shows('run-3', /Undo/), 'Undo')
      expect(await story.signedByTwo(5)).toMatch(/What the bad release has damaged is live again/)
      await story.theyDo(5, /drain the load balancer/)
      await story.theyDo(5, /tell the call centre/)
      expect(await story.carriedOut(5)).toMatch(/backend: healthy, runs v2\.0\.0/)
      await mustRun(BAD)
      await mustHold(stage.shop, SIZES, { data: 'spoilt', others })
      expect(await maintenance()).toContain('$-1')
      expect(await keptKeys(stage.production)).toBe(kept)
    })

    test('closed, the report tells all of it, and the journal is whole', async () => {
      const ana = stage.production.slack.as(ANA)
      const thread = await story.shows('thread-card', /Close incident/)
      await opened(ana, thread, 'Close incident', 'close-incident')
      await ana.submit({ outcome: 'resolved' })
      await story.shows('headline', /\*Closed\*/)
      const folder = join(stage.production.data, 'evidence')
      const file = await until(async () => {
        const names = await readdir(folder, { recursive: true })
        return names.find((name) => name.endsWith('report.md'))
      }, 'the report')
      const report = await readFile(join(folder, file), 'utf8')
      for (const plan of [
        'Plan 2 was stopped',
        'Plan 3 failed',
        'Plan 4 was carried out',
        'Plan 5 was carried out',
      ]) {
        expect(report).toContain(plan)
      }
      expect(report).toMatch(/Backout was restarted/)
      await bot.stop()
      expect((await runBackout(['verify-journal', bot.journal])).output).toMatch(
        /^The journal is intact/,
      )
      expect(bot.output()).not.toMatch(/"level":(50|60)/)
    })
  },
)
