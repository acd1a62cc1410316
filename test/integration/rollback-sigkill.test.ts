import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { runBackout } from '../support/bot.ts'
import { botName, startBotCluster, type BotCluster } from '../support/kubernetes.ts'
import { SERVICES } from '../support/production.ts'
import type { ApiCall } from '../support/slack/faults.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'
import { dicts, str } from '../support/slack/json.ts'
import { until } from '../support/slack/waiting.ts'
import { startStage, type Prepared, type Stage } from '../support/stage.ts'

const needs = ['redis', 'kubernetes'] as const
const skip = needs.some(missingAllowed) || outsideAddress('kubernetes') !== undefined

/** Each with its own bot, namespace, Redis and Slack, over the one API server. */
const stages = 3
const fewestKills = 20
/** Enough for every landing; the long run takes every moment that there is. */
const enough = process.env['LONG_KILLS'] ? Number.POSITIVE_INFINITY : fewestKills + stages

/** The nth such thing after the second signature was clicked; a call or message is lost with the bot. */
type Moment =
  | { readonly what: 'call' | 'message'; readonly at: number; readonly when: 'before' | 'after' }
  | { readonly what: 'event'; readonly at: number }

type Counts = { calls: number; messages: number; events: number; patches: number[] }

type Told = {
  readonly incident: string
  readonly killed: boolean
  /** The last event that the killed process wrote down. */
  readonly cutOffAfter: string
}

/** Counts what happens from now on; calls `shoot` when it is time. */
function aim(
  stage: Stage,
  { incident, events }: Prepared,
  moment: Moment | null,
  shoot: () => void,
) {
  const { proxy, production } = stage
  const counts: Counts = { calls: 0, messages: 0, events: 0, patches: [] }
  const hits = (what: Moment['what'], at: number, when?: 'before' | 'after'): boolean => {
    const hit = moment?.what === what && moment.at === at
    if (!hit || ('when' in moment && moment.when !== when)) return false
    shoot()
    return true
  }
  let answers = 0
  proxy.decide(({ when, method }) => {
    if (when === 'after') answers += 1
    else counts.calls += 1
    if (when === 'before' && method === 'PATCH') counts.patches.push(counts.calls)
    const at = when === 'after' ? answers : counts.calls
    return hits('call', at, when) ? 'hung up on' : 'on its way'
  })
  const losing = (kind: 'refuse' | 'lost-reply') => {
    const when = (call: ApiCall): boolean => {
      if (!JSON.stringify(call.body).includes(incident)) return false
      // Both kinds of loss are asked about it, in this order.
      if (kind === 'refuse') counts.messages += 1
      return hits('message', counts.messages, kind === 'refuse' ? 'before' : 'after')
    }
    return production.slack.faults.add('chat.*', { kind }, { when })
  }
  const faults = [losing('refuse'), losing('lost-reply')]
  const before = events().length
  let over = false
  const reading = (async () => {
    while (!over) {
      counts.events = events().length - before
      if (moment?.what === 'event' && counts.events >= moment.at) over = hits('event', moment.at)
      await sleep(2)
    }
  })()
  return {
    counts,
    async lower() {
      over = true
      await reading
      proxy.decide(null)
      for (const fault of faults) fault.remove()
    },
  }
}

/** The whole rollback, killed at that moment and finished by the next process. */
async function tell(stage: Stage, moment: Moment | null): Promise<Told & { counts: Counts }> {
  const prepared = await stage.prepare()
  const { incident, events, ended } = prepared
  let killed = false
  const aimed = aim(stage, prepared, moment, () => {
    killed = true
    stage.shoot()
  })
  prepared.sign()
  await until(() => killed || ended(), 'the end of the bot, or of the run', 40_000)
  // The last messages are sent after the run.
  if (moment === null) await sleep(1_500)
  await aimed.lower()
  const cutOffAfter = events().at(-1)?.type ?? ''
  if (killed) {
    await stage.startAgain()
    // A click that nobody took is made again.
    if (!prepared.isSigned()) prepared.sign()
  }
  await until(ended, `the run of ${incident} to end`, 40_000)
  await prepared.mustBeDone()
  await prepared.close()
  return { incident, killed, cutOffAfter, counts: aimed.counts }
}

