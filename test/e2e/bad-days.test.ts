import { describe, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import type { ApiCall } from '../support/slack/faults.ts'
import { ANA, BOT, INCIDENTS, RANDOM } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'
import { answerTo, assess, card, cards, closeIncident, declare, told } from './reading.ts'
import type { Surface } from '../../src/domain/incident/surface.ts'

it.afterEach(async ({ slack }) => {
  slack.faults.clear()
  await slack.sockets.waitFor(1, 10_000)
})

const of = (surface: Surface) => (call: ApiCall) =>
  JSON.stringify(call.body['blocks'] ?? '').includes(`${surface}:`)

describe('Slack asks to slow down', () => {
  it('an answer comes after the Retry-After, and questions meanwhile are answered', async ({
    slack,
    ana,
    bo,
  }) => {
    const limit = slack.faults.add('chat.update', { kind: 'rate-limited', retryAfterS: 2 })
    const asked = Date.now()
    const answered = assess(slack, ana)
    await slack.waitForCall(
      'chat.update',
      (call) => call.at >= asked && of('assessment-card')(call),
    )
    const question = Date.now()
    expect(await answerTo(bo, 'ping')).toMatch(/Database\* answers/)
    expect(Date.now() - question).toBeLessThan(1_500)
    expect((await answered).spoken).toMatch(/^production: Roll back/)
    expect(Date.now() - asked).toBeGreaterThanOrEqual(2_000)
    expect(limit.hits()).toBe(1)
  })

  it('without Retry-After, and with 503 in between', async ({ slack, ana }) => {
    slack.faults.add('chat.update', { kind: 'rate-limited' })
    slack.faults.add('chat.postMessage', { kind: 'http', status: 503 })
    expect((await assess(slack, ana)).spoken).toMatch(/^production: Roll back/)
  })
})

describe('Slack refuses the layout', () => {
  it.for(['invalid_blocks', 'msg_too_long', 'msg_blocks_too_long'])(
    '%s: the sentence alone arrives',
    async (error, { slack, ana }) => {
      slack.faults.add('chat.update', { kind: 'platform', error })
      const { reads, spoken } = await assess(slack, ana)
      expect(reads).toMatch(/^production: Roll back: 5xx 6[0-3]\.\d %, rule above 50 %/)
      expect(spoken).toBe(reads)
    },
  )

  it('of the headline, and the next change has its layout again', async ({ slack, ana, bo }) => {
    slack.faults.add(
      'chat.postMessage',
      { kind: 'platform', error: 'invalid_blocks' },
      {
        when: of('headline'),
      },
    )
    const { incident, headline, thread } = await declare(slack, ana)
    expect(headline.reads).toMatch(/^Open incident in production, severity critical: 5xx 62/)
    await closeIncident(bo, thread)
    await card(slack, 'headline', incident, /\*Closed\*/)
  })
})

describe('a reply is lost', () => {
  const SURFACES: Surface[] = ['assessment-card', 'headline', 'thread-card']
  it.for(SURFACES)('of the first %s: it stands there once', async (surface, { slack, ana }) => {
    const lost = slack.faults.add(
      'chat.postMessage',
      { kind: 'lost-reply' },
      {
        when: of(surface),
      },
    )
    const { incident } = await declare(slack, ana)
    expect(lost.hits()).toBe(1)
    await card(slack, 'headline', incident, /Roll back/)
    for (const each of SURFACES) {
      // oxlint-disable-next-line no-await-in-loop -- three short looks
      expect(await cards(slack, each, incident), each).toHaveLength(1)
    }
  })

  it('of an edit: the card is right all the same', async ({ slack, ana }) => {
    slack.faults.add('chat.update', { kind: 'lost-reply' })
    expect((await assess(slack, ana)).spoken).toMatch(/^production: Roll back/)
  })
})

describe('somebody deletes', () => {
  it('the headline: it is posted again once, with its thread', async ({ slack, ana }) => {
    const { incident, headline, thread } = await declare(slack, ana)
    await slack.chat.remove(INCIDENTS, headline.ts)
    await ana.click(INCIDENTS, thread.ts, 'Report a symptom', { pick: 'Data loss' })
    const again = await card(slack, 'headline', incident, () => true)
    expect(again.ts).not.toBe(headline.ts)
    const details = await card(slack, 'thread-card', incident, (now) => {
      return now.message['thread_ts'] === again.ts && now.reads.includes('reported: Data loss')
    })
    expect(await cards(slack, 'headline', incident)).toHaveLength(1)
    // The old thread's card is stale and says so; the new one works.
    const old = await told(ana, () =>
      ana.click(INCIDENTS, thread.ts, 'Close incident', { seen: thread.message }),
    )
    expect(old).toMatch(/^This card is old.*Use the newest card/)
    await closeIncident(ana, details)
    await card(slack, 'headline', incident, /\*Closed\*/)
    expect(await cards(slack, 'headline', incident)).toHaveLength(1)
  })

  it('the card in the thread: it is posted again, there', async ({ slack, ana }) => {
    const { incident, ts, headline, thread } = await declare(slack, ana)
    await slack.chat.remove(INCIDENTS, thread.ts)
    await ana.click(INCIDENTS, ts, 'Check again')
    const again = await card(slack, 'thread-card', incident, (now) => now.ts !== thread.ts)
    expect(again.message['thread_ts']).toBe(headline.ts)
    expect(await cards(slack, 'headline', incident)).toHaveLength(1)
  })
})

describe('the channel', () => {
  it('lost the bot: the asker is told, and after the invitation it works again', async ({
    slack,
    ana,
  }) => {
    const channel = slack.workspace.channels.find(({ id }) => id === INCIDENTS)
    if (!channel) throw new Error('#incidents is missing')
    const { members } = channel
    channel.members = members.filter((member) => member !== BOT)
    const refused = await told(ana, () => ana.command(INCIDENTS, '/rollback assess'))
    channel.members = members
    expect(refused).toMatch(
      /not a member of this channel.*Type \/invite @Backout\. The answer then comes by itself/,
    )
    expect((await assess(slack, ana)).spoken).toMatch(/^production: Roll back/)
  })
})

describe('the connection', () => {
  it('is cut: it comes back, and the next command is heard', async ({ slack, ana }) => {
    slack.sockets.kill()
    await until(() => slack.sockets.open().length === 0, 'the socket to be gone')
    await slack.sockets.waitFor(1, 10_000)
    expect((await assess(slack, ana)).spoken).toMatch(/^production: Roll back/)
  })

  it('is changed by Slack, and warned of limits: nothing ends', async ({ slack, ana }) => {
    slack.sockets.appRateLimited()
    slack.sockets.disconnect('warning')
    slack.sockets.disconnect('refresh_requested')
    await slack.sockets.waitFor(1, 10_000)
    expect((await assess(slack, ana)).spoken).toMatch(/^production: Roll back/)
  })

  it('the bot is still the same process, and nothing was posted elsewhere', async ({
    slack,
    bot,
  }) => {
    process.kill(bot.pid, 0)
    expect(await slack.as(ANA).messages(RANDOM)).toEqual([])
  })
})
