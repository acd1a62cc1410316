import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { answerTo, card, type Card } from '../e2e/reading.ts'
import { tellOnFailure } from '../e2e/tell-on-failure.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { startRedis } from '../servers/redis.ts'
import { killApiServer, startBotCluster, type BotCluster } from '../support/kubernetes.ts'
import { fillCache } from '../support/production.ts'
import { CY } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'
import { startStage, type Prepared, type Stage } from '../support/stage.ts'

const needs = ['redis', 'kubernetes'] as const
const skip = needs.some(missingAllowed) || outsideAddress('kubernetes') !== undefined

/** Something goes in the middle of the run, and comes back: the run waits, says so, and is done once. */
describe.skipIf(skip)('a rollback that is under way when', () => {
  let bots: BotCluster
  let stage: Stage
  let prepared: Prepared
  let apiServer: AsyncDisposable | undefined
  tellOnFailure(() => stage?.bot())

  beforeAll(async () => {
    bots = await startBotCluster()
    stage = await startStage(bots, 'outages')
  })
  afterEach(() => {
    stage.proxy.decide(null)
  })
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]()
    await apiServer?.[Symbol.asyncDispose]()
    await bots?.[Symbol.asyncDispose]()
  })

  const begun = (): boolean => prepared.events().some(({ type }) => type === 'step-started')
  /** Begun, and nothing of it is verified. */
  const signAndBegin = async (): Promise<void> => {
    prepared.sign()
    await until(begun, 'the first step to begin', 30_000)
  }
  const runReads = (words: RegExp, timeoutMs = 20_000): Promise<Card> =>
    card(stage.production.slack, 'run-1', prepared.incident, words, timeoutMs)
  const isDoneInTheEnd = async (): Promise<void> => {
    await until(prepared.ended, 'the run to end', 60_000)
    await prepared.mustBeDone()
    await runReads(/Every step was carried out and verified/)
    await prepared.close()
  }

  test('the API server is killed, and started again', async () => {
    await stage.production.reach(bots.cluster.url)
    await stage.startAgain()
    prepared = await stage.prepare()
    await signAndBegin()
    const startIt = await killApiServer(bots.cluster)
    const waiting = await runReads(/connection (refused|lost)/)
    expect(waiting.reads).toMatch(/kubernetes: connection (refused at|lost to) https:/)
    await sleep(2_000)
    expect(prepared.ended()).toBeUndefined()
    apiServer = await startIt()
    await isDoneInTheEnd()
  }, 120_000)

  test('the API server answers slowly: clicks are answered as ever', async () => {
    await stage.production.reach(stage.proxy.url)
    await stage.startAgain()
    prepared = await stage.prepare()
    let late = 0
    stage.proxy.decide(({ when }) => {
      if (when === 'before') return 'on its way'
      late += 1
      return { lateByMs: 1_500 }
    })
    prepared.sign()
    await until(() => late > 3, 'slow answers', 15_000)
    const askedMs = performance.now()
    await answerTo(stage.production.slack.as(CY), 'status')
    expect(performance.now() - askedMs).toBeLessThan(1_000)
    await isDoneInTheEnd()
  }, 120_000)

  test('the token is no longer accepted after the writes, and is renewed', async () => {
    prepared = await stage.prepare()
    const { tokenFile } = stage.production
    const { cluster } = bots
    const boundTo = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'outages-token' } }
    await cluster.admin.must('POST', '/api/v1/namespaces/backout/secrets', boundTo)
    const token = await cluster.tokenFor('backout', 'backout', boundTo.metadata.name)
    await writeFile(tokenFile, token)
    onTestFinished(() => writeFile(tokenFile, bots.token))
    await stage.startAgain()
    let isRefused = false
    const refusing = async (): Promise<void> => {
      await cluster.admin.must('DELETE', '/api/v1/namespaces/backout/secrets/outages-token')
      const asked = cluster.as(token)
      const answers401 = async () => (await asked.request('GET', '/version')).status === 401
      // The API server remembers for ten seconds whose token it was.
      await until(answers401, 'the token to be refused', 30_000)
      isRefused = true
    }
    let written = 0
    let heldUntil: Promise<void> | undefined
    // After the writes nothing is answered any more but that the token is refused.
    stage.proxy.decide(({ when, method, url }) => {
      // The bot that was started again may still have to rehearse the plan: that writes nothing.
      const hasWritten = when === 'after' && method === 'PATCH' && !url.includes('dryRun=')
      if (hasWritten) written += 1
      if (written < 2) return 'on its way'
      heldUntil ??= refusing()
      if (when === 'before') return { heldUntil }
      return hasWritten || isRefused ? 'on its way' : 'hung up on'
    })
    prepared.sign()
    const refused = /kubernetes: credentials were refused/
    const told = await until(
      () =>
        prepared.events().find((event) => {
          if (event.type === 'step-waiting') return refused.test(event.because)
          return event.type === 'run-ended'
        }),
      'the refusal to be said',
      60_000,
    )
    expect(told).toMatchObject({ type: 'step-waiting', step: 0 })
    expect(written).toBe(2)
    await runReads(refused)
    await writeFile(tokenFile, bots.token)
    await isDoneInTheEnd()
  }, 120_000)

  test('Slack goes: the run does not wait for it, and its end is told when Slack is back', async () => {
    prepared = await stage.prepare()
    const { slack } = stage.production
    await signAndBegin()
    slack.outage.begin('cut')
    onTestFinished(() => slack.outage.end())
    await until(prepared.ended, 'the run to end', 60_000)
    await prepared.mustBeDone()
    slack.outage.end()
    await stage.bot().ready()
    await isDoneInTheEnd()
  }, 120_000)

  test('Redis is stopped before its step, and started again', async () => {
    prepared = await stage.prepare()
    const { redis } = stage.production
    await signAndBegin()
    await redis.stop()
    await runReads(/redis: /)
    await sleep(1_500)
    expect(prepared.ended()).toBeUndefined()
    const again = await startRedis({ port: redis.port, args: [] })
    onTestFinished(() => again.stop())
    // Nothing is in it but what came since.
    await fillCache(stage.production, 100)
    await until(prepared.ended, 'the run to end', 60_000)
    await runReads(/Every step was carried out and verified/)
  }, 120_000)
})