/** Every call is a moment, before or after; the writes and their neighbours are both. */
function momentsIn({ calls, messages, events, patches }: Counts): Moment[] {
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
  const nearWrite = (at: number): boolean => patches.some((patch) => Math.abs(patch - at) <= 1)
  return [
    ...upTo(calls).flatMap((at): Moment[] => [
      ...(at % 2 === 0 || nearWrite(at) ? [{ what: 'call', when: 'before', at } as const] : []),
      ...(at % 2 === 1 || nearWrite(at) ? [{ what: 'call', when: 'after', at } as const] : []),
    ]),
    ...upTo(messages).flatMap((at): Moment[] => {
      const when = at % 2 === 0 ? 'before' : 'after'
      return at % 3 === 1 ? [{ what: 'message', when, at }] : []
    }),
    ...upTo(events).flatMap((at): Moment[] => (at % 4 === 0 ? [{ what: 'event', at }] : [])),
  ]
}

describe.skipIf(skip)('a rollback that is killed', () => {
  let bots: BotCluster
  let all: readonly Stage[] = []
  const told: Told[] = []

  beforeAll(async () => {
    bots = await startBotCluster()
    const names = Array.from({ length: stages }, (_, index) => `stage-${index + 1}`)
    all = await Promise.all(names.map((name) => startStage(bots, name)))
  })
  afterAll(async () => {
    await Promise.all(all.map((stage) => stage[Symbol.asyncDispose]()))
    await bots?.[Symbol.asyncDispose]()
  })

  test('is finished once by the next process, at whatever moment it was cut off', async () => {
    const startedMs = performance.now()
    const [first] = all
    const { counts, ...whole } = await tell(first!, null)
    told.push(whole)
    const moments = momentsIn(counts)
    // Every fourth one first: so few as are enough lie spread over all of the run.
    const left = [0, 1, 2, 3].flatMap((rest) => moments.filter((_, index) => index % 4 === rest))
    const killed = () => told.filter((one) => one.killed)
    const failed: string[] = []
    const tellOn = async (stage: Stage): Promise<void> => {
      for (let moment = left.shift(); moment && killed().length < enough; moment = left.shift()) {
        try {
          told.push(await tell(stage, moment))
        } catch (error) {
          const said = stage.bot().output().slice(-500)
          failed.push(`${JSON.stringify(moment)}: ${String(error)}\nThe bot said: ${said}`)
          return
        }
      }
    }
    await Promise.all(all.map(tellOn))
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    const where = [...Map.groupBy(killed(), ({ cutOffAfter }) => cutOffAfter)].map(
      ([event, some]) => `${some.length} after ${event}`,
    )
    console.log(
      `SIGKILL at ${killed().length} of ${moments.length} moments in ${seconds} s: ${where.join(', ')}`,
    )
    expect(failed).toEqual([])
    expect(killed().length).toBeGreaterThanOrEqual(fewestKills)
  }, 600_000)

  test('the API server accepted one write for each Deployment of each rollback', async () => {
    const writes = async (): Promise<number> =>
      (await bots.cluster.callsBy(botName)).filter(
        ({ verb, uri, status }) => verb === 'patch' && !uri.includes('dryRun') && status === 200,
      ).length
    const wanted = told.length * SERVICES.length
    expect(await eventually(writes, (count) => count === wanted)).toBe(wanted)
  })

  test('nothing stands twice in Slack', async () => {
    for (const { production } of all) {
      const messages = await production.slack.chat.all(INCIDENTS)
      const names = messages.flatMap(({ blocks }) => {
        const name = str(dicts(blocks)[0]?.['block_id']).split('#')[0]
        return name?.includes(':') ? [name] : []
      })
      expect(names.length).toBeGreaterThan(told.length)
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    }
  })

  test('the journals are whole', async () => {
    for (const stage of all) {
      const { journal, stop } = stage.bot()
      await stop()
      const { code, output } = await runBackout(['verify-journal', journal])
      expect(output).toMatch(/^The journal is intact/)
      expect(code).toBe(0)
    }
  })
})
